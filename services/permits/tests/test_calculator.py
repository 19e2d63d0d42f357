"""The price calculator, for everybody, signed in or not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from portal.kit import session
from services.permits.models.zones import Zone
from services.permits.operations import price_look_up
from services.permits.rules.tariff_data import DATA_FOLDER, load_tariff
from services.permits.tests.playing_dvla import SETTINGS, PlayedDvla, asking_dvla_at
from tests.support.client import Client, client_for
from tests.support.fixtures import Clock
from tests.support.residents import resident

PRICES: Final = "/services/permits/prices"
PUBLISHED: Final = DATA_FOLDER / "published"
DEMO: Final = load_tariff(DATA_FOLDER / "demo" / "2026.json")


@pytest.fixture
def anybody(app: Flask, at: Clock) -> Client:
    """Somebody who is not signed in."""
    at.move_to("2026-11-22T09:00")
    return client_for(app)


@pytest.fixture
def looking_up(app: Flask, dvla: PlayedDvla) -> Iterator[PlayedDvla]:
    """The portal asks DVLA."""
    with asking_dvla_at(app, dvla.url):
        yield dvla


def test_the_front_page_leads_strangers_to_the_prices(anybody: Client) -> None:
    assert f'href="{PRICES}"' in anybody.get("/").text
    assert anybody.get(PRICES).status_code == 200


def of_council(app: Flask, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """Let the portal have these prices."""
    settings = app.extensions[SETTINGS].model_copy(update={"tariffs": folder})
    monkeypatch.setitem(app.extensions, SETTINGS, settings)


def alone(tmp_path: Path, name: str) -> Path:
    """A folder with one of the published tables, in force since ever."""
    (tmp_path / f"{name}.json").write_bytes((PUBLISHED / f"{name}.json").read_bytes())
    return tmp_path


def asked(where: str) -> dict[str, str]:
    """The arguments of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(where).query).items()}


def test_the_first_page_leads_to_the_prices(app: Flask) -> None:
    rosa = resident(app, "Rosa").client
    rosa.get("/services/permits/")
    assert PRICES in rosa.page.links().values()


def test_a_car_is_priced_from_typed_details(anybody: Client) -> None:
    anybody.get(PRICES)
    facts = anybody.follow(anybody.submit(kind="resident"))
    assert facts.status_code == 200
    page = anybody.follow(
        anybody.submit(
            sort="car",
            fuel="petrol",
            co2="118",
            number="1",
            registered__year="2019",
            registered__month="3",
            registered__day="1",
        )
    ).text
    assert "£125" in page
    assert "£69" in page
    assert "118 g/km" in page
    assert "03/2019" in page
    assert "These prices have applied since 1 April 2026" in page


def test_each_part_of_a_price_is_said(anybody: Client, app: Flask) -> None:
    with app.app_context():
        session().add(Zone(code="S", title="Short", hours="Mondays", caps={}, rules={"marks": ["short_hours"]}))
        session().commit()
    anybody.get(f"{PRICES}/vehicle?kind=resident")
    assert "zone" in anybody.page.form_with("fuel").names
    page = anybody.get(f"{PRICES}/price?kind=resident&sort=car&fuel=diesel&co2=118&euro=5&number=2&zone=S").text
    assert "How we work out £337.50 for 12 months" in page
    for part in ("in the band 111 to 140", "Euro 6: 50% more", "a tenth less", "−£18.75", "twice the price"):
        assert part in page


def test_what_makes_no_difference_is_not_asked(anybody: Client) -> None:
    anybody.get(PRICES)
    where = anybody.submit(kind="carer").location
    assert where == f"{PRICES}/price?kind=carer"
    page = anybody.get(where).text
    assert "Free" in page
    assert "What we went by" not in page
    anybody.get(f"{PRICES}/vehicle?kind=business")
    assert {"fuel", "co2", "sort"} <= anybody.page.form_with("fuel").names
    assert not {"number", "engine_cc", "marks"} & anybody.page.form_with("fuel").names


def test_dvla_fills_in_what_it_knows_and_the_mark_is_in_no_address(anybody: Client, looking_up: PlayedDvla) -> None:
    anybody.get(PRICES)
    where = anybody.submit(kind="resident", registration="aa19 aaa").location
    assert "AA19" not in where.upper()
    assert asked(where) == {
        "kind": "resident",
        "fuel": "petrol",
        "co2": "300",
        "cc": "2000",
        "since": "2019-03",
        "euro": "1",
        "sort": "car",
        "dvla": "found",
    }
    assert "what DVLA says" in anybody.get(where).text
    assert "£295" in anybody.follow(anybody.submit(number="1")).text


def test_an_electric_car_is_priced_as_such(anybody: Client, looking_up: PlayedDvla) -> None:
    anybody.get(PRICES)
    anybody.follow(anybody.submit(kind="resident", registration="AA19EEE"))
    assert "£40" in anybody.follow(anybody.submit(number="1")).text


@pytest.mark.parametrize(("mark", "says"), [("ER19NFD", "does not know"), ("ER19MNT", "at the moment")])
def test_there_is_a_way_on_when_dvla_does_not_know_or_is_away(
    anybody: Client, looking_up: PlayedDvla, mark: str, says: str
) -> None:
    anybody.get(PRICES)
    page = anybody.follow(anybody.submit(kind="resident", registration=mark)).text
    assert says in page
    assert "log book" in page
    assert anybody.submit(sort="car", fuel="petrol", number="1").status_code == 303


