"""A permit that ends takes along what can no longer be had: a change that waits, the renewal of who has moved away."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from portal.kit import Refused, clock, get_case, move_case, session
from services.permits.operations.changing import change_vehicle, renew
from services.permits.operations.ending import Reason, end_permit
from services.permits.rules.permits import Permit
from services.permits.rules.vehicles import Fuel
from services.permits.tests.asking import asks, car, has_permit, lives_at, now, pays
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident

CHEAP = car("AA19EEE", co2=0, fuel=Fuel.ELECTRIC)


@pytest.fixture
def permit(holder: Resident, gate: PlayedGateway, at: Any) -> Permit:
    """A year's permit from 1 March 2027, for 125 pounds."""
    at.move_to("2027-03-01T09:00")
    return has_permit(holder.account, gate, asks())


@pytest.mark.parametrize(("reason", "left"), [("moved_away", "cancelled"), ("asked_to_end", "active")])
def test_who_has_moved_away_has_no_renewal_either(
    holder: Resident, gate: PlayedGateway, permit: Permit, at: Any, reason: Reason, left: str
) -> None:
    at.move_to("2028-02-20T09:00")
    renewal = renew(holder.account, permit_id=permit.id, key=uuid4().hex, proofs=lives_at())
    session().commit()
    pays(holder.account, gate, renewal)
    end_permit(holder.account, permit_id=permit.id, reason=reason)
    session().commit()
    assert now(renewal).status == left
    assert now(renewal).refunded_pence == (12500 if left == "cancelled" else 0)
    assert get_case(holder.account.id, renewal.case_id).status == ("ended" if left == "cancelled" else "granted")


def test_a_change_that_waits_ends_with_its_permit(holder: Resident, permit: Permit) -> None:
    asked = change_vehicle(holder.account, permit_id=permit.id, vehicle=car("AA19PPP", co2=180), key=uuid4().hex)
    session().commit()
    end_permit(holder.account, permit_id=permit.id)
    session().commit()
    assert (asked.status, now(asked).status) == ("to_pay", "cancelled")
    assert get_case(holder.account.id, asked.case_id).status == "withdrawn"


def test_an_officer_ends_the_permit_that_is_valid_and_not_what_it_was(holder: Resident, permit: Permit) -> None:
    changed = change_vehicle(holder.account, permit_id=permit.id, vehicle=CHEAP, key=uuid4().hex)
    session().commit()
    how: dict[str, Any] = {"actor": f"staff:{uuid4()}", "channel": "desk", "reason": "Moved.", "rights": {"decide"}}
    with pytest.raises(Refused, match=f"{changed.reference} has taken the place"):
        move_case(permit.case_id, to="ended", **how)
    session().rollback()
    move_case(changed.case_id, to="ended", **how)
    session().commit()
    assert now(changed).status == "revoked"


def test_a_permit_changed_on_its_first_day_had_that_day(holder: Resident, permit: Permit) -> None:
    change_vehicle(holder.account, permit_id=permit.id, vehicle=CHEAP, key=uuid4().hex)
    session().commit()
    was = now(permit)
    assert (was.status, was.first_on, was.last_on) == ("replaced", clock.today(), clock.today())


@pytest.mark.parametrize("how", ["changed", "ended"])
def test_a_permit_that_goes_before_it_begins_keeps_the_days_it_was_to_have(
    holder: Resident, gate: PlayedGateway, at: Any, how: str
) -> None:
    at.move_to("2027-03-01T09:00")
    permit = has_permit(holder.account, gate, asks(first_on=clock.today() + timedelta(days=9)))
    if how == "changed":
        change_vehicle(holder.account, permit_id=permit.id, vehicle=CHEAP, key=uuid4().hex)
    else:
        end_permit(holder.account, permit_id=permit.id)
    session().commit()
    was = now(permit)
    assert was.status in ("replaced", "cancelled")
    assert (was.first_on, was.last_on) == (permit.first_on, permit.last_on)
