"""Let go of permits: of a person who is forgotten, and of what ended so long ago that nobody will ask."""

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, select, update

from portal.kit import Account, clock, session
from services.permits.models.permits import CourtesyCar, PermitSlot, Vehicle
from services.permits.models.permits import Permit as PermitRow
from services.permits.operations.ending import close, end
from services.permits.operations.granting import change
from services.permits.operations.places import leave_places, take_places
from services.permits.operations.proofs import claim_proofs
from services.permits.queries.permits import chain_of, hold_permit
from services.permits.rules.permits import HOLDING, KINDS, Cap

AT_ONCE: Final = 500
WITHOUT_THE_PERSON: Final[dict[str, Any]] = {  # columns of several types
    "account_id": None,
    "vrm": "",
    "uprn": None,
    "address": "",
    "answers": {},
    "caps": [],
}
_OWN: Final = PermitRow.account_id == bindparam("account")
_HELD: Final = select(PermitRow.id).where(_OWN, PermitRow.business_id.is_(None), PermitRow.status.in_(HOLDING))
_OWN_IDS: Final = select(PermitRow.id).where(_OWN, PermitRow.business_id.is_(None)).limit(AT_ONCE)
_LONG_OVER: Final = (
    select(PermitRow.id)
    .where(PermitRow.account_id.is_not(None), PermitRow.closed_at < bindparam("before"))
    .order_by(PermitRow.closed_at, PermitRow.id)
    .limit(AT_ONCE)
)
_ASKED_FOR_A_BUSINESS: Final = update(PermitRow).where(_OWN).values(account_id=None)
_EMPTY: Final = update(PermitRow).where(PermitRow.id.in_(bindparam("ids", expanding=True))).values(WITHOUT_THE_PERSON)
_NO_CARS: Final = delete(CourtesyCar).where(CourtesyCar.permit_id.in_(bindparam("ids", expanding=True)))
_CLAIM: Final = update(PermitRow).where(PermitRow.account_id == bindparam("source")).values(account_id=bindparam("now"))
_SLOTS: Final = (
    select(PermitSlot.scope, PermitSlot.most, PermitSlot.chain_id)
    .where(PermitSlot.scope.in_(bindparam("scopes", expanding=True)))
    .order_by(PermitSlot.scope, PermitSlot.number)
)
_NOBODYS: Final = (Vehicle.as_of_at < bindparam("before"), ~exists().where(PermitRow.vrm == Vehicle.vrm))
_NOBODYS_CARS: Final = delete(Vehicle).where(*_NOBODYS)
_SOME_CARS: Final = (
    delete(Vehicle)
    .where(Vehicle.vrm.in_(select(Vehicle.vrm).where(*_NOBODYS).order_by(Vehicle.vrm).limit(AT_ONCE)))
    .returning(Vehicle.vrm)
)
_PLAIN: Final = {"synchronize_session": False}


def forget_permits(account: Account) -> None:
    """Their permits end, with what comes back by the rule; that there were permits stays, whose and for which car goes.

    What they asked for a business is the business's, and goes on.
    """
    for permit_id in session().scalars(_HELD, {"account": account.id}).all():
        permit = hold_permit(permit_id)
        if permit is not None and permit.status == "active":
            end(permit, status="cancelled", reason="asked_to_end")
        elif permit is not None and permit.status in HOLDING:
            close(permit, status="cancelled", reason="taken_back")
    while ids := session().scalars(_OWN_IDS, {"account": account.id}).all():
        _empty(list(ids))
    session().execute(_ASKED_FOR_A_BUSINESS, {"account": account.id}, execution_options=_PLAIN)
    session().execute(_NOBODYS_CARS, {"before": clock.now()}, execution_options=_PLAIN)


def claim(source: UUID, account: Account) -> None:
    """What staff sent in under `source` for somebody who has claimed it since is that resident's own."""
    session().execute(_CLAIM, {"source": source, "now": account.id}, execution_options=_PLAIN)
    _hand_over_places(source, account)
    claim_proofs(source, account)


def let_go_of_permits(before: datetime) -> int:
    """Forget whose some of the permits were that ended before that moment."""
    ids = list(session().scalars(_LONG_OVER, {"before": before}).all())
    _empty(ids)
    return len(ids)


def let_go_of_cars(before: datetime) -> int:
    """Delete some of the cars that no permit has, and for which nobody has asked since that moment."""
    return len(session().scalars(_SOME_CARS, {"before": before}, execution_options=_PLAIN).all())


def _hand_over_places(source: UUID, account: Account) -> None:
    """Let these permits count against the caps of whose they are now.

    Where that is full already, what they have stays where it is, and nobody lets more in: a claim takes no permit away.
    """
    before = {f"account:{source}:{kind}": f"account:{account.id}:{kind}" for kind in KINDS}
    for slot in session().execute(_SLOTS, {"scopes": list(before)}).all():
        mine = Cap(before[slot.scope], slot.most, "person")
        if not take_places(slot.chain_id, [mine]):
            continue
        for each in chain_of(slot.chain_id):
            caps = [mine if cap.scope == slot.scope else cap for cap in each.caps]
            change(each.id, caps=[asdict(cap) for cap in caps])
        leave_places(slot.chain_id)


def _empty(ids: list[UUID]) -> None:
    session().execute(_NO_CARS, {"ids": ids}, execution_options=_PLAIN)
    session().execute(_EMPTY, {"ids": ids}, execution_options=_PLAIN)
