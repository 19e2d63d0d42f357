"""DVLA over real HTTP, played by the stand-in: what it says, and what becomes of it when it does not."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

import pytest
from flask import Flask
from pydantic import SecretStr

from portal.kit import Refused, TooMany, Unavailable, clock
from services.permits.backoffice.values import Unknown, VehicleFound
from services.permits.backoffice.vehicles import find_vehicle, month_of
from services.permits.operations import vehicles as operations
from services.permits.operations.vehicles import look_up_vehicle
from services.permits.queries.dvla_health import check
from services.permits.rules.vehicles import Fuel
from services.permits.settings import PermitSettings
from services.permits.standin.panel import TESTS
from services.permits.standin.vehicles import DEMO
from services.permits.tests.playing_dvla import PlayedDvla, asking_dvla_at
from tests.support.office import FaultyOffice, after, nobody_there, office_running, says, says_text, silent_peer
from tests.support.residents import resident
from tests.support.standins import settings_in_the_demo

FIELDS: Final = {
    **dict.fromkeys(("registrationNumber", "taxStatus", "motStatus", "make", "fuelType", "colour"), str),
    **dict.fromkeys(("typeApproval", "wheelplan", "realDrivingEmissions", "euroStatus"), str),
    **dict.fromkeys(("yearOfManufacture", "engineCapacity", "co2Emissions", "revenueWeight"), int),
    **dict.fromkeys(("markedForExport", "automatedVehicle"), bool),
    **dict.fromkeys(("taxDueDate", "artEndDate", "motExpiryDate", "dateOfLastV5CIssued"), date),
    **dict.fromkeys(("monthOfFirstDvlaRegistration", "monthOfFirstRegistration"), str),
}
"""What DVLA's specification 1.1.0 says of an answer; only the registration is always there."""
STATUSES: Final = {
    "taxStatus": {"Not Taxed for on Road Use", "SORN", "Taxed", "Untaxed"},
    "motStatus": {"No details held by DVLA", "No results returned", "Not valid", "Valid"},
}


@pytest.fixture
def asking(app: Flask, dvla: PlayedDvla) -> Iterator[PlayedDvla]:
    """The portal asks the stand-in."""
    with asking_dvla_at(app, dvla.url), app.app_context():
        yield dvla


def fits(said: dict[str, Any]) -> bool:
    """Whether the answer is as DVLA describes it."""
    for name, value in said.items():
        kind = FIELDS[name]
        if kind is date:
            date.fromisoformat(value)
        elif type(value) is not kind:
            return False
    return all(said[name] in known for name, known in STATUSES.items() if name in said)


@pytest.mark.parametrize("mark", [*TESTS, *(each["registrationNumber"] for each in DEMO)])
def test_the_stand_in_answers_as_dvla_describes_its_answers(dvla: PlayedDvla, mark: str) -> None:
    said = dvla.ask({"registrationNumber": mark})
    assert said.status_code == 200
    assert said.json()["registrationNumber"] == mark
    assert fits(said.json())


@pytest.mark.parametrize(
    ("mark", "status", "title"),
    [
        ("ER19BAD", 400, "Bad Request"),
        ("ER19NFD", 404, "Vehicle Not Found"),
        ("AB12CDE", 404, "Vehicle Not Found"),
        ("ER19THR", 429, "Too Many Requests"),
        ("ER19ERR", 500, "Internal Server Error"),
        ("ER19MNT", 503, "System currently down for maintenance"),
        ("AB12 CDE", 400, "Bad Request"),
        ("AB12CDEFG", 400, "Bad Request"),
    ],
)
def test_the_stand_in_refuses_as_dvla_does(dvla: PlayedDvla, mark: str, status: int, title: str) -> None:
    said = dvla.ask({"registrationNumber": mark})
    assert (said.status_code, said.json()["errors"][0]["title"]) == (status, title)


@pytest.mark.parametrize("body", [None, [], {}, {"registrationNumber": 7}, "AA19AAA"], ids=repr)
def test_the_stand_in_refuses_what_is_no_enquiry(dvla: PlayedDvla, body: Any) -> None:
    assert dvla.ask(body).status_code == 400


@pytest.mark.parametrize("key", ["", "another", "schlüssel".encode().decode("latin-1")])
def test_the_stand_in_lets_in_nobody_without_its_key(dvla: PlayedDvla, key: str) -> None:
    assert dvla.ask({"registrationNumber": "AA19AAA"}, key=key).status_code == 403


