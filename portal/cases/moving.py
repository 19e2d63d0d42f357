"""Move a case from one status to another: the one place where moves are checked."""

import uuid
from collections.abc import Collection
from typing import Any

from portal import clock
from portal.cases.closing import withdraw_open_tasks
from portal.cases.declared import Kind, Move, Status
from portal.cases.joined import tell_joined
from portal.cases.service_levels import off_hold
from portal.cases.types import find_type
from portal.cases.values import Case, Channel, kind_of
from portal.cases.writing import change, check_version, done_already, lock_case
from portal.errors import Forbidden, Refused
from portal.web.languages import gettext as _


def move_case(
    case_id: uuid.UUID,
    *,
    to: str,
    actor: str,
    channel: Channel,
    reason: str = "",
    expected_version: int | None = None,
    rights: Collection[str] = (),
) -> Case:
    """Move a case to the status `to`, under a lock. Closing is a move to a closed status, and withdraws open tasks.

    The same move again from the same page, such as a second click, changes nothing.
    `actor` is `account:<id>`, `staff:<id>` or `system:<room>`; `rights` are what a member of staff may do with this
    case, and count for nobody else. `reason` is shown to the resident. Raises NotFound (no such case, or a resident
    who is not its owner), ChangedMeanwhile when it is no longer at `expected_version`, Refused when its type has no
    such move for this kind of actor or the reason is missing, Forbidden when the right for it is.
    """
    case = lock_case(case_id, actor=actor)
    if case.status == to and done_already(case, expected_version, kind="moved", actor=actor, reason=reason):
        return case
    check_version(case, expected_version)
    move, target = find_way(case, to, kind_of(actor))
    if kind_of(actor) == "staff" and move.right not in rights:
        raise Forbidden(_("Your role does not let you do this with this case."))
    if move.asks_reason and not reason.strip():
        raise Refused(_("Say why: the resident reads it."))
    if not target.open:
        case = withdraw_open_tasks(case, actor=actor, channel=channel)
    moved = change(case, kind="moved", actor=actor, channel=channel, reason=reason, **standing_at(case, target))
    if case.is_open and not moved.is_open:
        tell_joined(moved)
    return moved


def find_way(case: Case, to: str, kind: Kind) -> tuple[Move, Status]:
    """The way that this kind of actor may go to the status `to`. Raises Refused."""
    if case.is_merged:
        raise Refused(_("This was joined with another case, which is the one that we work on."))
    case_type = find_type(case.service, case.type)
    move = case_type.find_move(case.status, to) if case_type else None
    target = case_type.find_status(to) if case_type else None
    if move is None or target is None or kind not in move.by:
        raise Refused(_("This cannot be done at the stage it has reached."))
    return move, target


def standing_at(case: Case, status: Status) -> dict[str, Any]:
    """The columns of a case that comes to that status now. A move ends a hold: the wait is over."""
    closed_at = None if status.open else clock.now()
    return {"status": status.code, "closed_at": closed_at, "waits_for": status.turn, **off_hold(case)}
