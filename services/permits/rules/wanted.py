"""What must be known to price a permit: read off the tariff, so that nobody is asked for more."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from services.permits.rules.price_models import Flat, Model, Multiplied, PerGram, Table, Tiers, When
from services.permits.rules.tariff import KindPrices, Tariff

Ask = Literal["fuel", "co2", "engine_cc", "registered", "euro", "sort", "number"]
"""Facts of a vehicle, and `number`: which of the household's it is in order."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the price of a kind depends on. `marks` and `tiers` are the codes that make a difference.

    `zones` are zones that the prices name, `zone_marks` what they ask of any: with either, the zone must be known.
    """

    asks: frozenset[Ask]
    marks: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    zone_marks: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()

    @property
    def anything(self) -> bool:
        """Whether there is anything to ask at all."""
        return bool(self.asks or self.marks or self.tiers) or self.zone

    @property
    def zone(self) -> bool:
        """Whether it makes a difference where one parks."""
        return bool(self.zones or self.zone_marks)

    @property
    def of_vehicle(self) -> bool:
        """Whether DVLA's facts would help."""
        return bool(self.asks - {"number"})


def wanted(tariff: Tariff, kind: str) -> Wanted:
    """What must be known to price permits of this kind. Raises NotPriced for a kind that is not sold."""
    prices = tariff.prices(kind)
    conditions = tuple(prices.conditions())
    marks = {mark for when in conditions for mark in (*when.marks, *when.without)}
    return Wanted(
        asks=frozenset(_asks(prices)),
        marks=tuple(mark for mark in tariff.marks if mark in marks),
        zone_marks=tuple(mark for mark in tariff.zone_marks if mark in marks),
        zones=tuple(dict.fromkeys(zone for when in conditions for zone in when.zones)),
        tiers=tuple(tier for each in prices.pricings if isinstance(each.price, Tiers) for tier in each.price.tiers),
    )


def _asks(prices: KindPrices) -> Iterable[Ask]:
    for pricing in prices.pricings:
        yield from _by_condition(pricing.when)
        yield from _by_model(pricing.price)
    for adjustment in prices.adjustments:
        yield from _by_condition(adjustment.when)
        if adjustment.act == "add_for_each_other":
            yield "number"


def _by_condition(when: When) -> Iterable[Ask]:
    if when.fuels:
        yield "fuel"
    if when.sorts:
        yield "sort"
    if when.registered_before is not None or when.registered_from is not None:
        yield "registered"
    if when.euro_below is not None:
        yield "euro"
    if when.co2_from is not None or when.co2_upto is not None:
        yield from ("fuel", "co2")
    if when.number_from is not None or when.number_upto is not None:
        yield "number"


def _by_model(model: Model) -> Iterable[Ask]:
    match model:
        case Table(by="engine_cc") | Multiplied(by="engine_cc"):
            yield "engine_cc"
        case Table() | Multiplied() | PerGram():
            yield from ("fuel", "co2")  # an electric vehicle emits nothing, whether or not somebody knows the figure
        case Flat() | Tiers():
            pass
