"""Where it is, in each of the equal ways; and who is responsible where it is not ours."""

import json
import re

import pytest
from flask import Flask

from services.reporting.settings.reporting import ReportingSettings
from services.reporting.tests.conftest import Begin, Journey
from tests.support.reports import LAMP
from tests.support.residents import Resident


def at(journey: Journey, way: str, kind: str = "pothole") -> Journey:
    journey.up_to("where", kind).answer("where", where=way)
    return journey


def place_on(resident: Resident, journey: Journey) -> str:
    journey.answer("photo")
    page = resident.client.get(f"{journey.url}/check")
    (place,) = re.findall(r"Where it is\s*</dt>\s*<dd[^>]*>\s*(.*?)\s*</dd>", page.get_data(as_text=True), re.S)
    return str(place)


def test_a_pin_names_the_street_beside_it(ada: Resident, begin: Begin) -> None:
    journey = at(begin(ada), "map")
    assert "Put the pin on the map" in ada.refused(f"{journey.url}/map")[0]
    assert journey.answer("map", lat="51.4927", lon="-0.2339", whereabouts="Outside number 12") == "photo"
    assert place_on(ada, journey) == "Inglewick Road, W6 9: Outside number 12 (51.49270, -0.23390)"


def test_a_pin_on_a_lamp_column_takes_its_number(ada: Resident, begin: Begin) -> None:
    journey = at(begin(ada), "map", "street_light")
    journey.answer("map", lat="51.49510", lon="-0.21816")
    assert place_on(ada, journey) == f"Catkin Avenue, Lamp column number {LAMP}"


@pytest.mark.parametrize("typed", [LAMP, f" no. {LAMP}", f"LC {LAMP}".lower(), f"column {LAMP}"])
def test_a_lamp_column_is_found_by_its_number_however_it_is_typed(ada: Resident, begin: Begin, typed: str) -> None:
    journey = at(begin(ada), "asset", "street_light")
    assert journey.answer("asset", number=typed) == "photo"
    assert place_on(ada, journey) == f"Catkin Avenue, Lamp column number {LAMP}"


@pytest.mark.parametrize(
    ("kind", "answers", "number", "place"),
    [
        ("litter_bin", {"answer_what": "full"}, "70006", "Bin number 70006"),
        ("blocked_drain", {"answer_what": "smells"}, "40006", "Drain number 40006"),
        ("traffic_light", {"answer_fault": "lamp"}, "806", "Signal number 806"),
        ("tree", {"answer_what": "dead"}, "50006", "Number on the tree&#39;s tag 50006"),
    ],
)
def test_every_thing_with_a_number_is_found_by_it(
    ada: Resident, begin: Begin, kind: str, answers: dict[str, str], number: str, place: str
) -> None:
    journey = begin(ada).up_to("kind")
    journey.answer("kind", kind=kind)
    journey.answer("questions", **answers)
    assert journey.answer("where", where="asset") == "asset"
    assert journey.answer("asset", number=number) == "photo"
    assert place_on(ada, journey).endswith(f", {place}")


def test_a_number_that_no_column_has_is_told(ada: Resident, begin: Begin) -> None:
    journey = at(begin(ada), "asset", "street_light")
    assert "We know nothing with this number" in ada.refused(f"{journey.url}/asset", number="9")[0]
    assert f'href="{journey.url}/where"' in ada.client.page.html


