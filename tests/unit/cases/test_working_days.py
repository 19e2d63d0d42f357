from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.cases.working_days import (
    after_working_days,
    bank_holidays,
    end_of,
    is_working,
    local_day,
    working_days_between,
)

DAYS = st.dates(date(2024, 1, 1), date(2029, 12, 31))
SOME = st.integers(0, 60)
CLOSED = st.frozensets(DAYS, max_size=20)


@pytest.mark.parametrize(
    ("day", "why"),
    [
        ("2022-06-02", "the spring holiday, moved for the jubilee"),
        ("2022-06-03", "the Platinum Jubilee"),
        ("2022-09-19", "the State Funeral"),
        ("2023-05-08", "the Coronation"),
        ("2026-12-25", "Christmas Day"),
        ("2026-12-28", "in place of Boxing Day, a Saturday"),
        ("2027-03-26", "Good Friday"),
        ("2027-12-28", "in place of Boxing Day, a Sunday"),
    ],
)
def test_bank_holidays_are_those_of_england_and_wales(day: str, why: str) -> None:
    assert not is_working(date.fromisoformat(day)), why


def test_what_is_no_holiday_here_is_a_working_day() -> None:
    for day in ("2026-01-02", "2026-03-17", "2026-11-30", "2022-05-30"):  # Scotland's, Ireland's, and the one moved
        assert is_working(date.fromisoformat(day)), day
    assert len(bank_holidays(2026)) == 9  # the eight, and Saturday the 26th beside its Monday


@pytest.mark.parametrize(
    ("start", "many", "end"),
    [
        ("2026-11-20", 1, "2026-11-23"),  # from Friday over the weekend
        ("2026-11-22", 1, "2026-11-23"),  # from a Sunday
        ("2026-12-24", 1, "2026-12-29"),  # over Christmas
        ("2026-12-23", 5, "2027-01-04"),
        ("2026-11-23", 0, "2026-11-23"),
    ],
)
def test_days_are_counted_over_weekends_and_holidays(start: str, many: int, end: str) -> None:
    assert after_working_days(date.fromisoformat(start), many) == date.fromisoformat(end)


def test_the_councils_own_closing_days_count_too() -> None:
    closed = {date(2026, 12, 29), date(2026, 12, 30)}
    assert after_working_days(date(2026, 12, 24), 1, closed) == date(2026, 12, 31)


@given(day=DAYS, many=SOME, closed=CLOSED)
def test_counting_back_gives_what_was_counted_forward(day: date, many: int, closed: frozenset[date]) -> None:
    end = after_working_days(day, many, closed)
    assert working_days_between(day, end, closed) == many
    assert many == 0 or is_working(end, closed)


@given(day=DAYS, first=SOME, second=SOME)
def test_in_two_steps_is_as_far_as_in_one(day: date, first: int, second: int) -> None:
    assert after_working_days(after_working_days(day, first), second) == after_working_days(day, first + second)


@given(start=DAYS, end=DAYS)
def test_there_and_back_cancel_out(start: date, end: date) -> None:
    assert working_days_between(start, end) == -working_days_between(end, start)
    assert abs(working_days_between(start, end)) <= abs((end - start).days)


def test_a_day_is_promised_to_its_last_second_by_the_clock_on_the_wall() -> None:
    assert end_of(date(2026, 7, 1)).astimezone(UTC) == datetime(2026, 7, 1, 22, 59, 59, tzinfo=UTC)
    assert end_of(date(2026, 12, 1)).astimezone(UTC) == datetime(2026, 12, 1, 23, 59, 59, tzinfo=UTC)
    late = datetime(2026, 7, 1, 23, 30, tzinfo=UTC)
    assert local_day(late) == date(2026, 7, 2)
    assert local_day(late + timedelta(hours=23)) == date(2026, 7, 2)
