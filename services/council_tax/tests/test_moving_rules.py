"""The order of the questions about a move, and what is said of answers that cannot be right."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from services.council_tax.rules.move_checks import (
    MOST_ADULTS,
    MOST_NAMES,
    earliest,
    latest,
    read_adults,
    read_names,
    too_far_apart,
    wrong_adults,
    wrong_day,
    wrong_names,
)
from services.council_tax.rules.move_journey import (
    BEGAN,
    STEPS,
    Journey,
    Step,
    first_missing,
    may_open,
    path,
    step_before,
)

TODAY = date(2026, 11, 23)
ANSWERS: dict[str, dict[str, Any]] = {  # JSON values, as a draft holds them
    BEGAN: {"joint": True},
    Step.WHO: {"who": "everybody"},
    Step.LEFT: {"day": "2026-11-20"},
    Step.POSTCODE: {"postcode": "W6 9JU", "found": [{"uprn": "2", "label": "2 Larkspur Lane", "band": "E"}]},
    Step.ADDRESS: {"address": "2"},
    Step.DAY: {"day": "2026-11-20"},
    Step.NAMES: {"names": ["Ada", "Ben"]},
    Step.ADULTS: {"adults": 2},
    Step.TENURE: {"tenure": "owner"},
    Step.FORWARDING: {"line_1": "1 Far Away", "town": "Leeds", "postcode": "LS1 1AA"},
}


@pytest.mark.parametrize("journey", Journey)
def test_each_question_opens_when_those_before_are_answered(journey: Journey) -> None:
    answers = {BEGAN: ANSWERS[BEGAN]}
    for step in STEPS[journey]:
        assert first_missing(journey, answers) is step
        assert may_open(journey, step, answers)
        if step is not Step.CHECK:
            assert not may_open(journey, Step.CHECK, answers)
            answers[step] = ANSWERS[step]


def test_back_leads_to_the_question_before_and_from_a_changed_answer_to_check() -> None:
    assert step_before(Journey.OUT, Step.WHO, {}) is None
    assert step_before(Journey.OUT, Step.LEFT, {Step.WHO: ANSWERS[Step.WHO]}) is Step.WHO
    assert step_before(Journey.OUT, Step.LEFT, ANSWERS) is Step.CHECK


def test_who_is_alone_is_not_asked_who_moves() -> None:
    assert Step.WHO not in path(Journey.OUT, {BEGAN: {"joint": False}})
    assert Step.WHO in path(Journey.OUT, {})  # while the account is not known


@pytest.mark.parametrize(
    ("step", "value", "asked"),
    [
        pytest.param(Step.POSTCODE, {"postcode": "W6 0AA", "found": []}, Step.ADDRESS, id="another postcode"),
        pytest.param(Step.NAMES, {"names": ["A", "B", "C"]}, Step.ADULTS, id="more names"),
        pytest.param(Step.LEFT, {"day": "2026-05-01"}, Step.DAY, id="days apart"),
    ],
)
def test_an_answer_undoes_one_that_no_longer_fits(step: Step, value: dict[str, Any], asked: Step) -> None:
    assert first_missing(Journey.WITHIN, ANSWERS) is Step.CHECK
    assert first_missing(Journey.WITHIN, {**ANSWERS, step: value}) is asked


def test_a_day_is_taken_from_last_year_to_three_months_ahead(context: Flask) -> None:
    day = timedelta(days=1)
    assert (earliest(TODAY), latest(TODAY)) == (date(2025, 4, 1), date(2027, 2, 23))
    assert wrong_day(earliest(TODAY), TODAY) == wrong_day(latest(TODAY), TODAY) == ""
    assert "1 April 2025 or later" in wrong_day(earliest(TODAY) - day, TODAY)
    assert "23 February 2027 or earlier" in wrong_day(latest(TODAY) + day, TODAY)


def test_the_limit_ahead_holds_at_the_end_of_a_month(context: Flask) -> None:
    assert latest(date(2026, 11, 30)) == date(2027, 2, 28)


def test_a_wrong_year_is_named(context: Flask) -> None:
    assert wrong_day(date(2062, 11, 20), TODAY).startswith("Check the year. ")
    assert not wrong_day(date(2026, 11, 20), TODAY)


def test_the_day_on_which_the_account_began_cannot_be_its_last(context: Flask) -> None:
    began_on = date(2026, 5, 1)
    assert "must be after 1 May 2026" in wrong_day(began_on, TODAY, began_on=began_on)
    assert not wrong_day(began_on + timedelta(days=1), TODAY, began_on=began_on)


def test_two_days_of_one_move_lie_within_three_months() -> None:
    assert not too_far_apart(TODAY, TODAY - timedelta(days=92))
    assert too_far_apart(TODAY - timedelta(days=93), TODAY)


def test_names_are_read_a_line_each() -> None:
    assert read_names(" Ada  Lark \r\n\n\tBen Lark\n") == ("Ada Lark", "Ben Lark")


def test_names_are_ten_at_most(context: Flask) -> None:
    names = [f"Ada {letter * 2}" for letter in "bcdefghijkl"]
    assert not wrong_names(names[:MOST_NAMES])
    assert "no more than 10" in wrong_names(names)
    assert "70 characters" in wrong_names(["A" * 71])


@pytest.mark.parametrize("text", ["", "two", "-1", "1.5", "1e3", "9" * 9], ids=repr)
def test_what_is_no_whole_number_of_adults(text: str) -> None:
    assert read_adults(text) is None


def test_adults_are_at_least_those_named_and_not_absurdly_many(context: Flask) -> None:
    assert not wrong_adults(MOST_ADULTS, 2)
    assert wrong_adults(MOST_ADULTS + 1, 2)
    assert wrong_adults(0, 0)
    assert wrong_adults(1, 2)
    assert wrong_adults(None, 1)
