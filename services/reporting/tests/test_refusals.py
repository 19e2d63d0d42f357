"""Bad input: a clear sentence beside the field, nothing typed lost, nothing half-written."""

import io
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

import portal.kit as kit
from services.reporting.queries import about, own
from services.reporting.settings.area import Area
from services.reporting.settings.reporting import DATA, ReportingSettings
from services.reporting.tests.conftest import QUESTIONS, START, STREET, Begin, Journey
from tests.support.photos import photo
from tests.support.residents import Resident

Change = Callable[..., None]


@pytest.fixture
def change_settings(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Change:
    """Set the service's settings for this test."""

    def change(**values: object) -> None:
        changed = ReportingSettings.model_validate(values)
        monkeypatch.setitem(app.extensions, "moothall.settings.reporting", changed)

    return change


def without(folder: Path, code: str) -> Path:
    """The council's file of categories without one."""
    known = json.loads((DATA / "categories.json").read_text("utf-8"))
    known["categories"] = [each for each in known["categories"] if each["code"] != code]
    changed = folder / "categories.json"
    changed.write_text(json.dumps(known), "utf-8")
    return changed


def at_coordinates(journey: Journey) -> Journey:
    journey.up_to("where").answer("where", where="coordinates")
    return journey


def at_postcode(journey: Journey) -> Journey:
    journey.up_to("where").answer("where", where="address")
    return journey


@pytest.mark.parametrize(
    ("step", "values", "sentence"),
    [
        ("kind", {}, "Select what kind of problem it is"),
        ("kind", {"kind": "dragon"}, "Select what kind of problem it is"),
        ("kind", {"kind": ["pothole", "graffiti"]}, "more than one answer was sent"),
        ("where", {"where": "by pigeon"}, "Select how you want to tell us where it is"),
        ("street", {"street": "", "whereabouts": "here"}, "Enter the name of the street, park or place"),
        ("street", {"street": "x" * 121, "whereabouts": "here"}, "120 characters or fewer"),
        ("street", {"street": "Larkspur\x00Lane", "whereabouts": "here"}, "characters that we cannot use"),
        ("description", {"description": "  \n "}, "Tell us what is wrong"),
        ("description", {"description": "x" * 4001}, "4,000 characters or fewer"),
        ("description", {"description": "a\x1bb"}, "characters that we cannot use"),
        ("description", {"description": (io.BytesIO(b"a file"), "a.txt")}, "must be typed as text"),
    ],
)
def test_a_bad_answer_is_told_and_not_kept(
    ada: Resident, begin: Begin, step: str, values: dict[str, object], sentence: str
) -> None:
    journey = begin(ada).up_to(step)
    assert sentence in ada.refused(f"{journey.url}/{step}", **values)[0]
    assert ada.client.get(f"{journey.url}/check").location == f"{journey.url}/{step}"


def test_what_was_typed_stays_on_the_page(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("street")
    page = ada.post(f"{journey.url}/street", 200, street="", whereabouts="<by> the gate").get_data(as_text=True)
    assert "&lt;by&gt; the gate" in page


def test_megabytes_of_description_are_turned_away_whole(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("description")
    ada.post(f"{journey.url}/description", 413, description="x" * 10_000_000)
    assert ada.client.get(f"{journey.url}/check").location == f"{journey.url}/description"


def test_unknown_fields_change_nothing(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("check")
    assert journey.answer("kind", kind="fly_tipping", description="smuggled", account_id="1", found="[]") == "check"
    assert "smuggled" not in ada.get(f"{journey.url}/check")


@pytest.mark.parametrize(
    ("lat", "lon", "sentence"),
    [
        ("", "", "Enter the latitude"),
        ("51.4927", "", "Enter the longitude as a decimal number"),
        ("-0.2339", "51.4927", "in the wrong order"),
        ("90", "0", "outside our area"),
        ("1" * 61, "0", "60 characters or fewer"),
    ],
)
def test_coordinates_that_are_no_place_of_ours(ada: Resident, begin: Begin, lat: str, lon: str, sentence: str) -> None:
    journey = at_coordinates(begin(ada))
    assert sentence in ada.refused(f"{journey.url}/coordinates", lat=lat, lon=lon)[0]


def test_the_examples_are_those_of_the_councils_area(ada: Resident, begin: Begin, change_settings: Change) -> None:
    edges = {"south": 52, "west": 0, "north": 53, "east": 1}
    change_settings(area=edges | {"example_lat": 52.25, "example_lon": 0.75, "example_postcode": "ZE1 0AA"})
    journey = at_coordinates(begin(ada))
    page = ada.get(f"{journey.url}/coordinates")
    assert "How far north. For example, 52.25." in page
    assert "How far east. For example, 0.75." in page
    journey.answer("where", where="address")
    assert "For example, ZE1 0AA." in ada.get(f"{journey.url}/postcode")


def test_an_example_outside_the_area_is_no_setting() -> None:
    with pytest.raises(ValueError, match="example_lat and example_lon must be a place inside the area"):
        Area(south=52, west=0, north=53, east=1)


def test_no_kind_is_taken_at_all(ada: Resident, change_settings: Change) -> None:
    change_settings(categories_off=[category.code for category in ReportingSettings().catalogue.categories])
    page = ada.get(f"{START}/")
    assert "You cannot send reports here at the moment. Ring us on 020 7946 0100 instead." in page
    assert "Start now" not in page


def test_a_place_outside_says_where_to_find_who_is_responsible(ada: Resident, begin: Begin) -> None:
    journey = at_coordinates(begin(ada))
    page = ada.post(f"{journey.url}/coordinates", 200, lat="53.48", lon="-2.24").get_data(as_text=True)
    assert "https://www.gov.uk/find-local-council" in page


@pytest.mark.parametrize(
    ("postcode", "sentence"),
    [
        ("", "Enter the postcode"),
        ("nonsense", "Enter a full UK postcode"),
        ("CF10 1EP", "We know no address with this postcode"),
    ],
)
def test_a_postcode_without_addresses(ada: Resident, begin: Begin, postcode: str, sentence: str) -> None:
    journey = at_postcode(begin(ada))
    assert sentence in ada.refused(f"{journey.url}/postcode", postcode=postcode)[0]


def test_a_postcode_outside_the_area(ada: Resident, begin: Begin, change_settings: Change) -> None:
    change_settings(area={"south": 52, "west": 0, "north": 53, "east": 1, "example_lat": 52.5, "example_lon": 0.5})
    journey = at_postcode(begin(ada))
    assert "outside our area" in ada.refused(f"{journey.url}/postcode", postcode="W6 9JU")[0]


def test_an_address_that_was_not_offered(ada: Resident, begin: Begin) -> None:
    journey = at_postcode(begin(ada))
    journey.answer("postcode", postcode="W6 9JU")
    assert ada.refused(f"{journey.url}/address", address="123456789012") == [
        "Select the address nearest to the problem"
    ]


def test_another_postcode_asks_for_the_address_again(ada: Resident, begin: Begin) -> None:
    journey = at_postcode(begin(ada))
    journey.answer("postcode", postcode="W6 9JU")
    first, *_ = re.findall(r'<option value="(\d+)"', ada.get(f"{journey.url}/address"))
    assert journey.answer("address", address=first) == "photo"
    assert journey.answer("postcode", postcode="W12 7RH") == "address"
    assert ada.client.get(f"{journey.url}/check").location == f"{journey.url}/address"


def test_the_gazetteer_is_down(app: Flask, ada: Resident, begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    class Down:
        def by_postcode(self, postcode: str) -> None:
            raise kit.Unavailable

        by_uprn = by_postcode

    for module in (own, about):
        monkeypatch.setattr(module, "gazetteer", Down)
    journey = at_postcode(begin(ada))
    page = ada.post(f"{journey.url}/postcode", 200, postcode="W6 9JU").get_data(as_text=True)
    assert "We cannot look up addresses at the moment" in page
    assert 'value="W6 9JU"' in page
    assert f'href="{journey.url}/where"' in page
    assert journey.answer("where", where="street") == "street"
    with app.app_context():
        assert not about.check().ok


def test_postcodes_are_looked_up_so_often_and_no_more(ada: Resident, begin: Begin, change_settings: Change) -> None:
    change_settings(lookups_in_ten_minutes=2)
    journey = at_postcode(begin(ada))
    for _ in range(2):
        journey.answer("postcode", postcode="W6 9JU")
    assert "too often" in ada.refused(f"{journey.url}/postcode", postcode="W6 9JU")[0]


def test_so_many_reports_a_day_and_no_more(ada: Resident, begin: Begin, change_settings: Change) -> None:
    change_settings(reports_a_day=1)
    begin(ada).up_to("check").send()
    journey = begin(ada).up_to("check")
    assert "too often" in ada.refused(f"{journey.url}/check")[0]
    assert "Larkspur Meadow" in ada.get(f"{journey.url}/check")


def test_a_kind_switched_off_between_two_steps(ada: Resident, begin: Begin, change_settings: Change) -> None:
    journey = begin(ada).up_to("check")
    change_settings(categories_off=["fly_tipping"])
    assert "cannot report this kind of problem here" in ada.get(f"{journey.url}/check")
    assert "cannot report this kind of problem here" in ada.refused(f"{journey.url}/check")[0]
    assert ada.client.get(f"{journey.url}/photo").location == f"{journey.url}/kind"
    page = ada.get(f"{journey.url}/kind")
    assert "fly_tipping" not in page
    assert "Choose another: your answers are kept." in page
    assert journey.answer("kind", kind="pothole") == "questions"
    assert journey.answer("questions") == "check"
    journey.send()


@pytest.mark.parametrize("is_known", [True, False], ids=["switched off", "given up"])
@pytest.mark.parametrize("step", ["questions", "street", "photo"])
def test_an_answer_that_is_on_its_way_when_its_kind_goes_is_kept(
    ada: Resident, begin: Begin, change_settings: Change, step: str, is_known: bool, tmp_path: Path
) -> None:
    journey = begin(ada).up_to(step)
    sent: dict[str, Any] = {"questions": QUESTIONS["fly_tipping"], "street": STREET}
    sent["photo"] = {"photos": (io.BytesIO(photo()), "a.jpg")}
    if is_known:
        change_settings(categories_off=["fly_tipping"])
    else:
        change_settings(categories_file=without(tmp_path, "fly_tipping"))
    location = ada.post(f"{journey.url}/{step}", **sent[step]).location
    assert ada.client.get(location).location in (f"{journey.url}/kind", None)
    assert "Choose another: your answers are kept." in ada.get(f"{journey.url}/kind")
    journey.answer("kind", kind="pothole")
    if step == "questions":
        assert journey.answer("questions", answer_depth="shallow") == "where"
        return
    journey.answer("questions", answer_depth="shallow")
    later = journey.answer("photo") if step == "street" else "check"
    assert later == "check"
    shown = ada.get(f"{journey.url}/check")
    assert "Larkspur Meadow" in shown
    assert ("1 photo" in shown) == (step == "photo")
    journey.send()


def test_answers_that_were_changed_in_another_window_are_shown_before_they_are_sent(
    ada: Resident, begin: Begin
) -> None:
    journey = begin(ada).up_to("check")

    def shown() -> str:
        ada.get(f"{journey.url}/check")
        return str(ada.client.page.all("input", name="saw")[0].get("value"))

    before = shown()
    journey.answer("description", description="Three sofas")
    assert "in another window" in ada.refused(f"{journey.url}/check", saw=before)[0]
    assert "Three sofas" in ada.client.page.html
    assert str(ada.client.page.all("input", name="saw")[0].get("value")) == shown() != before
    assert ada.post(f"{journey.url}/check", saw=shown()).location.endswith("/sent")
    assert ada.post(f"{journey.url}/check", saw=before).location.endswith("/sent")


def test_a_missing_token_keeps_the_draft_as_it_was(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("street")
    assert ada.client.post(f"{journey.url}/street", data=STREET).status_code == 400
    assert ada.client.get(f"{journey.url}/check").location == f"{journey.url}/street"


@pytest.mark.parametrize(
    "path", ["/reports/0000-0000", "/reports/%00", "/reports/..%2f", "/drafts/1/kind", "/reports/x/sent"]
)
def test_addresses_that_lead_nowhere(ada: Resident, path: str) -> None:
    ada.get(START + path, status=404)


ODD = "<script>alert(1)</script>\x00\x1b\u202e\ufffe\ud800 hole".encode("utf-8", "surrogatepass")
"""Markup, control characters, a mark that turns the line, what is no character, half of one."""


@pytest.mark.parametrize("step", ["description", "questions", "street", "coordinates", "asset", "postcode", "photo"])
def test_markup_and_control_characters_are_shown_as_text_or_refused(ada: Resident, begin: Begin, step: str) -> None:
    ways = {"coordinates": "coordinates", "asset": "asset", "postcode": "address"}
    journey = begin(ada).up_to("where" if step in ways else step, "street_light" if step == "asset" else "fly_tipping")
    if step in ways:
        journey.answer("where", where=ways[step])
    names = ("description", "answer_amount", "street", "whereabouts", "lat", "lon", "number", "postcode", "photos")
    answer = ada.client.post(f"{journey.url}/{step}", data={"csrf_token": ada._token(), **dict.fromkeys(names, ODD)})
    assert answer.status_code in (200, 303)
    page = answer.get_data(as_text=True) if answer.status_code == 200 else ada.get(answer.location)
    assert "<script>alert(1)" not in page
    assert "\x00" not in page


def test_ten_megabytes_of_words_are_refused_with_the_way_back(ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("description")
    page = ada.post(f"{journey.url}/description", 413, description="x" * 10_000_000).get_data(as_text=True)
    assert "That is too large to send" in page
    assert f'href="{journey.url}/description"' in page
    assert ada.refused(f"{journey.url}/description", description="x" * 4001)[0].endswith("4,000 characters or fewer")
