"""The order of the questions."""

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.rules.journey import (
    Step,
    first_missing,
    kept_place,
    may_open,
    path,
    place_of,
    place_step,
    read_place,
    step_after,
    step_before,
)
from services.reporting.rules.places import Place, Point

FOUND: list[dict[str, Any]] = [{"uprn": "900", "label": "1 Larkspur Lane, London, W6 9JU", "lat": 51.49, "lon": -0.23}]
HERE = Place("Larkspur Lane, W6 9: by the gate", Point(51.49, -0.23), usrn="99000001")
WORDS = Place("Larkspur Lane: by the gate")
PIN = Place("51.49000, -0.23000", Point(51.49, -0.23))
LAMP = Place("Larkspur Lane, Lamp column number 7", Point(51.49, -0.23), None, "99000001", "7")
MEANT = [{"usrn": "99000001", "label": "Larkspur Lane, W6 9", "place": kept_place(HERE)}]
ANSWERS: dict[str, dict[str, Any]] = {
    "description": {"description": "A hole"},
    "kind": {"kind": "pothole", "group": "", "asks": True, "layer": "lamp_columns"},
    "questions": {"of": "pothole", "answers": {}},
    "where": {"where": "address"},
    "postcode": {"postcode": "W6 9JU", "found": FOUND},
    "address": {"address": "900"},
    "street": {"street": "Larkspur Lane", "whereabouts": "by the gate", "place": kept_place(WORDS), "meant": []},
    "map": {"lat": 51.49, "lon": -0.23, "place": kept_place(PIN)},
    "coordinates": {"lat": 51.49, "lon": -0.23, "place": kept_place(PIN)},
    "asset": {"number": "7", "layer": "lamp_columns", "place": kept_place(LAMP)},
    "photo": {"photos": []},
}
SEVERAL = ANSWERS["street"] | {"meant": MEANT}
CHANGES: dict[str, dict[str, Any]] = {
    "kind": {"group": "roads"},
    "urgent": {"danger": "words", "told": False},
    "nearby": {"found": ["2222-2222"], "choice": ""},
    "contact": {},
    "which": {"which": "99000001"},
    "street": SEVERAL,
}
some_answers = st.tuples(
    st.sets(st.sampled_from(sorted(ANSWERS))),
    st.sets(st.sampled_from(sorted(CHANGES))),
    st.sampled_from(["address", "street", "map", "coordinates", "asset"]),
).map(
    lambda drawn: (
        {step: ANSWERS[step] for step in drawn[0]}
        | {step: CHANGES[step] for step in drawn[1]}
        | ({"where": {"where": drawn[2]}} if "where" in drawn[0] else {})
    )
)


def by_way(way: str, **more: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return ANSWERS | {"where": {"where": way}} | more


def test_questions_come_one_after_the_other() -> None:
    answers: dict[str, dict[str, Any]] = {}
    visited = []
    step = first_missing(answers)
    while step is not Step.CHECK:
        visited.append(step)
        answers[step] = ANSWERS[step]
        step = step_after(step, answers)
    first = [Step.DESCRIPTION, Step.KIND, Step.QUESTIONS, Step.WHERE, Step.POSTCODE, Step.ADDRESS, Step.PHOTO]
    assert visited == first


@pytest.mark.parametrize("step", [Step.DESCRIPTION, Step.KIND, Step.QUESTIONS, Step.ADDRESS, Step.PHOTO, Step.PRIVATE])
def test_a_changed_answer_comes_straight_back_to_check(step: Step) -> None:
    assert step_after(step, ANSWERS) is Step.CHECK
    assert step_before(step, ANSWERS) is Step.CHECK


def test_another_way_of_saying_where_leads_to_its_page() -> None:
    for way in (Step.MAP, Step.COORDINATES, Step.ASSET, Step.STREET):
        assert step_after(Step.WHERE, by_way(str(way))) is way
        assert step_after(way, by_way(str(way))) is Step.CHECK


def test_a_new_postcode_undoes_the_address() -> None:
    other = {"postcode": {"postcode": "W6 9JX", "found": [FOUND[0] | {"uprn": "901"}]}}
    assert first_missing(ANSWERS | other) is Step.ADDRESS


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({"kind": {"kind": "graffiti", "asks": True}}, Step.QUESTIONS),
        ({"kind": {"kind": "graffiti", "asks": False}}, Step.CHECK),
        ({"kind": {"group": "roads"}}, Step.PICK),
        ({"urgent": {"danger": "words", "told": False}}, Step.URGENT),
        ({"urgent": {"danger": "answers", "told": True}}, Step.CHECK),
        ({"nearby": {"found": ["2222-2222"], "choice": ""}}, Step.NEARBY),
        ({"nearby": {"found": [], "choice": ""}}, Step.CHECK),
        ({"contact": {}}, Step.CONTACT),
        ({"contact": {"email": "a@tests.example"}}, Step.CHECK),
    ],
    ids=[
        "another kind that asks",
        "another kind that does not",
        "a group",
        "a danger",
        "a danger that was told",
        "one near by",
        "none near by",
        "a guest",
        "a guest with an address",
    ],
)
def test_what_follows_from_an_answer_is_asked(changed: dict[str, dict[str, Any]], missing: Step) -> None:
    assert first_missing(ANSWERS | changed) is missing


