"""Money in and out of an account: each entry once, the balance after it, and which instalments it paid.

Everything here is done with the account's row locked, so that two payments at once are one after the other.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, bindparam, func, insert, select, update

from services.council_tax.standin.store import account, entry, instalment

MONEY: Final = ("payment", "direct_debit", "refund", "returned_payment", "transfer")
"""Kinds of entry that move money; all others say what is owed."""

_RAISE = (
    update(account)
    .where(account.c.reference == bindparam("ref"))
    .values(balance=account.c.balance + bindparam("pence"))
    .returning(account.c.balance)
)
_ADD = insert(entry)
_SUMS = (
    select(entry.c.year, entry.c.kind, func.sum(entry.c.pence).label("pence"))
    .where(entry.c.reference == bindparam("ref"))
    .group_by(entry.c.year, entry.c.kind)
)
_PLAN = (
    select(instalment)
    .where(instalment.c.reference == bindparam("ref"), instalment.c.year == bindparam("year"))
    .order_by(instalment.c.number)
)
_PAID = (
    update(instalment)
    .where(
        instalment.c.reference == bindparam("ref"),
        instalment.c.year == bindparam("in_year"),
        instalment.c.number == bindparam("nth"),
    )
    .values(paid=bindparam("paid"))
)


@dataclass(frozen=True, slots=True)
class Sums:
    """What an account comes to in one year, in pence. `paid` is above zero when money came in."""

    charge: int = 0
    paid: int = 0
    arrears: int = 0
    costs: int = 0
    older: int = 0
    """What of the arrears is still booked under the years in which it arose; the rest was brought into the plan."""

    @property
    def planned(self) -> int:
        """What the payments of the year come to: its charge, and what an arrangement brought in."""
        return self.charge + self.arrears - self.older

    @property
    def owed(self) -> int:
        """All of it."""
        return self.charge + self.arrears + self.costs - self.paid


def post(db: Connection, reference: str, *, on: date, year: int, kind: str, pence: int, code: str = "") -> int:
    """Write one entry; the balance after it. Nothing is written for nothing."""
    balance: int = db.execute(_RAISE, {"ref": reference, "pence": pence}).scalar_one()
    if pence:
        values = {"on": on, "year": year, "kind": kind, "code": code, "pence": pence, "balance": balance}
        db.execute(_ADD, {"reference": reference, **values})
    return balance


def sums(db: Connection, reference: str, year: int) -> Sums:
    """The account in that year; entries of years before it are arrears."""
    charge = paid = brought = older = costs = 0
    for each in db.execute(_SUMS, {"ref": reference}):
        if each.year < year:
            older += int(each.pence)
        elif each.kind == "arrears":
            brought += int(each.pence)
        elif each.kind in MONEY:
            paid -= int(each.pence)
        elif each.kind == "cost":
            costs += int(each.pence)
        else:
            charge += int(each.pence)
    return Sums(charge, paid, older + brought, costs, older)


def allot(db: Connection, reference: str, year: int) -> None:
    """Let the year's money fall to its instalments, the earliest first."""
    left = max(0, sums(db, reference, year).paid)
    for each in db.execute(_PLAN, {"ref": reference, "year": year}).all():
        paid = min(left, each.pence)
        left -= paid
        if paid != each.paid:
            db.execute(_PAID, {"ref": reference, "in_year": year, "nth": each.number, "paid": paid})


def take(db: Connection, reference: str, *, pence: int, on: date, year: int, kind: str) -> int:
    """Book money that came in; the balance after it.

    It goes to what is late this year, then to earlier years, then to the rest of this one: whoever pays an instalment
    finds that instalment paid, and what is over shortens the older debt before it pays ahead.
    """
    late = sum(
        each.pence - each.paid
        for each in db.execute(_PLAN, {"ref": reference, "year": year})
        if each.due_on <= on or each.cancelled
    )
    older = max(0, sums(db, reference, year).older)
    first = min(pence, late)
    second = min(pence - first, older)
    balance = post(db, reference, on=on, year=year, kind=kind, pence=-(pence - second))
    if second:
        balance = post(db, reference, on=on, year=year - 1, kind=kind, pence=-second)
    allot(db, reference, year)
    return balance


def give_back(db: Connection, reference: str, *, pence: int, on: date, year: int) -> int:
    """Book money that went back to who paid it; the balance after it. What it had paid is to be paid again."""
    balance = post(db, reference, on=on, year=year, kind="returned_payment", pence=pence)
    allot(db, reference, year)
    return balance
