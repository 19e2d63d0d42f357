"""Renewals, other vehicles, other addresses: a new permit of the same chain, in the place of the old one."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.kit import Account, DemoGazetteer, NotFound, Refused, clock, payments_for, session, start_draft
from services.permits.models.permits import PermitSlot
from services.permits.operations.changing import (
    change_address,
    change_vehicle,
    look_at_address,
    look_at_renewal,
    look_at_vehicle,
    renew,
)
from services.permits.operations.lapsing import expire
from services.permits.operations.sending import look_ahead
from services.permits.queries.permits import chain_of
from services.permits.rules.permits import NeedsOfficer, Permit, Refusal
from services.permits.rules.vehicles import Fuel, Vehicle
from services.permits.tests.asking import HOME, HOMES, asks, car, has_permit, lives_at, now, pays, sends
from services.permits.workflow import SERVICE
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident

ELSEWHERE = DemoGazetteer().by_postcode("W14 0AA")[0]
CHEAP = car("AA19EEE", co2=0, fuel=Fuel.ELECTRIC)
DEAR = car("AA19PPP", co2=180)


@pytest.fixture
def permit(holder: Resident, gate: PlayedGateway, at: Any) -> Permit:
    """A year's permit from 1 March 2027."""
    at.move_to("2027-03-01T09:00")
    return has_permit(holder.account, gate, asks())


def renews(account: Account, permit: Permit, **more: Any) -> Permit:
    """One click, committed."""
    renewal = renew(account, permit_id=permit.id, key=uuid4().hex, **more)
    session().commit()
    return renewal


def changes(account: Account, permit: Permit, **more: Any) -> Permit:
    """Another vehicle, committed."""
    changed = change_vehicle(account, permit_id=permit.id, key=uuid4().hex, **more)
    session().commit()
    return changed


def moves(account: Account, permit: Permit, address: Any, **more: Any) -> Permit:
    """Another address, committed."""
    moved = change_address(account, permit_id=permit.id, address=address, key=uuid4().hex, **more)
    session().commit()
    return moved


def given_back(account: Account, permit: Permit) -> int:
    """Pence on their way back of what was paid for a permit."""
    return sum(line.refunded for line in payments_for(account, SERVICE, str(permit.id)))


def test_a_renewal_begins_on_the_day_after_the_last(
    holder: Resident, gate: PlayedGateway, permit: Permit, at: Any
) -> None:
    at.move_to("2028-02-20T09:00")
    renewal = renews(holder.account, permit, proofs=lives_at())
    assert (renewal.status, renewal.why, renewal.chain_id) == ("to_pay", "renewal", permit.chain_id)
    assert renewal.first_on == permit.last_on + timedelta(days=1)
    (paid,) = pays(holder.account, gate, renewal)
    assert paid.status == "active"
    assert now(permit).status == "active"
    at.move_to("2028-03-01T00:10")
    expire()
    assert now(permit).status == "expired"
    assert now(renewal).is_valid_on(clock.today())


def test_a_renewal_is_asked_for_once(holder: Resident, permit: Permit, at: Any) -> None:
    at.move_to("2028-02-20T09:00")
    assert renews(holder.account, permit, proofs=lives_at()) == renews(holder.account, permit, proofs=lives_at())


def test_a_renewal_takes_no_second_place(holder: Resident, gate: PlayedGateway, permit: Permit, at: Any) -> None:
    at.move_to("2028-02-20T09:00")
    has_permit(holder.account, gate, asks("AA19DSL"))
    renewal = renews(holder.account, permit, proofs=lives_at())
    assert renewal.price_pence == permit.price_pence  # the first vehicle stays the first


def test_it_can_be_too_early_or_too_late_to_renew(holder: Resident, permit: Permit, at: Any) -> None:
    with pytest.raises(Refused, match="too early"):
        renews(holder.account, permit)
    at.move_to("2028-03-02T09:00")
    with pytest.raises(Refused, match="over"):
        renews(holder.account, permit)


def test_a_renewal_without_a_fresh_proof_counts_the_last_one(holder: Resident, permit: Permit, at: Any) -> None:
    at.move_to("2028-02-20T09:00")  # 356 days after the council tax record proved it
    assert renews(holder.account, permit).status == "to_pay"


