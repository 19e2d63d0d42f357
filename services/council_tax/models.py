"""What residents asked the council tax system to change. Accounts and bills are the system's, status the ledger's."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portal.kit import AccountId, CaseId, Moment, service_metadata


class Base(DeclarativeBase):
    """This service's tables."""

    metadata = service_metadata(__name__)


class AskedChange(Base):
    """One change, as it was asked for, without the digits of a bank account.

    Forgetting the resident empties `account_id`, `reference`, `change` and `files`.
    """

    __tablename__ = "asked_change"
    __table_args__ = (
        Index(None, "account_id", "created_at"),
        Index(None, "closed_at"),
        # What an officer has, for the job that asks how far they are: the longest unasked first.
        Index(
            "ix_asked_change_with_officer",
            "followed_at",
            postgresql_where=text("with_officer and closed_at is null"),
        ),
    )

    case_id: Mapped[CaseId] = mapped_column(primary_key=True)
    account_id: Mapped[AccountId | None]
    reference: Mapped[str] = mapped_column(String(12))
    """The council tax account; empty for somebody who moves in and has none."""
    kind: Mapped[str] = mapped_column(String(20))
    change: Mapped[dict[str, Any]] = mapped_column(JSONB)  # the fields of a change, plain JSON
    files: Mapped[list[UUID]] = mapped_column(ARRAY(Uuid))
    """Stored files that were sent as evidence."""
    sent_as: Mapped[UUID] = mapped_column(Uuid)
    """The idempotency key: by it the system says what became of the change."""
    with_officer: Mapped[bool]
    followed_at: Mapped[Moment]
    """When the system was last asked what became of it."""
    created_at: Mapped[Moment]
    closed_at: Mapped[Moment | None]


class DayAhead(Base):
    """A day of a joined account on which its resident wants to be reminded, as of last night.

    The council's system cannot be asked by day, and half a million accounts cannot be asked each morning at seven.
    """

    __tablename__ = "day_ahead"
    __table_args__ = (Index(None, "on", "account_id"),)

    account_id: Mapped[AccountId] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(12), primary_key=True)
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    on: Mapped[date]


class CardPayment(Base):
    """Money that came by card for a council tax account, until the council's system has booked it and afterwards.

    `sent`: on its way there. `booked`: it is on the account. `refused`: the system did not want it, and it goes back.
    Forgetting the payer empties `account_id`; what is not booked yet is booked all the same.
    """

    __tablename__ = "card_payment"
    __table_args__ = (
        CheckConstraint("refunded between 0 and pence", name="refunded"),
        Index(None, "account_id"),
        Index(None, "ended_at"),
        # What the pages of an account add to what its system says, and what the job goes through.
        Index("ix_card_payment_sent", "reference", "made_at", postgresql_where=text("state = 'sent'")),
    )

    line_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    """The line of the portal's payment."""
    account_id: Mapped[AccountId | None]
    reference: Mapped[str] = mapped_column(String(12))
    pence: Mapped[int]
    refunded: Mapped[int]
    paid_on: Mapped[date]
    sent_as: Mapped[UUID] = mapped_column(Uuid)
    """The idempotency key: under it the system books this once, whoever sends it."""
    state: Mapped[str] = mapped_column(String(10))
    made_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