def test_what_bears_no_number_is_not_asked_for_one(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("where")
    assert 'value="asset"' not in ada.get(f"{journey.url}/where")
    assert ada.refused(f"{journey.url}/where", where="asset") == ["Select how you want to tell us where it is"]


def test_another_kind_undoes_the_number_of_a_lamp(ada: Resident, begin: Begin) -> None:
    journey = at(begin(ada), "asset", "street_light")
    journey.answer("asset", number=LAMP)
    journey.answer("photo")
    journey.answer("kind", kind="pothole")
    assert journey.answer("questions") == "where"


def test_of_two_streets_of_one_name_it_is_asked_which(ada: Resident, begin: Begin) -> None:
    journey = at(begin(ada), "street")
    assert journey.answer("street", street="larkspur ln.", whereabouts="By the gate") == "which"
    page = ada.get(f"{journey.url}/which")
    usrn = re.search(r'value="(\d{8})"[^>]*>\s*<label[^>]*>Larkspur Lane, W6 0', page)
    assert usrn is not None
    assert journey.answer("which", which=usrn[1]) == "photo"
    assert place_on(ada, journey) == "Larkspur Lane, W6 0: By the gate"
    journey.answer("street", street="Larkspur Lane", whereabouts="By the tree")
    journey.answer("which", which="none")
    assert "Larkspur Lane: By the tree" in ada.get(f"{journey.url}/check")


def test_a_house_number_and_a_postcode_lead_to_the_street_and_are_kept(ada: Resident, begin: Begin) -> None:
    journey = at(begin(ada), "street")
    assert journey.answer("street", street="12 Alderfen Grove, SW6 6QT", whereabouts="By the gate") in (
        "photo",
        "nearby",
    )
    assert place_on(ada, journey).endswith("Alderfen Grove, SW6 6: 12 Alderfen Grove, SW6 6QT, By the gate")


def test_a_park_is_a_place_with_a_point(ada: Resident, begin: Begin) -> None:
    journey = at(begin(ada), "street")
    assert journey.answer("street", street="Goldcrest Cmmon", whereabouts="By the gate") == "which"
    journey.answer("which", which="Goldcrest Common")
    assert place_on(ada, journey) == "Goldcrest Common: By the gate"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("Downing Street", "We know no street or park of this name here"),
        ("W6 9JU", "This is a postcode"),
        ("Bishops Park, Southmere", "Southmere Council looks after it"),
    ],
)
def test_a_street_that_nobody_knows_is_said_once_and_taken_when_it_is_meant(
    ada: Resident, begin: Begin, typed: str, sentence: str
) -> None:
    journey = at(begin(ada), "street")
    said = {"street": typed, "whereabouts": "By the gate"}
    assert sentence in ada.refused(f"{journey.url}/street", **said)[0]
    assert "https://www.southmere.example" in ada.client.page.html or "Southmere" not in typed
    kept = ada.client.page.all("input", name="unknown")[0].get("value")
    assert ada.refused(f"{journey.url}/street", **{**said, "street": "Upping Street"}, unknown=kept)
    assert journey.answer("street", **said, unknown=kept) == "photo"


def test_a_slip_of_the_pen_is_asked_about_and_never_put_right_silently(ada: Resident, begin: Begin) -> None:
    journey = at(begin(ada), "street")
    assert journey.answer("street", street="Inglewik Road", whereabouts="By the gate") == "which"
    assert "Inglewick Road" in ada.get(f"{journey.url}/which")
    assert "leave it as “Inglewik Road”" in ada.client.page.main


def test_another_street_asks_again(ada: Resident, begin: Begin) -> None:
    journey = at(begin(ada), "street")
    journey.answer("street", street="Larkspur Lane", whereabouts="By the gate")
    journey.answer("which", which="none")
    assert journey.answer("street", street="Goldcrest Avenue", whereabouts="By the gate") == "which"
    assert ada.client.get(f"{journey.url}/check").location == f"{journey.url}/which"


