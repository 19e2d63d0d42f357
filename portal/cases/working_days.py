"""Which days the council works, and sums with them. Pure: the council's own closing days are handed in."""

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

import holidays

from portal import clock

SATURDAY: Final = 5
_LAST_SECOND: Final = time(23, 59, 59)


@lru_cache(maxsize=64)
def bank_holidays(year: int) -> frozenset[date]:
    """The bank holidays of England and Wales in a year, with substitute days and those proclaimed once."""
    return frozenset(holidays.country_holidays("GB", subdiv="ENG", years=year))


def is_working(day: date, closed_on: Collection[date] = ()) -> bool:
    """Whether the council works on that day: Monday to Friday, no bank holiday, no closing day of its own."""
    return day.weekday() < SATURDAY and day not in bank_holidays(day.year) and day not in closed_on


def after_working_days(day: date, many: int, closed_on: Collection[date] = ()) -> date:
    """The last of so many working days after `day`, which itself does not count. None later means `day` itself."""
    left = many
    while left > 0:
        day += timedelta(days=1)
        left -= is_working(day, closed_on)
    return day


def working_days_between(start: date, end: date, closed_on: Collection[date] = ()) -> int:
    """How many working days come after `start`, up to and with `end`; below zero when `end` is before."""
    if end < start:
        return -working_days_between(end, start, closed_on)
    days = (start + timedelta(days=n) for n in range(1, (end - start).days + 1))
    return sum(is_working(day, closed_on) for day in days)


def local_day(moment: datetime) -> date:
    """The day of a moment, as people in the council's area call it."""
    return moment.astimezone(clock.LOCAL).date()


def end_of(day: date) -> datetime:
    """The last second of a local day: what is promised for a day may still be done on it."""
    return datetime.combine(day, _LAST_SECOND, clock.LOCAL)
