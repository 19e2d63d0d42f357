"""Let go of what was not paid in time, and of what has reached its last day."""

import logging
from collections.abc import Iterable, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, or_, select, text

from portal.kit import NotFound, Refused, being_paid, case_path, clock, get_account, job, move_case, session, tell
from services.permits.models.permits import Permit as PermitRow
from services.permits.models.permits import PermitSlot
from services.permits.operations.granting import change
from services.permits.operations.paying import PERMIT
from services.permits.operations.places import leave_places
from services.permits.queries.permits import hold_permit, hold_permit_if_free
from services.permits.rules.permits import Permit
from services.permits.workflow import ACTOR, SERVICE

log = logging.getLogger(__name__)

AT_ONCE: Final = 200
# As text, so that every plan may use the partial index of it.
_OVERDUE = text("permit.status = 'to_pay'"), PermitRow.held_until_at < bindparam("now")
_SOME_OVERDUE: Final = (
    select(PermitRow.id).where(*_OVERDUE, PermitRow.id > bindparam("after")).order_by(PermitRow.id).limit(AT_ONCE)
)
_OVERDUE_OF: Final = (
    select(PermitRow.id)
    .where(
        *_OVERDUE,
        or_(
            PermitRow.chain_id.in_(
                select(PermitSlot.chain_id).where(PermitSlot.scope.in_(bindparam("scopes", expanding=True)))
            ),
            (PermitRow.zone == bindparam("in_zone")) & (PermitRow.vrm == bindparam("car")) & (PermitRow.vrm != ""),
        ),
    )
    .order_by(PermitRow.id)
)
_OVER_OF: Final = (
    select(PermitRow.id)
    .where(
        text("permit.status = 'active'"),
        PermitRow.last_on < bindparam("today"),
        PermitRow.chain_id.in_(
            select(PermitSlot.chain_id).where(PermitSlot.scope.in_(bindparam("scopes", expanding=True)))
        ),
    )
    .order_by(PermitRow.id)
)
_OVER: Final = (
    select(PermitRow.id)
    .where(text("permit.status = 'active'"), PermitRow.last_on < bindparam("today"))
    .order_by(PermitRow.last_on, PermitRow.id)
    .limit(AT_ONCE)
)


def lapse_overdue(scopes: Sequence[str], zone: str, vrm: str) -> None:
    """Let go of what stands in somebody's way, was not paid in time or is over, without waiting for the jobs."""
    asked = {"now": clock.now(), "scopes": list(scopes), "in_zone": zone, "car": vrm}
    _lapse_all(session().scalars(_OVERDUE_OF, asked).all())
    for permit_id in session().scalars(_OVER_OF, {"today": clock.today(), "scopes": list(scopes)}).all():
        _expire(hold_permit_if_free(permit_id))


@job("permits.lapse", cron="*/5 * * * *")
def lapse() -> None:
    """Every five minutes: let go of what was not paid in time. A payment that is under way still counts."""
    after = UUID(int=0)
    while ids := session().scalars(_SOME_OVERDUE, {"now": clock.now(), "after": after}).all():
        _lapse_all(ids)
        session().commit()
        after = ids[-1]


@job("permits.expire", cron="3 0 * * *")
def expire() -> None:
    """Each night: what has reached its last day gives its place back."""
    while ids := session().scalars(_OVER, {"today": clock.today()}).all():
        for permit_id in ids:
            _expire(hold_permit(permit_id))
        session().commit()


def _lapse_all(ids: Iterable[UUID]) -> None:
    for permit_id in ids:
        permit = hold_permit_if_free(permit_id)  # who has it is about to make it valid, and may wait for us
        if permit is None or permit.status != "to_pay" or permit.held_until_at is None:
            continue
        if permit.held_until_at >= clock.now() or being_paid(SERVICE, PERMIT, str(permit_id)):
            continue
        try:
            with session().begin_nested():
                _lapse(permit)
        except Refused:  # staff have done something with the case: that must not keep the others
            log.error("the permit %s could not be let go of", permit_id)


def _lapse(permit: Permit) -> None:
    change(permit.id, status="lapsed", reason="not_paid", closed_at=clock.now())
    leave_places(permit.chain_id)
    case = move_case(permit.case_id, to="lapsed", actor=ACTOR, channel="system")
    _tell_lapsed(permit.account_id, case.id, case.reference)


def _expire(permit: Permit | None) -> None:
    if permit is not None and permit.status == "active" and permit.last_on < clock.today():
        change(permit.id, status="expired", reason="last_day", closed_at=clock.now())
        leave_places(permit.chain_id)


def _tell_lapsed(account_id: UUID | None, case_id: UUID, reference: str) -> None:
    if account_id is None:
        return
    try:
        account = get_account(account_id)
    except NotFound:
        return
    tell(
        account,
        template="permits/mail/lapsed.txt",
        key=f"lapsed:{case_id}",
        path=case_path(reference),
        reference=reference,
    )
