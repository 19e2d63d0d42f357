"""What somebody has to pay for a year: the state of the home and household at the end of each day, priced.

Law: Local Government Finance Act 1992 s2 (liability is found day by day; how things stand at the end of a day counts
for all of it), s10 (a day costs the year's amount for the band divided by the days of the year), s4 (exempt), s11 and
s11A (discounts), s11B and s11C (premiums), s13 (disabled band reduction), s13A (council tax reduction, local ones).

Rounding, which the law leaves open: sums are exact fractions; what has been charged from 1 April up to the end of any
day is rounded half up, and a period costs the difference between its two ends. So the periods always add up to the
year, and cutting a period in two never changes the sum. A period by itself may differ by a penny from its own product.
Within a period the full charge and what is left after each change but the last are rounded by themselves.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Final, Literal

from services.council_tax.rules.charges import Band, Charges
from services.council_tax.rules.disregards import BY_CODE as DISREGARDS
from services.council_tax.rules.rounding import half_up
from services.council_tax.rules.years import days_between, days_in_year, first_day, last_day

Kind = Literal["band_reduction", "discount", "exemption", "premium", "reduction", "local"]
Order = tuple[Kind, ...]
ORDER: Final[Order] = ("exemption", "band_reduction", "discount", "premium", "reduction", "local")
"""Each is worked out on what those before it left. Exemption and band reduction come first by law (s4: nothing is
charged; SI 1992/554 reg 4: the amount for the band itself changes); the order of the others is for a council to set."""
SINGLE: Final = Fraction(1, 4)
"""The "appropriate percentage" of s11(3): 25."""
BY_RESIDENTS: Final = frozenset({"single_person", "all_disregarded", *DISREGARDS})
"""The discounts of s11, which follow from who lives there. Two of them add up to 50%, and never to more."""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that raises or lowers a day's charge: a share of what is left, or an amount for each week.

    `code` names it on the bill (`single_person`, `second_home`, `reduction`). `rate` (a quarter for 25%) is positive
    whether it is given or charged: the kind says which. `weekly_pence` (council tax reduction) never takes more than
    there is.
    """

    kind: Kind
    code: str
    rate: Fraction = Fraction(0)
    weekly_pence: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class State:
    """How things are from the end of `since_on` until the next state, for one person's account of one home.

    `liable` is False before they move in and from the day on which they move out. `adults_counted` leaves out
    who is disregarded (see disregards). `occupied` says whether it is anybody's sole or main residence: an empty home
    has only the discounts in `changes` that the council gives (s11A), never the single person's.
    """

    since_on: date
    band: Band
    liable: bool = True
    occupied: bool = True
    adults_counted: int = 2
    band_reduction: bool = False
    exemption: str = ""
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Reason:
    """By how much something changes the charge of a period: pence below zero lower it."""

    kind: Kind
    code: str
    pence: int


@dataclass(frozen=True, slots=True)
class Period:
    """Some days of like state, both ends counted. `full_pence` and the reasons' pence add up to `pence`."""

    since_on: date
    until_on: date
    days: int
    band: Band
    full_pence: int
    pence: int
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class YearCharge:
    """What one account has to pay for a year: only periods for which somebody is liable, in order."""

    year: int
    periods: tuple[Period, ...]
    pence: int

    @property
    def days(self) -> int:
        """For how many days somebody is liable."""
        return sum(period.days for period in self.periods)


def charge_for(charges: Charges, states: Iterable[State], *, order: Order = ORDER) -> YearCharge:
    """The charge of a year for a sequence of states.

    States may begin before the year; the last that began counts. Before the first nobody is liable. Of two that begin
    on one day the later in the sequence counts: it is how things were at the end of that day.
    """
    periods: list[Period] = []
    charged = Fraction(0)
    for since_on, until_on, state in spans(charges.year, states):
        if state is None or not state.liable:
            continue
        days = days_between(since_on, until_on)
        changes = changes_of(state, order)
        levels = [level * days for level in _levels(charges, state, changes)]
        pence = half_up(charged + levels[-1]) - half_up(charged)
        charged += levels[-1]
        steps = [*(half_up(level) for level in levels[:-1]), pence]
        periods.append(Period(since_on, until_on, days, state.band, steps[0], pence, _reasons(changes, steps)))
    return YearCharge(charges.year, tuple(periods), half_up(charged))


