"""What follows when council tax is not paid: each step, its date, and what to pay by when so that it does not come.

Law: SI 1992/613 reg 23 (reminders and losing the right to pay by instalments), reg 33 (final notice), reg 34 (summons:
when 7 days that begin with the day of a final notice have passed), reg 35(2A) with SI 1998/295 (no liability order
until 14 days after the summons was served), reg 36 and Part VI (after an order). The law says how soon a step may come;
when a council takes it is its own timetable (`Timetable`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from services.council_tax.rules.allocation import overdue
from services.council_tax.rules.instalments import Due

Step = Literal["reminder", "second_reminder", "final_notice", "summons", "liability_order", "enforcement"]
NOTICE_DAYS: Final = 7
"""The period of a reminder or a final notice, which begins with its own day: its last day is 6 days later."""
COURT_DAYS: Final = 14
"""From the service of a summons to the hearing at the least. SI 1992/613 reg 35(2A)."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """When a council takes steps, in days: the demo's own choice, within what the law allows.

    `chase`: from a missed payment to the reminder. `summon`: from when the whole year fell due, or from the end of a
    final notice, to the summons. `hear`: from the summons to the hearing. `enforce`: from the order to the agents.
    """

    chase: int = 10
    summon: int = 7
    hear: int = 21
    enforce: int = 14


@dataclass(frozen=True, slots=True)
class Taken:
    """A step that was taken: when its notice was issued, or the court sat."""

    step: Step
    on: date


@dataclass(frozen=True, slots=True)
class Paid:
    """A payment that was received."""

    on: date
    pence: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an account is: what to pay by when, and which step comes on which day if it is not paid.

    `whole_year`: whether the right to pay by instalments is lost, so that `pay_pence` is all that is left of the year.
    """

    pay_pence: int = 0
    pay_by_on: date | None = None
    next_step: Step | None = None
    next_on: date | None = None
    whole_year: bool = False


def reminder_ends(issued_on: date) -> date:
    """The last day on which what a reminder names can be paid. reg 23(3): 7 days that begin with its day."""
    return issued_on + timedelta(days=NOTICE_DAYS - 1)


def whole_year_due(issued_on: date) -> date:
    """The day with which the whole year falls due after a reminder that was not followed.

    reg 23(3): at the end of a further 7 days, which begin with the day of the failure (the last day of the reminder).
    """
    return reminder_ends(issued_on) + timedelta(days=NOTICE_DAYS - 1)


def earliest_hearing(served_on: date) -> date:
    """The first day on which a liability order can be made. reg 35(2A): 14 days must have passed."""
    return served_on + timedelta(days=COURT_DAYS)


def standing(
    dues: Sequence[Due],
    payments: Sequence[Paid],
    taken: Sequence[Taken],
    today: date,
    *,
    costs: int = 0,
    timetable: Timetable | None = None,
) -> Standing:
    """Where one year's account stands today. `dues` are its payments, `taken` its steps, `costs` the court's, pence.

    A third missed payment needs no third reminder: a final notice comes, and the whole year is due (reg 23(4)).
    """
    times = timetable or Timetable()
    left = sum(due.pence for due in dues) + costs - _received(payments, today)
    if left <= 0:
        return Standing()
    steps = sorted(taken, key=lambda one: one.on)
    last = steps[-1] if steps else None
    if last is None or (last.step in ("reminder", "second_reminder") and _followed(last, dues, payments, today)):
        return _by_instalments(dues, _received(payments, today), len(steps), left, today, times)
    return _after(last, dues, payments, left, today, times)


def _by_instalments(
    dues: Sequence[Due], paid: int, reminders: int, left: int, today: date, times: Timetable
) -> Standing:
    """No step is open: the first missed payment brings the next reminder, or the final notice after two."""
    missed = _first_missed(dues, paid, today)
    if missed is None:
        return Standing()
    whole_year = reminders >= 2 or dues[-1].on < today
    step: Step = "final_notice" if whole_year else ("reminder", "second_reminder")[reminders]
    next_on = max(missed + timedelta(days=times.chase), today)
    pence = left if whole_year else overdue(dues, paid, today)
    return Standing(pence, next_on, step, next_on, whole_year)


def _after(
    last: Taken, dues: Sequence[Due], payments: Sequence[Paid], left: int, today: date, times: Timetable
) -> Standing:
    """A step is open: what stops the next one."""
    match last.step:
        case "reminder" | "second_reminder":
            ends, whole = reminder_ends(last.on), whole_year_due(last.on)
            summons_on = whole + timedelta(days=times.summon)
            if today <= ends:
                pence = _reminded(dues, ends) - _received(payments, today)
                return Standing(pence, ends, "summons", summons_on)
            return Standing(left, max(whole, today), "summons", summons_on, whole_year=True)
        case "final_notice":
            ends = reminder_ends(last.on)
            return Standing(left, max(ends, today), "summons", ends + timedelta(days=times.summon), whole_year=True)
        case "summons":
            hearing = max(last.on + timedelta(days=times.hear), earliest_hearing(last.on))
            return Standing(left, hearing - timedelta(days=1), "liability_order", hearing, whole_year=True)
        case "liability_order":
            enforced = last.on + timedelta(days=times.enforce)
            return Standing(left, enforced - timedelta(days=1), "enforcement", enforced, whole_year=True)
        case "enforcement":
            return Standing(left, today, whole_year=True)


def _followed(reminder: Taken, dues: Sequence[Due], payments: Sequence[Paid], today: date) -> bool:
    """Whether everything due by the end of a reminder was paid by then."""
    ends = reminder_ends(reminder.on)
    return _received(payments, min(ends, today)) >= _reminded(dues, ends)


def _reminded(dues: Sequence[Due], ends: date) -> int:
    """What a reminder asks for in all: what is due, and what falls due within its 7 days. reg 23(1)(i)."""
    return sum(due.pence for due in dues if due.on <= ends)


def _received(payments: Sequence[Paid], on: date) -> int:
    return sum(payment.pence for payment in payments if payment.on <= on)


def _first_missed(dues: Sequence[Due], paid: int, today: date) -> date | None:
    """The day of the first payment that was not made in full by its day."""
    for due in dues:
        paid -= due.pence
        if paid < 0:
            return due.on if due.on < today else None
    return None
