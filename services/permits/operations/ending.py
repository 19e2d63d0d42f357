"""End a permit before its last day: by its resident, by the council, or because they have moved away."""

from datetime import date
from typing import Final, Literal
from uuid import UUID

from sqlalchemy.dialects.postgresql import Range

from portal.kit import Account, Refused, clock, move_case, take_out_of_basket
from portal.kit import gettext as _
from services.permits.operations.granting import change
from services.permits.operations.money import give_back
from services.permits.operations.places import leave_places
from services.permits.queries.permits import (
    chain_of,
    hold_own_permit,
    hold_permit,
    hold_permit_if_free,
    net_paid,
)
from services.permits.queries.tariffs import get_used_tariff
from services.permits.rules.permit_prices import FREE, refund_for_end
from services.permits.rules.permits import DAY, HOLDING, IN_PLACE, Permit
from services.permits.rules.prices import Price
from services.permits.rules.reasons import in_words
from services.permits.workflow import ACTOR, SERVICE

Reason = Literal["asked_to_end", "moved_away", "ended_by_us"]
Ended = Literal["cancelled", "revoked"]
WAITS: Final = ("asked", "to_pay")


def refund_of_ending(permit: Permit, on: date | None = None) -> Price:
    """What comes back if an active permit ends today, with the reasons: to show before it is asked for."""
    if permit.status != "active" or permit.tariff_id is None:
        return FREE
    tariff = get_used_tariff(permit.tariff_id)
    return refund_for_end(tariff, permit, net_paid=net_paid(permit), on=on or clock.today())


def take_back(account: Account, *, permit_id: UUID) -> Permit:
    """Take an application back that was not decided or not paid for. Again does nothing. Raises NotFound, Refused."""
    permit = hold_own_permit(account, permit_id)
    if permit.status == "cancelled":
        return permit
    if permit.status not in WAITS:
        raise Refused(_("This permit has been decided and paid for, so you can only end it."))
    close(permit, status="cancelled", reason="taken_back")
    take_out_of_basket(account, service=SERVICE, code="permit", key=str(permit.id))
    move_case(permit.case_id, to="withdrawn", actor=_actor(account, permit), channel="web")
    return hold_own_permit(account, permit_id)


def end_permit(account: Account, *, permit_id: UUID, reason: Reason = "asked_to_end") -> Permit:
    """End an active permit now, with what comes back by the rule. Again does nothing more. Raises NotFound, Refused.

    `moved_away` is what who no longer lives there says; the refund is the same.
    """
    permit = hold_own_permit(account, permit_id)
    if permit.status == "cancelled":
        return permit
    if permit.status != "active":
        raise Refused(_("This permit is not valid, so there is nothing to end."))
    end(permit, status="cancelled", reason=reason)
    move_case(permit.case_id, to="ended", actor=_actor(account, permit), channel="web", reason=in_words(reason))
    return hold_own_permit(account, permit_id)


def end(permit: Permit, *, status: Ended, reason: Reason) -> int:
    """End a permit now and give back what the rule says: pence that are on their way. The caller moves the case.

    A change of it that waits ends too: there is nothing to change. So does a renewal, unless its holder may still have
    one: who asked for the end alone may.
    """
    given = _end_one(permit, status, reason)
    for later in chain_of(permit.chain_id):
        if later.status not in HOLDING or later.id == permit.id:
            continue
        follows = later.first_on > permit.last_on and reason != "asked_to_end"
        if follows or (later.why in IN_PLACE and later.predecessor_id == permit.id):
            given += _end_with(later, status, reason)
    return given


def _end_one(permit: Permit, status: Ended, reason: Reason) -> int:
    back = refund_of_ending(permit).pence
    close(permit, status=status, reason=reason)
    return give_back(permit, back, reason=reason, key=f"end:{permit.id}") if back else 0


def _end_with(later: Permit, status: Ended, reason: Reason) -> int:
    """End what follows a permit, and move its case: nobody has asked for that one by itself.

    Whoever records the payment for a change has it and waits for the permit: it is left to them, who find it ended.
    """
    permit = (hold_permit_if_free if later.why in IN_PLACE else hold_permit)(later.id)
    if permit is None or permit.status not in HOLDING:
        return 0
    if permit.status == "active":
        given = _end_one(permit, status, reason)
        move_case(permit.case_id, to="ended", actor=ACTOR, channel="system", reason=in_words(reason))
        return given
    close(permit, status="cancelled", reason=reason)
    move_case(permit.case_id, to="withdrawn", actor=ACTOR, channel="system", reason=in_words(reason))
    return 0


def close(permit: Permit, *, status: Literal["cancelled", "revoked", "refused"], reason: str) -> None:
    """It is over: its place is free, and of its days those remain that are past, today among them. What has not begun
    keeps the days it was to have."""
    today = clock.today()
    values: dict[str, object] = {"status": status, "reason": reason, "closed_at": clock.now(), "held_until_at": None}
    if permit.status == "active" and permit.first_on <= today < permit.last_on:
        values |= {"valid": Range(permit.first_on, today + DAY), "last_on": today}
    change(permit.id, **values)
    leave_places(permit.chain_id)


def _actor(account: Account, permit: Permit) -> str:
    """Who moves the case: its owner; for a colleague, to whom the case does not belong, we do."""
    return f"account:{account.id}" if account.id == permit.account_id else ACTOR
