"""What comes back when a permit ends early, and what another vehicle costs, by each council's rule."""

from datetime import date, timedelta
from typing import Any, Final, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.permits.rules.lengths import Length
from services.permits.rules.refunds import (
    ChangeRule,
    Counting,
    RefundRule,
    change_of_vehicle,
    days_left,
    left_of,
    months_left,
    refund_of,
)
from services.permits.rules.tariff import Tariff
from services.permits.rules.tariff_data import DATA_FOLDER, load_tariff

FIRST: Final = date(2026, 4, 1)
LAST: Final = date(2027, 3, 31)
SEPTEMBER: Final = date(2026, 9, 30)
"""182 of 365 days are left after it, and six months of twelve."""
RULES: Final = st.builds(
    RefundRule,
    by=st.sampled_from(get_args(Counting)),
    fee=st.integers(0, 50_00),
    nothing_upto=st.integers(0, 20_00),
    more_than_months=st.integers(0, 6),
)
CHANGES: Final = st.builds(
    ChangeRule,
    by=st.sampled_from(get_args(Counting)),
    fee=st.integers(0, 50_00),
    free=st.integers(0, 3),
    pays_back=st.booleans(),
)
DAYS: Final = st.dates(date(2025, 1, 1), date(2028, 12, 31))
LENGTHS: Final = st.builds(Length, months=st.integers(1, 24)) | st.builds(Length, days=st.integers(1, 400))
PENCE: Final = st.integers(0, 2000_00)


def published(name: str) -> Tariff:
    """A tariff of `data/published`."""
    return load_tariff(DATA_FOLDER / "published" / f"{name}.json")


