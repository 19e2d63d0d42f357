"""By when a resident may expect something."""

from collections.abc import Collection
from datetime import date, timedelta

SATURDAY = 5


def due_on(sent_on: date, working_days: int, closed_on: Collection[date] = ()) -> date:
    """The last of so many working days after the day of sending, which itself does not count."""
    day = sent_on
    left = working_days
    while left:
        day += timedelta(days=1)
        if day.weekday() < SATURDAY and day not in closed_on:
            left -= 1
    return day


def is_late(due: date, today: date) -> bool:
    """Whether the promised day is over. On the day itself there is still time."""
    return today > due