def test_a_renewal_long_after_the_last_proof_needs_another(
    holder: Resident, gate: PlayedGateway, permit: Permit, at: Any
) -> None:
    at.move_to("2028-02-20T09:00")
    (second,) = pays(holder.account, gate, renews(holder.account, permit))
    at.move_to("2029-02-20T09:00")
    expire()
    outlook = look_at_renewal(holder.account, permit_id=second.id)
    assert outlook.decision == Refusal("no_proof")
    assert look_at_renewal(holder.account, permit_id=second.id, proofs=lives_at()).charge is not None


def test_a_dearer_vehicle_is_paid_for_before_it_may_park(
    holder: Resident, gate: PlayedGateway, permit: Permit, at: Any
) -> None:
    at.move_to("2027-09-01T09:00")
    outlook = look_at_vehicle(holder.account, permit_id=permit.id, vehicle=DEAR)
    changed = changes(holder.account, permit, vehicle=DEAR)
    assert outlook.charge is not None
    assert changed.price_pence == outlook.charge.price.pence
    assert 0 < changed.price_pence < changed.worth_pence - permit.worth_pence + 1500
    assert (changed.status, now(permit).status) == ("to_pay", "active")
    (paid,) = pays(holder.account, gate, changed)
    assert (paid.status, paid.first_on, paid.last_on) == ("active", clock.today(), permit.last_on)
    old = now(permit)
    assert (old.status, old.last_on) == ("replaced", clock.today() - timedelta(days=1))


def test_a_cheaper_vehicle_is_changed_at_once_and_brings_money_back(
    holder: Resident, gate: PlayedGateway, permit: Permit, at: Any
) -> None:
    at.move_to("2027-09-01T09:00")
    outlook = look_at_vehicle(holder.account, permit_id=permit.id, vehicle=CHEAP)
    assert outlook.charge is not None
    assert outlook.charge.back > 0
    changed = changes(holder.account, permit, vehicle=CHEAP)
    assert (changed.status, changed.vrm) == ("active", "AA19EEE")
    assert given_back(holder.account, permit) == now(permit).refunded_pence == outlook.charge.back


def test_a_vehicle_can_be_changed_on_the_first_day(holder: Resident, gate: PlayedGateway, permit: Permit) -> None:
    changed = changes(holder.account, permit, vehicle=CHEAP)
    assert changed.is_valid_on(clock.today())
    assert not now(permit).is_valid_on(clock.today())


def test_the_same_change_pressed_twice_is_one(holder: Resident, permit: Permit) -> None:
    assert changes(holder.account, permit, vehicle=DEAR) == changes(holder.account, permit, vehicle=DEAR)
    assert changes(holder.account, permit, vehicle=DEAR).id in {each.id for each in chain_of(permit.chain_id)}


def test_two_changes_do_not_wait_at_once(holder: Resident, permit: Permit) -> None:
    changes(holder.account, permit, vehicle=DEAR)
    with pytest.raises(Refused, match="change of this permit already"):
        changes(holder.account, permit, vehicle=CHEAP)


def test_a_vehicle_is_not_changed_to_itself(holder: Resident, permit: Permit) -> None:
    with pytest.raises(Refused, match="this vehicle already"):
        changes(holder.account, permit, vehicle=car())


def test_a_vehicle_that_dvla_does_not_know_waits_for_an_officer(holder: Resident, permit: Permit) -> None:
    strange = car("AA19ZZZ", co2=None)
    outlook = look_at_vehicle(
        holder.account,
        permit_id=permit.id,
        vehicle=type(strange)(registration="AA19ZZZ", source="resident"),
        documents=frozenset({"vehicle"}),
    )
    assert outlook.decision == NeedsOfficer(("vehicle_not_known",))


def test_a_permit_follows_to_a_home_in_another_zone(holder: Resident, permit: Permit, at: Any) -> None:
    at.move_to("2027-09-01T09:00")
    moved = moves(holder.account, permit, ELSEWHERE, proofs=lives_at(ELSEWHERE))
    assert (moved.status, moved.zone, moved.uprn) == ("active", "L", ELSEWHERE.uprn)
    assert (now(permit).status, now(permit).refunded_pence) == ("replaced", 0)


