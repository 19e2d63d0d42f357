"""Direct Debits: instructions to a bank, and what was collected by them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from portal.kit import after_working_days
from services.council_tax.backoffice.changes import SetDirectDebit
from services.council_tax.rules.debit_plan import last_with_the_bank, working_day
from services.council_tax.rules.instalments import Due, spread
from services.council_tax.standin import instalments, ledger, records
from services.council_tax.standin.store import account, debit

AnyRows = Row[*tuple[Any, ...]]  # of several columns, likewise
AnyRow = Row[Any]  # a row of a table, whose columns SQLAlchemy's Core does not type
NOTICE: Final = 10
"""Working days of notice before the first collection and each change: the Direct Debit Guarantee, as the scheme's rules
want it unless the payer agreed to less."""
LIVE: Final = ("being_set_up", "active", "ending")

_PAY_BY = (
    update(account)
    .where(account.c.reference == bindparam("ref"))
    .values(method=bindparam("by"), day=bindparam("on_day"))
)
_END = (
    update(debit)
    .where(debit.c.reference == bindparam("ref"), debit.c.state.in_(LIVE))
    .values(state=bindparam("to"), last_on=bindparam("last"))
)
_LIVE = select(debit.c.first_on, debit.c.last_on).where(debit.c.reference == bindparam("ref"), debit.c.state.in_(LIVE))


@dataclass(frozen=True, slots=True)
class Instruction:
    """What is kept of an instruction: the number of the account is the bank's alone."""

    payer_name: str
    account_ending: str
    day: int


def first_collection(asked_on: date, day: int) -> date:
    """The first such day of a month that leaves ten working days of notice."""
    earliest = after_working_days(asked_on, NOTICE)
    this_month = earliest.replace(day=day)
    if this_month >= earliest:
        return this_month
    return date(earliest.year + earliest.month // 12, earliest.month % 12 + 1, day)


def set_up(db: Connection, row: AnyRow, asked: SetDirectDebit, today: date, now: datetime) -> date:
    """Take an instruction in place of any other; the day of its first collection.

    What was still to be paid is collected from then on, on the days that were chosen. What is late stays late.
    """
    return _take(db, row, Instruction(asked.payer_name, asked.account_number[-2:], asked.day), today, now)


def carry_over(db: Connection, row: AnyRow, former: AnyRow, today: date, now: datetime) -> date:
    """Collect by a former account's instruction for this one, with notice as for a new one."""
    return _take(db, row, Instruction(former.payer_name, former.account_ending, former.day), today, now)


def stop(db: Connection, row: AnyRow, today: date) -> None:
    """No more collections at all: the account is closed, and its last bill says what is left."""
    db.execute(_END, {"ref": row.reference, "to": "cancelled", "last": today})
    db.execute(_PAY_BY, {"ref": row.reference, "by": "card", "on_day": row.day})


def end(db: Connection, row: AnyRow, today: date) -> date | None:
    """No more collections, but for one that is with the bank already; its day, if there is one."""
    last_on = _end(db, row, today)
    db.execute(_PAY_BY, {"ref": row.reference, "by": "card", "on_day": row.day})
    return last_on


def collect(db: Connection, reference: str, today: date) -> None:
    """Book what was collected up to today."""
    row, live = records.row_of(db, reference), _live(db, reference)
    if not live:
        return
    for each in instalments.read(db, reference, row.billed_year):
        if each.due_on <= today and each.paid < each.pence and not each.cancelled and _covered(each.due_on, live):
            pence = each.pence - each.paid
            ledger.post(
                db, reference, on=each.due_on, year=each.year, kind="direct_debit", code=str(each.number), pence=-pence
            )
    ledger.allot(db, reference, row.billed_year)


def _take(db: Connection, row: AnyRow, told: Instruction, today: date, now: datetime) -> date:
    first_on = first_collection(today, told.day)
    kept_until = _end(db, row, today) or today
    values = {"id": uuid.uuid4().hex, "reference": row.reference, "state": "being_set_up", "day": told.day}
    whose = {"payer_name": told.payer_name, "account_ending": told.account_ending}
    paid_on = working_day(first_on)
    db.execute(insert(debit), values | whose | {"first_on": paid_on, "made_at": now})
    db.execute(_PAY_BY, {"ref": row.reference, "by": "direct_debit", "on_day": told.day})
    _move_days(db, row, first_on, told.day, kept_until)
    return paid_on


def _end(db: Connection, row: AnyRow, today: date) -> date | None:
    """End each instruction; the day of what the bank has of them and still collects."""
    live = _live(db, row.reference)
    coming = [
        each.due_on
        for each in instalments.read(db, row.reference, row.billed_year)
        if today < each.due_on <= last_with_the_bank(today)
        and each.paid < each.pence
        and not each.cancelled
        and _covered(each.due_on, live)
    ]
    to, last_on = ("ending", coming[-1]) if coming else ("cancelled", today)
    db.execute(_END, {"ref": row.reference, "to": to, "last": last_on})
    return coming[-1] if coming else None


def _live(db: Connection, reference: str) -> Sequence[AnyRows]:
    return db.execute(_LIVE, {"ref": reference}).all()


def _covered(due_on: date, live: Sequence[AnyRows]) -> bool:
    """Whether one of the instructions collects what is due on that day."""
    return any(each.first_on <= due_on <= (each.last_on or date.max) for each in live)


def _move_days(db: Connection, row: AnyRow, first_on: date, day: int, kept_until: date) -> None:
    """Let the payments still to come fall on the day or the next working day, one a month from the first collection;
    those too that fell due at once when the right to pay by instalments was lost, which an officer gives back. What the
    bank has already is collected as it was."""
    rows = instalments.read(db, row.reference, row.billed_year)
    open_ones = [each for each in rows if each.paid < each.pence and (each.cancelled or each.due_on > kept_until)]
    kept = [each for each in instalments.dues(rows) if each.number not in {one.number for one in open_ones}]
    year_end = date(row.billed_year + 1, 3, 31)
    days: list[date] = []
    on = first_on
    while len(days) < max(1, len(open_ones)) and (on <= year_end or not days):
        days.append(working_day(on))
        on = date(on.year + on.month // 12, on.month % 12 + 1, day)
    left = sum(each.pence for each in open_ones)
    amounts = spread(left, len(days))
    moved = [Due(0, when, pence) for when, pence in zip(days, amounts, strict=False)]
    instalments.write(db, row.reference, row.billed_year, [*kept, *moved])