def test_a_danger_comes_before_the_questions_or_after_the_answer_that_shows_it() -> None:
    told_first = path(ANSWERS | {"urgent": {"danger": "words"}})
    told_after = path(ANSWERS | {"urgent": {"danger": "answers"}})
    assert told_first.index(Step.URGENT) < told_first.index(Step.QUESTIONS)
    assert told_after.index(Step.URGENT) == told_after.index(Step.QUESTIONS) + 1


def test_a_kind_without_numbers_undoes_a_place_by_number() -> None:
    other = {"kind": {"kind": "pothole", "asks": True, "layer": ""}}
    assert first_missing(by_way("asset", **other)) is Step.WHERE
    assert first_missing(by_way("asset", kind=ANSWERS["kind"] | {"layer": "litter_bins"})) is Step.ASSET


@given(some_answers)
def test_only_the_questions_up_to_the_first_missing_are_open(answers: dict[str, dict[str, Any]]) -> None:
    missing, steps = first_missing(answers), path(answers)
    may = set(steps[: steps.index(missing) + 1]) | ({Step.PRIVATE} if missing is Step.CHECK else set())
    assert {step for step in Step if may_open(step, answers)} == may


@given(some_answers)
def test_back_from_every_open_page_is_an_open_page(answers: dict[str, dict[str, Any]]) -> None:
    for step in path(answers):
        if may_open(step, answers):
            before = step_before(step, answers)
            assert before is None or may_open(before, answers)


def test_every_combination_of_answers_has_a_next_question() -> None:
    for count in range(len(ANSWERS) + 1):
        for steps in combinations(ANSWERS, count):
            assert first_missing({step: ANSWERS[step] for step in steps}) in Step


@pytest.mark.parametrize(
    ("way", "step", "place"),
    [
        ("address", Step.ADDRESS, Place(FOUND[0]["label"], Point(51.49, -0.23), "900")),
        ("street", Step.STREET, WORDS),
        ("map", Step.MAP, PIN),
        ("coordinates", Step.COORDINATES, PIN),
        ("asset", Step.ASSET, LAMP),
    ],
)
def test_each_way_names_a_place(way: str, step: Step, place: Place) -> None:
    assert place_of(by_way(way)) == place
    assert place_step(by_way(way)) is step


def test_of_several_streets_the_chosen_one_or_the_words_are_the_place() -> None:
    chosen = by_way("street", street=SEVERAL, which={"which": "99000001"})
    none = by_way("street", street=SEVERAL, which={"which": "none", "of": "Larkspur Lane"})
    stale = by_way("street", street=SEVERAL, which={"which": "none", "of": "Another Lane"})
    assert place_of(chosen) == HERE
    assert place_of(none) == WORDS
    assert first_missing(stale) is Step.WHICH


@given(st.builds(Place, st.text(), st.none() | st.builds(Point, st.floats(-90, 90), st.floats(-180, 180)), st.text()))
def test_a_draft_keeps_a_place_as_it_was(place: Place) -> None:
    assert read_place(kept_place(place)) == place
