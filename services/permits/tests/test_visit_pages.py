"""The page of visitor parking: start, stop, stay longer, whatever is sent."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from portal.kit import clock, session
from services.permits.models.visitors import VisitorBalance
from services.permits.queries import visits as queries
from services.permits.tests import parked
from services.permits.tests.people import resident
from services.permits.tests.visiting import PAGE, left, start, with_hours
from tests.support.residents import Resident, statements


@pytest.fixture
def opened(app: Flask) -> Iterator[Flask]:
    """The portal with its context open."""
    with app.app_context():
        yield app


@pytest.fixture
def ada(opened: Flask) -> Resident:
    """Somebody with visitor parking and ten hours."""
    return with_hours(resident(opened, "Ada"), 10)


def test_the_page_starts_a_car_and_stops_it(ada: Resident) -> None:
    page = ada.get(PAGE)
    assert "You have 10 hours left." in page
    ada.client.submit(registration="ab12 cde", hours="2")
    page = ada.get(PAGE)
    assert "AB12 CDE" in page
    assert "You have 8 hours left." in page
    visit = queries.cars_there(queries.get_visiting(ada.account).balance_id)[0]
    ada.post(f"{PAGE}/visits/{visit.id}/longer", ends_at=visit.ends_at.isoformat())
    assert "You have 7 hours left." in ada.get(PAGE)
    ada.post(f"{PAGE}/visits/{visit.id}/stop")
    page = ada.get(PAGE)
    assert "You have 9 hours left." in page
    assert "car=AB12CDE" in page
    ada.get(f"{PAGE}?zone=A&car=AB12CDE")
    assert ada.client.page.form_with("registration").values["registration"] == ["AB12CDE"]


def test_the_page_says_what_is_wrong_and_writes_nothing(ada: Resident) -> None:
    assert ada.refused(PAGE, registration="AB12CDE", hours="11") == [
        "You do not have enough hours left. Choose fewer, or buy more."
    ]
    assert ada.refused(PAGE, registration="", hours="1")
    assert ada.refused(PAGE, registration="AB12CDE", hours="25")
    assert left(ada) == 600
    assert queries.cars_there(queries.get_visiting(ada.account).balance_id) == []


def test_the_page_of_somebody_without_visitor_parking_says_how_to_get_it(opened: Flask) -> None:
    ben = resident(opened, "Ben")
    assert "You do not have visitor parking yet" in ben.get(PAGE)
    for path in (f"{PAGE}/hours", f"{PAGE}/give-back"):
        ben.get(path, 404)


def test_anothers_visit_is_none(ada: Resident, opened: Flask) -> None:
    visit = start(ada)
    ben = with_hours(resident(opened, "Ben"), 1, uprn="900000000002")
    for act in ("stop", "longer"):
        ben.post(f"{PAGE}/visits/{visit.id}/{act}", 404)
        ben.post(f"{PAGE}/visits/{uuid4()}/{act}", 404)
    assert "May park until" not in ben.get(PAGE)


def test_a_zone_in_which_they_have_nothing_is_none(ada: Resident) -> None:
    ada.get(f"{PAGE}?zone=B", 404)
    with_hours(ada, 3, zone="B")
    page = ada.get(f"{PAGE}?zone=B")
    assert "You have 3 hours left." in page
    assert "Zone A" in page


@pytest.mark.parametrize(
    "query",
    ["zone=%00", "zone=%ED%A0%80", "zone=A&car=%00", "car=%3Cscript%3Ealert(1)%3C/script%3E", f"car={'A' * 5000}"],
    ids=["zero", "half_a_pair", "zero_car", "script", "long"],
)
def test_whatever_stands_in_the_address_breaks_nothing(ada: Resident, query: str) -> None:
    answer = ada.client.get(f"{PAGE}?{query}")
    assert answer.status_code in (200, 404)
    assert "<script>alert" not in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    "sent",
    [{"key": "\x00"}, {"key": "7"}, {"hours": "\x00"}, {"hours": "1e9"}, {"registration": "A" * 5000}],
    ids=["zero_key", "no_key", "zero", "number", "long"],
)
def test_whatever_is_sent_breaks_nothing(ada: Resident, sent: dict[str, Any]) -> None:
    ada.get(PAGE)
    values: dict[str, Any] = {"registration": "AB12CDE", "hours": "1"} | sent
    answer = ada.client.submit(**values)
    assert answer.status_code in (200, 303)


@pytest.mark.parametrize("ends_at", ["", "\x00", "yesterday", "2026-11-24T12:00", "9" * 5000])
def test_a_visit_is_no_longer_than_it_was_where_its_end_cannot_be_read(ada: Resident, ends_at: str) -> None:
    visit = start(ada)
    ada.post(f"{PAGE}/visits/{visit.id}/longer", ends_at=ends_at)
    assert left(ada) == 600 - 120
    assert "Look again" in ada.get(PAGE)


def test_the_page_costs_the_same_after_many_visits(ada: Resident, opened: Flask) -> None:
    (balance,) = session().scalars(select(VisitorBalance))
    ada.get(PAGE)
    with statements(opened) as few:
        ada.get(PAGE)
    begins = clock.now() - timedelta(days=300)
    for nth in range(100):
        parked.visit(balance, f"AB{nth}CDE", starts=begins + timedelta(hours=2 * nth))
    session().commit()
    with statements(opened) as many:
        ada.get(PAGE)
    assert len(many) == len(few)
    assert len(few) <= 10
