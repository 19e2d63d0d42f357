"""What a permit is worth after a change, and by whose word its vehicle is priced."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from portal.kit import clock, session
from services.permits.models.permits import Vehicle as VehicleRow
from services.permits.operations.changing import change_vehicle, look_at_renewal
from services.permits.operations.ending import refund_of_ending
from services.permits.queries.tariffs import tariff_on
from services.permits.rules.permit_prices import charge_for_change, price_for
from services.permits.rules.permits import Granted, Permit
from services.permits.rules.refunds import ChangeRule
from services.permits.rules.vehicles import Fuel, Vehicle
from services.permits.tests.asking import asks, car, has_permit, lives_at
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident

CHEAP = car("AA19EEE", co2=0, fuel=Fuel.ELECTRIC)
DEAR = car("AA19PPP", co2=180)


@pytest.fixture
def permit(holder: Resident, gate: PlayedGateway, at: Any) -> Permit:
    """A year's permit from 1 March 2027, for 125 pounds."""
    at.move_to("2027-03-01T09:00")
    return has_permit(holder.account, gate, asks())


def test_days_with_a_dearer_vehicle_are_used_up(holder: Resident, permit: Permit, at: Any) -> None:
    at.move_to("2027-08-31T09:00")
    changed = change_vehicle(holder.account, permit_id=permit.id, vehicle=CHEAP, key=uuid4().hex)
    session().commit()
    at.move_to("2027-11-30T09:00")
    assert refund_of_ending(changed).pence == 1000  # three complete months of twelve at 40 pounds


def test_what_dvla_said_counts_before_what_somebody_says(holder: Resident, permit: Permit, at: Any) -> None:
    session().add(VehicleRow(vrm="AA19AAA", as_of_at=clock.now() + timedelta(days=1), source="resident", facts={}))
    session().commit()
    at.move_to("2028-02-20T09:00")
    outlook = look_at_renewal(holder.account, permit_id=permit.id, proofs=lives_at())
    assert outlook.decision == Granted()


@pytest.mark.parametrize(
    ("rule", "vehicle"),
    [(ChangeRule(by="none"), DEAR), (ChangeRule(pays_back=False), CHEAP)],
    ids=["no difference", "kept"],
)
def test_a_permit_is_worth_what_was_paid_for(permit: Permit, rule: ChangeRule, vehicle: Vehicle) -> None:
    tariff = replace(tariff_on(clock.today()), change=rule)
    price = price_for(tariff, asks(vehicle=vehicle), zone="K", number=1, marks=frozenset())
    charge = charge_for_change(tariff, permit, price, net_paid=12500, on=clock.today(), changes_before=0)
    assert (charge.price.pence, charge.back, charge.worth) == (0, 0, 12500)
