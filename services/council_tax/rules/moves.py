"""What a move does to what somebody pays: the estimate before they send it, and the states after it.

Law: LGFA 1992 s2: the state at the end of the day. Who moves out during a day is not charged for it, who moves in is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from services.council_tax.rules.adjusting import Adjusted, settle
from services.council_tax.rules.charges import Charges
from services.council_tax.rules.instalments import Due, Many, instalments
from services.council_tax.rules.liability import ORDER, Order, State, YearCharge, charge_for


@dataclass(frozen=True, slots=True)
class Leaving:
    """What the old home costs for the year up to the move, and what is then left to pay or given back."""

    charge: YearCharge
    settled: Adjusted


@dataclass(frozen=True, slots=True)
class Arriving:
    """What the new home costs for the rest of the year, and the payments of a bill issued today."""

    charge: YearCharge
    dues: tuple[Due, ...]


@dataclass(frozen=True, slots=True)
class Moving:
    """From one home of the borough to another. A credit of the old account pays the new one first.

    `to_pay` is what is left to pay of both together, pence, and `credit` what is given back; one of them is nothing.
    """

    leaving: Leaving
    arriving: Arriving
    to_pay: int
    credit: int


def after(states: Iterable[State], change: State) -> tuple[State, ...]:
    """The states once a new one begins: what was to follow from that day on falls away."""
    return (*(state for state in states if state.since_on < change.since_on), change)


def moved_out(states: Iterable[State], left_on: date) -> tuple[State, ...]:
    """The states of an account whose people leave on a day, which is not charged. Raises ValueError without states."""
    before = sorted(states, key=lambda one: one.since_on)
    if not before:
        raise ValueError("nobody lived there")
    return after(before, State(left_on, before[0].band, liable=False))


def leave(
    charges: Charges, states: Iterable[State], left_on: date, *, paid: int, today: date, order: Order = ORDER
) -> Leaving:
    """The estimate of moving out. `paid` of the year's charge has been paid."""
    charge = charge_for(charges, moved_out(states, left_on), order=order)
    return Leaving(charge, settle(charge.pence, paid, today))


def arrive(
    charges: Charges, state: State, *, today: date, many: Many = 10, day: int = 1, order: Order = ORDER
) -> Arriving:
    """The estimate of moving in: `state` begins on the day of the move, which is charged."""
    charge = charge_for(charges, [state], order=order)
    return Arriving(charge, instalments(charge.pence, max(today, state.since_on), charges.year, many=many, day=day))


def move(leaving: Leaving, arriving: Arriving) -> Moving:
    """Both together."""
    owed = sum(due.pence for due in leaving.settled.dues) + arriving.charge.pence - leaving.settled.credit
    return Moving(leaving, arriving, max(0, owed), max(0, -owed))
