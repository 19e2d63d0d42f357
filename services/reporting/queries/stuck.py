"""Reports that their back office would not take, or has not taken for hours: which, where to, why, since when."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, Select, bindparam, case, select, text

from portal.kit import clock, session
from services.reporting.models.reports import ON_ITS_WAY, Report

MOST: Final = 200
LATE: Final = timedelta(hours=6)
"""Longer than an office restarts, and soon enough that somebody telephones on the same day."""
ON_WAY_REASONS: Final = ("waiting", "no_id")
"""Of those that are still tried by themselves: it does not answer; it has the report, and has not said what it calls
it."""
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
_LATE = (
    select(*_COLUMNS[:5], case((Report.token.is_(None), "waiting"), else_="no_id"), Report.created_at)
    .where(text(ON_ITS_WAY), Report.created_at < bindparam("late"))
    .order_by(Report.created_at, Report.id)
    .limit(bindparam("most"))
)
_CASES = select(Report.case_id).where(Report.case_id.in_(bindparam("cases", expanding=True)), Report.stuck != "")
_BY_REFERENCE = select(Report.id).where(Report.reference == bindparam("reference"))


@dataclass(frozen=True, slots=True)
class StuckReport:
    """One of them. `reason` is the office's own, or a code of ours: one of `ON_WAY_REASONS`, `HTTP 403` and the like,
    `not_found`, `no_answer` (for a month), `returned` (our letter), `no_office` (the settings know it no more),
    `failed`, `unreadable`, `withdrawn`."""

    id: UUID
    reference: str
    case_id: UUID
    category: str
    office: str
    reason: str
    sent_at: datetime

    @property
    def is_tried(self) -> bool:
        """Whether it is still tried by itself, so that nobody need send it again."""
        return self.reason in ON_WAY_REASONS


def stuck_reports(most: int = MOST, *, among: Select[UUID] | None = None) -> Sequence[StuckReport]:
    """Those that wait for staff, the oldest first, and behind them those that have waited long for their office; only
    those of the cases `among` which somebody may see."""
    asked = {"most": most, "late": clock.now() - LATE}
    queries = [each if among is None else each.where(Report.case_id.in_(among)) for each in (_STUCK, _LATE)]
    return [_stuck(row) for query in queries for row in session().execute(query, asked)][:most]


def stuck_among(cases: Collection[UUID]) -> Collection[UUID]:
    """Those of these cases, one page of a list at most, whose report waits for staff because no office took it."""
    return frozenset(session().scalars(_CASES, {"cases": list(cases)})) if cases else ()


def find_report_id(reference: str) -> UUID | None:
    """The report with that reference, as it is printed."""
    return session().execute(_BY_REFERENCE, {"reference": reference}).scalar_one_or_none()


def _stuck(row: Row[*tuple[Any, ...]]) -> StuckReport:
    return StuckReport(*row)
