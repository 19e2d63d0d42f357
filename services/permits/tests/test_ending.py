"""A permit that ends before its last day: what comes back, and what is free again."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from portal.kit import Refused, clock, get_case, move_case, payments_for, session
from services.permits.operations.changing import change_vehicle
from services.permits.operations.courtesy import lend, return_car
from services.permits.operations.ending import end_permit, refund_of_ending, take_back
from services.permits.queries.courtesy import car_on, courtesy_cars
from services.permits.rules.permits import Permit
from services.permits.rules.vehicles import Fuel
from services.permits.tests.asking import asks, car, has_permit, now, sends
from services.permits.workflow import SERVICE
from tests.support.paying_through import refunds_go_on
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident
from tests.support.worker import work


@pytest.fixture
def permit(holder: Resident, gate: PlayedGateway, at: Any) -> Permit:
    """A year's permit from 1 March 2027, for 125 pounds."""
    at.move_to("2027-03-01T09:00")
    return has_permit(holder.account, gate, asks())


def ends(holder: Resident, permit: Permit, **how: Any) -> Permit:
    """The resident ends it, committed."""
    ended = end_permit(holder.account, permit_id=permit.id, **how)
    session().commit()
    return ended


def given_back(holder: Resident, permit: Permit) -> int:
    """Pence on their way back of what was paid for a permit."""
    return sum(line.refunded for line in payments_for(holder.account, SERVICE, str(permit.id)))


def test_what_comes_back_is_by_the_rule_and_shown_before(holder: Resident, permit: Permit, at: Any) -> None:
    at.move_to("2027-08-31T09:00")
    shown = refund_of_ending(permit)
    ended = ends(holder, permit)
    assert shown.pence == given_back(holder, permit) == ended.refunded_pence == 6250  # six complete months of twelve
    assert (ended.status, ended.reason) == ("cancelled", "asked_to_end")
    assert get_case(holder.account.id, permit.case_id).status == "ended"


def test_to_end_twice_gives_back_once(holder: Resident, permit: Permit, at: Any) -> None:
    at.move_to("2027-08-31T09:00")
    assert ends(holder, permit) == ends(holder, permit)
    assert given_back(holder, permit) == 6250


def test_an_ended_permit_is_not_valid_and_frees_car_and_place(
    holder: Resident, neighbour: Resident, permit: Permit, at: Any
) -> None:
    at.move_to("2027-08-31T09:00")
    assert not ends(holder, permit, reason="moved_away").is_valid_on(clock.today())
    assert sends(neighbour.account, asks()).status == "to_pay"
    assert sends(holder.account, asks("AA19DSL")).price_pence < 25000 + 1  # the first vehicle again, diesel or not


def test_what_has_not_begun_comes_back_whole(holder: Resident, gate: PlayedGateway, at: Any) -> None:
    at.move_to("2027-03-01T09:00")
    permit = has_permit(holder.account, gate, asks(first_on=clock.today() + timedelta(days=20)))
    assert ends(holder, permit).refunded_pence == 12500


def test_an_officer_ends_a_permit_and_the_rule_gives_back(holder: Resident, permit: Permit, at: Any) -> None:
    at.move_to("2027-08-31T09:00")
    move_case(
        permit.case_id,
        to="ended",
        actor=f"staff:{uuid4()}",
        channel="desk",
        reason="You have moved.",
        rights={"work", "decide"},
    )
    session().commit()
    ended = now(permit)
    assert (ended.status, ended.reason, ended.refunded_pence) == ("revoked", "ended_by_us", 6250)


def test_after_a_change_no_more_comes_back_than_was_paid(
    holder: Resident, gate: PlayedGateway, permit: Permit, at: Any
) -> None:
    at.move_to("2027-08-31T09:00")
    cheap = car("AA19EEE", co2=0, fuel=Fuel.ELECTRIC)
    changed = change_vehicle(holder.account, permit_id=permit.id, vehicle=cheap, key=uuid4().hex)
    session().commit()
    ends(holder, changed)
    assert 0 < given_back(holder, permit) <= 12500
    assert given_back(holder, permit) == now(permit).refunded_pence


def test_what_is_over_is_not_ended(holder: Resident, permit: Permit) -> None:
    with pytest.raises(Refused, match="only end it"):
        take_back(holder.account, permit_id=permit.id)
    waiting = sends(holder.account, asks("AA19DSL"))
    with pytest.raises(Refused, match="nothing to end"):
        ends(holder, waiting)


def test_a_courtesy_car_stands_in_for_a_fortnight(holder: Resident, permit: Permit) -> None:
    today = clock.today()
    lent = lend(holder.account, permit_id=permit.id, vrm="AA19DSL", first_on=today, days=14)
    assert lent == lend(holder.account, permit_id=permit.id, vrm="AA19DSL", first_on=today, days=14)
    assert lent.last_on == today + timedelta(days=13)
    assert (car_on(permit, today), car_on(permit, today + timedelta(days=14))) == ("AA19DSL", "AA19AAA")


@pytest.mark.parametrize(
    ("vrm", "first", "days", "sentence"),
    [
        ("AA19AAA", 0, 5, "permit is for"),
        ("AA19DSL", 0, 15, "14 days at most"),
        ("AA19DSL", -1, 5, "today on"),
        ("AA19DSL", 360, 14, "within those of the permit"),
        ("AA19EEE", 10, 14, "Another courtesy car"),
    ],
    ids=["own car", "too long", "past", "past its end", "overlap"],
)
def test_a_courtesy_car_is_refused(
    holder: Resident, permit: Permit, vrm: str, first: int, days: int, sentence: str
) -> None:
    lend(holder.account, permit_id=permit.id, vrm="AA19PPP", first_on=clock.today() + timedelta(days=12), days=3)
    with pytest.raises(Refused, match=sentence):
        lend(holder.account, permit_id=permit.id, vrm=vrm, first_on=clock.today() + timedelta(days=first), days=days)


def test_courtesy_cars_have_so_many_days_a_year(holder: Resident, permit: Permit) -> None:
    for nth in range(3):
        lend(holder.account, permit_id=permit.id, vrm="AA19DSL", first_on=clock.today() + timedelta(14 * nth), days=14)
    with pytest.raises(Refused, match="this year"):
        lend(holder.account, permit_id=permit.id, vrm="AA19DSL", first_on=clock.today() + timedelta(50), days=1)


def test_a_car_that_is_back_counts_at_once(holder: Resident, permit: Permit, at: Any) -> None:
    lent = lend(holder.account, permit_id=permit.id, vrm="AA19DSL", first_on=clock.today(), days=14)
    at.advance(days=3)
    for _nth in range(2):
        return_car(holder.account, permit_id=permit.id, car_id=lent.id)
    assert car_on(permit, clock.today()) == "AA19AAA"
    (left,) = courtesy_cars(permit)
    assert left.last_on == clock.today() - timedelta(days=1)


def test_a_refund_that_did_not_go_through_is_not_counted_until_it_does(
    holder: Resident, permit: Permit, gate: PlayedGateway, at: Any
) -> None:
    at.move_to("2027-08-31T09:00")
    ended = ends(holder, permit)
    work()
    (sent,) = (each for made in gate.refunds.values() for each in made)
    gate.refund_becomes(sent.id, "error")
    at.advance(minutes=2)
    refunds_go_on()
    assert now(ended).refunded_pence == given_back(holder, permit) == 0
