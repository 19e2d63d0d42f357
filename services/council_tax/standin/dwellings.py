"""The valuation list of the demo's council: each address of the demo's gazetteer, in an invented band."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Final

from portal.kit import Address, DemoGazetteer, Refused
from services.council_tax.backoffice.values import Band, Property

SINCE: Final = date(1993, 4, 1)
"""When the first list came into force: LGFA 1992 s22(2)."""
SPREAD: Final[Mapping[Band, int]] = {"A": 1, "B": 3, "C": 6, "D": 6, "E": 4, "F": 2, "G": 2, "H": 1}
"""How many of 25 homes are in each band: invented."""
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Dwelling:
    """An entry of the list. `lines` are those of an envelope, with the town."""

    uprn: str
    lines: tuple[str, ...]
    postcode: str
    band: Band

    def as_property(self) -> Property:
        """As an account shows it."""
        return Property(uprn=self.uprn, lines=self.lines, postcode=self.postcode, band=self.band, listed_on=SINCE)


def at(postcode: str) -> tuple[Dwelling, ...]:
    """The entries at a postcode; none where nobody lives or where the text is no postcode."""
    try:
        return tuple(_entry(each) for each in _gazetteer().by_postcode(postcode)[:MOST])
    except Refused:
        return ()


def find(uprn: str) -> Dwelling | None:
    """One entry."""
    found = _gazetteer().by_uprn(uprn)
    return _entry(found) if found else None


def _entry(address: Address) -> Dwelling:
    drawn = int.from_bytes(hashlib.sha256(f"council tax band {address.uprn}".encode()).digest()[:4])
    bands = [band for band, many in SPREAD.items() for _ in range(many)]
    band = bands[drawn % len(bands)]
    return Dwelling(address.uprn, (*address.lines, address.town), address.postcode, band)


@cache
def _gazetteer() -> DemoGazetteer:
    return DemoGazetteer()
