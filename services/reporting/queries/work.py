"""Open reports as the desk takes them up: by their priority, and in each the oldest first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self
from uuid import UUID

from sqlalchemy import Select, bindparam, exists, select, tuple_

from portal.kit import NotFound, clock, session
from services.reporting.models.inspections import Inspection, InspectionDraft
from services.reporting.models.reports import Report
from services.reporting.rules.wanted import Mark

PAGE: Final = 50


@dataclass(frozen=True, slots=True)
class ToWork:
    """An open report in a list of work. `seen`: somebody has gone and looked already."""

    id: UUID
    reference: str
    case_id: UUID
    category: str
    status: str
    priority: int
    place: str
    ward: str
    lat: float | None
    lon: float | None
    private: bool
    created_at: datetime
    due_at: datetime | None
    seen: bool

    @property
    def is_late(self) -> bool:
        """Whether the day of our promise has gone by."""
        return self.due_at is not None and self.due_at < clock.now()

    @property
    def mark(self) -> "WorkMark":
        """Where the list goes on after it."""
        return WorkMark(self.priority, Mark(self.created_at, self.id))


@dataclass(frozen=True, slots=True)
class WorkMark:
    """Where a page of the list ended."""

    priority: int
    at: Mark

    def __str__(self) -> str:
        return f"{self.priority}~{self.at}"

    @classmethod
    def read(cls, text: str | None) -> Self | None:
        """The mark that an address bears; None for what is none, which means the first page."""
        priority, _tilde, rest = (text or "").partition("~")
        mark = Mark.read(rest)
        return cls(int(priority), mark) if mark and priority in ("1", "2", "3", "4") else None


@dataclass(frozen=True, slots=True)
class Inspected:
    """A report before whoever goes and looks: the same, and what was sent."""

    line: ToWork
    words: str
    asset: str | None
    is_hidden: bool
    """A moderator lets nobody but its owner and staff see it."""


_COLUMNS = (
    Report.id,
    Report.reference,
    Report.case_id,
    Report.category,
    Report.status,
    Report.priority,
    Report.place,
    Report.ward,
    Report.lat,
    Report.lon,
    Report.private,
    Report.created_at,
    Report.due_at,
    exists().where(Inspection.report_id == Report.id).label("seen"),
)
_ORDER = (Report.priority, Report.created_at, Report.id)
OPEN = select(*_COLUMNS).where(Report.closed_at.is_(None)).order_by(*_ORDER).limit(bindparam("most"))
_AFTER = tuple_(*_ORDER) > tuple_(bindparam("priority"), bindparam("at"), bindparam("id"))
ONE = select(*_COLUMNS, Report.description, Report.asset, (Report.moderation == "hidden").label("is_hidden")).where(
    Report.case_id == bindparam("case")
)
_PRIORITY = select(Report.priority).where(Report.case_id == bindparam("case"))
_KEPT = select(InspectionDraft.typed).where(
    InspectionDraft.report_id == bindparam("report"), InspectionDraft.actor == bindparam("actor")
)


def to_work(
    among: Select[UUID], *, category: str = "", ward: str = "", after: WorkMark | None = None, most: int = PAGE
) -> Sequence[ToWork]:
    """The open reports of these cases, the most urgent first, after the mark. One query."""
    query = OPEN.where(Report.case_id.in_(among))
    values: dict[str, object] = {"most": most}
    if category:
        query = query.where(Report.category == category)
    if ward:
        query = query.where(Report.ward == ward)
    if after is not None:
        query = query.where(_AFTER)
        values |= {"priority": after.priority, "at": after.at.at, "id": after.at.id}
    return [_line(row) for row in session().execute(query, values)]


def find_priority(case_id: UUID) -> int | None:
    """How soon the report of this case is to be taken up; None when the case has no report."""
    return session().execute(_PRIORITY, {"case": case_id}).scalar_one_or_none()


def get_to_inspect(case_id: UUID) -> Inspected:
    """The report of this case. Raises NotFound."""
    row = session().execute(ONE, {"case": case_id}).one_or_none()
    if row is None:
        raise NotFound
    return Inspected(_line(row[:-3]), row.description, row.asset, row.is_hidden)


def find_inspection_kept(report_id: UUID, actor: str) -> Mapping[str, str] | None:
    """What this member of staff has written of an inspection so far, by field of the form, if they keep something."""
    return session().execute(_KEPT, {"report": report_id, "actor": actor}).scalar_one_or_none()


def _line(facts: Iterable[Any]) -> ToWork:
    """The value of a row that was selected by _COLUMNS, which are in the order of its fields."""
    return ToWork(*facts)
