"""What is known of a vehicle on a day, in the terms by which permits are priced and given.

The facts come from DVLA's Vehicle Enquiry Service, from a document, or from the resident. Each may be missing: DVLA
returns what it holds and no more. Fuel and Euro status are free text there (developer portal, Vehicle Enquiry
Service, "not normalised"), so they are read here, once.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, Literal

from pydantic import TypeAdapter

Source = Literal["dvla", "document", "resident"]
"""Who says so. Facts that only the resident gave may need an officer."""


class Fuel(StrEnum):
    """What a vehicle runs on."""

    PETROL = "petrol"
    DIESEL = "diesel"
    HYBRID = "hybrid"
    DIESEL_HYBRID = "diesel_hybrid"
    ELECTRIC = "electric"
    HYDROGEN = "hydrogen"
    GAS = "gas"
    OTHER = "other"


class Sort(StrEnum):
    """What sort of vehicle it is, as permits tell them apart."""

    CAR = "car"
    MOTORCYCLE = "motorcycle"
    GOODS = "goods"
    BUS = "bus"
    OTHER = "other"


BURNING: Final = frozenset({Fuel.PETROL, Fuel.DIESEL, Fuel.HYBRID, Fuel.DIESEL_HYBRID, Fuel.GAS})
NO_EXHAUST: Final = frozenset({Fuel.ELECTRIC, Fuel.HYDROGEN})
_EURO: Final = re.compile(r"EURO\s*([1-9]|(?:VI|IV|V|III|II|I)\b)", re.IGNORECASE)
_ROMAN: Final = {"I": 1, "II": 2, "III": 3, "IV": 4, "V": 5, "VI": 6}
_SORTS: Final = (("M1", Sort.CAR), ("M", Sort.BUS), ("N", Sort.GOODS), ("L", Sort.MOTORCYCLE))
"""Categories of approved types: M1 cars, M2 and M3 buses, N goods (Regulation (EU) 2018/858); L (168/2013)."""


@dataclass(frozen=True, slots=True)
class Vehicle:
    """The facts of one vehicle.

    `registration` is in capitals without spaces. `co2` is in g/km, `engine_cc` in cubic centimetres, `length_mm` in
    millimetres; `first_registered` is the first of its month (DVLA gives months); `euro` is 1 to 6 or later;
    `type_approval` is a category such as `M1`; `source` says who gave the facts. None or "" is not known.
    `abroad`: it is said to be registered in another country, so DVLA knows nothing of it.
    """

    registration: str = ""
    make: str = ""
    colour: str = ""
    co2: int | None = None
    engine_cc: int | None = None
    fuel: Fuel | None = None
    first_registered: date | None = None
    euro: int | None = None
    type_approval: str = ""
    wheelplan: str = ""
    length_mm: int | None = None
    source: Source = "dvla"
    abroad: bool = False

    @property
    def grams(self) -> int | None:
        """CO2 to price by, g/km; None when it is not known.

        Nothing from what has no exhaust, whether or not DVLA says so. A nought for what is known to burn something is
        a gap in the record (cars from before March 2001 have no official figure), and no clean car; any other nought
        is the nought of the published tables.
        """
        if self.fuel in NO_EXHAUST:
            return 0
        return None if self.nought_is_a_gap else self.co2

    @property
    def nought_is_a_gap(self) -> bool:
        """Whether the CO2 that is given is a nought that is not believed: whoever gave it is told so."""
        return self.co2 == 0 and self.fuel in BURNING

    @property
    def sort(self) -> Sort | None:
        """What sort it is, by its type approval or else its wheels; None when neither is known."""
        approved = self.type_approval.upper()
        for start, sort in _SORTS:
            if approved.startswith(start):
                return sort
        if self.wheelplan.upper().startswith("2-WHEEL") or self.wheelplan.upper().startswith("2 WHEEL"):
            return Sort.MOTORCYCLE
        return Sort.OTHER if approved else None


_VEHICLE: Final = TypeAdapter(Vehicle)


def vehicle_data(vehicle: Vehicle) -> dict[str, Any]:  # Any: JSON as the database takes it
    """The facts for a column of JSON."""
    found: dict[str, Any] = _VEHICLE.dump_python(vehicle, mode="json", exclude_defaults=True)
    return found


def vehicle_from(data: Mapping[str, Any]) -> Vehicle:  # Any: JSON as the database hands it over
    """The facts that `vehicle_data` kept."""
    return _VEHICLE.validate_python(dict(data))


def fuel_of(text: str) -> Fuel | None:
    """DVLA's words for a fuel: `PETROL`, `HEAVY OIL`, `HYBRID ELECTRIC`, `ELECTRIC DIESEL`. None for none at all.

    `ELECTRICITY` alone runs on nothing else; `ELECTRIC` beside a fuel, or `HYBRID`, is a hybrid.
    """
    said = text.strip().upper()
    if not said:
        return None
    if said in {"ELECTRICITY", "ELECTRIC"}:
        return Fuel.ELECTRIC
    if "HYBRID" in said or "ELECTRIC" in said:
        return Fuel.DIESEL_HYBRID if _burns_diesel(said) else Fuel.HYBRID
    if _burns_diesel(said):
        return Fuel.DIESEL
    if "HYDROGEN" in said or "FUEL CELL" in said:
        return Fuel.HYDROGEN
    if "GAS" in said.split() or "LPG" in said or "CNG" in said:
        return Fuel.GAS
    return Fuel.PETROL if "PETROL" in said else Fuel.OTHER


def euro_of(text: str) -> int | None:
    """`EURO1`, `Euro 5`, `EURO 6 AD`, `Euro VI` as a number; None for what says no standard."""
    found = _EURO.search(text)
    return None if found is None else _ROMAN.get(found[1].upper()) or int(found[1])


def _burns_diesel(said: str) -> bool:
    return "DIESEL" in said or "HEAVY OIL" in said
