"""Put a case on hold until a day, which stops its service level's clock, and take it up again."""

import uuid
from datetime import date, datetime, time
from typing import Final

from sqlalchemy import bindparam, select

from portal import clock
from portal.cases.models import CaseRow
from portal.cases.queries import CASE_COLUMNS, case_from
from portal.cases.service_levels import off_hold
from portal.cases.taking import must_be_open
from portal.cases.values import Case, Channel
from portal.cases.writing import change, check_version, done_already, lock_case
from portal.db.session import session
from portal.errors import Refused
from portal.jobs.queue import job
from portal.web.languages import gettext as _

LONGEST_HOLD_DAYS: Final = 366
AT_ONCE: Final = 100
ACTOR: Final = "system:cases"

_OVER = (
    select(*CASE_COLUMNS)
    .where(CaseRow.held_at.is_not(None), CaseRow.held_until_at <= bindparam("now"))
    .order_by(CaseRow.held_until_at, CaseRow.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)


def hold_case(
    case_id: uuid.UUID,
    *,
    actor: str,
    until_on: date,
    reason: str,
    channel: Channel = "desk",
    expected_version: int | None = None,
) -> Case:
    """The case on hold until that day, when it comes back by itself. `reason` is for the resident.

    A second hold moves the day. Raises NotFound, ChangedMeanwhile, Refused without a reason, for a day that is not
    ahead or is too far away, or when the case is closed.
    """
    case = lock_case(case_id, actor=actor)
    until_at = datetime.combine(until_on, time(), clock.LOCAL)
    done = done_already(case, expected_version, kind="held", actor=actor, reason=reason)
    if done and case.held_until_at == until_at:
        return case
    check_version(case, expected_version)
    must_be_open(case)
    if not reason.strip():
        raise Refused(_("Say why: the resident reads it."))
    if not 0 < (until_on - clock.today()).days <= LONGEST_HOLD_DAYS:
        raise Refused(_("Choose a day after today, within a year."))
    return change(
        case,
        kind="held",
        actor=actor,
        channel=channel,
        reason=reason,
        held_at=case.held_at or clock.now(),
        held_until_at=until_at,
    )


def resume_case(
    case_id: uuid.UUID, *, actor: str, channel: Channel = "desk", expected_version: int | None = None
) -> Case:
    """The case taken up again, its promised end later by the working days of the hold. Not on hold: nothing happens.

    Raises NotFound, ChangedMeanwhile.
    """
    case = lock_case(case_id, actor=actor)
    if not case.is_held:
        return case
    check_version(case, expected_version)
    return change(case, kind="resumed", actor=actor, channel=channel, **off_hold(case))


@job("cases.resume", cron="*/5 * * * *")
def resume_due() -> None:
    """Take up the cases whose hold is over, some at a time. One that somebody is changing comes with the next run."""
    while True:
        values = {"now": clock.now(), "limit": AT_ONCE}
        over = [case_from(row) for row in session().execute(_OVER, values)]
        for case in over:
            change(case, kind="resumed", actor=ACTOR, channel="system", **off_hold(case))
        session().commit()
        if len(over) < AT_ONCE:
            return
