"""What is known of a vehicle, whoever said it, and DVLA's free words brought to the few that prices ask for. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

Fuel = Literal["petrol", "diesel", "electric", "hybrid", "gas", "hydrogen", "steam", "other"]
"""`hybrid` is any that burns something too, plug-in or not; `gas` is LPG, CNG, bioethanol blends and the like."""
Source = Literal["dvla", "typed"]


@dataclass(frozen=True, slots=True)
class Vehicle:
    """The facts that a permit's price and decision rest on, as of one day.

    `co2` in grams for each kilometre and `engine` in cubic centimetres, None where nobody knows: 0 grams is a figure,
    that of an electric car. `first_registered_on` is the first day of that month. `euro` is the number of the
    standard, None where it is not stated. `source` is `typed` when the resident gave the facts from the V5C, because
    DVLA could not be asked or does not know the vehicle: an officer then looks at the papers.
    """

    registration: str
    source: Source
    as_of: date
    make: str = ""
    colour: str = ""
    fuel: Fuel | None = None
    co2: int | None = None
    engine: int | None = None
    first_registered_on: date | None = None
    euro: int | None = None
    type_approval: str = ""
    weight: int | None = None
    """Revenue weight in kilograms."""


_FUELS: Final[Mapping[str, Fuel]] = {
    "PETROL": "petrol",
    "DIESEL": "diesel",
    "HEAVY OIL": "diesel",
    "ELECTRICITY": "electric",
    "ELECTRIC": "electric",
    "FUEL CELLS": "hydrogen",
    "HYDROGEN": "hydrogen",
    "GAS": "gas",
    "GAS BI-FUEL": "gas",
    "GAS DIESEL": "gas",
    "PETROL/GAS": "gas",
    "STEAM": "steam",
}
_EURO: Final = re.compile(r"EURO\s*([0-9]|IV|VI|V|III|II|I)(?![0-9])", re.ASCII)
_ROMAN: Final = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6}
_MONTH: Final = re.compile(r"([0-9]{4})-([0-9]{2})(-[0-9]{2})?", re.ASCII)


def fuel_from(words: str | None) -> Fuel | None:
    """DVLA's free text (`HYBRID ELECTRIC`, `ELECTRIC DIESEL`, `GAS BI-FUEL`) as one of ours; None where it is empty."""
    text = " ".join((words or "").upper().split())
    if not text:
        return None
    if found := _FUELS.get(text):
        return found
    if "HYBRID" in text or ("ELECTRIC" in text and text not in _FUELS):
        return "hybrid"
    return "gas" if "GAS" in text.split() or "LPG" in text or "CNG" in text else "other"


def euro_from(words: str | None) -> int | None:
    """The number of the emission standard in `EURO1`, `Euro 5`, `EURO 6 AD`, `Euro VI`; None where there is none."""
    found = _EURO.search((words or "").upper())
    if found is None:
        return None
    return _ROMAN.get(found[1]) or int(found[1])


def month_from(words: str | None) -> date | None:
    """The first day of a month that is written `2019-03`; None where it is none."""
    found = _MONTH.fullmatch(words or "")
    if found is None:
        return None
    try:
        return date(int(found[1]), int(found[2]), 1)
    except ValueError:
        return None