def test_the_stand_ins_page_changes_how_it_behaves_and_says_what_it_is(dvla: PlayedDvla) -> None:
    page = dvla.web.get(f"{dvla.url}/", timeout=5).text
    assert "Stand-in for DVLA" in page
    assert all(mark in page for mark in (*TESTS, "ER19NFD"))
    dvla.web.post(f"{dvla.url}/faults", data={"answers": "down", "seconds": "1"}, timeout=5)
    assert dvla.ask({"registrationNumber": "AA19AAA"}).status_code == 503
    assert dvla.web.post(f"{dvla.url}/faults", data={"answers": "odd"}, timeout=5).status_code == 422
    foreign = dvla.web.post(f"{dvla.url}/faults", data={}, headers={"Sec-Fetch-Site": "cross-site"}, timeout=5)
    assert foreign.status_code == 403


def test_what_dvla_says_is_read_whole(asking: PlayedDvla) -> None:
    found = find_vehicle("AA19AAA")
    assert isinstance(found, VehicleFound)
    vehicle = found.vehicle
    assert (vehicle.registration, vehicle.make, vehicle.colour, vehicle.co2) == ("AA19AAA", "FORD", "RED", 300)
    assert (vehicle.engine_cc, vehicle.fuel, vehicle.euro, vehicle.type_approval) == (2000, Fuel.PETROL, 1, "M1")
    assert (vehicle.first_registered, vehicle.source) == (date(2019, 3, 1), "dvla")
    assert (found.tax_status, found.tax_due_on) == ("Taxed", clock.today() + timedelta(days=365))
    assert (found.mot_status, found.mot_expires_on) == ("No details held by DVLA", None)
    assert (found.marked_for_export, found.as_of) == (False, clock.today())


@pytest.mark.parametrize(
    ("mark", "fuel", "co2"),
    [
        ("AA19EEE", Fuel.ELECTRIC, 0),
        ("AA19DSL", Fuel.DIESEL, 139),
        ("AA19AMP", Fuel.HYBRID, 92),
        ("W478EDW", Fuel.PETROL, None),
    ],
)
def test_fuel_and_emissions_are_what_prices_ask_for(asking: PlayedDvla, mark: str, fuel: Fuel, co2: int | None) -> None:
    found = find_vehicle(mark)
    assert isinstance(found, VehicleFound)
    assert (found.vehicle.fuel, found.vehicle.co2) == (fuel, co2)


@pytest.mark.parametrize("mark", ["ER19NFD", "ER19BAD", "AB12CDE"])
def test_vehicle_that_dvla_does_not_know_is_unknown(asking: PlayedDvla, mark: str) -> None:
    assert find_vehicle(mark) == Unknown(mark)


@pytest.mark.parametrize("mark", ["ER19THR", "ER19ERR", "ER19MNT"])
def test_dvla_that_cannot_answer_now_is_unavailable(asking: PlayedDvla, mark: str) -> None:
    with pytest.raises(Unavailable, match=r"Try again later\."):
        find_vehicle(mark)


@pytest.mark.parametrize("how", ["down", "wrong", "busy"])
def test_dvla_that_misbehaves_is_unavailable(asking: PlayedDvla, how: str) -> None:
    asking.behave(answers=how)
    with pytest.raises(Unavailable):
        find_vehicle("AA19AAA")
    assert not check().ok


def test_fault_over_one_vehicle_does_not_keep_others_from_asking(asking: PlayedDvla) -> None:
    for _again in range(7):
        with pytest.raises(Unavailable):
            find_vehicle("ER19ERR")
    assert isinstance(find_vehicle("AA19AAA"), VehicleFound)
    assert check().ok


@pytest.mark.parametrize(
    ("path", "more"), [("/elsewhere", {}), ("", {"dvla_key": SecretStr("another")})], ids=["address", "key"]
)
def test_wrong_address_or_key_is_seen_in_the_check(
    app: Flask, dvla: PlayedDvla, path: str, more: dict[str, Any]
) -> None:
    with asking_dvla_at(app, f"{dvla.url}{path}", **more), app.app_context():
        assert not check().ok


def test_where_no_dvla_is_named_nothing_can_be_looked_up_and_nothing_is_amiss(app: Flask) -> None:
    with asking_dvla_at(app, ""), app.app_context():
        with pytest.raises(Unavailable, match="cannot be looked up here yet"):
            find_vehicle("AA19AAA")
        assert check().ok


def test_dvla_is_waited_for_no_longer_than_the_settings_say(app: Flask) -> None:
    with silent_peer() as silent:
        for url in (silent, nobody_there()):
            with asking_dvla_at(app, url, dvla_waits_seconds=0.3), app.app_context(), pytest.raises(Unavailable):
                find_vehicle("AA19AAA")


@pytest.fixture
def office(app: Flask) -> Iterator[FaultyOffice]:
    """Somebody at DVLA's address who says what a test tells them."""
    with office_running() as running, asking_dvla_at(app, running.url, dvla_waits_seconds=0.5), app.app_context():
        yield running


def test_the_key_and_the_mark_are_sent_as_dvla_wants_them(office: FaultyOffice) -> None:
    office.does(says({"registrationNumber": "AB12CDE"}))
    find_vehicle("AB12CDE")
    ((method, path, headers, body),) = office.asked
    assert (method, path, body) == ("POST", "/v1/vehicles", '{"registrationNumber":"AB12CDE"}')
    assert headers["X-Api-Key"] == "the-key-that-dvla-gave"
    assert "Authorization" not in headers


