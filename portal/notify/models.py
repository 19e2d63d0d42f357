"""Messages on their way out, and addresses that they do not reach."""

import uuid

from sqlalchemy import CheckConstraint, Index, String, Text, Uuid, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Id, Moment


class OutboundMessage(Base):
    """One e-mail, text or letter, as it was rendered when it was asked for.

    `account_id` has no foreign key: accounts stand above this room, and a provider's mail comes before any account.
    """

    __tablename__ = "outbound_message"
    __table_args__ = (
        CheckConstraint("state in ('waiting', 'sent', 'failed', 'kept')", name="state"),
        CheckConstraint("channel in ('email', 'sms', 'letter')", name="channel"),
        CheckConstraint(
            "receipt in ('delivered', 'permanent-failure', 'temporary-failure', 'technical-failure')", name="receipt"
        ),
        Index(None, "created_at", "id"),
        Index(None, "account_id", "created_at"),
        Index("ix_outbound_message_waiting", "created_at", "id", postgresql_where=text("state = 'waiting'")),
        Index("ix_outbound_message_line_down", "tried_at", postgresql_where=text("state = 'waiting' and line_down")),
        Index(
            "ix_outbound_message_no_receipt",
            "sent_at",
            postgresql_where=text("provider_id is not null and receipt is null"),
        ),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    channel: Mapped[str] = mapped_column(String(6), default="email")
    to_address: Mapped[str] = mapped_column(String(1000))
    """An e-mail address, a number as E.164 writes it, or the lines of a letter's address until it is sent."""
    template: Mapped[str] = mapped_column(String(120))
    language: Mapped[str] = mapped_column(String(2))
    subject: Mapped[str] = mapped_column(String(200))
    """Empty for a text."""
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(default=0)
    error_code: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[Moment]
    tried_at: Mapped[Moment | None]
    """When the last try began, whatever became of it: written before the server is spoken to."""
    retry_at: Mapped[Moment | None]
    """While it waits: when it is tried next, unless its own job comes first."""
    line_down: Mapped[bool] = mapped_column(default=False)
    """Whether the last try failed for a reason that is not the message's own."""
    sent_at: Mapped[Moment | None]
    provider_id: Mapped[uuid.UUID | None] = mapped_column(Uuid)
    """What GOV.UK Notify calls it. None when it went by SMTP."""
    receipt: Mapped[str | None] = mapped_column(String(20))
    """What became of it after it was sent, in Notify's words."""
    receipt_at: Mapped[Moment | None]
    """When that happened, as Notify says."""
    asked_at: Mapped[Moment | None]
    """When Notify was last asked for a receipt that did not come."""


class ContactProblem(Base):
    """The address by which a person cannot be reached. One for each channel: only the newest address matters.

    The address is kept as a digest, to be compared with the one in the profile: a new address is free of the problem
    without anybody clearing it.
    """

    __tablename__ = "contact_problem"
    __table_args__ = (
        CheckConstraint("channel in ('email', 'sms')", name="channel"),
        CheckConstraint("state in ('permanent-failure')", name="state"),
    )

    account_id: Mapped[uuid.UUID] = mapped_column(Uuid, primary_key=True)
    channel: Mapped[str] = mapped_column(String(5), primary_key=True)
    address_hash: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(20))
    since_at: Mapped[Moment]
