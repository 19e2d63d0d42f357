"""What the portal knows of back offices: how they were met, what they said last, what waits to be sent to them."""

import uuid
from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, Text, Uuid, column, table, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Moment

ACCOUNTS: Final = table("account", column("id", Uuid), column("closed_at"), schema="portal")
"""Of a floor above: looked at only for whether somebody is still there."""


class BackOfficeRow(Base):
    """How a back office was last met, by whichever process met it."""

    __tablename__ = "back_office"
    __table_args__ = (CheckConstraint("state in ('closed', 'open')", name="state"),)

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    """The slug of its service."""
    state: Mapped[str] = mapped_column(String(6))
    state_at: Mapped[Moment]
    last_good_at: Mapped[Moment | None]
    last_bad_at: Mapped[Moment | None]
    last_fault: Mapped[str] = mapped_column(String(40))
    """A code of ours for what was wrong the last time."""
    let_try_at: Mapped[Moment | None]
    """When somebody at the desk let it be tried again although it was being left alone."""


class BackOfficeFaultRow(Base):
    """Something that was wrong with a back office: one a minute at most for each process, and kept for a month."""

    __tablename__ = "back_office_fault"
    __table_args__ = (Index(None, "name", "id"), Index(None, "at"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    name: Mapped[str] = mapped_column(String(40))
    at: Mapped[Moment]
    fault: Mapped[str] = mapped_column(String(40))
    opened: Mapped[bool]
    """Whether it was left alone for a while from then on."""


class LastAnswerRow(Base):
    """The last good answer to one question about one resident, for when its office cannot be reached."""

    __tablename__ = "last_answer"
    __table_args__ = (Index(None, "as_of_at"),)

    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"), primary_key=True)
    service: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    sealed: Mapped[str] = mapped_column(Text)
    """Sealed for this account, service and key: moved to another row it opens nothing."""
    digest: Mapped[str] = mapped_column(String(64))
    """HMAC of what is sealed, to see without opening whether it changed."""
    as_of_at: Mapped[Moment]


class DeliveryRow(Base):
    """Something that a resident sent and that a back office must get, once."""

    __tablename__ = "delivery"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'delivered', 'undeliverable')", name="state"),
        CheckConstraint("(state = 'waiting') = (sealed is not null)", name="sealed"),
        Index(None, "account_id", "service", "number"),
        # Each resident's stand in a line; the sweep goes through what is due; offices are asked what waits for them.
        Index(
            "ix_delivery_line", "account_id", "service", "line", "number", postgresql_where=text("state = 'waiting'")
        ),
        Index("ix_delivery_due", "service", "line", "retry_at", "number", postgresql_where=text("state = 'waiting'")),
        Index("ix_delivery_oldest", "service", "number", postgresql_where=text("state = 'waiting'")),
        Index(
            "ix_delivery_away",
            "service",
            "line",
            postgresql_where=text("state = 'waiting' and office_away"),
        ),
        Index("ix_delivery_done", "done_at", postgresql_where=text("state <> 'waiting'")),
    )

    id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    """Made of account, service and key, so that the same request always has the same one."""
    number: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    """The order in which they came."""
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"))
    service: Mapped[str] = mapped_column(String(40))
    line: Mapped[str] = mapped_column(String(40), server_default="")
    """Which of several systems of the service it goes to: one that is away holds up nothing for another."""
    act: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(120))
    about: Mapped[str | None] = mapped_column(String(120))
    """The joined record that it is about: `kind:reference`."""
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("portal.case.id"), index=True)
    sealed: Mapped[str | None] = mapped_column(Text)
    """What is sent. It may hold bank details, so it is sealed at rest and erased as soon as it has been answered."""
    state: Mapped[str] = mapped_column(String(13))
    made_at: Mapped[Moment]
    attempts: Mapped[int]
    failures: Mapped[int]
    """How many of the attempts came to nothing by a fault on our side."""
    tried_at: Mapped[Moment | None]
    retry_at: Mapped[Moment | None]
    office_away: Mapped[bool]
    """The last try found nobody there: it is due again as soon as anybody reaches the office."""
    done_at: Mapped[Moment | None]
