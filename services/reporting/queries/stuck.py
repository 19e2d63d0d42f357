"""Reports that their back office would not take, for staff: which, where to, why, since when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, select

from portal.kit import session
from services.reporting.models.reports import Report

MOST: Final = 200
_COLUMNS = (
    Report.id,
    Report.reference,
    Report.case_id,
    Report.category,
    Report.office,
    Report.stuck,
    Report.created_at,
)
_STUCK = select(*_COLUMNS).where(Report.stuck != "").order_by(Report.created_at, Report.id).limit(bindparam("most"))
_BY_REFERENCE = select(Report.id).where(Report.reference == bindparam("reference"))


@dataclass(frozen=True, slots=True)
class StuckReport:
    """One of them. `reason` is the office's own, or a code of ours: `not_found`, `no_answer` (for a month),
    `no_office` (the settings know it no more), `failed`, `unreadable`, `withdrawn`."""

    id: UUID
    reference: str
    case_id: UUID
    category: str
    office: str
    reason: str
    sent_at: datetime


def stuck_reports(most: int = MOST, *, among: Select[UUID] | None = None) -> Sequence[StuckReport]:
    """Those that wait for staff, the oldest first; only those of the cases `among` which somebody may see."""
    query = _STUCK if among is None else _STUCK.where(Report.case_id.in_(among))
    return [_stuck(row) for row in session().execute(query, {"most": most})]


def find_report_id(reference: str) -> UUID | None:
    """The report with that reference, as it is printed."""
    return session().execute(_BY_REFERENCE, {"reference": reference}).scalar_one_or_none()


def _stuck(row: Row[*tuple[Any, ...]]) -> StuckReport:
    return StuckReport(*row)