@pytest.mark.parametrize(
    ("lat", "lon", "sentence"),
    [
        ("51.60", "-0.22", "Northgate Borough Council looks after it"),
        ("51.47", "-0.28", "looks after it"),
        ("53.48", "-2.24", "Another council may look after it"),
        ("90", "0", "at sea or in another country"),
        ("-90", "180", "at sea or in another country"),
        ("50.0", "-30.0", "at sea or in another country"),
        ("48.85", "2.35", "at sea or in another country"),
        ("-0.2339", "51.4927", "in the wrong order"),
        ("51.4927", "0.2339", "minus sign"),
        ("91", "0", "between -90 and 90"),
        ("51.5", "181", "between -180 and 180"),
        ("here", "there", "as a decimal number"),
        ("NaN", "inf", "as a decimal number"),
        ("1e3", "0", "as a decimal number"),
        ("51.4927; drop table", "0", "as a decimal number"),
        ("<b>51</b>", "0", "as a decimal number"),
    ],
    ids=[
        "north of us", "west of us", "Manchester", "north pole", "south pole", "in the sea", "Paris", "swapped",
        "no minus", "beyond the pole", "beyond the date line", "words", "no numbers", "power", "SQL", "markup",
    ],
)  # fmt: skip
@pytest.mark.parametrize("way", ["map", "coordinates"])
def test_a_place_that_is_not_ours(ada: Resident, begin: Begin, way: str, lat: str, lon: str, sentence: str) -> None:
    journey = at(begin(ada), way)
    assert sentence in ada.refused(f"{journey.url}/{way}", lat=lat, lon=lon)[0]
    assert ada.client.get(f"{journey.url}/check").location == f"{journey.url}/{way}"


def test_who_looks_after_a_place_outside_is_named_with_their_number(ada: Resident, begin: Begin) -> None:
    journey = at(begin(ada), "coordinates")
    ada.post(f"{journey.url}/coordinates", 200, lat="51.60", lon="-0.22")
    assert "https://www.northgate.example" in ada.client.page.html
    assert "020 7946 0220" in ada.client.page.main


def test_the_map_needs_nobody_else_unless_the_council_names_tiles(
    ada: Resident, begin: Begin, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    journey = at(begin(ada), "map")
    assert "img-src 'self' data:;" in ada.client.get(f"{journey.url}/map").headers["Content-Security-Policy"]
    tiles = ReportingSettings.model_validate({"tiles_url": "https://tiles.example/{z}/{x}/{y}.png"})
    monkeypatch.setitem(app.extensions, "moothall.settings.reporting", tiles)
    policy = ada.client.get(f"{journey.url}/map").headers["Content-Security-Policy"]
    assert "img-src 'self' data: https://tiles.example;" in policy


def test_the_maps_layers_are_open_to_all_and_as_wide_as_asked(app: Flask) -> None:
    client = app.test_client()
    start = "/services/reporting/map"
    some = json.loads(client.get(f"{start}/streets.json?box=-0.235,51.492,-0.233,51.494").text)["features"]
    assert 0 < len(some) < 30
    assert "Inglewick Road" in {each["properties"]["name"] for each in some}
    for box in ("", "nonsense", "1,2,3", "NaN,0,0,0", "-180,-90,180,90"):
        assert len(json.loads(client.get(f"{start}/wards.json?box={box}").text)["features"]) == 6
    assert client.get(f"{start}/../../etc.json").status_code == 404
    assert client.get(f"{start}/passwords.json").status_code == 404


@pytest.mark.parametrize(
    ("lat", "lon", "said"),
    [
        ("51.4927", "-0.2339", {"ours": True, "place": "Inglewick Road, W6 9", "elsewhere": ""}),
        ("51.60", "-0.22", {"ours": False, "place": "", "elsewhere": "Northgate Borough Council"}),
        ("90", "0", {"ours": False, "place": "", "elsewhere": ""}),
        ("NaN", "here", {"ours": False, "place": "", "elsewhere": ""}),
    ],
    ids=["ours", "a neighbour's", "the pole", "nonsense"],
)
def test_what_lies_at_a_place(app: Flask, lat: str, lon: str, said: dict[str, object]) -> None:
    assert app.test_client().get(f"/services/reporting/map/at?lat={lat}&lon={lon}").json == said
