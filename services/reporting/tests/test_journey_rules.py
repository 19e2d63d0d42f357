"""The order of the questions."""

from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.rules.journey import (
    Step,
    first_missing,
    may_open,
    path,
    place_of,
    place_step,
    step_after,
    step_before,
)
from services.reporting.rules.places import Place, Point

FOUND: list[dict[str, Any]] = [{"uprn": "900", "label": "1 Larkspur Lane, London, W6 9JU", "lat": 51.49, "lon": -0.23}]
ANSWERS: dict[str, dict[str, Any]] = {
    "kind": {"kind": "pothole"},
    "where": {"where": "address"},
    "postcode": {"postcode": "W6 9JU", "found": FOUND},
    "address": {"address": "900"},
    "street": {"street": "Larkspur Lane", "whereabouts": "by the gate"},
    "coordinates": {"lat": 51.49, "lon": -0.23},
    "description": {"description": "A hole"},
    "photo": {"photo": None},
}
some_answers = st.sets(st.sampled_from(sorted(ANSWERS))).map(lambda steps: {step: ANSWERS[step] for step in steps})


def by_way(way: str) -> dict[str, dict[str, Any]]:
    return ANSWERS | {"where": {"where": way}}


def test_questions_come_one_after_the_other() -> None:
    answers: dict[str, dict[str, Any]] = {}
    visited = []
    step = first_missing(answers)
    while step is not Step.CHECK:
        visited.append(step)
        answers[step] = ANSWERS[step]
        step = step_after(step, answers)
    assert visited == [Step.KIND, Step.WHERE, Step.POSTCODE, Step.ADDRESS, Step.DESCRIPTION, Step.PHOTO]


@pytest.mark.parametrize("step", [Step.KIND, Step.ADDRESS, Step.DESCRIPTION, Step.PHOTO])
def test_a_changed_answer_comes_straight_back_to_check(step: Step) -> None:
    assert step_after(step, ANSWERS) is Step.CHECK
    assert step_before(step, ANSWERS) is Step.CHECK


def test_another_way_of_saying_where_leads_to_its_page() -> None:
    assert step_after(Step.WHERE, by_way("coordinates")) is Step.COORDINATES
    assert step_after(Step.COORDINATES, by_way("coordinates")) is Step.CHECK


def test_a_new_postcode_undoes_the_address() -> None:
    other = {"postcode": {"postcode": "W6 9JX", "found": [FOUND[0] | {"uprn": "901"}]}}
    assert first_missing(ANSWERS | other) is Step.ADDRESS


@given(some_answers)
def test_only_the_questions_up_to_the_first_missing_are_open(answers: dict[str, dict[str, Any]]) -> None:
    missing = first_missing(answers)
    steps = path(answers)
    assert [step for step in Step if may_open(step, answers)] == [
        step for step in Step if step in steps[: steps.index(missing) + 1]
    ]


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
        ("street", Step.STREET, Place("Larkspur Lane: by the gate")),
        ("coordinates", Step.COORDINATES, Place("51.49000, -0.23000", Point(51.49, -0.23))),
    ],
)
def test_each_way_names_a_place(way: str, step: Step, place: Place) -> None:
    assert place_of(by_way(way)) == place
    assert place_step(by_way(way)) is step