REFUNDS: Final = {
    # Swindon: complete months that remain from the day of return.
    "Swindon, in the month": ("swindon", date(2026, 6, 15), 90_00),
    "Swindon, the last day of a month": ("swindon", date(2026, 6, 30), 90_00),
    "Swindon, the first day of a month": ("swindon", date(2026, 7, 1), 80_00),
    "Swindon, before it begins": ("swindon", date(2026, 3, 31), 120_00),
    "Swindon, on its first day": ("swindon", FIRST, 110_00),
    "Swindon, in the last month": ("swindon", date(2027, 3, 1), 0),
    "Swindon, after its end": ("swindon", date(2027, 5, 1), 0),
    # Eastleigh: the same, and £5 or less is not paid.
    "Eastleigh, enough": ("eastleigh", date(2027, 2, 10), 10_00),
    # Kensington and Chelsea: time not used, less £11; none if that leaves nothing.
    "Kensington, half of it": ("rbkc_2022", FIRST + timedelta(days=182), 120_00 * 182 // 365 + 1 - 11_00),
    "Kensington, less than the fee": ("rbkc_2022", LAST - timedelta(days=33), 0),
    "Kensington, a day more": ("rbkc_2022", LAST - timedelta(days=34), 18),
    # Watford: more than three complete months must be left, less £10.
    "Watford, four months": ("watford", date(2026, 11, 30), 30_00),
    "Watford, three months": ("watford", date(2026, 12, 1), 0),
    # Ealing in 2022: less £16.
    "Ealing, nine months": ("ealing_2022", date(2026, 6, 1), 90_00 - 16_00),
    # Hammersmith & Fulham publishes no rule here: nothing.
    "no rule": ("hf_2025", date(2026, 6, 1), 0),
}


@pytest.mark.parametrize(("name", "on", "pence"), REFUNDS.values(), ids=REFUNDS.keys())
def test_a_year_for_120_pounds_is_paid_back_by_the_councils_rule(name: str, on: date, pence: int) -> None:
    rule = published(name).refund_rule("resident")
    price = refund_of(rule, paid=120_00, first_on=FIRST, last_on=LAST, on=on)
    assert price.pence == pence
    assert sum(step.pence for step in price.steps) == pence
    assert all(str(step.words) for step in price.steps)


@pytest.mark.parametrize(("paid", "pence"), [(60_00, 0), (60_05, 0), (60_06, 5_01)])
def test_eastleigh_does_not_pay_five_pounds_or_less(paid: int, pence: int) -> None:
    rule = published("eastleigh").refund_rule("resident")
    assert refund_of(rule, paid=paid, first_on=FIRST, last_on=LAST, on=date(2027, 2, 28)).pence == pence


MORE: Final = {
    "31 January": (date(2026, 1, 31), date(2026, 7, 30), date(2026, 3, 1), (4, 6)),
    "two weeks have no complete month": (FIRST, date(2026, 4, 14), date(2026, 3, 1), (0, 1)),
    "six weeks have one": (FIRST, date(2026, 5, 12), date(2026, 3, 1), (1, 2)),
}


@pytest.mark.parametrize(("first", "last", "on", "left"), MORE.values(), ids=MORE.keys())
def test_months_are_the_permits_own(first: date, last: date, on: date, left: tuple[int, int]) -> None:
    found = months_left(first, last, on)
    assert (found.parts, found.of) == left


def test_a_leap_year_has_a_day_more() -> None:
    assert days_left(date(2027, 4, 1), date(2028, 3, 31), date(2028, 2, 29)).of == 366


WORTH: Final = {
    "after a dearer vehicle": (90_00, 120_00, 60_00),
    "more than was paid": (50_00, 120_00, 50_00),
    "free": (0, 120_00, 0),
}


@pytest.mark.parametrize(("paid", "worth", "pence"), WORTH.values(), ids=WORTH.keys())
def test_what_is_left_is_counted_by_what_the_permit_is_worth(paid: int, worth: int, pence: int) -> None:
    rule = RefundRule(by="complete_months")
    price = refund_of(rule, paid=paid, worth=worth, first_on=FIRST, last_on=LAST, on=SEPTEMBER)
    assert price.pence == pence == sum(step.pence for step in price.steps)


@given(RULES, PENCE, st.none() | PENCE, DAYS, LENGTHS, DAYS)
def test_a_refund_is_never_more_than_was_paid_nor_below_nothing(
    rule: RefundRule, paid: int, worth: int | None, first: date, length: Length, on: date
) -> None:
    price = refund_of(rule, paid=paid, worth=worth, first_on=first, last_on=length.last_day(first), on=on)
    assert 0 <= price.pence <= paid
    assert sum(step.pence for step in price.steps) == price.pence


@given(RULES, PENCE, DAYS, LENGTHS, DAYS, st.integers(0, 100))
def test_waiting_never_brings_more_back(
    rule: RefundRule, paid: int, first: date, length: Length, on: date, days: int
) -> None:
    terms: dict[str, Any] = {"paid": paid, "first_on": first, "last_on": length.last_day(first)}
    later = refund_of(rule, on=on + timedelta(days=days), **terms)
    assert later.pence <= refund_of(rule, on=on, **terms).pence


@given(st.sampled_from(get_args(Counting)), DAYS, LENGTHS, DAYS)
def test_what_is_left_is_between_nothing_and_all(by: Counting, first: date, length: Length, on: date) -> None:
    left = left_of(by, first, length.last_day(first), on)
    assert 0 <= left.share <= 1
    if on >= length.last_day(first):
        assert left.parts == 0


def changed(rule: ChangeRule, was: int, would_be: int, on: date, before: int = 0, paid: int | None = None) -> int:
    """What a change costs for the year of these tests."""
    price = change_of_vehicle(
        rule,
        paid=was if paid is None else paid,
        was=was,
        would_be=would_be,
        first_on=FIRST,
        last_on=LAST,
        on=on,
        changes_before=before,
    )
    assert sum(step.pence for step in price.steps) == price.pence
    assert all(str(step.words) for step in price.steps)
    return price.pence


BY_MONTHS: Final = ChangeRule(by="complete_months")
CHANGED: Final = {
    "dearer": (ChangeRule(), 100_00, 200_00, 0, 49_86),
    "cheaper": (ChangeRule(), 200_00, 100_00, 0, -49_86),
    "the same": (ChangeRule(), 200_00, 200_00, 0, 0),
    "by months": (BY_MONTHS, 100_00, 200_00, 0, 50_00),
    "cheaper by months": (BY_MONTHS, 200_00, 100_00, 0, -50_00),
    "nothing is paid back": (ChangeRule(pays_back=False), 200_00, 100_00, 0, 0),
    "a fee": (ChangeRule(fee=16_00), 100_00, 200_00, 0, 65_86),
    "a fee from what comes back": (ChangeRule(fee=16_00), 200_00, 100_00, 0, -33_86),
    "another price for nobody": (ChangeRule(by="none"), 100_00, 200_00, 5, 0),
}


@pytest.mark.parametrize(("rule", "was", "would_be", "before", "pence"), CHANGED.values(), ids=CHANGED.keys())
def test_a_change_costs_the_difference_for_the_rest(
    rule: ChangeRule, was: int, would_be: int, before: int, pence: int
) -> None:
    assert changed(rule, was, would_be, SEPTEMBER, before) == pence


@pytest.mark.parametrize(("before", "pence"), [(0, 0), (1, 7_00), (2, 7_00)])
def test_the_first_change_in_watford_is_free(before: int, pence: int) -> None:
    assert changed(published("watford").change_rule("resident"), 100_00, 200_00, SEPTEMBER, before) == pence


def test_changes_in_merton_are_free_however_many() -> None:
    assert changed(published("merton").change_rule("business"), 331_00, 406_00, SEPTEMBER, 99) == 0


def test_a_permit_that_was_free_pays_nothing_back() -> None:
    assert changed(ChangeRule(), 200_00, 0, SEPTEMBER, paid=0) == 0


@given(CHANGES, PENCE, PENCE, DAYS, st.integers(0, 5), PENCE)
def test_a_change_never_pays_back_more_than_was_paid_nor_costs_more_than_the_difference(
    rule: ChangeRule, was: int, would_be: int, on: date, before: int, paid: int
) -> None:
    pence = changed(rule, was, would_be, on, before, paid)
    assert -paid <= pence <= max(0, would_be - was) + rule.fee


@given(PENCE, PENCE, DAYS)
def test_changing_there_and_back_on_one_day_costs_nothing_without_a_fee(was: int, would_be: int, on: date) -> None:
    there = changed(ChangeRule(), was, would_be, on, paid=10**9)
    assert changed(ChangeRule(), would_be, was, on, paid=10**9) == -there
