"""The sums and the order of questions of claims, over whatever may come."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.council_tax.rules.claim_journeys import CHECK, JOURNEYS, Journey, first_missing, may_open, step_before
from services.council_tax.rules.claim_sums import (
    OFFERED_MONTHS,
    arrangement,
    cost_of_ending,
    first_payment,
    household_saving,
    months_for,
    weekly_before,
)
from services.council_tax.rules.claim_words import answer_shown, claimed_called, question_called
from services.council_tax.rules.instalments import DAYS


@given(
    st.integers(0, 1_000_000),
    st.dates(date(2026, 4, 1), date(2027, 3, 31)),
    st.dates(date(2026, 4, 1), date(2028, 1, 1)),
)
def test_ending_costs_no_more_than_there_was(lowers: int, ended_on: date, until_on: date) -> None:
    days = ((min(until_on, date(2027, 3, 31))) - date(2026, 4, 1)).days + 1
    cost = cost_of_ending(lowers, days=days, ended_on=ended_on, until_on=until_on, year=2026)
    assert 0 <= cost <= lowers
    if ended_on >= until_on or ended_on == date(2027, 3, 31):
        assert cost == 0


def test_ending_before_the_year_costs_all_of_it() -> None:
    assert cost_of_ending(36500, days=365, ended_on=date(2026, 3, 31), until_on=None, year=2026) == 36500
    assert cost_of_ending(0, days=0, ended_on=date(2026, 3, 31), until_on=None, year=2026) == 0


@given(
    st.integers(1, 2_000_000),
    st.sampled_from(OFFERED_MONTHS),
    st.sampled_from(DAYS),
    st.dates(date(2024, 1, 1), date(2030, 1, 1)),
)
def test_an_arrangement_adds_up_and_leaves_two_weeks(owed: int, months: int, day: int, today: date) -> None:
    plan = arrangement(owed, months, day=day, today=today)
    assert sum(due.pence for due in plan) == owed
    assert {due.on.day for due in plan} == {day}
    assert 14 <= (first_payment(today, day) - today).days <= 45
    if months in months_for(owed):
        assert len(plan) == months


def test_a_household_saves_only_where_one_or_none_is_left() -> None:
    assert [household_saving(adults, 100_00) for adults in (1, 2, 3, 4)] == [25_00, 25_00, 0, 0]


def test_a_week_is_of_the_days_that_were_charged() -> None:
    whole = weekly_before(36500, (), since_on=date(2020, 1, 1), until_on=None, year=2026)
    half = weekly_before(18200, (-100,), since_on=date(2026, 10, 1), until_on=None, year=2026)
    assert (whole, half) == (700, 704)  # 182 days, and the reduction is put back


@pytest.mark.parametrize("journey", JOURNEYS, ids=lambda one: str(one.name))
def test_every_question_can_be_reached_and_left(journey: Journey) -> None:
    answered: set[str] = set()
    steps = journey.steps({})
    for step in steps:
        assert first_missing(journey, {}, answered) == step
        assert may_open(journey, step, {}, answered)
        assert step == CHECK or not may_open(journey, CHECK, {}, answered)
        answered.add(step)
    assert step_before(journey, steps[0], {}, set()) is None
    assert step_before(journey, steps[0], {}, answered) == CHECK
    assert set(journey.undoes) - {"granted", "guarantee", "older", "reason"} <= set(steps)


def test_codes_are_said_in_words_whatever_they_are() -> None:
    assert claimed_called("discount_end", "room").startswith("A room")
    assert claimed_called("exemption", "Z") == "Class Z"
    assert claimed_called("discount", "of_tomorrow") == ""
    assert claimed_called("discount", "care_leaver") == "Care leaver under 25"
    assert question_called("who") == "Who it is for"
    assert question_called("afford") == "Is there anything that we should know?", "as they were asked it"
    assert question_called("some_new_one") == "Some new one"
    assert answer_shown("income", "4850") == "£48.50"
    assert answer_shown("income", "a lot") == "a lot"
    assert answer_shown("granted_on", "2026-04-15") == "15 April 2026"
    assert answer_shown("granted_on", "soon") == "soon"
    assert answer_shown("who", "yes") == "yes"
    assert answer_shown("partner", "yes") == "Yes"