def test_a_move_leaves_the_place_at_the_old_home(holder: Resident, permit: Permit, at: Any) -> None:
    at.move_to("2027-04-01T09:00")
    moved = moves(holder.account, permit, HOMES[1], proofs=lives_at(HOMES[1]))
    with pytest.raises(Refused, match="this address already"):
        moves(holder.account, moved, HOMES[1])
    assert not any(HOME.uprn in scope for scope in session().scalars(select(PermitSlot.scope)))


def test_a_permit_does_not_follow_to_a_car_free_home(holder: Resident, permit: Permit) -> None:
    outlook = look_at_address(holder.account, permit_id=permit.id, address=HOMES[-2], proofs=lives_at(HOMES[-2]))
    assert outlook.decision == Refusal("car_free")
    with pytest.raises(Refused, match="built without parking"):
        moves(holder.account, permit, HOMES[-2], proofs=lives_at(HOMES[-2]))
    assert now(permit).status == "active"


def test_only_who_has_a_permit_changes_it(neighbour: Resident, permit: Permit) -> None:
    with pytest.raises(NotFound):
        renews(neighbour.account, permit)
    with pytest.raises(NotFound):
        changes(neighbour.account, permit, vehicle=DEAR)
    with pytest.raises(NotFound):
        moves(neighbour.account, permit, ELSEWHERE)


def test_a_temporary_permit_is_not_renewed_nor_had_twice(holder: Resident, gate: PlayedGateway, at: Any) -> None:
    at.move_to("2027-03-01T09:00")
    asked = asks(kind="temporary", length=type(asks().length)(days=28))
    permit = sends(holder.account, asked)
    permit = pays(holder.account, gate, permit)[0] if permit.price_pence else permit
    at.move_to("2027-03-20T09:00")
    with pytest.raises(Refused, match="temporary"):
        renews(holder.account, permit)
    at.move_to("2027-04-20T09:00")
    expire()
    with pytest.raises(Refused, match="last 12 months"):
        sends(holder.account, asks(kind="temporary", length=asked.length))


def test_home_is_where_the_permit_is(permit: Permit) -> None:
    assert (permit.uprn, permit.address) == (HOME.uprn, HOME.label)


def test_a_change_with_papers_is_sent_in_a_draft_once(holder: Resident, permit: Permit) -> None:
    draft = start_draft(holder.account, service=SERVICE, journey="vehicle").id
    strange = Vehicle(registration="AA19ZZZ", source="resident")
    how: dict[str, Any] = {"vehicle": strange, "documents": frozenset({"vehicle"}), "draft_id": draft}
    asked = changes(holder.account, permit, **how)
    assert (asked.status, asked.reason, now(permit).status) == ("asked", "vehicle_not_known", "active")
    assert changes(holder.account, permit, **how) == asked


def test_a_difference_too_small_for_a_card_is_not_asked_for(holder: Resident, gate: PlayedGateway, at: Any) -> None:
    at.move_to("2027-03-01T09:00")
    permit = has_permit(holder.account, gate, asks(vehicle=car(co2=130)))
    at.move_to("2028-02-28T09:00")
    changed = changes(holder.account, permit, vehicle=car("AA19PPP", co2=150))
    assert (changed.status, changed.price_pence) == ("active", 0)
    assert sum(pence for _words, pence in changed.price_steps) == 0


def test_visitor_parking_is_given_no_car(holder: Resident) -> None:
    visiting = sends(holder.account, asks(kind="visitor", vehicle=None))
    assert visiting.status == "active"
    with pytest.raises(Refused, match="no vehicle of its own"):
        look_at_vehicle(holder.account, permit_id=visiting.id, vehicle=DEAR)
    with pytest.raises(Refused, match="no vehicle of its own"):
        changes(holder.account, visiting, vehicle=DEAR)
    assert look_ahead(holder.account, asks(kind="visitor")).decision == Refusal("visitor_with_car")
