"""What a permit costs: a tariff is data, versions of it follow one another by date, and every price explains itself."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import Annotated, Literal

from pydantic import Field

from portal.kit import gettext as _
from portal.kit import lazy_gettext as _l
from portal.kit import money
from services.permits.rules.lengths import Length, WrittenLength
from services.permits.rules.price_models import ALWAYS, Code, Exact, Model, Question, SignedPence, When, priced_lengths
from services.permits.rules.price_steps import NotPriced, first_totals
from services.permits.rules.prices import DATA, InWords, Price, Total, half_up, priced
from services.permits.rules.refunds import BY_DAYS, NOT_PAID_BACK, ChangeRule, RefundRule
from services.permits.rules.visit_prices import VisitPrices

Act = Literal["add", "add_for_each_other", "percent", "times", "at_most", "at_least"]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What changes a price that has been found, in the order of the tariff, each from what it is by then.

    `add` and `add_for_each_other` (times the number of other vehicles) take `pence`, one amount or one for each
    length, below nothing for a discount; `percent` adds `by` per cent, `times` multiplies by it; `at_most` and
    `at_least` hold the price to `pence`.
    """

    __pydantic_config__ = DATA

    words: InWords
    act: Act
    when: When = ALWAYS
    pence: SignedPence | Mapping[WrittenLength, SignedPence] | None = None
    by: Annotated[Exact, Field(ge=-100, le=1000)] | None = None

    def __post_init__(self) -> None:
        if (self.act in {"percent", "times"}) != (self.by is not None) or (self.by is None) == (self.pence is None):
            raise ValueError(f"{self.act} needs " + ("by" if self.act in {"percent", "times"} else "pence"))
        if self.act == "times" and self.by is not None and self.by < 0:
            raise ValueError("times is never below nothing")

    def applied(self, so_far: Fraction, question: Question) -> Fraction:
        """The price from now on, exact. A length without an amount changes nothing."""
        if self.by is not None:
            return so_far * (self.by if self.act == "times" else 1 + self.by / 100)
        pence = self._pence(question.length)
        if pence is None:
            return so_far
        if self.act == "at_most":
            return min(so_far, Fraction(pence))
        if self.act == "at_least":
            return max(so_far, Fraction(pence))
        return so_far + pence * (question.number - 1 if self.act == "add_for_each_other" else 1)

    def _pence(self, length: Length) -> int | None:
        return self.pence.get(length) if isinstance(self.pence, Mapping) else self.pence


@dataclass(frozen=True, slots=True)
class Pricing:
    """A way to price, and for what. The first of a kind that fits is taken."""

    __pydantic_config__ = DATA

    price: Model
    when: When = ALWAYS


@dataclass(frozen=True, slots=True)
class Share:
    """A length that costs a share of a longer one: a month a twelfth of the year's price."""

    __pydantic_config__ = DATA

    of: WrittenLength
    part: Annotated[Exact, Field(gt=0, le=1)]


@dataclass(frozen=True, slots=True)
class KindPrices:
    """The prices of one kind of permit.

    `lengths` are those on offer. `shares` are lengths priced as part of another. `round_to` is what prices are
    rounded to, pence, half upwards. `refund` and `change` stand before the tariff's own.
    """

    __pydantic_config__ = DATA

    lengths: Annotated[tuple[WrittenLength, ...], Field(min_length=1)]
    pricings: Annotated[tuple[Pricing, ...], Field(min_length=1)]
    adjustments: tuple[Adjustment, ...] = ()
    shares: Mapping[WrittenLength, Share] = field(default_factory=dict)
    round_to: Literal[1, 5, 10, 50, 100] = 1
    refund: RefundRule | None = None
    change: ChangeRule | None = None

    def __post_init__(self) -> None:
        if len(set(self.lengths)) != len(self.lengths):
            raise ValueError("a length is offered twice")
        if any(share.of in self.shares for share in self.shares.values()):
            raise ValueError("a share of a share: name the length that has a price of its own")
        known = frozenset[Length]().union(*(priced_lengths(each.price) for each in self.pricings))
        asked = {self.shares[length].of if length in self.shares else length for length in self.lengths}
        if not asked <= known:
            raise ValueError(f"there is no price for {', '.join(sorted(length.code for length in asked - known))}")

    def conditions(self) -> Iterator[When]:
        """All conditions that a price may hang on."""
        yield from (each.when for each in self.pricings)
        yield from (each.when for each in self.adjustments)


