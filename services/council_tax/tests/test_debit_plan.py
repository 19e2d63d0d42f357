"""What a Direct Debit collects: ten working days' notice, working days of the banks, and not a penny more or less."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kit import after_working_days
from services.council_tax.rules.debit_plan import ToCome, collections, first_collection, last_with_the_bank, working_day
from services.council_tax.rules.instalments import DAYS, instalments


def is_working(day: date) -> bool:
    """Whether banks work on that day."""
    return after_working_days(day - timedelta(days=1), 1) == day


def working_days_between(start: date, end: date) -> int:
    """How many days on which banks work come after `start`, up to and with `end`."""
    return sum(is_working(start + timedelta(days=n)) for n in range(1, (end - start).days + 1))


ASKED = st.dates(date(2024, 4, 1), date(2031, 3, 31))


@pytest.mark.parametrize(
    ("asked_on", "day", "first"),
    [
        (date(2026, 4, 1), 15, date(2026, 5, 15)),  # Good Friday and Easter Monday: notice ends on 17 April
        (date(2026, 4, 1), 25, date(2026, 4, 25)),
        (date(2026, 6, 1), 15, date(2026, 6, 15)),  # the tenth working day itself
        (date(2026, 6, 2), 15, date(2026, 7, 15)),
        (date(2026, 12, 17), 5, date(2027, 1, 5)),  # Christmas, its substitute day and New Year between
        (date(2026, 12, 18), 5, date(2027, 2, 5)),
        (date(2026, 12, 21), 1, date(2027, 2, 1)),
    ],
    ids=["Easter", "after Easter", "the tenth day", "a day late", "Christmas", "after it", "into the next year"],
)
def test_the_first_collection_leaves_ten_working_days(asked_on: date, day: int, first: date) -> None:
    assert first_collection(asked_on, day) == first


@given(ASKED, st.sampled_from(DAYS))
def test_the_notice_is_never_shorter_nor_a_month_longer_than_it_must_be(asked_on: date, day: int) -> None:
    first = first_collection(asked_on, day)
    assert first.day == day
    assert working_days_between(asked_on, working_day(first)) >= 10
    earlier = (first.replace(day=1) - timedelta(days=1)).replace(day=day)
    assert working_days_between(asked_on, earlier) < 10 or not is_working(earlier)


@given(st.integers(0, 600_000), ASKED, st.sampled_from(DAYS), st.sampled_from((10, 12)), st.integers(2024, 2030))
def test_what_is_collected_adds_up_to_what_was_to_come(
    pence: int, asked_on: date, day: int, many: int, year: int
) -> None:
    due = instalments(pence, date(year, 3, 10), year, many=many)  # type: ignore[arg-type]  # ten or twelve
    coming = [ToCome(one.on, one.pence) for one in due]
    plan = collections(coming, asked_on, day, year)
    assert sum(one.pence for one in plan) == sum(one.pence for one in coming if one.due_on > asked_on)
    assert len(plan) <= len(coming)
    assert [one.due_on for one in plan] == sorted({one.due_on for one in plan})
    assert all(is_working(one.paid_on) and one.paid_on >= one.due_on for one in plan)


def test_what_is_due_on_a_weekend_or_holiday_is_paid_on_the_next_working_day() -> None:
    assert working_day(date(2026, 8, 1)) == date(2026, 8, 3)
    assert working_day(date(2026, 12, 25)) == date(2026, 12, 29)
    assert working_day(date(2026, 6, 15)) == date(2026, 6, 15)


def test_a_collection_near_at_hand_is_with_the_bank() -> None:
    assert last_with_the_bank(date(2026, 4, 1)) == date(2026, 4, 8)  # Easter between


def test_late_in_the_year_all_is_collected_at_once() -> None:
    coming = [ToCome(date(2027, 3, 1), 10_400)]
    (only,) = collections(coming, date(2027, 2, 26), 15, 2026)
    assert (only.due_on, only.paid_on, only.pence) == (date(2027, 3, 15), date(2027, 3, 15), 10_400)
    assert collections([], date(2026, 6, 1), 1, 2026) == ()
