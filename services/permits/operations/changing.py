"""Renew a permit, or change its vehicle or address: a new permit of the same chain, in the place of the old one.

The old one goes on until the new one is paid for. Each is an application and decided as one.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from portal.kit import Account, Address, AddressProof, Refused, clock, settings_of
from portal.kit import gettext as _
from services.permits.operations.again import again
from services.permits.operations.applying import send_draft
from services.permits.operations.sending import Outlook, look_ahead, send
from services.permits.queries.facts import find_vehicle_facts
from services.permits.queries.permits import chain_of, get_own_permit, hold_own_permit
from services.permits.rules.lengths import Length
from services.permits.rules.permits import DAY, HOLDING, MOVABLE, Application, Keeper, Permit
from services.permits.rules.vehicles import Vehicle
from services.permits.settings import PermitSettings

Proofs = Sequence[AddressProof]


def renewable_from(permit: Permit) -> bool:
    """Whether the days are there in which it can be renewed."""
    days = timedelta(days=settings_of(PermitSettings).renew_days)
    return permit.status == "active" and permit.last_on - days <= clock.today() <= permit.last_on


def renewal_of(
    permit: Permit,
    *,
    length: Length | None = None,
    vehicle: Vehicle | None = None,
    documents: frozenset[str] = frozenset(),
) -> Application:
    """What a renewal asks for: the same again from the day after the last. `vehicle`: its facts, if asked anew."""
    known = vehicle or find_vehicle_facts(permit.vrm) or Vehicle(registration=permit.vrm, source="resident")
    return replace(
        again(permit),
        why="renewal",
        first_on=permit.last_on + DAY,
        length=length or permit.length,
        vehicle=known if permit.vrm else None,
        proofs=documents,
    )


def look_at_renewal(
    account: Account,
    *,
    permit_id: UUID,
    length: Length | None = None,
    vehicle: Vehicle | None = None,
    documents: frozenset[str] = frozenset(),
    proofs: Proofs = (),
) -> Outlook:
    """What a renewal would cost, or why it cannot be had. Raises NotFound, Refused when it is not the time for it."""
    permit = get_own_permit(account, permit_id)
    _check_renewable(permit)
    wanted = renewal_of(permit, length=length, vehicle=vehicle, documents=documents)
    return look_ahead(account, wanted, proofs=proofs, of=permit)


def renew(
    account: Account,
    *,
    permit_id: UUID,
    key: str,
    length: Length | None = None,
    vehicle: Vehicle | None = None,
    documents: frozenset[str] = frozenset(),
    proofs: Proofs = (),
    draft_id: UUID | None = None,
) -> Permit:
    """Renew a permit: to be paid, free, or with an officer where its address is proven no more.

    The same `key` again is the same renewal, and so is any other while one waits or was paid. `documents` are the
    purposes of what was sent as proof, which is in the draft. Raises NotFound, Refused.
    """
    permit = hold_own_permit(account, permit_id)
    if sent := find_renewal(permit):
        return sent
    _check_renewable(permit)
    wanted = renewal_of(permit, length=length, vehicle=vehicle, documents=documents)
    if draft_id is not None:
        return send_draft(account, draft_id, wanted, proofs=proofs, of=permit)
    return send(account, wanted, key=key, proofs=proofs, of=permit)


def find_renewal(permit: Permit) -> Permit | None:
    """What follows a permit already, paid or not."""
    later = [each for each in chain_of(permit.chain_id) if each.status in HOLDING and each.first_on > permit.last_on]
    return later[0] if later else None


def left_behind(permit: Permit, renewal: Permit | None) -> Permit | None:
    """The renewal, where the permit was changed after it and it was not: another car would park from its first day."""
    if renewal is None or permit.status != "active":
        return None
    return renewal if (renewal.vrm, renewal.uprn) != (permit.vrm, permit.uprn) else None


def vehicle_change_of(permit: Permit, *, vehicle: Vehicle, keeper: Keeper, proofs: frozenset[str]) -> Application:
    """What a change of vehicle asks for: the rest of the days with another car."""
    first_on = max(permit.first_on, clock.today())
    return replace(again(permit), why="vehicle", first_on=first_on, vehicle=vehicle, keeper=keeper, proofs=proofs)


def look_at_vehicle(
    account: Account,
    *,
    permit_id: UUID,
    vehicle: Vehicle,
    keeper: Keeper = "me",
    documents: frozenset[str] = frozenset(),
) -> Outlook:
    """What a change of vehicle would cost or bring back (`charge.back`). Raises NotFound, Refused."""
    permit = get_own_permit(account, permit_id)
    check_has_car(permit)
    _check_active(permit)
    _check_other_vehicle(permit, vehicle)
    wanted = vehicle_change_of(permit, vehicle=vehicle, keeper=keeper, proofs=documents)
    return look_ahead(account, wanted, of=permit)


def change_vehicle(
    account: Account,
    *,
    permit_id: UUID,
    vehicle: Vehicle,
    key: str,
    keeper: Keeper = "me",
    documents: frozenset[str] = frozenset(),
    draft_id: UUID | None = None,
) -> Permit:
    """Put another vehicle on a permit: at once where nothing is to be paid, else once the difference is paid.

    What a cheaper vehicle brings back is sent when the change is made. `documents` are the purposes of what was sent as
    proof, which is in the draft. Raises NotFound, Refused.
    """
    permit = hold_own_permit(account, permit_id)
    if sent := _sent_already(permit, key_vrm=vehicle.registration):
        return sent
    check_has_car(permit)
    _check_active(permit)
    _check_other_vehicle(permit, vehicle)
    wanted = vehicle_change_of(permit, vehicle=vehicle, keeper=keeper, proofs=documents)
    if draft_id is not None:
        return send_draft(account, draft_id, wanted, of=permit)
    return send(account, wanted, key=key, of=permit)


def check_has_car(permit: Permit) -> None:
    """Raises Refused for visitor parking, which is for no car of its own: one would park on it for nothing."""
    if permit.kind == "visitor":
        raise Refused(_("Visitor parking has no vehicle of its own. Start each visitor’s car instead."))


def check_movable(permit: Permit) -> None:
    """Raises Refused for kinds that are given for one address: they rest on papers that say which."""
    if permit.kind not in MOVABLE:
        raise Refused(_("This permit is for one address only. End it, and apply for one at the other address."))


def address_change_of(permit: Permit, *, address: Address, proofs: frozenset[str]) -> Application:
    """What a change of address asks for: the rest of the days at another home, perhaps in another zone."""
    return replace(
        again(permit),
        why="address",
        first_on=max(permit.first_on, clock.today()),
        uprn=address.uprn,
        address=address.label,
        street=address.street,
        postcode=address.postcode,
        proofs=proofs,
    )


def look_at_address(
    account: Account,
    *,
    permit_id: UUID,
    address: Address,
    documents: frozenset[str] = frozenset(),
    proofs: Proofs = (),
) -> Outlook:
    """What a change of address would cost or bring back, or why it cannot be had. Raises NotFound, Refused."""
    permit = get_own_permit(account, permit_id)
    _check_active(permit)
    check_movable(permit)
    _check_other_address(permit, address)
    wanted = address_change_of(permit, address=address, proofs=documents)
    return look_ahead(account, wanted, proofs=proofs, of=permit)


def change_address(
    account: Account,
    *,
    permit_id: UUID,
    address: Address,
    key: str,
    documents: frozenset[str] = frozenset(),
    proofs: Proofs = (),
    draft_id: UUID | None = None,
) -> Permit:
    """Let a permit follow its resident to another home of the area.

    Raises NotFound; Refused with the reason, such as a home without permits: then `end_permit(reason="moved_away")`.
    """
    permit = hold_own_permit(account, permit_id)
    if permit.status == "replaced" and (sent := _successor(permit)) and sent.uprn == address.uprn:
        return sent
    _check_active(permit)
    check_movable(permit)
    _check_other_address(permit, address)
    wanted = address_change_of(permit, address=address, proofs=documents)
    if draft_id is not None:
        return send_draft(account, draft_id, wanted, proofs=proofs, of=permit)
    return send(account, wanted, key=key, proofs=proofs, of=permit)


def _check_renewable(permit: Permit) -> None:
    if permit.kind == "temporary":
        raise Refused(_("A temporary permit cannot be renewed. Apply for a full one."))
    if permit.status != "active" or permit.last_on < clock.today():
        raise Refused(_("This permit is over, so it cannot be renewed. Apply again."))
    if not renewable_from(permit):
        raise Refused(_("It is too early to renew this permit. We will remind you when it is time."))


def _check_active(permit: Permit) -> None:
    if permit.status != "active" or permit.last_on < clock.today():
        raise Refused(_("This permit is not valid, so it cannot be changed."))


def _check_other_vehicle(permit: Permit, vehicle: Vehicle) -> None:
    if vehicle.registration == permit.vrm:
        raise Refused(_("The permit is for this vehicle already."))


def _check_other_address(permit: Permit, address: Address) -> None:
    if permit.uprn == address.uprn:
        raise Refused(_("The permit is for this address already."))


def _sent_already(permit: Permit, *, key_vrm: str) -> Permit | None:
    """What a second press finds: the same change, made or waiting."""
    later = _successor(permit)
    return later if later is not None and later.vrm == key_vrm and later.why == "vehicle" else None


def _successor(permit: Permit) -> Permit | None:
    later = [each for each in chain_of(permit.chain_id) if each.predecessor_id == permit.id and each.status in HOLDING]
    return later[-1] if later else None
