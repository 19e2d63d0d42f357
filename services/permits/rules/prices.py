"""A price and its parts. Whole pence from exact sums, rounded once and half upwards; the parts always add up to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from typing import Annotated, Any, Final

from pydantic import ConfigDict, Field

from portal.kit import Lazy, current_language, in_language

DATA: Final = ConfigDict(extra="forbid")
"""What is read from a tariff's data holds nothing that is not known here."""


@dataclass(frozen=True, slots=True)
class InWords:
    """A council's own words for something, in both languages."""

    __pydantic_config__ = DATA

    en: Annotated[str, Field(min_length=1, max_length=200)]
    cy: Annotated[str, Field(min_length=1, max_length=200)]

    def __str__(self) -> str:
        return self.cy if current_language() == "cy" else self.en


Words = Lazy | InWords | str
"""Text that is looked up when it is shown."""


@dataclass(frozen=True, slots=True)
class Step:
    """One part of a price: why, and how many pence it adds or (below nothing) takes off."""

    words: Words
    pence: int


@dataclass(frozen=True, slots=True)
class Price:
    """What something costs, pence, and the parts that add up to it."""

    pence: int
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Total:
    """An exact running total: why it changed, and what it was from then on, pence."""

    words: Words
    so_far: Fraction


def half_up(exact: Fraction) -> int:
    """The nearest whole number, a half upwards: what people do on paper, and the councils' printed examples."""
    return floor(exact + Fraction(1, 2))


def priced(totals: Iterable[Total]) -> Price:
    """The price that running totals end with. Each part is the difference of two rounded totals, so that they add up;
    the first part is shown even when it is nothing, others only when they change something."""
    steps: list[Step] = []
    before = 0
    for total in totals:
        now = half_up(total.so_far)
        if now != before or not steps:
            steps.append(Step(total.words, now - before))
        before = now
    return Price(before, tuple(steps))


def price_data(price: Price) -> dict[str, Any]:  # Any: JSON as the database takes it
    """How a price came about, for a column of JSON: with the words of the day in both languages."""
    return {
        "pence": price.pence,
        "steps": [{"en": _in("en", step), "cy": _in("cy", step), "pence": step.pence} for step in price.steps],
    }


def steps_from(data: Mapping[str, Any]) -> tuple[Step, ...]:  # Any: JSON as the database hands it over
    """The parts that `price_data` kept; none where no price was kept."""
    return tuple(Step(InWords(step["en"], step["cy"]), step["pence"]) for step in data.get("steps", ()))


def _in(language: str, step: Step) -> str:
    with in_language(language):
        return str(step.words)
