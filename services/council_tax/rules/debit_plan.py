"""What a Direct Debit will collect, and when: told in advance, as the Direct Debit Guarantee promises.

The Bacs scheme wants ten working days between the notice and the first collection or a change, unless the payer agreed
to less (the Guarantee; Bacs Service User's Guide and Rules). Working days are those of the banks: no weekends, no bank
holidays. What is due on another day is collected on the next working day. The days offered are a local scheme under
SI 1992/613, Schedule 1 Part II.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from portal.kit import after_working_days
from services.council_tax.rules.instalments import spread
from services.council_tax.rules.years import last_day

NOTICE: Final = 10
"""Working days."""
IN_HAND: Final = 3
"""Working days before a collection in which it is with the bank already: input, processing, debit."""


@dataclass(frozen=True, slots=True)
class Collection:
    """One payment: the day it is due, the working day on which the bank pays it, and how much."""

    due_on: date
    paid_on: date
    pence: int


@dataclass(frozen=True, slots=True)
class ToCome:
    """A payment of the year that is still to be made."""

    due_on: date
    pence: int


def first_collection(asked_on: date, day: int) -> date:
    """The first such day of a month that leaves ten working days of notice. `day` is from 1 to 28."""
    earliest = after_working_days(asked_on, NOTICE)
    this_month = earliest.replace(day=day)
    return this_month if this_month >= earliest else _a_month_after(this_month)


def collections(to_come: Iterable[ToCome], asked_on: date, day: int, year: int) -> tuple[Collection, ...]:
    """What is collected until the end of the year: all that is still to come, one payment a month from the first.

    As many payments as there are, or as the year has months for; at least one, which may fall after the year.
    """
    coming = [each for each in to_come if each.due_on > asked_on and each.pence > 0]
    days = _days(first_collection(asked_on, day), len(coming), last_day(year))
    amounts = spread(sum(each.pence for each in coming), len(days)) if days else ()
    return tuple(Collection(on, working_day(on), pence) for on, pence in zip(days, amounts, strict=False))


def working_day(day: date) -> date:
    """The day itself, or the next one on which banks work."""
    return after_working_days(day - timedelta(days=1), 1)


def last_with_the_bank(today: date) -> date:
    """What is collected up to this day can no longer be stopped by us: only by the payer's bank."""
    return after_working_days(today, IN_HAND)


def _days(first: date, most: int, until: date) -> Sequence[date]:
    days: list[date] = []
    on = first
    while len(days) < most and (on <= until or not days):
        days.append(on)
        on = _a_month_after(on)
    return days


def _a_month_after(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, day.day)
