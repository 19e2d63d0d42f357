"""By when a case is promised, what a hold does to that, and what happens when the promise is broken."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Final, Literal

from flask import Flask, current_app
from sqlalchemy import bindparam, select

from portal import clock
from portal.cases.declared import ServiceLevel
from portal.cases.models import CaseRow
from portal.cases.queries import CASE_COLUMNS, case_from
from portal.cases.types import find_type
from portal.cases.values import Case
from portal.cases.working_days import after_working_days, end_of, local_day, working_days_between
from portal.cases.writing import change
from portal.db.session import session
from portal.jobs.queue import job

Standing = Literal["no_promise", "in_time", "nearly_due", "overdue", "on_hold", "met", "missed"]

AT_ONCE: Final = 100
CLOSING_DAYS: Final = "moothall.closing_days"
ACTOR: Final = "system:cases"

_OVERDUE = (
    select(*CASE_COLUMNS)
    .where(
        CaseRow.closed_at.is_(None),
        CaseRow.escalated_at.is_(None),
        CaseRow.held_at.is_(None),
        CaseRow.due_at < bindparam("now"),
    )
    .order_by(CaseRow.due_at, CaseRow.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)


def install(app: Flask, closed_on: Collection[date]) -> None:
    """Tell the ledger on which days, besides weekends and bank holidays, the council is closed."""
    app.extensions[CLOSING_DAYS] = frozenset(closed_on)


def closing_days() -> frozenset[date]:
    """The council's own closing days."""
    found: frozenset[date] = current_app.extensions.get(CLOSING_DAYS, frozenset())
    return found


def promised_at(start: datetime, level: ServiceLevel | None) -> datetime | None:
    """By when a case that begins now is promised; None without a service level."""
    return end_of(after_working_days(local_day(start), level.days, closing_days())) if level else None


def off_hold(case: Case) -> dict[str, Any]:
    """The columns of a case that comes back from hold, now: its promise is later by the working days of the hold."""
    if case.held_at is None:
        return {}
    columns: dict[str, Any] = {"held_at": None, "held_until_at": None}
    if case.due_at is not None:
        held = working_days_between(local_day(case.held_at), clock.today(), closing_days())
        columns["due_at"] = end_of(after_working_days(local_day(case.due_at), held, closing_days()))
    return columns


def standing(case: Case, now: datetime) -> Standing:
    """How a case stands with its promise."""
    if case.due_at is None:
        return "no_promise"
    if not case.is_open:
        return "missed" if case.is_overdue(now) else "met"
    if case.is_held:
        return "on_hold"
    if case.is_overdue(now):
        return "overdue"
    left = working_days_between(local_day(now), local_day(case.due_at), closing_days())
    return "nearly_due" if left <= _warned_days(case) else "in_time"


@job("cases.escalate", cron="*/5 * * * *")
def escalate() -> None:
    """Note on each open case whose promise is broken that it is, once, for the team and its leader to see.

    Some at a time, each portion committed: after a night without a worker there may be thousands. A case that
    somebody is changing at this moment comes with the next run.
    """
    while True:
        now = clock.now()
        late = [case_from(row) for row in session().execute(_OVERDUE, {"now": now, "limit": AT_ONCE})]
        for case in late:
            change(case, kind="escalated", actor=ACTOR, channel="system", visible=False, escalated_at=now)
        session().commit()
        if len(late) < AT_ONCE:
            return


def _warned_days(case: Case) -> int:
    case_type = find_type(case.service, case.type)
    level = case_type.promise_of(case.summary) if case_type else None
    return level.warn if level else 0
