"""Reports that their back office would not take, or has not taken for hours: which, where to, why, since when."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import DateTime, Select, Uuid, bindparam, case, func, select, text, tuple_

from portal.kit import clock, deliveries_of, session
from services.reporting.models.reports import ON_ITS_WAY, Report
from services.reporting.workflow import SERVICE

MOST: Final = 200
"""Of each kind on one page."""
LATE: Final = timedelta(hours=6)
"""Longer than an office restarts, and soon enough that somebody telephones on the same day."""
ON_WAY_REASONS: Final = ("waiting", "no_id")
"""Of those that are still tried by themselves: it does not answer; it has the report, and has not said what it calls
it."""
NOT_SENT: Final = "not_sent"
"""Nothing is under way: it was never handed on."""
_START: Final = (datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))
_COLUMNS = (
    Report.id,
    Report.reference,
    Report.case_id,
    Report.category,
    Report.office,
    Report.stuck,
    Report.created_at,
    Report.account_id,
)
_AFTER = tuple_(Report.created_at, Report.id) > tuple_(
    bindparam("after_at", type_=DateTime(timezone=True)), bindparam("after_id", type_=Uuid())
)
_STUCK = select(*_COLUMNS).where(Report.stuck != "")
_REASON = case((Report.token.is_(None), "waiting"), else_="no_id")
_LATE = select(*_COLUMNS[:5], _REASON, *_COLUMNS[6:]).where(text(ON_ITS_WAY), Report.created_at < bindparam("late"))
_CASES = select(Report.case_id).where(Report.case_id.in_(bindparam("cases", expanding=True)), Report.stuck != "")
_BY_REFERENCE = select(Report.id).where(Report.reference == bindparam("reference"))


@dataclass(frozen=True, slots=True)
class StuckReport:
    """One of them. `reason` is the office's own, or a code of ours: one of `ON_WAY_REASONS`, `HTTP 403` and the like,
    `not_found`, `no_answer` (for a month), `returned` (our letter), `no_office` (the settings know it no more),
    `no_id_given`, `id_taken`, `id_too_long`, `not_open311`, `not_sent`, `failed`, `unreadable`, `withdrawn`."""

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
    """Those that wait for staff, the oldest first, and behind them those that have waited long for their office: so
    many of each, and only those of the cases `among` which somebody may see."""
    return [each for kind in (_STUCK, _LATE) for each in _portion(kind, among, most, _START)]


def every_stuck_report() -> Iterator[StuckReport]:
    """All of them, in the same order, read some at a time: between two of them the transaction may end."""
    for kind in (_STUCK, _LATE):
        after: tuple[datetime, UUID] | None = _START
        while after is not None:
            some = _portion(kind, None, MOST, after)
            yield from some
            after = (some[-1].sent_at, some[-1].id) if len(some) == MOST else None


def count_stuck(among: Select[UUID] | None = None) -> int:
    """How many they are in all."""
    found = (_among(kind, among).with_only_columns(func.count()) for kind in (_STUCK, _LATE))
    return sum(session().scalar(query, {"late": clock.now() - LATE}) or 0 for query in found)


def stuck_among(cases: Collection[UUID]) -> Collection[UUID]:
    """Those of these cases, one page of a list at most, whose report waits for staff because no office took it."""
    return frozenset(session().scalars(_CASES, {"cases": list(cases)})) if cases else ()


def find_report_id(reference: str) -> UUID | None:
    """The report with that reference, as it is printed."""
    return session().execute(_BY_REFERENCE, {"reference": reference}).scalar_one_or_none()


def is_under_way(report_id: UUID, account_id: UUID) -> bool:
    """Whether something is kept to be sent of this report, and not answered yet."""
    return any(each.key.split(":")[1] == str(report_id) for each in deliveries_of(account_id, SERVICE))


def _portion(
    kind: Select[*tuple[Any, ...]], among: Select[UUID] | None, most: int, after: tuple[datetime, UUID]
) -> Sequence[StuckReport]:
    at, report_id = after
    query = _among(kind, among).where(_AFTER).order_by(Report.created_at, Report.id).limit(most)
    asked = {"late": clock.now() - LATE, "after_at": at, "after_id": report_id}
    return [_stuck(*row) for row in session().execute(query, asked).all()]


def _among(kind: Select[*tuple[Any, ...]], cases: Select[UUID] | None) -> Select[*tuple[Any, ...]]:
    return kind if cases is None else kind.where(Report.case_id.in_(cases))


def _stuck(*row: Any) -> StuckReport:  # the columns, and whose it is
    *shown, account_id = row
    found = StuckReport(*shown)
    is_lost = found.reason == "waiting" and not is_under_way(found.id, account_id)
    return replace(found, reason=NOT_SENT) if is_lost else found
