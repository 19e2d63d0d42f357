"""What visitors' parking costs: spans of time at a price, the cheapest that together cover the visit."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Annotated, Final, Literal

from pydantic import Field

from portal.kit import Lazy
from portal.kit import lazy_gettext as _
from services.permits.rules.price_models import Code, Count, Pence
from services.permits.rules.prices import DATA, Price, Total, priced

Minutes = Annotated[int, Field(strict=True, gt=0, le=527_040)]
"""Up to a leap year."""
HOUR: Final = 60


@dataclass(frozen=True, slots=True)
class Span:
    """So many minutes, begun or whole, at a price."""

    __pydantic_config__ = DATA

    minutes: Minutes
    pence: Pence


@dataclass(frozen=True, slots=True)
class Concession:
    """Other spans for whom a mark is true, for so many minutes a year; None: without a limit."""

    __pydantic_config__ = DATA

    mark: Code
    spans: Annotated[tuple[Span, ...], Field(min_length=1)]
    minutes_a_year: Minutes | None = None


@dataclass(frozen=True, slots=True)
class Book:
    """Single visits sold together, as books of scratch cards were: free for some, and so many books in 12 months.

    `most_a_year` is by mark, under "" for everybody else.
    """

    __pydantic_config__ = DATA

    visits: Annotated[int, Field(strict=True, gt=0, le=1000)]
    pence: Pence
    free: tuple[Code, ...] = ()
    most_a_year: Mapping[str, Count] | None = None


@dataclass(frozen=True, slots=True)
class VisitPrices:
    """A council's prices for visitors.

    `least_purchase` is the least that can be bought at once, pence. `sessions_a_year` and `at_once` are the most a
    household may have. `refund` says whether what was not used is paid back.
    """

    __pydantic_config__ = DATA

    spans: tuple[Span, ...] = ()
    concessions: tuple[Concession, ...] = ()
    book: Book | None = None
    least_purchase: Pence = 0
    sessions_a_year: Count | None = None
    at_once: Count | None = None
    refund: Literal["unused", "none"] = "unused"

    def __post_init__(self) -> None:
        if not self.spans and self.book is None:
            raise ValueError("visits need spans or a book")

    def marks_used(self) -> Iterator[str]:
        """The codes of all who pay less or may have more."""
        yield from (each.mark for each in self.concessions)
        if self.book is not None:
            yield from (*self.book.free, *(mark for mark in self.book.most_a_year or () if mark))


def visit_price(prices: VisitPrices, minutes: int, marks: frozenset[str] = frozenset(), used_minutes: int = 0) -> Price:
    """What a visit of so many minutes costs, pence.

    `used_minutes` is what has been used this year at the concession's price: what exceeds its limit costs the full
    price. Raises ValueError for no minutes, more than a leap year's, or a council that sells books alone.
    """
    if not 0 < minutes <= 527_040 or not prices.spans:
        raise ValueError("no visit that is priced by its time")
    concession = next((each for each in prices.concessions if each.mark in marks), None)
    reduced = 0
    if concession is not None:
        limit = concession.minutes_a_year
        reduced = minutes if limit is None else min(minutes, max(0, limit - used_minutes))
    totals, so_far = [], 0
    if concession is not None and reduced:
        so_far = cheapest(concession.spans, reduced)
        totals.append(Total(_("%(time)s at the reduced price", time=time_said(reduced)), Fraction(so_far)))
    if minutes > reduced:
        so_far += cheapest(prices.spans, minutes - reduced)
        totals.append(Total(time_said(minutes - reduced), Fraction(so_far)))
    return priced(totals)


def cheapest(spans: Sequence[Span], minutes: int) -> int:
    """The least pence for spans that together cover the minutes: seven hours may be six and one, or a day."""
    unit = gcd(*(span.minutes for span in spans))
    costs = [0]
    for units in range(1, -(-minutes // unit) + 1):
        costs.append(min(costs[max(0, units - span.minutes // unit)] + span.pence for span in spans))
    return costs[-1]


def book_price(book: Book, marks: frozenset[str] = frozenset()) -> Price:
    """What a book of visits costs, pence: nothing for whom it is free."""
    pence = 0 if marks.intersection(book.free) else book.pence
    return priced([Total(_("A book of %(many)s visits", many=book.visits), Fraction(pence))])


def books_a_year(book: Book, marks: frozenset[str] = frozenset()) -> int | None:
    """The most books in 12 months: by the mark that allows most, else everybody's; None without a limit."""
    if book.most_a_year is None:
        return None
    own = [most for mark, most in book.most_a_year.items() if mark in marks]
    return max(own, default=book.most_a_year.get(""))


def time_said(minutes: int) -> Lazy:
    """“45 minutes”, “1 hour”, “15 hours 8 minutes”."""
    hours, rest = divmod(minutes, HOUR)
    whole = _("1 hour") if hours == 1 else _("%(many)s hours", many=hours)
    if hours and not rest:
        return whole
    more = _("1 minute") if rest == 1 else _("%(many)s minutes", many=rest)
    return _("%(hours)s %(minutes)s", hours=whole, minutes=more) if hours else more
