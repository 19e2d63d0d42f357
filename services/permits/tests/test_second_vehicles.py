"""Which vehicle is somebody's second: counted when it is to be paid, over its own days."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from portal.kit import clock, move_case, session
from services.permits.operations.changing import renew
from services.permits.operations.ending import end_permit
from services.permits.operations.paying import price
from services.permits.rules.permits import Permit
from services.permits.tests.asking import asks, has_permit, lives_at, now, sends
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident

FIRST, SECOND = 12500, 25000


def decides(permit: Permit, to: str) -> Permit:
    """An officer does."""
    officer = f"staff:{uuid4()}"
    move_case(permit.case_id, to=to, actor=officer, channel="desk", reason="So it is.", rights={"decide"})
    session().commit()
    return now(permit)


@pytest.fixture
def asked(holder: Resident) -> list[Permit]:
    """Two cars, both with an officer."""
    papers = frozenset({"address"})
    return [sends(holder.account, asks(car, proofs=papers), proofs=()) for car in ("AA19AAA", "AA19DSL")]


def test_who_was_refused_the_first_pays_for_no_second(holder: Resident, asked: list[Permit]) -> None:
    motorcycle, car = asked
    assert (motorcycle.price_pence, car.price_pence) == (FIRST, SECOND)
    decides(motorcycle, "refused")
    granted = decides(car, "to_pay")
    assert (granted.price_pence, granted.worth_pence, granted.number) == (FIRST, FIRST, 1)
    assert "ehicle" not in " ".join(words for words, _pence in granted.price_steps)
    assert price(holder.account, str(car.id)).amount == FIRST


def test_what_is_granted_first_is_the_first(asked: list[Permit]) -> None:
    assert [decides(each, "to_pay").price_pence for each in reversed(asked)] == [FIRST, SECOND]


def test_what_waits_for_an_officer_makes_nothing_dearer_that_is_paid_now(holder: Resident, asked: list[Permit]) -> None:
    decides(asked[0], "refused")
    paid_now = sends(holder.account, asks("AA19EEE"))
    assert (paid_now.status, paid_now.price_pence) == ("to_pay", FIRST)
    assert decides(asked[1], "to_pay").price_pence == SECOND


def test_a_car_that_comes_when_the_other_goes_is_no_second(holder: Resident, gate: PlayedGateway, at: Any) -> None:
    at.move_to("2027-03-01T09:00")
    old = has_permit(holder.account, gate, asks())
    at.move_to("2028-02-20T09:00")
    new = has_permit(holder.account, gate, asks("AA19DSL", first_on=old.last_on + timedelta(days=1)))
    assert new.price_pence == FIRST
    renewal = renew(holder.account, permit_id=old.id, key=uuid4().hex, proofs=lives_at())
    assert renewal.price_pence == SECOND  # nobody has two firsts on one day
    session().commit()


def test_a_second_becomes_the_first_where_the_first_has_gone(holder: Resident, gate: PlayedGateway, at: Any) -> None:
    at.move_to("2027-03-01T09:00")
    first, second = (has_permit(holder.account, gate, asks(car)) for car in ("AA19AAA", "AA19DSL"))
    assert (first.price_pence, second.price_pence) == (FIRST, SECOND)
    at.move_to("2028-02-20T09:00")
    renewal = renew(holder.account, permit_id=first.id, key=uuid4().hex, proofs=lives_at())
    assert renewal.price_pence == FIRST
    session().commit()
    end_permit(holder.account, permit_id=first.id, reason="moved_away")
    session().commit()
    assert clock.today() < second.last_on
    renewal = renew(holder.account, permit_id=second.id, key=uuid4().hex, proofs=lives_at())
    assert renewal.price_pence == FIRST
    session().commit()
