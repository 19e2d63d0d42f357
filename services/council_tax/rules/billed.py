"""From a bill back to the state of each day, so that what it would come to after a move can be worked out.

A bill says what each change did in pence, not at which rate. Rates that the law sets are known by their code. Others
are found from the pence: as the whole percent that gives them, else as the share that they are.
"""

from collections.abc import Iterable, Iterator, Sequence
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
PENNY: Final = 1
"""By how much rounding may move the pence of a change."""


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
    return tuple(_states(sorted(periods, key=lambda one: one.since_on)))


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


def _states(periods: Sequence[BilledPeriod]) -> Iterator[State]:
    for at, period in enumerate(periods):
        kinds = {each.kind: each.code for each in period.given}
        yield State(
            period.since_on,
            period.band,
            exemption=kinds.get("exemption", ""),
            band_reduction="band_reduction" in kinds,
            changes=tuple(_changes(period)),
        )
        following = periods[at + 1].since_on if at + 1 < len(periods) else None
        if following != period.until_on + DAY:
            yield State(period.until_on + DAY, period.band, liable=False)


def _changes(period: BilledPeriod) -> Iterator[Change]:
    level = period.pence - sum(each.pence for each in period.given)
    for each in period.given:
        if each.kind not in ("exemption", "band_reduction"):
            yield Change(each.kind, each.code, rate=_rate(each, level))
        level += each.pence


def _rate(given: Given, level: int) -> Fraction:
    """The share of `level` that the change was."""
    if given.code in BY_RESIDENTS:
        return 2 * SINGLE if given.code == "all_disregarded" else SINGLE
    if not level:
        return Fraction(0)
    exact = Fraction(abs(given.pence), level)
    whole = Fraction(half_up(exact * 100), 100)
    return whole if abs(whole * level - abs(given.pence)) <= PENNY else exact
