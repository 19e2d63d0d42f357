"""Which debt a payment pays: instalments in their order, and years.

No statute says. At common law who pays may name the debt, and if they do not, who is paid may choose (Clayton's Case
(1816) 1 Mer 572; SI 1992/613 is silent). Ours goes to the oldest first, which keeps the resident out of a
second reminder; a payment that names a year pays that year.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.council_tax.rules.instalments import Due

PaymentState = Literal["paid", "part_paid", "due", "late", "future"]


@dataclass(frozen=True, slots=True)
class Debt:
    """What is owed for one year, pence: the charge or its arrears with costs."""

    year: int
    pence: int


def paid_of(dues: Sequence[Due], paid: int) -> tuple[int, ...]:
    """How much of each payment has been paid: the first ones first. What is paid beyond them all is a credit."""
    parts, left = [], max(0, paid)
    for due in dues:
        parts.append(min(due.pence, left))
        left -= parts[-1]
    return tuple(parts)


def state_of(due: Due, paid: int, today: date, *, soon: int = 14) -> PaymentState:
    """How a payment stands today, `paid` of it being paid: due from `soon` days ahead, late from the day after."""
    if paid >= due.pence:
        return "paid"
    if due.on < today:
        return "late"
    if paid:
        return "part_paid"
    return "due" if (due.on - today).days <= soon else "future"


def overdue(dues: Sequence[Due], paid: int, today: date) -> int:
    """What should have been paid before today and was not, pence. On the day itself it is not yet late."""
    return max(0, sum(due.pence for due in dues if due.on < today) - max(0, paid))


def next_due(dues: Sequence[Due], paid: int) -> Due | None:
    """The first payment that is not paid in full, with what is left of it."""
    for due, part in zip(dues, paid_of(dues, paid), strict=True):
        if part < due.pence:
            return Due(due.number, due.on, due.pence - part)
    return None


def appropriate(pence: int, debts: Sequence[Debt], *, named: int | None = None) -> tuple[tuple[Debt, ...], int]:
    """What a payment pays of each debt (in their order, none of nothing), and what is left over as a credit.

    The year that was named first, then the oldest.
    """
    if pence < 0:
        raise ValueError("a payment is never below nothing")
    takes: dict[int, int] = {}
    for debt in sorted(debts, key=lambda one: (one.year != named, one.year)):
        takes[debt.year] = min(max(0, debt.pence), pence)
        pence -= takes[debt.year]
    return tuple(Debt(debt.year, takes[debt.year]) for debt in debts if takes[debt.year]), pence
