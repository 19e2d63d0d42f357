"""Councils that sell several spans: a visit takes what its cheapest spans cost, as the published prices have it."""

from collections.abc import Iterator
from datetime import timedelta
from fractions import Fraction
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask import Flask

from portal.kit import session
from services.permits.operations.visits import lengthen_visit, start_visit, stop_visit
from services.permits.queries import visits as queries
from services.permits.rules.tariff_data import DATA_FOLDER, load_tariff
from services.permits.rules.visit_prices import HOUR, Span, VisitPrices, visit_price
from services.permits.rules.visits import hours_price, taken_for
from services.permits.tests import parked
from services.permits.tests.people import resident
from tests.support.residents import Resident

PAGE = "/services/permits/visitors"


def published(name: str) -> VisitPrices:
    """The visitors' prices of a tariff of `data/published`."""
    found = load_tariff(DATA_FOLDER / "published" / f"{name}.json").visits
    assert found is not None
    return found


@pytest.mark.parametrize("hours", [1, 2, 3, 4, 5, 6, 7, 12, 23, 24])
@pytest.mark.parametrize("mark", ["", "concession"])
@pytest.mark.parametrize("name", ["kingston", "haringey", "ealing_2022", "hf_2025"])
def test_a_visit_from_bought_hours_costs_what_is_published(name: str, mark: str, hours: int) -> None:
    prices, marks = published(name), frozenset({mark} - {""})
    hour = hours_price(prices, HOUR, marks, 0).price.pence
    pays = Fraction(taken_for(prices, hours * HOUR, marks) * hour, HOUR)
    assert abs(pays - visit_price(prices, hours * HOUR, marks).pence) < 1  # a balance has whole minutes


def test_what_costs_nothing_takes_its_time() -> None:
    assert taken_for(VisitPrices(spans=(Span(60, 0),)), 180, frozenset()) == 180


@pytest.fixture
def ada(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Resident]:
    """Somebody in Kingston with twenty hours, which cost £10."""
    monkeypatch.setattr(queries, "visit_prices", lambda: published("kingston"))
    with app.app_context():
        who = resident(app, "Ada")
        parked.permit(who.account, "", kind="visitor", days=365, uprn="900000000001", zone_code="A")
        parked.balance(who.account, minutes=20 * HOUR, uprn="900000000001", zone_code="A")
        session().commit()
        yield who


def starts(who: Resident, key: UUID, hours: int) -> Any:
    """Start a car, committed."""
    visit = start_visit(who.account, registration="AB12 CDE", hours=hours, key=key)
    session().commit()
    return visit


def left(who: Resident) -> float:
    """Hours on their balance."""
    session().rollback()
    return sum(each.minutes for each in queries.visiting_of(who.account)) / HOUR


def test_a_day_takes_six_hours_and_an_early_end_what_it_came_to(ada: Resident, at: Any) -> None:
    visit = starts(ada, uuid4(), 24)
    assert left(ada) == 14
    at.advance(hours=6, minutes=30)
    stopped = stop_visit(ada.account, visit_id=visit.id)
    session().commit()
    assert stopped.minutes == 7 * HOUR
    assert left(ada) == 20 - 4  # six hours at the price of three, and one


def test_a_longer_stay_takes_no_more_than_the_whole_costs(ada: Resident) -> None:
    visit = starts(ada, uuid4(), 3)
    assert left(ada) == 17
    longer = lengthen_visit(ada.account, visit_id=visit.id, ends_at=visit.ends_at, hours=3)
    session().commit()
    assert left(ada) == 17
    assert longer.ends_at == visit.ends_at + timedelta(hours=3)


def test_the_page_says_what_a_longer_visit_takes(ada: Resident) -> None:
    page = ada.get(PAGE)
    assert "24 hours, which takes 6 hours of yours" in page
    assert ">2 hours</option>" in page
