"""Who has a case: a team has it on its list, and one of its people takes it, lets it go or passes it on."""

import uuid
from typing import Final

from portal.cases.values import Case, Channel, kind_of
from portal.cases.writing import change, check_version, lock_case
from portal.errors import Refused
from portal.web.languages import gettext as _

LONGEST_TEAM: Final = 40


def take_case(
    case_id: uuid.UUID, *, actor: str, channel: Channel = "desk", expected_version: int | None = None
) -> Case:
    """The case in the hands of the member of staff who asks. Taking what one has already changes nothing.

    Raises NotFound, ChangedMeanwhile, Refused when somebody else has it (whoever leads may pass it on) or it is closed.
    """
    holder_id = staff_id(actor)
    case = lock_case(case_id, actor=actor)
    if case.holder_id == holder_id and case.is_open:
        return case
    check_version(case, expected_version)
    may_take(case, holder_id)
    return change(case, kind="taken", actor=actor, channel=channel, visible=False, holder_id=holder_id)


def release_case(
    case_id: uuid.UUID, *, actor: str, channel: Channel = "desk", expected_version: int | None = None
) -> Case:
    """The case back on its team's list. Releasing what nobody has changes nothing.

    Raises NotFound, ChangedMeanwhile.
    """
    case = lock_case(case_id, actor=actor)
    if case.holder_id is None:
        return case
    check_version(case, expected_version)
    return change(case, kind="released", actor=actor, channel=channel, visible=False, holder_id=None)


def pass_on(
    case_id: uuid.UUID,
    *,
    actor: str,
    team: str | None = None,
    holder_id: uuid.UUID | None = None,
    reason: str = "",
    channel: Channel = "desk",
    expected_version: int | None = None,
) -> Case:
    """The case with another team, another person, or both. Without a person it lies on the team's list.

    `team` None means the team that has it. `reason` is for staff. Whether team and person exist and belong together
    is the caller's to know: staff stand above this room. Passing it to where it is changes nothing. Of another team
    the resident reads by an entry of its own, without the words and the person.
    Raises NotFound, ChangedMeanwhile, Refused when it is closed.
    """
    if team is not None and not 1 <= len(team) <= LONGEST_TEAM:
        raise ValueError("a team has a slug of 1 to 40 characters")
    case = lock_case(case_id, actor=actor)
    now_with = (team if team is not None else case.team, holder_id)
    if (case.team, case.holder_id) == now_with:
        return case
    check_version(case, expected_version)
    must_be_open(case)
    after = change(
        case,
        kind="passed_on",
        actor=actor,
        channel=channel,
        reason=reason,
        visible=False,
        team=now_with[0],
        holder_id=now_with[1],
    )
    if after.team == case.team:
        return after
    return change(after, kind="team_changed", actor=actor, channel=channel, details={"team": after.team})


def may_take(case: Case, holder_id: uuid.UUID) -> None:
    """Raises Refused for a case that is closed, or that another than `holder_id` has."""
    must_be_open(case)
    if case.holder_id not in (None, holder_id):
        raise Refused(_("Somebody else has taken this case. Ask them, or a team leader, to pass it on."))


def staff_id(actor: str) -> uuid.UUID:
    """The id in `staff:<id>`. Raises ValueError for any other actor: only staff do this."""
    if kind_of(actor) != "staff":
        raise ValueError(f"only staff do this, not {actor}")
    return uuid.UUID(actor.partition(":")[2])


def must_be_open(case: Case) -> None:
    """Raises Refused for a case that is closed."""
    if not case.is_open:
        raise Refused(_("This case is closed. Reopen it first."))