def test_answer_with_nothing_but_the_mark_is_a_vehicle_of_which_nothing_is_known(office: FaultyOffice) -> None:
    office.does(says({"registrationNumber": "ab12 cde"}))
    found = find_vehicle("AB12CDE")
    assert isinstance(found, VehicleFound)
    assert (found.vehicle.co2, found.vehicle.fuel, found.vehicle.make) == (None, None, "")


def test_fact_that_cannot_be_read_costs_only_itself(office: FaultyOffice) -> None:
    odd = {"taxDueDate": "soon", "co2Emissions": -3, "engineCapacity": "big", "monthOfFirstRegistration": "2019-19"}
    office.does(says({"registrationNumber": "AB12CDE", "make": "FORD", "new": [], **odd}))
    found = find_vehicle("AB12CDE")
    assert isinstance(found, VehicleFound)
    vehicle = found.vehicle
    assert (vehicle.make, vehicle.co2, vehicle.engine_cc, vehicle.first_registered) == ("FORD", None, None, None)
    assert found.tax_due_on is None


@pytest.mark.parametrize(
    "behaviour",
    [
        says({"registrationNumber": "XX99XXX"}),
        says({}),
        says([]),
        says({"message": "Not Found"}, 404),
        says_text("<h1>Not Found</h1>", 404, "text/html"),
        says({"errors": []}, 404),
        says({"errors": "no"}, 400),
        says({"message": "Forbidden"}, 403),
        says_text(b"{" * 100_000),
        after(1, says({"registrationNumber": "AB12CDE"})),
    ],
    ids=[
        *("another vehicle", "no vehicle", "a list", "another 404", "a page", "no error", "other errors", "forbidden"),
        *("no JSON", "too late"),
    ],
)
def test_answer_that_is_none_of_dvlas_is_unavailable(office: FaultyOffice, behaviour: Any) -> None:
    office.does(behaviour)
    with pytest.raises(Unavailable):
        find_vehicle("AB12CDE")


def test_impossible_mark_is_refused_with_what_to_do_and_never_asked_about(app: Flask, office: FaultyOffice) -> None:
    sam = resident(app, "Sam").account
    for typed, words in {
        "": "Enter the registration",
        "<script>": "AB12 CDE",
        "ABI2 CDE": r"Did you mean AB12 CDE\?",
        "A" * 5000: "no such registration",
    }.items():
        with pytest.raises(Refused, match=words):
            look_up_vehicle(sam, registration=typed)
    assert office.asked == []


def test_typed_mark_is_asked_about_as_dvla_writes_it(app: Flask, office: FaultyOffice) -> None:
    office.does(says({"registrationNumber": "AB12CDE"}))
    assert isinstance(look_up_vehicle(resident(app, "Sam").account, registration=" ab12-cde "), VehicleFound)
    assert "AB12CDE" in office.asked[0][3]


def test_nobody_asks_about_vehicle_after_vehicle(
    app: Flask, office: FaultyOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "AN_HOUR", 2)
    office.does(says({"registrationNumber": "AB12CDE"}))
    sam = resident(app, "Sam").account
    for _again in range(2):
        look_up_vehicle(sam, registration="AB12CDE")
    with pytest.raises(TooMany):
        look_up_vehicle(sam, registration="AB12CDE")
    assert len(office.asked) == 2


@pytest.mark.parametrize("month", ["", "2019", "2019-13", "March 2019", "20190301", None])
def test_month_that_is_none_is_not_guessed(month: str | None) -> None:
    assert month_of(month) is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"dvla_url": "https://dvla.example"},
        {"dvla_key": "k"},
        {"dvla_url": "http://dvla.example/vehicle-enquiry", "dvla_key": "k"},
        {"dvla_url": "ftp://dvla.example", "dvla_key": "k"},
    ],
    ids=["no key", "no address", "not https", "not http"],
)
def test_settings_that_lead_nowhere_safe_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"(?i)dvla_url"):
        PermitSettings(**wrong)


def test_marks_are_not_logged(office: FaultyOffice, caplog: pytest.LogCaptureFixture) -> None:
    office.does(says({}, 500))
    with pytest.raises(Unavailable):
        find_vehicle("AB12CDE")
    assert caplog.records
    assert "AB12CDE" not in caplog.text


def test_the_demo_leads_to_the_stand_in() -> None:
    told = settings_in_the_demo("permits")
    assert told["MOOTHALL_PERMITS_DVLA_URL"] == "http://localhost:8000/standin/permits"
    assert set(told) == {"MOOTHALL_PERMITS_DVLA_URL", "MOOTHALL_PERMITS_DVLA_KEY"}
