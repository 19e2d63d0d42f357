"""What is said, asked for and handed in on a case."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Id, Moment


class MessageRow(Base):
    """One message on a case, between the resident and the council. `account_id` repeats the case's, for the inbox."""

    __tablename__ = "case_message"
    __table_args__ = (
        Index(None, "case_id", "sent_at", "id"),
        Index(None, "account_id", "sent_at", "id"),
        Index("ix_case_message_unread", "account_id", postgresql_where=text("read_at is null and from_staff")),
    )

    id: Mapped[Id]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.case.id"))
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("portal.account.id"))
    sent_at: Mapped[Moment]
    author: Mapped[str] = mapped_column(String(120))
    """`account:<id>`, `staff:<id>` or `system:<room>`."""
    from_staff: Mapped[bool]
    team: Mapped[str] = mapped_column(String(40))
    """Which team wrote: residents see the team, not the person."""
    body: Mapped[str] = mapped_column(Text)
    idempotency_key: Mapped[str | None] = mapped_column(String(80), unique=True)
    read_at: Mapped[Moment | None]


class NoteRow(Base):
    """A note among staff. It is never shown to the resident in the portal."""

    __tablename__ = "case_note"
    __table_args__ = (Index(None, "case_id", "written_at", "id"),)

    id: Mapped[Id]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.case.id"))
    written_at: Mapped[Moment]
    author: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)


class DocumentRow(Base):
    """A file that belongs to a case."""

    __tablename__ = "case_document"
    __table_args__ = (Index(None, "case_id", "added_at", "id"), Index(None, "account_id", "added_at", "id"))

    id: Mapped[Id]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.case.id"))
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("portal.account.id"))
    file_id: Mapped[uuid.UUID]
    title: Mapped[str] = mapped_column(String(120))
    added_at: Mapped[Moment]
    added_by: Mapped[str] = mapped_column(String(120))
    visible: Mapped[bool]


class TaskRow(Base):
    """What a case asks of a person: a form, a document, a payment or a signature, by a day."""

    __tablename__ = "case_task"
    __table_args__ = (
        Index(None, "case_id", "set_at", "id"),
        Index("ix_case_task_open", "account_id", "due_on", "id", postgresql_where=text("state = 'open'")),
        CheckConstraint("kind in ('form', 'document', 'payment', 'signature')", name="kind"),
        CheckConstraint("state in ('open', 'done', 'withdrawn')", name="state"),
    )

    id: Mapped[Id]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.case.id"))
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("portal.account.id"))
    """Who is asked: the case's resident, or the second person who has taken up an invitation to sign."""
    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(120))
    words: Mapped[str] = mapped_column(Text)
    form: Mapped[str] = mapped_column(String(40))
    """The form's code in the case type, for a form."""
    amount: Mapped[int | None]
    """Whole pence, for a payment."""
    pay_url: Mapped[str] = mapped_column(String(500))
    """Where it is paid, for a payment."""
    signer_email: Mapped[str | None] = mapped_column(String(254))
    """Whom the invitation to sign went to; gone once they have signed."""
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    due_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(10))
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    set_by: Mapped[str] = mapped_column(String(120))
    set_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    idempotency_key: Mapped[str | None] = mapped_column(String(80))
