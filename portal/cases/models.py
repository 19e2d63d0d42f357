"""The shared ledger's tables."""

import uuid
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Id, Moment


class CaseRow(Base):
    """One thing that a resident asked for. `account_id` goes when the person is forgotten; the case stays."""

    __tablename__ = "case"
    __table_args__ = (
        UniqueConstraint("reference"),
        UniqueConstraint("account_id", "idempotency_key"),
        Index(None, "account_id", "opened_at", "id"),
        Index(None, "account_id", "service", "opened_at", "id"),
    )

    id: Mapped[Id]
    service: Mapped[str] = mapped_column(String(40))
    type: Mapped[str] = mapped_column(String(40))
    reference: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("portal.account.id"))
    idempotency_key: Mapped[str | None] = mapped_column(String(80))
    status: Mapped[str] = mapped_column(String(40))
    summary: Mapped[str] = mapped_column(String(120))
    opened_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    closed_at: Mapped[Moment | None]
    version: Mapped[int]


class CaseEventRow(Base):
    """One thing that happened to a case. Rows are added and never changed, but to forget a person.

    `account_id` repeats the case's, so that one index answers "what happened lately in my cases".
    """

    __tablename__ = "case_event"
    __table_args__ = (
        CheckConstraint("kind in ('opened', 'moved')", name="kind"),
        Index(None, "case_id", "id"),
        Index(None, "account_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.case.id"))
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("portal.account.id"))
    at: Mapped[Moment]
    kind: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(120))
    channel: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)


class DraftRow(Base):
    """Answers that wait to be sent, one part of `answers` for each step."""

    __tablename__ = "draft"
    __table_args__ = (
        Index(None, "account_id", "updated_at", "id"),
        Index(None, "updated_at"),
        Index(None, "case_id"),
    )

    id: Mapped[Id]
    account_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.account.id"))
    service: Mapped[str] = mapped_column(String(40))
    journey: Mapped[str] = mapped_column(String(40))
    step: Mapped[str] = mapped_column(String(40))
    answers: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]
    case_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("portal.case.id"))
