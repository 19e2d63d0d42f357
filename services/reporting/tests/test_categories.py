"""What can be reported is data: read with every fault at once, suggested from words, and dangers told apart."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.kit import NotFound, in_language
from services.reporting import workflow
from services.reporting.rules import categories
from services.reporting.settings.categories import FAMILIES, Catalogue, Category, read_catalogue
from services.reporting.settings.reporting import DATA, ReportingSettings
from services.reporting.tests.said_of_dangers import DANGERS, HARMLESS

CATALOGUE = read_catalogue(DATA / "categories.json")
LGSL = {"pothole": 557, "street_light": 564, "fly_tipping": 587, "graffiti": 584, "dog_fouling": 577, "pavement": 537}


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    with app.test_request_context("/"):
        yield app


def suggested(words: str) -> list[str]:
    return [each.code for each in categories.suggest(words, CATALOGUE.categories)]


def called(code: str) -> Category:
    return CATALOGUE.by_code[code]


def written(folder: Path, change: Any) -> Path:  # a function of the file's content
    """The file that comes along, changed."""
    raw = json.loads((DATA / "categories.json").read_text("utf-8"))
    change(raw)
    path = folder / "ours.json"
    path.write_text(json.dumps(raw), "utf-8")
    return path


def test_what_comes_along_covers_the_street() -> None:
    assert len(CATALOGUE.categories) >= 25
    assert len(CATALOGUE.groups) == 6
    assert {"fly_tipping", "pothole", "street_light", "graffiti", "street_cleaning"} <= set(CATALOGUE.by_code)
    assert {code: called(code).lgsl for code in LGSL} == LGSL
    assert {each.group for each in CATALOGUE.categories} == {each.code for each in CATALOGUE.groups}
    assert {each.family for each in CATALOGUE.categories} == set(FAMILIES)


def test_each_family_is_a_case_type_with_a_team() -> None:
    assert {each.slug for each in workflow.CASE_TYPES} == set(FAMILIES)
    assert all(each.team in workflow.TEAMS for each in workflow.CASE_TYPES)


@pytest.mark.parametrize("category", CATALOGUE.categories, ids=lambda category: category.code)
def test_a_category_is_said_in_both_languages(category: Category) -> None:
    with in_language("cy"):
        welsh = str(category.title)
    with in_language("en"):
        english = str(category.title)
    assert (english, welsh) == (category.title.en, category.title.cy)
    assert category.hint.en != category.hint.cy
    assert category.keywords.en
    assert category.keywords.cy


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("There is a huge hole in the road outside my house", "pothole"),
        ("lamp post 12 is flickering at night", "street_light"),
        ("Somebody dumped a mattress and some black bags", "fly_tipping"),
        ("dog poo everywhere", "dog_fouling"),
        ("a slab of the pavement is loose, I tripped", "pavement"),
        ("The green man never comes, stuck on red", "traffic_light"),
        ("a dead fox", "dead_animal"),
        ("branch hanging from a tree", "tree"),
        ("mae golau stryd wedi diffodd", "street_light"),
        ("twll yn y ffordd", "pothole"),
        ("The gully is blocked and it smells", "blocked_drain"),
        ("spray paint on the wall", "graffiti"),
        ("abandoned car with flat tyres", "abandoned_vehicle"),
        ("a man is sleeping in a doorway", "rough_sleeper"),
    ],
    ids=lambda value: value.replace(" ", "_")[:30],
)
def test_a_category_is_suggested_from_the_words(words: str, code: str) -> None:
    assert suggested(words)[0] == code


@pytest.mark.parametrize("words", ["", "  ", "zzzz", "Nobody answers my letters", "<script>"], ids=repr)
def test_nothing_is_suggested_where_nothing_is_known(words: str) -> None:
    assert suggested(words) == []


@settings(deadline=None)  # other work on the machine is no fault of ours
@given(st.text(max_size=300))
def test_whatever_is_typed_gives_at_most_three_and_each_once(words: str) -> None:
    found = suggested(words)
    assert len(found) == len(set(found)) <= categories.MOST_SUGGESTED


@pytest.mark.parametrize("code", sorted(CATALOGUE.by_code))
def test_its_own_title_suggests_a_category_in_either_language(code: str) -> None:
    assert code in suggested(called(code).title.en)
    assert code in suggested(called(code).title.cy)


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("code", "words", "answers"),
    [
        ("street_light", "Bare WIRES hang out of it", {}),
        ("street_light", "It is dark", {"fault": "wires"}),
        ("fly_tipping", "Sheets of stuff", {"kinds": ["furniture", "asbestos"]}),
        ("dangerous_structure", "A bit loose", {}),
        ("pothole", "The road has collapsed", {}),
        ("tree", "Mae coeden wedi cwympo ar gar", {}),
        ("street_light", "Live cables are exposed at the foot of the column", {}),
        ("street_light", "The lamp post is bent over and will fall any minute", {}),
        ("pothole", "Sparking live wires hang out of the lamp column", {}),
        ("pothole", "My wife fell off her bike and was hurt", {}),
        ("blocked_drain", "Manhole has no lid, I nearly stepped in", {}),
        ("tree", "A big branch is cracking and will come down on the path", {}),
        ("vandalism", "They are smashing the bus stop as I write", {}),
        ("litter_bin", "the bin is on fire", {}),
        ("obstruction", "scaffolding about to fall", {}),
        ("pavement", "Somebody is lying there bleeding", {}),
        ("graffiti", "Mae'r bin ar dân", {}),
    ],
)
def test_a_danger_is_telephoned(code: str, words: str, answers: dict[str, Any]) -> None:
    assert categories.is_urgent(called(code), words, answers)
    assert "999" in categories.urgent_words(called(code), "020 7946 0100")


@pytest.mark.usefixtures("context")
@pytest.mark.parametrize(
    ("code", "words", "answers"),
    [
        ("street_light", "It does not come on", {"fault": "out"}),
        ("fly_tipping", "A sofa", {"kinds": ["furniture"]}),
        ("dog_fouling", "wires asbestos, and no light on it", {}),
        ("pothole", "A hole that fills with water. The lid of our bin is new, and there is no fire", {}),
        ("fly_tipping", "sparse petrolheads", {}),
    ],
)
def test_what_is_no_danger_is_reported(code: str, words: str, answers: dict[str, Any]) -> None:
    assert not categories.is_urgent(called(code), words, answers)


@pytest.mark.usefixtures("context")
def test_dangers_in_peoples_own_words_are_telephoned() -> None:
    missed = [(code, words) for code, words in DANGERS if not categories.is_urgent(called(code), words, {})]
    assert not missed, missed


@pytest.mark.usefixtures("context")
def test_everyday_nuisances_are_no_dangers() -> None:
    alarms = [(code, words) for code, words in HARMLESS if categories.is_urgent(called(code), words, {})]
    assert not alarms, alarms
    assert len(DANGERS) + len(HARMLESS) > 100


def test_neighbours_may_call_it_something_else_but_private_ones_stay_hidden() -> None:
    assert {"pothole", "pavement", "blocked_drain"} <= set(categories.alike_in(CATALOGUE, called("pothole")))
    assert "rough_sleeper" not in categories.alike_in(CATALOGUE, called("abandoned_vehicle"))


def test_what_is_switched_off_is_not_offered_and_says_why(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    off = ReportingSettings(categories_off=frozenset({"pothole"}))
    monkeypatch.setitem(app.extensions, "moothall.settings.reporting", off)
    with app.test_request_context("/"):
        assert "pothole" not in [each.code for each in categories.offered()]
        assert "at the moment" in str(categories.why_not_taken(called("pothole")))
        assert categories.why_not_taken(called("graffiti")) is None
        assert categories.title_of("pothole") == "Pothole"


def test_what_was_given_up_keeps_its_code_and_is_not_found(context: Flask) -> None:
    assert categories.title_of("yellow_lines") == "yellow_lines"
    with pytest.raises(NotFound):
        categories.get_category("yellow_lines")


def test_every_fault_of_a_file_is_told_at_once_by_the_name_of_its_category(tmp_path: Path) -> None:
    def spoil(raw: dict[str, Any]) -> None:
        first, second, third = raw["categories"][:3]
        first["working_days"], first["questions"][0]["values"] = 0, []
        second["group"], second["family"] = "nowhere", "none"
        third["code"] = second["code"]
        raw["categories"][4]["way"] = {"kind": "open311"}
        raw["categories"][5]["urgent"]["answers"] = {"no_question": ["x"]}

    with pytest.raises(ValueError, match="categories") as caught:
        read_catalogue(written(tmp_path, spoil))
    said = str(caught.value)
    for part in (
        "fly_tipping.working_days",
        "the question amount must have values",
        "two categories are called street_cleaning",
        "no group is called nowhere",
        "street_cleaning.family",
        "dead_animal.way",
        "needles calls answers to no_question a danger",
    ):
        assert part in said, said


@pytest.mark.parametrize(
    "content", ["", "[]", "3", '{"groups": 1}', "\ufeff{", '{"groups":[],"categories":[]}'], ids=repr
)
def test_a_file_that_is_no_catalogue_is_refused_in_a_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "ours.json"
    path.write_text(content, "utf-8")
    with pytest.raises(ValueError, match=r"ours\.json"):
        read_catalogue(path)


def test_a_councils_own_file_is_read_at_start(tmp_path: Path) -> None:
    def rename(raw: dict[str, Any]) -> None:
        raw["categories"][0]["title"]["en"] = "Rubbish in our borough"

    catalogue: Catalogue = ReportingSettings(categories_file=written(tmp_path, rename)).catalogue
    assert catalogue.by_code["fly_tipping"].title.en == "Rubbish in our borough"


def test_a_faulty_file_or_an_unknown_code_is_no_setting(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        ReportingSettings(categories_file=tmp_path / "none.json")
    with pytest.raises(ValueError, match="potholes"):
        ReportingSettings(categories_off=frozenset({"potholes"}))
