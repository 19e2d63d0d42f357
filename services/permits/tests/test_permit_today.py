"""What pages say of today: which car may park, what has not begun, what is over, and what stays as it was."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from portal.kit import clock, format_date, session
from services.permits.operations.changing import change_vehicle, renew
from services.permits.operations.courtesy import lend
from services.permits.operations.ending import end_permit
from services.permits.queries.courtesy import car_on
from services.permits.queries.permit_cards import home_cards
from services.permits.rules.permits import DAY, Permit
from services.permits.rules.status_words import words_of
from services.permits.tests.asking import asks, car, has_permit, lives_at, now, pays
from tests.support.payments import PlayedGateway
from tests.support.pdf import read_pdf
from tests.support.residents import Resident

INDEX = "/services/permits/"


@pytest.fixture
def permit(holder: Resident, gate: PlayedGateway, at: Any) -> Permit:
    """A year's permit that ends in three weeks."""
    today = clock.now()
    at.move_to((today - timedelta(days=344)).isoformat())
    bought = has_permit(holder.account, gate, asks())
    at.move_to(today.isoformat())
    return now(bought)


@pytest.fixture
def renewal(holder: Resident, gate: PlayedGateway, permit: Permit) -> Permit:
    """What follows it, paid for before it begins."""
    asked = renew(holder.account, permit_id=permit.id, key=uuid4().hex, proofs=lives_at())
    session().commit()
    return pays(holder.account, gate, asked)[0]


def page(permit: Permit, part: str = "") -> str:
    return f"{INDEX}{permit.id}{part}"


def test_while_a_courtesy_car_is_there_everything_says_which_car_may_park(holder: Resident, permit: Permit) -> None:
    lend(holder.account, permit_id=permit.id, vrm="AA19DSL", first_on=clock.today(), days=3)
    session().commit()
    said = "AA19 DSL may park today, and AA19 AAA may not."
    assert said in holder.get(page(permit))
    assert "It is valid today" not in holder.get(page(permit))
    assert said in [str(each.text) for each in home_cards(holder.account)]
    assert "AA19 AAA, which may not park today" in read_pdf(holder.client.get(page(permit, "/pdf")).data).text


def test_an_ended_permit_has_no_courtesy_car(holder: Resident, permit: Permit) -> None:
    lend(holder.account, permit_id=permit.id, vrm="AA19DSL", first_on=clock.today(), days=3)
    end_permit(holder.account, permit_id=permit.id)
    session().commit()
    assert "AA19 DSL" not in holder.get(page(permit))
    assert car_on(now(permit), clock.today()) == "AA19AAA"


def test_what_has_not_begun_is_not_said_to_be_valid(holder: Resident, gate: PlayedGateway, permit: Permit) -> None:
    later = has_permit(holder.account, gate, asks("AA19DSL", first_on=clock.today() + timedelta(days=5)))
    for path in (INDEX, page(later)):
        assert "Not valid yet" in holder.get(path)
    assert {str(each.tag) for each in home_cards(holder.account)} == {"Valid", "Not valid yet"}
    assert "Not valid yet" in read_pdf(holder.client.get(page(later, "/pdf")).data).text
    assert [str(words_of(now(later), day).title) for day in (later.first_on, later.last_on + DAY)] == ["Valid", "Over"]
    assert permit.status == "active"


def test_who_ends_a_renewed_permit_is_told_that_the_renewal_goes_on(
    holder: Resident, permit: Permit, renewal: Permit
) -> None:
    asked = holder.get(page(permit, "/end"))
    assert f"Its renewal, which begins on {format_date(renewal.first_on)}, goes on" in asked
    assert page(renewal, "/end") in asked
    assert "Its renewal ends too" in holder.get(page(permit, "/end?why=moved"))
    holder.get(page(permit, "/end"))
    holder.post(page(permit, "/end"), sure="yes")
    assert page(renewal) in holder.get(page(permit))


@pytest.mark.parametrize("part", ["/vehicle", "/address"])
def test_while_a_renewal_waits_no_change_is_begun_that_would_be_refused(
    holder: Resident, permit: Permit, part: str
) -> None:
    assert "Start now" in holder.get(page(permit, part))
    waits = renew(holder.account, permit_id=permit.id, key=uuid4().hex, proofs=lives_at())
    session().commit()
    said = holder.get(page(permit, part))
    assert "Pay for it or take it back first." in said
    assert page(waits) in said
    assert "Change it there too" not in said
    assert "Start now" not in said


def test_a_change_after_the_renewal_says_that_the_renewal_is_as_it_was(
    holder: Resident, permit: Permit, renewal: Permit
) -> None:
    first = format_date(renewal.first_on)
    assert f"The permit that follows it, from {first}, stays as it is" in holder.get(page(permit, "/vehicle"))
    assert "still for" not in holder.get(page(permit))
    changed = change_vehicle(holder.account, permit_id=permit.id, vehicle=car("AA19DSL"), key=uuid4().hex)
    session().commit()
    assert changed.status == "active"
    for path in (page(changed), page(changed, "/sent")):
        assert f"from {first}, is still for AA19 AAA" in holder.get(path)
    change_vehicle(holder.account, permit_id=renewal.id, vehicle=car("AA19DSL"), key=uuid4().hex)
    session().commit()
    assert "still for" not in holder.get(page(changed))
