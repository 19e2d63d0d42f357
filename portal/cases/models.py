"""The shared ledger's tables."""

import uuid
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
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
        Index("ix_case_team_open", "team", "due_at", "id", postgresql_where=text("closed_at is null")),
        Index("ix_case_holder_open", "holder_id", "due_at", "id", postgresql_where=text("closed_at is null")),
        Index(
            "ix_case_merged_into_id",
            "merged_into_id",
            "opened_at",
            "id",
            postgresql_where=text("merged_into_id is not null"),
        ),
        # What the worklists run along: what is open by its day and newest first, what was closed lately.
        Index("ix_case_open_due", "due_at", "id", postgresql_where=text("closed_at is null")),
        Index("ix_case_open_newest", "opened_at", "id", postgresql_where=text("closed_at is null")),
        Index("ix_case_closed_newest", "closed_at", "id", postgresql_where=text("closed_at is not null")),
        # For the statistics of a day. By the day alone, so that nobody takes it for an order of cases.
        Index("ix_case_opened_on", text("((opened_at at time zone 'Europe/London')::date)")),
        Index("ix_case_closed_on", text("((closed_at at time zone 'Europe/London')::date)")),
        # What the jobs look for: what is due and not yet escalated, what comes back from hold, whose keeping is over.
        Index(
            "ix_case_to_escalate",
            "due_at",
            "id",
            postgresql_where=text("closed_at is null and escalated_at is null and held_at is null"),
        ),
        Index("ix_case_held", "held_until_at", "id", postgresql_where=text("held_at is not null")),
        Index(
            "ix_case_to_forget",
            "service",
            "type",
            "closed_at",
            "id",
            postgresql_where=text("account_id is not null and closed_at is not null"),
        ),
        CheckConstraint("waits_for in ('council', 'resident', 'nobody')", name="waits_for"),
        CheckConstraint("rating between 1 and 5", name="rating"),
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
    channel: Mapped[str] = mapped_column(String(20))
    """How it came to us."""
    area: Mapped[str] = mapped_column(String(40))
    """The ward or other area that it is about, as the service names it; empty when it is about none."""
    team: Mapped[str] = mapped_column(String(40))
    """Who has it on their list; empty until routing has said so."""
    holder_id: Mapped[uuid.UUID | None]
    """The member of staff who has taken it. Staff stand above this room, so there is no foreign key."""
    waits_for: Mapped[str] = mapped_column(String(10))
    """Whose turn it is."""
    due_at: Mapped[Moment | None]
    """By when the service level promises an end. Moves on by the time that the case was on hold."""
    held_at: Mapped[Moment | None]
    """Since when it is on hold, which stops the service level's clock."""
    held_until_at: Mapped[Moment | None]
    """When it comes back by itself."""
    escalated_at: Mapped[Moment | None]
    merged_into_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("portal.case.id"))
    reopened: Mapped[int] = mapped_column(SmallInteger)
    """How often."""
    rating: Mapped[int | None] = mapped_column(SmallInteger)
    """What the resident thought of it, from 1 to 5."""
    rating_words: Mapped[str] = mapped_column(Text)
    rated_at: Mapped[Moment | None]
    opened_by: Mapped[str] = mapped_column(String(120))
    """Who filled it in: the resident, or staff for a caller."""
    identity_check: Mapped[str] = mapped_column(String(40))
    """How staff made sure of a caller; empty for the resident's own."""


class CaseEventRow(Base):
    """One thing that happened to a case. Rows are added and never changed, but to forget a person.

    `account_id` repeats the case's, so that one index answers "what happened lately in my cases".
    """

    __tablename__ = "case_event"
    __table_args__ = (
        CheckConstraint("kind ~ '^[a-z_]+$'", name="kind"),  # the kinds are `values.EventKind`
        Index(None, "case_id", "id"),
        Index(None, "account_id", "id"),
        UniqueConstraint("case_id", "version"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.case.id"))
    version: Mapped[int]
    """The case's version after it. The events of a case are numbered without a gap: no change goes unrecorded."""
    account_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("portal.account.id"))
    at: Mapped[Moment]
    kind: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(40))
    actor: Mapped[str] = mapped_column(String(120))
    channel: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    visible: Mapped[bool]
    """Whether the resident sees it."""
    details: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """Ids and codes: which task, which team."""


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


class FormBegunRow(Base):
    """That a form was begun, and whether it was sent: for the statistics, with nobody's name. Its id is the draft's."""

    __tablename__ = "form_begun"
    __table_args__ = (Index("ix_form_begun_on", text("((begun_at at time zone 'Europe/London')::date)")),)

    id: Mapped[Id]
    service: Mapped[str] = mapped_column(String(40))
    journey: Mapped[str] = mapped_column(String(40))
    begun_at: Mapped[Moment]
    sent_at: Mapped[Moment | None]
