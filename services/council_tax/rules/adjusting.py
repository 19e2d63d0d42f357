"""The payments after something changed during the year, and the last bill of somebody who leaves.

Law: SI 1992/613 Sch 1 para 10 (the charge changed: the remaining instalments are worked out anew, from the day 14 days
after the notice), with SI 1995/22 (what was paid before it fell due counts); para 9 and reg 24 (no longer liable: what
is left falls due 14 days after the notice, or is given back); reg 28 (joint liability: the same for both).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.council_tax.rules.instalments import NOTICE, Due, Many, days_left, how_many, spread


@dataclass(frozen=True, slots=True)
class Adjusted:
    """Payments that add up to the new charge, and what was paid beyond it (pence)."""

    dues: tuple[Due, ...]
    credit: int = 0


def adjust(dues: Sequence[Due], pence: int, noticed_on: date, *, paid: int = 0) -> Adjusted:
    """The payments of a year whose charge became `pence`, of which `paid` has been paid.

    Payments due within 14 days of the notice stand as they were. What is left is spread over the days of the others.
    What was paid ahead of time stands as a payment of its own on the day of the notice, so that it lowers all that
    remain and not only the next. When less is owed than what stands, the last of those that stand are cut. Raises
    ValueError where the charge or what was paid is below nothing.
    """
    if pence < 0 or paid < 0:
        raise ValueError("a charge and what was paid are never below nothing")
    standing = [due for due in dues if due.on < noticed_on + NOTICE]
    days = [due.on for due in dues if due.on >= noticed_on + NOTICE] or [noticed_on + NOTICE]
    kept = _cut(standing, pence)
    fixed = sum(part for _, part in kept)
    early = max(0, min(paid, pence) - fixed)
    if early:
        kept.append((noticed_on, early))
    kept.sort(key=lambda each: each[0])
    amounts = spread(pence - fixed - early, len(days))
    all_of_them = [*kept, *zip(days, amounts, strict=False)]
    return Adjusted(
        tuple(Due(number, on, part) for number, (on, part) in enumerate(all_of_them, 1)), max(0, paid - pence)
    )


def replan(dues: Sequence[Due], asked_on: date, year: int, *, day: int, many: Many | None = None) -> tuple[Due, ...]:
    """The payments after somebody asked for another day of the month, or for ten or twelve payments. They add up to
    what they did.

    Payments due within 14 days stand; the others fall on `day` of the months that have none yet: as many as there were,
    or as a bill of that day would have (ten), or all that are left of the year (twelve: SI 1992/613 Sch 1 para 2(3A),
    reg 21(1C)).
    """
    standing = [due for due in dues if due.on < asked_on + NOTICE]
    others = [due for due in dues if due.on >= asked_on + NOTICE]
    taken = {(due.on.year, due.on.month) for due in standing}
    days = [on for on in days_left(asked_on + NOTICE, year, day) if (on.year, on.month) not in taken]
    number = {None: len(others), 10: how_many(asked_on, year), 12: len(days)}[many]
    days = days[: max(1, number)] or [due.on for due in others[-1:]]
    amounts = spread(sum(due.pence for due in others), max(1, len(days)))
    made = [*((due.on, due.pence) for due in standing), *zip(days, amounts, strict=False)]
    return tuple(Due(at, on, pence) for at, (on, pence) in enumerate(made, 1))


def settle(pence: int, paid: int, noticed_on: date) -> Adjusted:
    """The last bill of somebody who is no longer liable: what is left in one payment 14 days on, or a credit."""
    left = pence - paid
    return Adjusted((Due(1, noticed_on + NOTICE, left),) if left > 0 else (), max(0, -left))


def _cut(standing: Sequence[Due], pence: int) -> list[tuple[date, int]]:
    """The payments that stand, as far as the charge reaches."""
    kept, left = [], pence
    for due in standing:
        part = min(due.pence, left)
        if part:
            kept.append((due.on, part))
        left -= part
    return kept