def spans(year: int, states: Iterable[State]) -> tuple[tuple[date, date, State | None], ...]:
    """The year cut into runs of days of like state: first day, last day, state. They cover every day once."""
    begins, ends = first_day(year), last_day(year)
    runs: list[tuple[date, State | None]] = [(begins, None)]
    for state in sorted(states, key=lambda one: one.since_on):
        since_on = max(state.since_on, begins)
        if since_on > ends:
            break
        if runs[-1][0] == since_on:
            runs.pop()
        if not runs or not _alike(runs[-1][1], state):
            runs.append((since_on, state))
    lasts = [since_on - timedelta(days=1) for since_on, _ in runs[1:]] + [ends]
    return tuple((since_on, last, state) for (since_on, state), last in zip(runs, lasts, strict=True))


def changes_of(state: State, order: Order = ORDER) -> tuple[Change, ...]:
    """All that changes the charge of such a day, in the order in which it is worked out. An exemption stands alone."""
    if state.exemption:
        return (Change("exemption", state.exemption, rate=Fraction(1)),)
    found = list(state.changes)
    if state.band_reduction:
        found.append(Change("band_reduction", "disabled"))
    if state.occupied and state.adults_counted <= 1:
        found.append(occupancy_discount(state.adults_counted))
    return tuple(sorted(found, key=lambda change: (order.index(change.kind), change.code not in BY_RESIDENTS)))


def occupancy_discount(adults_counted: int) -> Change:
    """25% when one adult counts, 50% when somebody lives there and none counts. LGFA 1992 s11(1) and (2)."""
    if adults_counted == 1:
        return Change("discount", "single_person", rate=SINGLE)
    return Change("discount", "all_disregarded", rate=2 * SINGLE)


def yearly(charges: Charges, state: State, *, order: Order = ORDER) -> int:
    """What a whole year in that state costs, pence."""
    return charge_for(charges, [replace(state, since_on=first_day(charges.year))], order=order).pence


def daily(charges: Charges, state: State, *, order: Order = ORDER) -> Fraction:
    """What a day in that state costs: exact pence. LGFA 1992 s10."""
    return _levels(charges, state, changes_of(state, order))[-1]


def without(state: State, kind: Kind) -> State:
    """The same state without the changes of one kind."""
    return replace(state, changes=tuple(change for change in state.changes if change.kind != kind))


def checked_order(order: Sequence[str]) -> Order:
    """The order that a council set, if it names every kind once and begins as the law does. Raises ValueError."""
    kinds = {kind: kind for kind in ORDER}
    found = tuple(kinds[kind] for kind in order if kind in kinds)
    if sorted(order) != sorted(ORDER) or found[:2] != ORDER[:2]:
        raise ValueError(f"name each of {', '.join(ORDER)} once, the first two first")
    return found


def _alike(one: State | None, other: State) -> bool:
    return one is not None and replace(one, since_on=other.since_on) == other


def _levels(charges: Charges, state: State, changes: Sequence[Change]) -> list[Fraction]:
    """A day's amount at first and after each change."""
    full = charges.of(state.band)
    levels = [Fraction(full, days_in_year(charges.year))]
    given = Fraction(0)  # of s11, so far
    for change in changes:
        left = levels[-1]
        match change.kind:
            case "band_reduction":
                # As a proportion, so that it is right wherever a council's order puts it.
                left = left * charges.reduced(state.band) / full if full else left
            case "premium":
                left += left * change.rate
            case "discount" if change.code in BY_RESIDENTS:
                more = min(change.rate, 2 * SINGLE - given)
                left = left * (1 - given - more) / (1 - given)
                given += more
            case _:
                left -= min(left, left * change.rate + change.weekly_pence / 7)
        levels.append(left)
    return levels


def _reasons(changes: Sequence[Change], steps: Sequence[int]) -> tuple[Reason, ...]:
    """`steps` are the period's pence at first and after each change."""
    return tuple(
        Reason(change.kind, change.code, after - before)
        for change, before, after in zip(changes, steps[:-1], steps[1:], strict=True)
    )
