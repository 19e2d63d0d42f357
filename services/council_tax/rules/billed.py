"""From a bill back to the state of each day, so that what it would come to after a move can be worked out.

A bill says what each change did in pence, not at which rate. Rates that the law sets are known by their code. Others
are found from the pence: as the roundest percent that gives them, else as the share that they are.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final

from services.council_tax.rules.charges import Band, Charges
from services.council_tax.rules.liability import (
    BY_RESIDENTS,
    ORDER,
    SINGLE,
    Change,
    Kind,
    Order,
    State,
    YearCharge,
    charge_for,
)
from services.council_tax.rules.moves import moved_out
from services.council_tax.rules.rounding import half_up
from services.council_tax.rules.years import first_day

DAY: Final = timedelta(days=1)
SLACK: Final = 2
"""By how many pence rounding may move what a change did: a step of a bill is rounded at both its ends."""
ROUND: Final = tuple(Fraction(percent, 100) for percent in (50, 25, 10, 5, 1))
"""Rates are whole percents, and the rounder the likelier."""
Rates = Mapping[tuple[str, str], Fraction]


@dataclass(frozen=True, slots=True)
class Given:
    """What one change did in a period: pence below zero lowered it."""

    kind: Kind
    code: str
    pence: int


@dataclass(frozen=True, slots=True)
class BilledPeriod:
    """Some days of like state as billed, both ends counted. `pence` is what is left after all changes."""

    since_on: date
    until_on: date
    band: Band
    pence: int
    given: tuple[Given, ...] = ()


def states_of(periods: Iterable[BilledPeriod]) -> tuple[State, ...]:
    """The states that make such a bill: in the gaps and after the last period nobody is liable."""
    in_order = sorted(periods, key=lambda one: one.since_on)
    return tuple(_states(in_order, _rates(in_order)))


def charge_until(
    charges: Charges, periods: Sequence[BilledPeriod], left_on: date, *, order: Order = ORDER
) -> YearCharge:
    """What the year of this bill comes to for somebody who leaves on a day, which is not charged: LGFA 1992 s2."""
    if not periods:
        return YearCharge(charges.year, (), 0)
    return charge_for(charges, moved_out(states_of(periods), left_on), order=order)


def charge_to_come(
    charges: Charges, periods: Sequence[BilledPeriod], left_on: date, *, order: Order = ORDER
) -> YearCharge:
    """The same for a later year, which has no bill yet: things stay as they are at the end of the last one."""
    states = [state for state in states_of(periods) if state.liable][-1:]
    if not states:
        return YearCharge(charges.year, (), 0)
    gone = State(max(left_on, first_day(charges.year)), states[0].band, liable=False)
    return charge_for(charges, [*states, gone], order=order)


def _states(periods: Sequence[BilledPeriod], rates: Rates) -> Iterator[State]:
    for at, period in enumerate(periods):
        kinds = {each.kind: each.code for each in period.given}
        yield State(
            period.since_on,
            period.band,
            exemption=kinds.get("exemption", ""),
            band_reduction="band_reduction" in kinds,
            changes=tuple(_changes(period, rates)),
        )
        following = periods[at + 1].since_on if at + 1 < len(periods) else None
        if following != period.until_on + DAY:
            yield State(period.until_on + DAY, period.band, liable=False)


def _changes(period: BilledPeriod, rates: Rates) -> Iterator[Change]:
    for given, level in _steps(period):
        if given.kind not in ("exemption", "band_reduction"):
            likely = rates[given.kind, given.code]
            yield Change(given.kind, given.code, rate=likely if _fits(likely, given, level) else _rate(given, level))


def _rates(periods: Sequence[BilledPeriod]) -> Rates:
    """The rate of each change, from where it did most: the pence of a few days say little of a rate."""
    steps = [step for period in periods for step in _steps(period)]
    return {(given.kind, given.code): _rate(given, level) for given, level in sorted(steps, key=lambda step: step[1])}


def _steps(period: BilledPeriod) -> Iterator[tuple[Given, int]]:
    """Each change with the pence on which it was worked out."""
    level = period.pence - sum(each.pence for each in period.given)
    for each in period.given:
        yield each, level
        level += each.pence


def _rate(given: Given, level: int) -> Fraction:
    """The share of `level` that the change was."""
    if given.code in BY_RESIDENTS:
        return 2 * SINGLE if given.code == "all_disregarded" else SINGLE
    if not level:
        return Fraction(0)
    exact = Fraction(abs(given.pence), level)
    likely = (half_up(exact / step) * step for step in ROUND)
    return next((rate for rate in likely if _fits(rate, given, level)), exact)


def _fits(rate: Fraction, given: Given, level: int) -> bool:
    """Whether a rate makes what the change did. One that the law sets is not asked: two of them may share a half."""
    return given.code in BY_RESIDENTS or abs(rate * level - abs(given.pence)) <= SLACK
