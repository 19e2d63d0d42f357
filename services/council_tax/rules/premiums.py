"""What a council adds for homes that stand empty and for second homes, and when it may not.

Law: LGFA 1992 s11B (long-term empty: no resident, substantially unfurnished) and s11C (second homes: no resident,
furnished), by the Levelling-up and Regeneration Act 2023 ss79 and 80; the exceptions are Classes E to M of SI 2003/3011
as SI 2024/1007 wrote them, in force for days from 1 April 2025. Rates are the highest allowed: a council decides lower
ones, and for second homes it decides a year ahead (s11C(3)).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final, Literal

from portal.kit import Lazy
from portal.kit import lazy_gettext as _
from services.council_tax.rules.liability import Change
from services.council_tax.rules.years import first_day, last_day, months_after

Home = Literal["long_term_empty", "second_home"]
Steps = Sequence[tuple[int, Fraction]]
EMPTY: Final[Steps] = ((1, Fraction(1)), (5, Fraction(2)), (10, Fraction(3)))
"""Years empty, and what is added then. s11B(1A) to (1C): 100% after one year, 200% after five, 300% after ten."""
ONE_YEAR_SINCE: Final = date(2024, 4, 1)
"""Until then the first step was two years. Levelling-up and Regeneration Act 2023 s79(1)(b) and (2)."""
ALLOWED_SINCE: Final = {1: date(2019, 4, 1), 5: date(2020, 4, 1), 10: date(2021, 4, 1)}
"""From when each step could be charged. Rating (Property in Common Occupation) and Council Tax (Empty Dwellings) Act
2018 s2. Days before April 2019, when the most was 50%, are not priced here."""
SECOND_HOMES_SINCE: Final = date(2025, 4, 1)
SECOND_HOME: Final = Fraction(1)
"""s11C(1): up to 100%."""
EXCEPTIONS_SINCE: Final = date(2025, 4, 1)


@dataclass(frozen=True, slots=True)
class Excepted:
    """A class of homes for which a premium may not be charged: which premiums, and for how many months at most."""

    code: str
    title: Lazy
    proof: Lazy
    homes: frozenset[Home]
    months: int | None = None


_BOTH: Final[frozenset[Home]] = frozenset({"long_term_empty", "second_home"})
_EMPTY_ONLY: Final[frozenset[Home]] = frozenset({"long_term_empty"})
_SECOND_ONLY: Final[frozenset[Home]] = frozenset({"second_home"})
EXCEPTIONS: Final = (
    Excepted(
        "E",
        _("It would be your main home, but you must live in armed forces accommodation"),
        _("A letter from the unit"),
        _BOTH,
    ),
    Excepted("F", _("Annexe that is used as part of the main home"), _("A photograph or plan"), _BOTH),
    Excepted(
        "G", _("It is for sale: for up to 12 months"), _("The agent’s letter with the date, or the advert"), _BOTH, 12
    ),
    Excepted(
        "H", _("It is to let: for up to 12 months"), _("The agent’s letter with the date, or the advert"), _BOTH, 12
    ),
    Excepted("I", _("The owner died: for up to 12 months after probate"), _("The grant of probate"), _BOTH, 12),
    Excepted("J", _("You must live somewhere else for your job"), _("A letter from the employer"), _SECOND_ONLY),
    Excepted("K", _("Pitch with a caravan or mooring with a boat"), _("The site’s letter"), _SECOND_ONLY),
    Excepted("L", _("Nobody may live there all year round"), _("The planning condition"), _SECOND_ONLY),
    Excepted(
        "M",
        _("It needs or has major repairs: for up to 12 months"),
        _("Photographs, or a builder’s or surveyor’s report"),
        _EMPTY_ONLY,
        12,
    ),
)
BY_CODE: Final = {one.code: one for one in EXCEPTIONS}


def empty_premiums(empty_since: date, steps: Steps = EMPTY) -> tuple[tuple[date, Fraction], ...]:
    """The days from which each premium is charged, and the premium, for a home empty from a day.

    A home is long-term empty on a day with which a whole year of it ends (s11B(8)): empty since 10 June 2024, the
    premium is charged from 9 June 2025. Six weeks or less in which somebody lived there do not interrupt (s11B(9)).
    Before 1 April 2024 the first step needed two years.
    """
    found: list[tuple[date, Fraction]] = []
    for years, rate in steps:
        since_on = _after(empty_since, years)
        if years == 1:
            since_on = max(since_on, min(ONE_YEAR_SINCE, _after(empty_since, 2)))
        found.append((max(since_on, ALLOWED_SINCE.get(years, since_on)), rate))
    return tuple(found)


def empty_premium(empty_since: date, day: date, steps: Steps = EMPTY) -> Change | None:
    """The premium of a home that has been empty since a day, on a day."""
    rates = [rate for since_on, rate in empty_premiums(empty_since, steps) if since_on <= day]
    return Change("premium", "long_term_empty", rate=rates[-1]) if rates else None


def second_home_premium(day: date, rate: Fraction = SECOND_HOME, since_on: date = SECOND_HOMES_SINCE) -> Change | None:
    """The premium of a furnished home where nobody lives, on a day. `since_on`: from when this council charges it."""
    if day < max(since_on, SECOND_HOMES_SINCE) or not rate:
        return None
    return Change("premium", "second_home", rate=rate)


def excepted(code: str, home: Home, since_on: date, day: date) -> bool:
    """Whether an exception keeps the premium off on a day, when its reason began on `since_on`. Raises KeyError.

    The months run from the day the reason began (marketing, grant, need of repair), even before 1 April 2025.
    """
    last = last_excepted_day(code, since_on)
    return home in BY_CODE[code].homes and day >= max(since_on, EXCEPTIONS_SINCE) and (last is None or day <= last)


def last_excepted_day(code: str, since_on: date) -> date | None:
    """The last day for which a class can be given; None when it has no limit. Raises KeyError for no class."""
    months = BY_CODE[code].months
    return None if months is None else months_after(since_on, months) - timedelta(days=1)


def empty_in_year(empty_since: date, year: int, steps: Steps = EMPTY) -> Iterator[tuple[date, Change | None]]:
    """The days of a year on which the premium of an empty home begins or rises, 1 April first, and what is charged."""
    begins = max(first_day(year), empty_since)
    yield begins, empty_premium(empty_since, begins, steps)
    for since_on, _rate in empty_premiums(empty_since, steps):
        if begins < since_on <= last_day(year):
            yield since_on, empty_premium(empty_since, since_on, steps)


def _after(day: date, years: int) -> date:
    """The day with which so many years end. From 29 February they end with the 28th."""
    end = months_after(day, 12 * years)
    return end if end.day < day.day else end - timedelta(days=1)
