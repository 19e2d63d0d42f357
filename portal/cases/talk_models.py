"""What is said, asked for and handed in on a case."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Id, Moment


class MessageRow(Base):
    """One message on a case, between the resident and the council. `account_id` repeats the case's, for the inbox."""

    __tablename__ = "case_message"
    __table_args__ = (
        UniqueConstraint("case_id", "idempotency_key"),
        Index(None, "case_id", "sent_at", "id"),
        Index(None, "account_id", "sent_at", "id"),
        CheckConstraint("body <> ''", name="body"),
    )

    id: Mapped[Id]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.case.id"))
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("portal.account.id"))
    sent_at: Mapped[Moment]
    author: Mapped[str] = mapped_column(String(120))
    """`account:<id>`, `staff:<id>` or `system:<room>`."""
    channel: Mapped[str] = mapped_column(String(20))
    """How it came to us."""
    from_staff: Mapped[bool]
    """Whether the council wrote. What staff take down for a resident is the resident's, in staff's words."""
    team: Mapped[str] = mapped_column(String(40))
    """Which team wrote: residents see the team, not the person."""
    body: Mapped[str] = mapped_column(Text)
    idempotency_key: Mapped[str] = mapped_column(String(80))
    read_at: Mapped[Moment | None]
    """When the other side read it."""


class NoteRow(Base):
    """A note among staff. It is never shown to the resident in the portal."""

    __tablename__ = "case_note"
    __table_args__ = (
        UniqueConstraint("case_id", "idempotency_key"),
        Index(None, "case_id", "written_at", "id"),
        CheckConstraint("body <> ''", name="body"),
    )

    id: Mapped[Id]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.case.id"))
    written_at: Mapped[Moment]
    author: Mapped[str] = mapped_column(String(120))
    body: Mapped[str] = mapped_column(Text)
    idempotency_key: Mapped[str] = mapped_column(String(80))


class DocumentRow(Base):
    """A file that belongs to a case.

    `account_id` repeats the case's. `owner_id` is whose the file is in the room of files: the resident's account for
    what the resident may see, and the case itself for what only staff may: so no address leads a resident to it.
    """

    __tablename__ = "case_document"
    __table_args__ = (
        UniqueConstraint("case_id", "idempotency_key"),
        UniqueConstraint("file_id"),
        Index(None, "owner_id"),
        Index(None, "case_id", "added_at", "id"),
        Index(None, "account_id", "added_at", "id"),
    )

    id: Mapped[Id]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.case.id"))
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("portal.account.id"))
    file_id: Mapped[uuid.UUID]
    owner_id: Mapped[uuid.UUID]
    title: Mapped[str] = mapped_column(String(120))
    added_at: Mapped[Moment]
    added_by: Mapped[str] = mapped_column(String(120))
    visible: Mapped[bool]
    sent_sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the file as it came: a photo is written anew, and then has another. None for what came with a task."""
    idempotency_key: Mapped[str] = mapped_column(String(80))


class TaskRow(Base):
    """What a case asks of its resident: a form, documents, a payment, a signature of theirs or of a second person."""

    __tablename__ = "case_task"
    __table_args__ = (
        UniqueConstraint("case_id", "idempotency_key"),
        Index(None, "case_id", "set_at", "id"),
        Index(None, "account_id", "set_at", "id"),
        Index("ix_case_task_due", "due_on", "account_id", postgresql_where=text("state = 'open'")),
        Index("ix_case_task_open", "account_id", "due_on", "id", postgresql_where=text("state = 'open'")),
        CheckConstraint("kind in ('form', 'document', 'payment', 'signature', 'cosign')", name="kind"),
        CheckConstraint("state in ('open', 'done', 'withdrawn')", name="state"),
        CheckConstraint("amount > 0", name="amount"),
    )

    id: Mapped[Id]
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.case.id"))
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("portal.account.id"))
    """Repeats the case's: the resident is the one who is asked, also where a second person is to sign."""
    kind: Mapped[str] = mapped_column(String(10))
    title: Mapped[str] = mapped_column(String(120))
    words: Mapped[str] = mapped_column(Text)
    form: Mapped[str] = mapped_column(String(40))
    """The form's code in the case type, for a form."""
    amount: Mapped[int | None]
    """Whole pence, for a payment."""
    pay_url: Mapped[str] = mapped_column(String(500))
    """Where it is paid, for a payment."""
    due_on: Mapped[date | None]
    state: Mapped[str] = mapped_column(String(10))
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What the resident has saved so far; for staff it counts from when the task is done."""
    version: Mapped[int]
    """Grows with what is saved, so that what was sent is what was checked."""
    set_by: Mapped[str] = mapped_column(String(120))
    set_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]
    ended_by: Mapped[str] = mapped_column(String(120))
    idempotency_key: Mapped[str] = mapped_column(String(80))


class CosigningRow(Base):
    """A second person, asked to sign what `facts` and `statement` say: a copy, so that what was signed never changes.

    `facts` are labels and texts by language. The account of the second person is `signer_id`; `account_id` repeats the
    case's, who asked.
    """

    __tablename__ = "case_cosigning"
    __table_args__ = (
        UniqueConstraint("token_hash"),
        Index("ix_case_cosigning_due", "expires_at", "signer_id", postgresql_where=text("state = 'asked'")),
        Index("uq_case_cosigning_asked", "task_id", unique=True, postgresql_where=text("state = 'asked'")),
        Index(None, "task_id", "asked_at", "id"),
        Index(None, "case_id"),
        Index(None, "signer_id", "asked_at", "id"),
        Index(None, "account_id"),
        CheckConstraint("state in ('asked', 'signed', 'declined', 'withdrawn', 'bounced')", name="state"),
    )

    id: Mapped[Id]
    task_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.case_task.id"))
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.case.id"))
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("portal.account.id"))
    signer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("portal.account.id"))
    email: Mapped[str | None] = mapped_column(String(254))
    """Where the invitation went; gone once it has come to an end."""
    token_hash: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of what is in the link; gone once somebody has taken the invitation up, or it has come to an end."""
    statement: Mapped[str] = mapped_column(Text)
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """By language: pairs of a label and the text beside it."""
    state: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    taken_up_at: Mapped[Moment | None]
    ended_at: Mapped[Moment | None]
