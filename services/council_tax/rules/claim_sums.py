"""What a claim would change: estimates that a page shows before anything is sent. Pence throughout."""

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Final

from services.council_tax.rules.instalments import NOTICE, Due, spread
from services.council_tax.rules.liability import SINGLE
from services.council_tax.rules.rounding import half_up
from services.council_tax.rules.years import days_between, days_in_year, first_day, last_day, months_after

OFFERED_MONTHS: Final = (3, 6, 9, 12, 18, 24)
"""Over how many months a resident may ask to spread what they owe: the demo council's choice, as is the longest."""


def cost_of_ending(lowers: int, *, days: int, ended_on: date, until_on: date | None, year: int) -> int:
    """How much more a year costs when something that lowers it ends: its share for the days after `ended_on`.

    `lowers` is by how much it lowers that year (positive) over `days` days. Nothing for days after `until_on`, when it
    would have ended anyway.
    """
    last = min(until_on or last_day(year), last_day(year))
    gone = days_between(max(date.fromordinal(ended_on.toordinal() + 1), first_day(year)), last)
    return half_up(Fraction(lowers * min(gone, days), days)) if days else 0


def whole_year(rate: Fraction, band_pence: int) -> int:
    """What a share of the band's charge comes to in a year."""
    return half_up(rate * band_pence)


def household_saving(adults: int, band_pence: int) -> int:
    """What a year costs less when one of so many adults is not counted: one or none is left, or the bill stays as it
    is. LGFA 1992 s11(1) and (2)."""
    left = adults - 1
    return whole_year(SINGLE, band_pence) if left in (0, 1) else 0


def weekly_before(charge: int, reductions: Iterable[int], *, since_on: date, until_on: date | None, year: int) -> int:
    """A week of council tax before council tax reduction, whole pence.

    `charge` is what the year costs now and `reductions` what reduction takes off it (below zero), from `since_on` to
    `until_on` if that is shorter than the year. SI 2012/2885 Sch 1 para 7.
    """
    days = days_between(max(since_on, first_day(year)), min(until_on or last_day(year), last_day(year)))
    return half_up(Fraction((charge - sum(reductions)) * 7, max(1, min(days, days_in_year(year)))))


def first_payment(today: date, day: int) -> date:
    """The next such day of the month that is at least 14 days off, as for a bill. SI 1992/613 Sch 1 para 7."""
    return next(
        on for nth in range(3) if (on := months_after(today.replace(day=1), nth).replace(day=day)) >= today + NOTICE
    )


def arrangement(owed: int, months: int, *, day: int, today: date) -> tuple[Due, ...]:
    """The payments of an arrangement, one a month, that add up to what is owed."""
    first = first_payment(today, day)
    return tuple(Due(nth, months_after(first, nth - 1), pence) for nth, pence in enumerate(spread(owed, months), 1))


def months_for(owed: int | None) -> tuple[int, ...]:
    """The months that can be chosen: those with a payment in each, none below £5. All, where the debt is not known."""
    if owed is None:
        return OFFERED_MONTHS
    return tuple(many for many in OFFERED_MONTHS if len(spread(owed, many)) == many)
