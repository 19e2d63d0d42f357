"""Put a case on hold until a day, which stops its service level's clock, and take it up again."""

import uuid
from datetime import date, datetime, time

from portal import clock
from portal.cases.taking import must_be_open
from portal.cases.values import Case, Channel
from portal.cases.writing import change, lock_case
from portal.errors import Refused
from portal.web.languages import gettext as _

LONGEST_HOLD_DAYS = 366


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
    case = lock_case(case_id, actor=actor, expected_version=expected_version)
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
        held_until_at=datetime.combine(until_on, time(), clock.LOCAL),
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
    case = lock_case(case_id, actor=actor, expected_version=expected_version)
    return change(case, kind="resumed", actor=actor, channel=channel, held_at=None, held_until_at=None)