def test_there_is_a_way_on_where_no_dvla_is_named(anybody: Client, app: Flask) -> None:
    with asking_dvla_at(app, ""):
        anybody.get(PRICES)
        assert "at the moment" in anybody.follow(anybody.submit(kind="resident", registration="AA19AAA")).text


def test_nobody_asks_dvla_about_vehicle_after_vehicle(
    anybody: Client, looking_up: PlayedDvla, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(price_look_up, "FROM_AN_ADDRESS", 1)
    for found in ("found", "away"):
        anybody.get(PRICES)
        assert asked(anybody.submit(kind="resident", registration="AA19AAA").location)["dvla"] == found


def test_an_impossible_registration_is_refused_beside_its_field(anybody: Client, looking_up: PlayedDvla) -> None:
    anybody.get(PRICES)
    page = anybody.submit(kind="resident", registration="HELLO WORLD").text
    assert "There is no such registration number" in page
    assert "HELLO WORLD" in page


WRONG: Final[dict[str, dict[str, Any]]] = {
    "no fuel": {"fuel": None},
    "a fuel of nobody's": {"fuel": "coal"},
    "below nothing": {"co2": "-1"},
    "words": {"co2": "much"},
    "too much": {"co2": "1000"},
    "wide figures": {"co2": "１１８"},
    "the future": {"registered__day": "1", "registered__month": "1", "registered__year": "2027"},
    "before there were cars": {"registered__day": "1", "registered__month": "1", "registered__year": "1884"},
    "a tenth vehicle": {"number": "10"},
    "a mark of nobody's": {"marks": "tall"},
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_is_refused_and_nothing_typed_is_lost(anybody: Client, wrong: dict[str, Any]) -> None:
    anybody.get(f"{PRICES}/vehicle?kind=resident")
    page = anybody.submit(**{"sort": "car", "fuel": "petrol", "engine_cc": "1,598", "number": "1"} | wrong)
    assert page.status_code == 200
    assert "There is a problem" in page.text
    assert "1,598" in page.text


@pytest.mark.parametrize(
    "query",
    [
        "",
        "kind=houseboat",
        "kind=resident&fuel=coal",
        "kind=resident&co2=-5",
        "kind=resident&co2=99999",
        "kind=resident&since=2019-13",
        "kind=resident&since=0000-01",
        "kind=resident&number=0",
        "kind=resident&marks=tall",
        "kind=resident&marks=short_hours",
        "kind=resident&zone=nowhere",
        "kind=%00",
    ],
)
@pytest.mark.parametrize("page", ["price", "vehicle"])
def test_an_address_that_no_page_makes_leads_back_to_the_question(anybody: Client, page: str, query: str) -> None:
    assert anybody.get(f"{PRICES}/{page}?{query}").location == PRICES


def test_visitors_see_what_time_costs(anybody: Client) -> None:
    anybody.get(PRICES)
    page = anybody.follow(anybody.submit(kind="visitor")).text
    assert "£1.60" in page
    assert "£0.80" in page
    assert "240 hours a year" in page


def test_there_is_a_way_on_where_there_is_no_price(
    anybody: Client, app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    of_council(app, monkeypatch, alone(tmp_path, "rbkc_2022"))
    page = anybody.get(f"{PRICES}/price?kind=resident&sort=car&fuel=petrol").text
    assert "We need to know" in page
    assert "ask us before you apply" in page
    assert "Change these details" in page


@pytest.mark.parametrize(
    ("name", "kind", "query", "says"),
    [
        ("hf_2025", "resident", "fuel=diesel&tier=4", "£345"),
        ("merton", "business", "fuel=diesel&zone=W3", "£451"),
        ("greenwich", "business", "fuel=petrol&co2=95", "£247.50"),
        ("greenwich", "business", "fuel=petrol&co2=0", "0 g/km, which counts as not known"),
        ("greenwich", "business", "co2=0", "£55"),
        ("ealing_2022", "allotment", "", "£35"),
        ("hf_before_2025", "resident", "fuel=electric", "Free"),
    ],
)
def test_other_councils_prices_are_asked_for_in_their_own_way(
    anybody: Client,
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    name: str,
    kind: str,
    query: str,
    says: str,
) -> None:
    of_council(app, monkeypatch, alone(tmp_path, name))
    anybody.get(PRICES)
    assert anybody.get(f"{PRICES}/vehicle?kind={kind}").status_code == 200
    assert says in anybody.get(f"{PRICES}/price?kind={kind}&{query}").text


@pytest.mark.parametrize("name", ["kingston", "haringey", "tower_hamlets"])
def test_other_councils_visitors_see_their_prices(
    anybody: Client, app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    of_council(app, monkeypatch, alone(tmp_path, name))
    assert "£" in anybody.get(f"{PRICES}/visitors").text


def test_where_visitors_have_no_prices_the_page_leads_to_the_others(
    anybody: Client, app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    of_council(app, monkeypatch, alone(tmp_path, "merton"))
    assert anybody.get(f"{PRICES}/visitors").location == PRICES


def test_new_prices_are_announced_and_begin_on_their_day(anybody: Client, at: Clock) -> None:
    at.move_to("2026-03-31T12:00")
    page = anybody.get(f"{PRICES}/price?kind=resident&sort=car&fuel=petrol&co2=250").text
    assert "£270" in page
    assert "New prices apply from 1 April 2026" in page
    at.move_to("2026-04-01T12:00")
    page = anybody.get(f"{PRICES}/price?kind=resident&sort=car&fuel=petrol&co2=250").text
    assert "£295" in page
    assert "New prices" not in page
