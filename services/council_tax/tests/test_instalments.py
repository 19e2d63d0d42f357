"""How a charge is spread over the year."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.council_tax.rules.charges import Charges
from services.council_tax.rules.instalments import DAYS, LEAST, NOTICE, Due, due_dates, how_many, instalments, spread
from services.council_tax.rules.liability import State, charge_for
from services.council_tax.rules.rounding import half_up
from services.council_tax.rules.years import first_day, last_day
from services.council_tax.tests.rule_cases import YEARS, stories
from services.council_tax.tests.test_charges import EXAMPLES

MARCH = date(2024, 3, 10)
MONTHS = {
    "before/April": [date(2024, 3, 10), date(2024, 4, 1), date(2024, 4, 30)],
    "May": [date(2024, 5, 1), date(2024, 5, 31)],
    "June": [date(2024, 6, 15)],
    "July": [date(2024, 7, 31)],
    "August": [date(2024, 8, 1)],
    "September": [date(2024, 9, 30)],
    "October": [date(2024, 10, 31)],
    "November": [date(2024, 11, 1)],
    "December": [date(2024, 12, 1), date(2024, 12, 31)],
    "Jan-Mar": [date(2025, 1, 1), date(2025, 2, 14), date(2025, 3, 31)],
}
SPREADS = {
    "whole pounds": (12_000_00, 10, (120_000,) * 10),
    "H&F band D in 10": (138_677, 10, (13_577, *(13_900,) * 9)),
    "single person in 10": (104_008, 10, (10_408, *(10_400,) * 9)),
    "H&F band D in 12": (138_677, 12, (11_077, *(11_600,) * 11)),
    "half a pound goes up": (10_50 * 10, 10, (60_0, *(11_00,) * 9)),
    "£48": (48_00, 10, (8_00, *(5_00,) * 8)),
    "£45": (45_00, 10, (5_00,) * 9),
    "£44.99": (44_99, 10, (8_99, *(6_00,) * 6)),
    "£54 in 12": (54_00, 12, (9_00, *(5_00,) * 9)),
    "£10": (10_00, 10, (5_00, 5_00)),
    "£9.99": (9_99, 10, (9_99,)),
    "a penny": (1, 10, (1,)),
    "nothing": (0, 10, ()),
}
BILLED = st.builds(lambda year, days: (year, first_day(year) + timedelta(days=days)), YEARS, st.integers(-60, 420))


def test_the_worked_examples_hold() -> None:
    for case in EXAMPLES["cases"]:
        if "instalments" in case:
            dues = instalments(round(float(case["charge"]) * 100), MARCH, 2024, many=case["n"])
            assert [f"{due.pence / 100:.2f}" for due in dues] == case["instalments"]
            assert [due.number for due in dues] == list(range(1, case["n"] + 1))


@pytest.mark.parametrize("month", MONTHS)
def test_a_later_bill_has_fewer_payments(month: str) -> None:
    expected = EXAMPLES["instalment_count_by_issue_month_10_scheme"][month]
    for issued_on in MONTHS[month]:
        assert how_many(issued_on, 2024) == expected
        for day in DAYS:
            assert len(instalments(138_677, issued_on, 2024, day=day)) == expected


@pytest.mark.parametrize(
    ("issued_on", "number"),
    [
        (date(2024, 3, 10), 12),
        (date(2024, 4, 15), 12),
        (date(2024, 4, 16), 11),
        (date(2024, 5, 1), 10),
        (date(2024, 6, 30), 9),
        (date(2024, 11, 1), 4),
        (date(2024, 12, 31), 3),
        (date(2025, 1, 1), 1),
    ],
    ids=str,
)
def test_twelve_payments_become_fewer_from_16_april(issued_on: date, number: int) -> None:
    assert how_many(issued_on, 2024, many=12) == number


@pytest.mark.parametrize(("pence", "number", "amounts"), SPREADS.values(), ids=SPREADS.keys())
def test_a_sum_is_spread_in_whole_pounds_but_for_the_first(pence: int, number: int, amounts: tuple[int, ...]) -> None:
    assert spread(pence, number) == amounts


@pytest.mark.parametrize(
    ("issued_on", "day", "first", "last"),
    [
        (date(2024, 3, 10), 1, date(2024, 4, 1), date(2025, 1, 1)),
        (date(2024, 3, 10), 25, date(2024, 4, 25), date(2025, 1, 25)),
        (date(2024, 3, 18), 1, date(2024, 4, 1), date(2025, 1, 1)),
        (date(2024, 3, 19), 1, date(2024, 5, 1), date(2025, 2, 1)),
        (date(2024, 4, 30), 1, date(2024, 6, 1), date(2025, 3, 1)),
        (date(2024, 12, 31), 15, date(2025, 1, 15), date(2025, 2, 15)),
        (date(2025, 2, 1), 15, date(2025, 2, 15), date(2025, 2, 15)),
        (date(2025, 3, 20), 15, date(2025, 4, 3), date(2025, 4, 3)),
        (date(2026, 6, 1), 1, date(2026, 6, 15), date(2026, 6, 15)),
    ],
    ids=["usual", "25th", "just in time", "a day late", "April", "December", "February", "end of March", "years later"],
)
def test_payments_begin_on_the_first_such_day_that_is_14_days_away(
    issued_on: date, day: int, first: date, last: date
) -> None:
    dues = instalments(138_677, issued_on, 2024, day=day)
    assert (dues[0].on, dues[-1].on) == (first, last)


@pytest.mark.parametrize("day", [0, 29, 31, -1])
def test_a_day_that_not_every_month_has_is_refused(day: int) -> None:
    with pytest.raises(ValueError, match="1 to 28"):
        due_dates(MARCH, 2024, day=day)


def test_a_charge_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="below nothing"):
        instalments(-1, MARCH, 2024)


def test_nothing_is_paid_in_no_payments() -> None:
    assert instalments(0, MARCH, 2024) == ()


@given(BILLED, st.integers(0, 2_000_000), st.sampled_from((10, 12)), st.integers(1, 28))
def test_payments_always_add_up_to_the_charge(
    billed: tuple[int, date], pence: int, many: Literal[10, 12], day: int
) -> None:
    year, issued_on = billed
    dues = instalments(pence, issued_on, year, many=many, day=day)
    assert sum(due.pence for due in dues) == pence
    assert len(dues) <= many


@given(stories(), st.integers(-60, 420), st.sampled_from((10, 12)), st.sampled_from(DAYS))
def test_whatever_happened_in_a_year_its_payments_add_up_to_its_charge(
    story: tuple[Charges, list[State]], at: int, many: Literal[10, 12], day: int
) -> None:
    charges, states = story
    charge = charge_for(charges, states)
    dues = instalments(charge.pence, first_day(charges.year) + timedelta(days=at), charges.year, many=many, day=day)
    assert sum(due.pence for due in dues) == charge.pence == sum(period.pence for period in charge.periods)


@given(BILLED, st.integers(1, 200_000), st.sampled_from(DAYS))
def test_payments_are_one_a_month_in_the_year_and_never_before_14_days(
    billed: tuple[int, date], pence: int, day: int
) -> None:
    year, issued_on = billed
    dues = instalments(pence, issued_on, year, many=12, day=day)
    months = [due.on.year * 12 + due.on.month for due in dues]
    assert months == list(range(months[0], months[0] + len(dues)))
    assert all(due.on >= issued_on + NOTICE for due in dues)
    assert len(dues) == 1 or all(first_day(year) <= due.on <= last_day(year) and due.on.day == day for due in dues)


@given(st.integers(1, 2_000_000), st.integers(1, 12))
def test_no_payment_is_below_five_pounds_unless_it_is_the_only_one(pence: int, number: int) -> None:
    amounts = spread(pence, number)
    assert sum(amounts) == pence
    assert len(amounts) == 1 or min(amounts) >= LEAST
    assert len(set(amounts[1:])) <= 1
    assert all(amount % 100 == 0 for amount in amounts[1:])
    if pence >= 2 * LEAST and number > 1:
        assert len(amounts) > 1


@given(st.integers(100_00, 2_000_000), st.integers(2, 12))
def test_others_are_the_nearest_pound_and_the_first_is_what_is_left(pence: int, number: int) -> None:
    amounts = spread(pence, number)
    if len(amounts) == number and pence % (number * 100):
        assert abs(amounts[-1] - pence / number) <= 50
        assert amounts[0] == pence - (number - 1) * amounts[-1]


def test_direct_debits_are_collected_on_four_days_of_the_month() -> None:
    assert DAYS == (1, 5, 15, 25)


def test_twelve_payments_never_run_into_the_next_year() -> None:
    dues = instalments(138_677, date(2024, 3, 28), 2024, many=12)
    assert (len(dues), dues[-1].on) == (11, date(2025, 3, 1))


def test_a_half_goes_up() -> None:
    assert [half_up(Fraction(n, 2)) for n in (-1, 0, 1, 2, 3)] == [0, 0, 1, 1, 2]


def test_a_payment_says_its_number_day_and_sum() -> None:
    assert instalments(500, MARCH, 2024) == (Due(1, date(2024, 4, 1), 500),)
