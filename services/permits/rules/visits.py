"""Sums of visitor parking: what hours cost, what a visit takes, what comes back when it ends early. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Final

from portal.kit import lazy_gettext as _
from services.permits.rules.prices import Price, Total, half_up, priced
from services.permits.rules.visit_prices import HOUR, Concession, Span, VisitPrices, cheapest, time_said

MINUTE: Final = timedelta(minutes=1)
SMALLEST: Final = timedelta(microseconds=1)
"""A visit that was stopped in the moment it began still has a beginning and an end."""
NO_LIMIT: Final = 50
"""How many cars at once where the council sets no limit: nobody has so many visitors, and a list must end."""


@dataclass(frozen=True, slots=True)
class Hours:
    """What hours cost that are bought for a balance: pence with its parts, and the minutes at the reduced price."""

    price: Price
    reduced_minutes: int


@dataclass(frozen=True, slots=True)
class Bought:
    """Minutes of one purchase, what they cost, and what of both was given back already."""

    minutes: int
    pence: int
    refunded_minutes: int
    refunded_pence: int

    @property
    def left(self) -> int:
        """Minutes that can still be given back."""
        return self.minutes - self.refunded_minutes


@dataclass(frozen=True, slots=True)
class GivenBack:
    """Minutes and pence that go back of the purchase at that place of a list."""

    place: int
    minutes: int
    pence: int


def step_of(prices: VisitPrices) -> int:
    """Minutes in which visits are sold and counted: the shortest span of the tariff. Raises ValueError for books."""
    if not prices.spans:
        raise ValueError("these visits are not sold by time")
    return min(span.minutes for span in prices.spans)


def hours_price(prices: VisitPrices, minutes: int, marks: frozenset[str], used_minutes: int) -> Hours:
    """What so many minutes cost that are bought ahead, at the price of the shortest span: `taken_for` says how
    many of them a visit takes.

    `used_minutes` is what was bought at the reduced price in the last 12 months. Raises ValueError for no minutes, or
    a council that sells books alone.
    """
    if minutes <= 0:
        raise ValueError("nothing is bought")
    concession = next((each for each in prices.concessions if each.mark in marks), None)
    reduced = _reduced(concession, minutes, used_minutes)
    totals, so_far = [], 0
    if concession is not None and reduced:
        so_far = cheapest((_shortest(concession.spans),), reduced)
        totals.append(Total(_("%(time)s at the reduced price", time=time_said(reduced)), Fraction(so_far)))
    if minutes > reduced:
        so_far += cheapest((_shortest(prices.spans),), minutes - reduced)
        totals.append(Total(time_said(minutes - reduced), Fraction(so_far)))
    return Hours(priced(totals), reduced)


def taken_for(prices: VisitPrices, minutes: int, marks: frozenset[str]) -> int:
    """Minutes off the balance for a visit: it costs the cheapest spans that cover it, counted in bought minutes.

    Those are sold at the price of the shortest span, so a day for £3 takes six hours of 50p. Raises ValueError for
    books.
    """
    concession = next((each for each in prices.concessions if each.mark in marks), None)
    spans = concession.spans if concession else prices.spans
    if not spans:
        raise ValueError("these visits are not sold by time")
    shortest = _shortest(spans)
    if not shortest.pence:
        return minutes
    return half_up(Fraction(cheapest(spans, minutes) * shortest.minutes, shortest.pence))


def offers(prices: VisitPrices, choices: tuple[int, ...]) -> tuple[int, ...]:
    """Which of these numbers of hours can be bought: those that cost at least what must be spent at once.

    The least is of the full price: a concession must not make anybody buy twice as many hours.
    """
    return tuple(
        hours
        for hours in choices
        if hours_price(prices, hours * HOUR, frozenset(), 0).price.pence >= prices.least_purchase
    )


def lanes_of(prices: VisitPrices) -> int:
    """How many cars may be there at once."""
    return NO_LIMIT if prices.at_once is None else prices.at_once


def minutes_used(began_at: datetime, ended_at: datetime, step: int, paid: int) -> int:
    """Minutes that a visit took when it ended: whole steps, those begun counted, and never more than were paid."""
    passed = -(-(ended_at - began_at) // MINUTE)
    return min(paid, max(1, -(-passed // step)) * step)


def give_back(unused: int, purchases: list[Bought]) -> list[GivenBack]:
    """How unused minutes go back to purchases, the first of the list first: as many as are left of each.

    Each purchase gives back by share, rounded half upwards on its whole, so that all of its minutes are all of its
    pence however many times are asked, and never a penny more.
    """
    found = []
    for place, each in enumerate(purchases):
        minutes = min(unused, each.left)
        if minutes > 0:
            whole = half_up(Fraction(each.pence * (each.refunded_minutes + minutes), each.minutes))
            found.append(GivenBack(place, minutes, max(0, whole - each.refunded_pence)))
            unused -= minutes
    return found


def _reduced(concession: Concession | None, minutes: int, used: int) -> int:
    if concession is None:
        return 0
    limit = concession.minutes_a_year
    return minutes if limit is None else min(minutes, max(0, limit - used))


def _shortest(spans: tuple[Span, ...]) -> Span:
    return min(spans, key=lambda span: span.minutes)
