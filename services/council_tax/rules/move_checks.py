"""What cannot be right in a move, said so that somebody can put it right. The council's system judges again."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from portal.kit import format_date
from portal.kit import gettext as _
from services.council_tax.rules.years import first_day, months_after, year_of

MONTHS_AHEAD: Final = 3
"""How far ahead a move can be told: the demo council's choice. Plans change, and so do bills."""
APART: Final = timedelta(days=92)
"""How far the two days of one move within the area may lie apart: more are two moves. The demo council's choice."""
MOST_ADULTS: Final = 20
MOST_NAMES: Final = 10
LONGEST_NAME: Final = 70
_NUMBER: Final = re.compile(r"[0-9]{1,6}")


def earliest(today: date) -> date:
    """The first day that can be told here: bills of the last year and this one are put right without an officer."""
    return first_day(year_of(today) - 1)


def latest(today: date) -> date:
    """The last day that can be told."""
    return months_after(today, MONTHS_AHEAD)


def wrong_day(day: date, today: date, *, began_on: date | None = None) -> str:
    """What is wrong with a day of moving, or "". `began_on` is when the account began that somebody leaves."""
    if began_on is not None and day <= began_on:
        return _("The day must be after %(day)s, when this council tax account began", day=format_date(began_on))
    first, last = earliest(today), latest(today)
    if first <= day <= last:
        return ""
    check = _("Check the year. ") if day.year != today.year else ""
    if day < first:
        return check + _("The day must be %(day)s or later. For an earlier move, ring us", day=format_date(first))
    return check + _("The day must be %(day)s or earlier. Tell us again nearer the time", day=format_date(last))


def too_far_apart(left_on: date, moved_on: date) -> bool:
    """Whether leaving one home and moving into the other can hardly be one move."""
    return abs(moved_on - left_on) > APART


def read_names(text: str) -> tuple[str, ...]:
    """The names of a text, one a line, with single spaces."""
    return tuple(name for line in text.splitlines() if (name := " ".join(line.split())))


def wrong_names(names: Sequence[str]) -> str:
    """What is wrong with the names of those who pay, or ""."""
    if len(names) > MOST_NAMES:
        return _("Enter no more than %(most)s names. If more people pay, ring us", most=MOST_NAMES)
    for name in names:
        if len(name) > LONGEST_NAME:
            return _("Each name must be %(most)s characters or fewer, on a line of its own", most=LONGEST_NAME)
        if sum(character.isalpha() for character in name) < 2:
            return _("Enter each person’s full name on a line of its own, like Sam Lee")
    if len({name.casefold() for name in names}) < len(names):
        return _("The same name is there twice. Enter each person once")
    return ""


def read_adults(text: str) -> int | None:
    """A number of adults, or None for what is no whole number."""
    return int(text) if _NUMBER.fullmatch(text) else None


def wrong_adults(adults: int | None, names: int) -> str:
    """What is wrong with a number of adults, or "". `names` is how many people were said to pay."""
    if adults is None:
        return _("The number of adults must be a whole number, like 2")
    if adults < 1:
        return _("The number of adults must be 1 or more. If nobody moves in, ring us")
    if adults > MOST_ADULTS:
        return _(
            "The number of adults must be %(most)s or fewer. If more live there, ring us: the owner may have to pay",
            most=MOST_ADULTS,
        )
    if adults < names:
        return _("You named %(names)s people who pay, so there must be at least that many adults", names=names)
    return ""
