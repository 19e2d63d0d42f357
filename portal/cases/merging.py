"""Merge a duplicate into the case that is worked on.

The two may be different residents': then each sees their own, and nothing of the other's. A duplicate always points to
a case that is none itself: what pointed to it before points to the new one.
"""

import uuid
from collections.abc import Callable, Sequence
from typing import Final

from sqlalchemy import bindparam, or_, select

from portal import clock
from portal.cases.closing import withdraw_open_tasks
from portal.cases.models import CaseRow
from portal.cases.queries import CASE_COLUMNS, case_from
from portal.cases.service_levels import off_hold
from portal.cases.taking import must_be_open
from portal.cases.types import find_type
from portal.cases.values import Case, Channel, kind_of
from portal.cases.writing import change, check_version, done_already
from portal.db.session import session
from portal.errors import NotFound, Refused
from portal.web.languages import gettext as _

MOST_ABSORBED: Final = 200

# All at once and in the order of their ids, so that two who merge at the same time wait and never block each other.
_LOCK = (
    select(*CASE_COLUMNS)
    .where(or_(CaseRow.id.in_(bindparam("cases", expanding=True)), CaseRow.merged_into_id == bindparam("duplicate")))
    .order_by(CaseRow.id)
    .with_for_update()
)
_ABSORBED = (
    select(*CASE_COLUMNS)
    .where(CaseRow.merged_into_id == bindparam("case"))
    .order_by(CaseRow.opened_at, CaseRow.id)
    .limit(MOST_ABSORBED)
)
_OWNER = select(CaseRow.account_id).where(CaseRow.id == bindparam("case"))


def merge_case(
    case_id: uuid.UUID,
    *,
    into: uuid.UUID,
    actor: str,
    reason: str = "",
    channel: Channel = "desk",
    expected_version: int | None = None,
    into_version: int | None = None,
    may: Callable[[Case], object] | None = None,
) -> Case:
    """The duplicate, closed and pointing to the case `into`. `reason` is for the duplicate's resident.

    `into_version` is the other case's, as it was shown. `may` is asked of both once nobody else changes them.
    Raises what `may` raises, NotFound, ChangedMeanwhile, Refused when its type has no status for duplicates, it is
    closed, or `into` is the case itself, of another service, closed, or itself a duplicate.
    """
    if kind_of(actor) == "resident":
        raise NotFound
    locked = {
        row.id: case_from(row) for row in session().execute(_LOCK, {"cases": [case_id, into], "duplicate": case_id})
    }
    case, master = locked.get(case_id), locked.get(into)
    if case is None or master is None:
        raise NotFound
    done = done_already(case, expected_version, kind="merged", actor=actor, reason=reason)
    if done and case.merged_into_id == into:
        return case
    for each, shown in ((case, expected_version), (master, into_version)):
        if may is not None:
            may(each)
        check_version(each, shown)
    status = may_merge(case, master)
    both = case.account_id == master.account_id
    for other in locked.values():
        if other.merged_into_id == case_id:
            change(other, kind="merged", actor=actor, channel=channel, visible=False, merged_into_id=into)
    merged = change(
        withdraw_open_tasks(case, actor=actor, channel=channel),
        kind="merged",
        actor=actor,
        channel=channel,
        reason=reason,
        status=status,
        closed_at=clock.now(),
        waits_for="nobody",
        merged_into_id=into,
        **off_hold(case),
    )
    change(master, kind="absorbed", actor=actor, channel=channel, visible=both, details={"duplicate": str(case_id)})
    return merged


def speaks_on(case: Case) -> uuid.UUID:
    """The case on which messages about `case` are written: that which it was merged into, where both are one
    resident's; else the case itself, because another resident's is not theirs to write on.
    """
    if case.merged_into_id is None or case.account_id is None:
        return case.id
    owner = session().execute(_OWNER, {"case": case.merged_into_id}).scalar_one()
    return case.merged_into_id if owner == case.account_id else case.id


def absorbed_into(case_id: uuid.UUID) -> Sequence[Case]:
    """The duplicates that point to a case, oldest first and 200 at most, for staff. They may be other residents'."""
    return [case_from(row) for row in session().execute(_ABSORBED, {"case": case_id})]


def may_merge(case: Case, master: Case) -> str:
    """The status in which `case` ends once it is merged into `master`. Raises Refused when it cannot be."""
    case_type = find_type(case.service, case.type)
    if case_type is None or not case_type.merged:
        raise Refused(_("Cases of this kind cannot be merged."))
    must_be_open(case)
    if case.id == master.id:
        raise Refused(_("A case cannot be merged into itself."))
    if case.service != master.service:
        raise Refused(_("The other case is of another service."))
    if master.is_merged:
        raise Refused(_("The other case was itself merged. Choose the one that it was merged into."))
    if not master.is_open:
        raise Refused(_("The other case is closed."))
    return case_type.merged
