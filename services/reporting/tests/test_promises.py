"""By when something happens."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.rules.promises import due_on, is_late

CHRISTMAS = {date(2026, 12, 25), date(2026, 12, 28)}


@pytest.mark.parametrize(
    ("sent", "days", "due"),
    [
        (date(2026, 11, 23), 1, date(2026, 11, 24)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 11, 22), 3, date(2026, 11, 25)),
        (date(2026, 12, 24), 2, date(2026, 12, 30)),
    ],
)
def test_weekends_and_bank_holidays_do_not_count(sent: date, days: int, due: date) -> None:
    assert due_on(sent, days, CHRISTMAS) == due


def test_the_day_itself_is_in_time() -> None:
    day = date(2026, 11, 25)
    assert not is_late(day, day - timedelta(days=1))
    assert not is_late(day, day)
    assert is_late(day, day + timedelta(days=1))


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(1, 60))
def test_the_day_is_a_working_day_after_sending(sent: date, days: int) -> None:
    due = due_on(sent, days, CHRISTMAS)
    assert due.weekday() < 5
    assert due not in CHRISTMAS
    assert due >= sent + timedelta(days=days)
