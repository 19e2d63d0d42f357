"""The ways in which councils price a permit, as values, and when each of them applies.

Four ways cover the published tables in `data/published`: one price; a table by CO2 or
engine size; so much for each gram; a base times a factor. A fifth, the council's own tier, serves where a council
names tiers without publishing their limits.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from itertools import pairwise
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, PlainSerializer

from services.permits.rules.lengths import Length, WrittenLength
from services.permits.rules.prices import DATA
from services.permits.rules.vehicles import Fuel, Sort, Vehicle

MOST_PENCE: Final = 10_000_000
"""£100,000: no permit costs more; a table with more has a slip of the pen in it."""


def _exact(written: object) -> Fraction:
    if isinstance(written, Fraction):
        return written
    if not isinstance(written, str) or len(written) > 20 or "e" in written.lower():
        raise ValueError('is written in quotation marks, such as "1.25" or "1/12"')
    try:
        return Fraction(written)
    except ZeroDivisionError as error:
        raise ValueError("divides by nothing") from error


Exact = Annotated[Fraction, BeforeValidator(_exact), PlainSerializer(str)]
"""An exact factor or share: written as text, for a number of JSON would be a float."""
Pence = Annotated[int, Field(strict=True, ge=0, le=MOST_PENCE)]
SignedPence = Annotated[int, Field(strict=True, ge=-MOST_PENCE, le=MOST_PENCE)]
Amounts = Mapping[WrittenLength, Pence]
"""Pence for each length that is offered."""
Count = Annotated[int, Field(strict=True, ge=0, le=100_000)]
Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Zone = Annotated[str, Field(min_length=1, max_length=20)]
Measure = Literal["co2", "engine_cc"]


@dataclass(frozen=True, slots=True)
class Question:
    """What is priced.

    `kind` is the kind of permit. `number` says which vehicle of the household or business it is in order, from 1.
    `marks` is what else is true, in the tariff's own codes (`Tariff.marks`): `disabled`, `all_zones`. `tier` is the
    council's tier for tariffs that go by one.
    """

    kind: str
    length: Length
    vehicle: Vehicle = field(default_factory=Vehicle)
    zone: str = ""
    number: int = 1
    marks: frozenset[str] = frozenset()
    tier: str = ""


@dataclass(frozen=True, slots=True)
class When:
    """Conditions, all of which must hold; none at all always hold.

    Dates are of first registration. `if_unknown` says how a condition counts whose fact nobody knows: true for a
    surcharge that must be disproved, false (the default) for a discount that must be earned.
    """

    __pydantic_config__ = DATA

    fuels: tuple[Fuel, ...] = ()
    sorts: tuple[Sort, ...] = ()
    registered_before: date | None = None
    registered_from: date | None = None
    euro_below: Count | None = None
    co2_from: Count | None = None
    co2_upto: Count | None = None
    zones: tuple[Zone, ...] = ()
    number_from: Count | None = None
    number_upto: Count | None = None
    marks: tuple[Code, ...] = ()
    without: tuple[Code, ...] = ()
    if_unknown: bool = False

    def fits(self, question: Question) -> bool:
        """Whether all of it holds."""
        return all(self.if_unknown if held is None else held for held in self._held(question))

    def _held(self, question: Question) -> Iterator[bool | None]:
        vehicle = question.vehicle
        if self.fuels:
            yield None if vehicle.fuel is None else vehicle.fuel in self.fuels
        if self.sorts:
            yield None if vehicle.sort is None else vehicle.sort in self.sorts
        registered = vehicle.first_registered
        if self.registered_before is not None:
            yield None if registered is None else registered < self.registered_before
        if self.registered_from is not None:
            yield None if registered is None else registered >= self.registered_from
        if self.euro_below is not None:
            yield None if vehicle.euro is None else vehicle.euro < self.euro_below
        yield within(vehicle.grams, self.co2_from, self.co2_upto)
        yield within(question.number, self.number_from, self.number_upto)
        yield not self.zones or question.zone in self.zones
        yield question.marks.issuperset(self.marks) and question.marks.isdisjoint(self.without)


ALWAYS: Final = When()


def within(value: int | None, least: int | None, most: int | None) -> bool | None:
    """Whether a value lies between two limits, either of which may be none; None for a value that is not known."""
    if least is None and most is None:
        return True
    return None if value is None else (least is None or value >= least) and (most is None or value <= most)


@dataclass(frozen=True, slots=True)
class Flat:
    """One price for each length."""

    __pydantic_config__ = DATA

    model: Literal["flat"]
    pence: Amounts


@dataclass(frozen=True, slots=True)
class Row:
    """Values up to and with `upto` (the last row has no limit), and what they cost. No amounts: not published."""

    __pydantic_config__ = DATA

    upto: Count | None
    pence: Amounts = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Factor:
    """Values up to and with `upto`, and by what the base is multiplied for them."""

    __pydantic_config__ = DATA

    upto: Count | None
    times: Annotated[Exact, Field(ge=0, le=100)]


@dataclass(frozen=True, slots=True)
class Table:
    """Prices by rows. What is not known is priced by the last row, which is the dearest as councils write them."""

    __pydantic_config__ = DATA

    model: Literal["table"]
    by: Measure
    rows: tuple[Row, ...]

    def __post_init__(self) -> None:
        rising(tuple(row.upto for row in self.rows))


@dataclass(frozen=True, slots=True)
class Multiplied:
    """A base price times the factor of a row."""

    __pydantic_config__ = DATA

    model: Literal["multiplied"]
    by: Measure
    base: Amounts
    rows: tuple[Factor, ...]

    def __post_init__(self) -> None:
        rising(tuple(row.upto for row in self.rows))


@dataclass(frozen=True, slots=True)
class PerGram:
    """A basic price and so many pence, exact, for each gram of CO2. `unknown` grams where nobody knows; None: ask."""

    __pydantic_config__ = DATA

    model: Literal["per_gram"]
    base: Amounts
    per_gram: Mapping[WrittenLength, Annotated[Exact, Field(ge=0, le=MOST_PENCE)]]
    unknown: Count | None = None


@dataclass(frozen=True, slots=True)
class Tiers:
    """Prices by the council's own tier, cheapest first. No tier given: the last."""

    __pydantic_config__ = DATA

    model: Literal["tiers"]
    tiers: Annotated[Mapping[str, Amounts], Field(min_length=1)]


Model = Annotated[Flat | Table | Multiplied | PerGram | Tiers, Field(discriminator="model")]


def priced_lengths(model: Model) -> frozenset[Length]:
    """The lengths for which a model has a price for somebody."""
    match model:
        case Flat():
            return frozenset(model.pence)
        case Table():
            return frozenset(length for row in model.rows for length in row.pence)
        case Multiplied():
            return frozenset(model.base)
        case PerGram():
            return frozenset(model.base).intersection(model.per_gram)
        case _:
            return frozenset(length for amounts in model.tiers.values() for length in amounts)


def rising(limits: tuple[int | None, ...]) -> None:
    """Raises ValueError unless limits rise and only the last is open: else some value has no row, or two."""
    if not limits or limits[-1] is not None or None in limits[:-1]:
        raise ValueError("the last row, and no other, has no limit")
    if any(first >= second for first, second in pairwise([each for each in limits if each is not None])):
        raise ValueError("the limits of the rows do not rise")


def row_of(limits: tuple[int | None, ...], value: int | None) -> int:
    """Which row a value is in. The last one for what is not known."""
    if value is None:
        return len(limits) - 1
    return next(at for at, upto in enumerate(limits) if upto is None or value <= upto)
