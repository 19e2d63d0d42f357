"""The financial year. A year is named by the calendar year in which it begins: 2026 is 1 April 2026 to 31 March 2027.

Law: Local Government Finance Act 1992, s116(1) ("financial year": any period of 12 months beginning with 1 April).
"""

from calendar import monthrange
from datetime import date


def year_of(day: date) -> int:
    """The year that a day belongs to: 31 March 2027 is of 2026."""
    return day.year if day.month >= 4 else day.year - 1


def first_day(year: int) -> date:
    """1 April."""
    return date(year, 4, 1)


def last_day(year: int) -> date:
    """31 March of the next calendar year."""
    return date(year + 1, 3, 31)


def days_in_year(year: int) -> int:
    """365, or 366 when 29 February lies in it: 2027 has 366, for February 2028 is its own.

    Law: LGFA 1992 s10(1), where D is the number of days in the financial year.
    """
    return (last_day(year) - first_day(year)).days + 1


def days_between(since_on: date, until_on: date) -> int:
    """How many days from the first to the last, both counted; 0 when they are out of order."""
    return max(0, (until_on - since_on).days + 1)


def months_after(day: date, months: int) -> date:
    """The same day some months on; the last of a month that has no such day (31 August and six months: 28 February).

    The rule of the corresponding date, by which the courts count months (Dodds v Walker [1981] UKHL 3).
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