@dataclass(frozen=True, slots=True)
class Tariff:
    """One version of a council's prices, from a day until the next one begins.

    `from_on` is None for a published table whose first day is not known. `kinds` are by code: `resident`, `business`,
    `carer`, `temporary`, and whatever else a council sells. `marks` are what an applicant can say beside the vehicle
    and may have to prove, in words; `zone_marks` are what is true of some zones. `sources` are where the figures are
    published, and `remarks` what was not seen there.
    """

    __pydantic_config__ = DATA

    code: Code
    authority: Annotated[str, Field(min_length=1, max_length=100)]
    kinds: Mapping[Code, KindPrices]
    sources: Annotated[tuple[str, ...], Field(min_length=1)]
    from_on: date | None = None
    marks: Mapping[Code, InWords] = field(default_factory=dict)
    zone_marks: Mapping[Code, InWords] = field(default_factory=dict)
    visits: VisitPrices | None = None
    refund: RefundRule = NOT_PAID_BACK
    change: ChangeRule = BY_DAYS
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        strangers = set(self._marks_used()) - self.marks.keys() - self.zone_marks.keys()
        if strangers:
            raise ValueError(f"no words for the marks {', '.join(sorted(strangers))}")

    def prices(self, kind: str) -> KindPrices:
        """The prices of a kind. Raises NotPriced for a kind that is not sold."""
        found = self.kinds.get(kind)
        if found is None:
            raise NotPriced(_("There are no permits of this kind."))
        return found

    def refund_rule(self, kind: str) -> RefundRule:
        """How a permit of a kind is paid back."""
        own = self.kinds[kind].refund if kind in self.kinds else None
        return own or self.refund

    def change_rule(self, kind: str) -> ChangeRule:
        """What a change of vehicle costs for a kind."""
        own = self.kinds[kind].change if kind in self.kinds else None
        return own or self.change

    def _marks_used(self) -> Iterator[str]:
        for kind in self.kinds.values():
            for when in kind.conditions():
                yield from (*when.marks, *when.without)
        if self.visits is not None:
            yield from self.visits.marks_used()


def tariff_on(versions: Iterable[Tariff], day: date) -> Tariff | None:
    """The version in force on a day: the latest that has begun. None before the first."""
    begun = [each for each in versions if each.from_on is None or each.from_on <= day]
    return max(begun, key=lambda each: each.from_on or date.min, default=None)


def next_after(versions: Iterable[Tariff], day: date) -> Tariff | None:
    """The first version that begins after a day, if one is known already."""
    coming = [each for each in versions if each.from_on is not None and each.from_on > day]
    return min(coming, key=lambda each: each.from_on or date.max, default=None)


def price_of(tariff: Tariff, question: Question) -> Price:
    """The price of a permit, pence, with its parts in words. Whoever asks picks the version of the day.

    Raises NotPriced, with a sentence for the resident, when the tariff does not answer: a kind or length that is not
    on offer, a figure that was not published, or CO2 that must be known.
    """
    kind = tariff.prices(question.kind)
    if question.length not in kind.lengths:
        raise NotPriced(_("Permits of this kind are not sold for %(length)s.", length=question.length.said))
    return priced(_totals(kind, question))


def offered(tariff: Tariff, question: Question) -> Mapping[Length, Price]:
    """The price for each length on offer, in the tariff's order; what cannot be priced is left out."""
    found: dict[Length, Price] = {}
    for length in tariff.prices(question.kind).lengths:
        try:
            found[length] = price_of(tariff, replace(question, length=length))
        except NotPriced:
            continue
    return found


def _totals(kind: KindPrices, question: Question) -> Iterator[Total]:
    share = kind.shares.get(question.length)
    asked = question if share is None else replace(question, length=share.of)
    pricing = next((each for each in kind.pricings if each.when.fits(asked)), None)
    if pricing is None:
        raise NotPriced(_("There is no published price for this vehicle."))
    so_far = Fraction(0)
    for total in first_totals(pricing.price, asked):
        so_far = total.so_far
        yield total
    for adjustment in kind.adjustments:
        if adjustment.when.fits(asked):
            so_far = max(Fraction(0), adjustment.applied(so_far, asked))
            yield Total(adjustment.words, so_far)
    if share is not None:
        so_far *= share.part
        yield Total(_l("The share for %(length)s", length=question.length.said), so_far)
    words = _l("Rounded to the nearest %(amount)s", amount=money(kind.round_to))
    yield Total(words, Fraction(half_up(so_far / kind.round_to) * kind.round_to))
