"""What staff keep about their lists: filters, acts on many cases at once; and the days, added up."""

import uuid
from datetime import date
from typing import Any

from sqlalchemy import ARRAY, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from portal.db.base import Base, Id, Moment


class SavedFilterRow(Base):
    """A worklist by a name: of one member of staff, and of a whole team where they share it."""

    __tablename__ = "saved_filter"
    __table_args__ = (
        UniqueConstraint("staff_id", "name"),
        Index("uq_saved_filter_default", "staff_id", unique=True, postgresql_where=text("is_default")),
        Index("ix_saved_filter_team", "team", "name", "id", postgresql_where=text("team <> ''")),
    )

    id: Mapped[Id]
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.staff_member.id"))
    name: Mapped[str] = mapped_column(String(60))
    filter: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """As an address has it, by name."""
    team: Mapped[str] = mapped_column(String(40))
    """The team that it is shared with; empty when it is nobody else's."""
    is_default: Mapped[bool]
    saved_at: Mapped[Moment]


class BulkActRow(Base):
    """One act on many cases, from the choice to the result. It and what was chosen are kept for some weeks."""

    __tablename__ = "bulk_act"
    __table_args__ = (
        Index(None, "staff_id", "made_at", "id"),
        Index(None, "made_at"),
        CheckConstraint("state in ('chosen', 'preview', 'running', 'done', 'cancelled')", name="state"),
    )

    id: Mapped[Id]
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.staff_member.id"))
    act: Mapped[str] = mapped_column(String(20))
    values: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(String(10))
    total: Mapped[int]
    capped: Mapped[bool]
    """Whether the filter found more than are taken at once."""
    made_at: Mapped[Moment]
    ended_at: Mapped[Moment | None]


class BulkItemRow(Base):
    """One case of a bulk act, at the version that was chosen."""

    __tablename__ = "bulk_item"
    __table_args__ = (
        Index("ix_bulk_item_waiting", "bulk_id", "position", postgresql_where=text("outcome = 'waiting'")),
        Index(None, "case_id"),
        CheckConstraint("outcome in ('waiting', 'cannot', 'done', 'refused', 'left')", name="outcome"),
    )

    bulk_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.bulk_act.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    case_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("portal.case.id"))
    version: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(10))
    sentence: Mapped[str] = mapped_column(Text)
    """Why not, in the language of whoever asked for it."""


class CaseDayRow(Base):
    """What came in and was finished on one day, of one kind in one place: what the statistics add up."""

    __tablename__ = "case_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    service: Mapped[str] = mapped_column(String(40), primary_key=True)
    type: Mapped[str] = mapped_column(String(40), primary_key=True)
    team: Mapped[str] = mapped_column(String(40), primary_key=True)
    area: Mapped[str] = mapped_column(String(40), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    opened: Mapped[int]
    closed: Mapped[int]
    met: Mapped[int]
    """Of those closed: within the promise."""
    missed: Mapped[int]
    rated: Mapped[int]
    """Of those closed on this day, how many their residents rated, whenever they did."""
    stars: Mapped[int]
    """The sum of those ratings."""
    took: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    """Of each that was closed: how many days it took."""


class FormDayRow(Base):
    """How many forms were begun on one day, and how many of those were sent, whenever that was."""

    __tablename__ = "form_day"

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    service: Mapped[str] = mapped_column(String(40), primary_key=True)
    journey: Mapped[str] = mapped_column(String(40), primary_key=True)
    begun: Mapped[int]
    sent: Mapped[int]
