"""People who report without an account."""

from uuid import UUID

from sqlalchemy import Index, String, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.kit import AccountId, Id, Moment
from services.reporting.models.base import Base


class Guest(Base):
    """One report of somebody without an account, from the first question until it is claimed or forgotten.

    What they write is kept under an account of nobody, as when staff take down a report: claiming it later is the same
    act. `secret_hash` is of what their browser holds while they write. The link in the letter opens a page with a
    button. Opening it changes nothing, so programs that open the links in mail do no harm, and it
    may be used again. Until the button was pressed nothing is sent to the council.
    """

    __tablename__ = "guest"
    __table_args__ = (
        Index("ix_guest_unconfirmed", "expires_at", postgresql_where=text("confirmed_at is null")),
        Index(None, "account_id"),
        Index(None, "secret_hash"),
    )

    id: Mapped[Id]
    account_id: Mapped[AccountId]
    draft_id: Mapped[UUID] = mapped_column(Uuid, unique=True)
    """Also the id of the report that becomes of it."""
    secret_hash: Mapped[str] = mapped_column(String(64))
    """The same for all that one browser has begun, which can be found again there."""
    letter_id: Mapped[UUID | None] = mapped_column(Uuid, unique=True)
    """What the link in the letter stands for: the same in each letter to one address, another for another address."""
    email: Mapped[str | None] = mapped_column(String(254))
    """Where the letter went. Once confirmed, where they hear of their report; gone when they have claimed it."""
    language: Mapped[str] = mapped_column(String(2))
    created_at: Mapped[Moment]
    written_at: Mapped[Moment | None]
    """When the letter was last sent."""
    confirmed_at: Mapped[Moment | None]
    expires_at: Mapped[Moment]
    """When an unconfirmed one is forgotten with all that it wrote."""
