"""How a year's charge is spread over the year.

Law: the Council Tax (Administration and Enforcement) Regulations 1992 (SI 1992/613), Schedule 1 Part I as amended for
England by SI 2012/3086 (12 instalments). Part II lets a council set its own scheme, as for days of Direct Debit.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Final, Literal

from services.council_tax.rules.rounding import half_up

Many = Literal[10, 12]
DAYS: Final = (1, 5, 15, 25)
"""Days of the month on which the demo's council collects by Direct Debit: a local scheme, SI 1992/613 Sch 1 Part II."""
NOTICE: Final = timedelta(days=14)
"""A bill is issued at least 14 days before its first payment is due. SI 1992/613 Sch 1 para 7."""
LEAST: Final = 500
"""No instalment is below £5. SI 1992/613 Sch 1 paras 2(7) and 3."""
POUND: Final = 100


@dataclass(frozen=True, slots=True)
class Due:
    """One payment: its number from 1, the day by which it is due, and how much."""

    number: int
    on: date
    pence: int


def instalments(pence: int, issued_on: date, year: int, *, many: Many = 10, day: int = 1) -> tuple[Due, ...]:
    """The payments of a charge billed on a day: they add up to it. None for a charge of nothing.

    `many` is how many a full year has; a later bill has fewer. `day` of the month is from 1 to 28. Raises ValueError
    for a charge below nothing.
    """
    if pence < 0:
        raise ValueError("a charge is never below nothing")
    dates = due_dates(issued_on, year, many=many, day=day)
    amounts = spread(pence, len(dates))
    return tuple(Due(number, on, part) for number, (on, part) in enumerate(zip(dates, amounts, strict=False), 1))


def due_dates(issued_on: date, year: int, *, many: Many = 10, day: int = 1) -> tuple[date, ...]:
    """The days of payment of a full-sized bill: consecutive months (para 2(4)), the first at least 14 days after issue.

    Fewer than `how_many` where the day leaves fewer months of the year: twelve on the 1st want a bill by 18 March.
    From 1 January there is one payment (para 4): on the next such day of the year, else 14 days after the bill.
    """
    if not 1 <= day <= 28:
        raise ValueError("a day of every month is from 1 to 28")
    possible = days_left(issued_on + NOTICE, year, day)
    return possible[: how_many(issued_on, year, many=many)] or (issued_on + NOTICE,)


def days_left(earliest: date, year: int, day: int) -> tuple[date, ...]:
    """That day of each month of the year, from the earliest that is allowed."""
    months = (date(year + (nth + 3) // 12, (nth + 3) % 12 + 1, day) for nth in range(12))
    return tuple(on for on in months if earliest <= on)


def how_many(issued_on: date, year: int, *, many: Many = 10) -> int:
    """How many payments a bill has, by the day on which it is issued. SI 1992/613 Sch 1 paras 2(3), 2(3A) and 4.

    Ten: 10 up to 30 April, then one less than the whole months left (May 9 … December 2), one from January.

    Twelve, on request: 12 up to 15 April; then as many as whole months are left (16 to 30 April 11, May 10 …
    December 3). That is how Slough puts it (asked in June: nine, from July to March); Somerset prints one more, which
    would have the month of the bill count although the first payment must be 14 days away.
    """
    if issued_on >= date(year + 1, 1, 1):
        return 1
    left = 11 - (issued_on.month - 4) % 12
    if many == 12:
        return 12 if issued_on <= date(year, 4, 15) else left
    return 10 if issued_on <= date(year, 4, 30) else left - 1


def spread(pence: int, number: int) -> tuple[int, ...]:
    """A sum in payments of whole pounds but for the first. SI 1992/613 Sch 1 para 2(5) and (6).

    Each is the sum divided by their number, rounded to the nearest pound (a half upwards: the law does not say), and
    the first is what is left, which may be less or more than the others. Fewer payments where one would be below £5:
    the first two together (para 2(7)), and if that is not enough as many as £5 goes into the sum (para 3). A council
    may do so; this one does.
    """
    if not pence:
        return ()
    amounts = _joined(_plain(pence, number))
    if len(amounts) > 1 and min(amounts) < LEAST:
        amounts = _joined(_plain(pence, 1 if pence < 2 * LEAST else pence // LEAST))
    return amounts


def _plain(pence: int, number: int) -> tuple[int, ...]:
    if pence % (number * POUND) == 0:
        return (pence // number,) * number
    each = POUND * half_up(Fraction(pence, number * POUND))
    return (pence - (number - 1) * each, *(each,) * (number - 1))


def _joined(amounts: tuple[int, ...]) -> tuple[int, ...]:
    """The first two as one, where one of them is too small."""
    if len(amounts) > 1 and min(amounts) < LEAST:
        return (amounts[0] + amounts[1], *amounts[2:])
    return amounts
