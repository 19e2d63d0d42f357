"""The demo's gazetteer: real postcodes of west London, and everything else about them invented.

Streets, houses and UPRNs follow from the postcode alone, so that they are the same on every machine and need no
store. The UPRNs begin with 9, where Ordnance Survey has issued none.
"""

import hashlib
import re
from bisect import bisect_left
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

from portal.gazetteer.postcode import normalise_postcode, normalise_uprn
from portal.gazetteer.values import Address, in_order

DATA = Path(__file__).parent / "data" / "codepoint_open.csv"
TOWN = "London"
FEWEST, MOST = 4, 30

NAMES = tuple((DATA.parent / "street_names.txt").read_text(encoding="utf-8").split())
KINDS = (
    "Road",
    "Road",
    "Road",
    "Street",
    "Street",
    "Avenue",
    "Gardens",
    "Terrace",
    "Grove",
    "Lane",
    "Crescent",
    "Place",
)
BLOCKS = ("Court", "House", "Mansions", "Lodge", "Point")

_PLAIN = re.compile(r"([A-Z]{1,2})([0-9]{1,2}) ([0-9])([A-Z])([A-Z])")
_METRE_LAT = 1 / 111_320
_METRE_LON = 1 / 69_400  # at 51.5 degrees north


class DemoGazetteer:
    """Four to thirty invented addresses for each of 3,751 real postcodes."""

    def __init__(self, data: Path = DATA) -> None:
        self._data = data

    def by_postcode(self, postcode: str) -> Sequence[Address]:
        """The invented addresses of a postcode; none outside the demo's area. Raises Refused."""
        wanted = normalise_postcode(postcode)
        place = self._place(wanted)
        return () if place is None else _addresses(wanted, *place)

    def by_uprn(self, uprn: str) -> Address | None:
        """The invented address with that UPRN, which holds the postcode inside it."""
        wanted = normalise_uprn(uprn)
        postcode = _postcode_within(wanted) if wanted else None
        place = self._place(postcode) if postcode else None
        if postcode is None or place is None:
            return None
        return next((each for each in _addresses(postcode, *place) if each.uprn == wanted), None)

    @cached_property
    def _rows(self) -> list[str]:
        """The file's lines, sorted by postcode; read at the first question, 1 ms."""
        lines = self._data.read_text(encoding="utf-8").splitlines()
        first = next(i for i, line in enumerate(lines) if line.startswith("postcode,")) + 1
        return lines[first:]

    def _place(self, postcode: str) -> tuple[float, float] | None:
        rows = self._rows
        at = bisect_left(rows, f"{postcode},")
        if at == len(rows) or not rows[at].startswith(f"{postcode},"):
            return None
        _postcode, _easting, _northing, lat, lon = rows[at].split(",")
        return float(lat), float(lon)


def _draw(seed: str, below: int) -> int:
    """A number from 0 that follows from the text; `random` promises no such thing between versions."""
    return int.from_bytes(hashlib.sha256(f"moothall demo {seed}".encode()).digest()[:8]) % below


def _addresses(postcode: str, lat: float, lon: float) -> tuple[Address, ...]:
    street, low = _stretch(postcode)
    count = FEWEST + _draw(f"{postcode} count", MOST - FEWEST + 1)
    block = _draw(f"{postcode} block", 7) == 0
    name = f"{NAMES[_draw(f'{postcode} name', len(NAMES))]} {BLOCKS[_draw(f'{postcode} kind', len(BLOCKS))]}"
    made = []
    for index in range(count):
        house = f"{low if block else low + 2 * index} {street}"
        made.append(
            Address(
                uprn=_uprn(postcode, index),
                lines=(f"Flat {index + 1}", name, house) if block else (house,),
                street=street,
                town=TOWN,
                postcode=postcode,
                lat=round(lat + (_draw(f"{postcode} {index} lat", 61) - 30) * _METRE_LAT, 6),
                lon=round(lon + (_draw(f"{postcode} {index} lon", 61) - 30) * _METRE_LON, 6),
            )
        )
    return in_order(made)


def _stretch(postcode: str) -> tuple[str, int]:
    """A postcode's street and its lowest house number.

    Postcodes that differ in the last letter alone lie along three streets, each on its own side and stretch.
    """
    group, letter = postcode[:-1], ord(postcode[-1]) - ord("A")
    which, stretch = letter % 3, letter // 3
    start = _draw(group, len(NAMES)) + which * 7
    name, kind = NAMES[start % len(NAMES)], KINDS[_draw(f"{group} {which} kind", len(KINDS))]
    return f"{name} {kind}", 2 * MOST * (stretch // 2) + (1 if stretch % 2 == 0 else 2)


def _uprn(postcode: str, index: int) -> str:
    """Twelve digits that begin with 9 and hold the postcode, so that no index is needed to go back."""
    found = _PLAIN.fullmatch(postcode)
    assert found, f"the demo's data hold a postcode of another shape: {postcode}"
    area = 0
    for letter in found[1]:
        area = area * 27 + ord(letter) - 64
    unit = (int(found[3]) * 26 + ord(found[4]) - 65) * 26 + ord(found[5]) - 65
    return f"9{area:03}{int(found[2]):02}{unit:04}{index:02}"


def _postcode_within(uprn: str) -> str | None:
    if len(uprn) != 12 or uprn[0] != "9":
        return None
    area, district, unit = int(uprn[1:4]), int(uprn[4:6]), int(uprn[6:10])
    letters = "".join(chr(64 + part) for part in divmod(area, 27) if part)
    sector, rest = divmod(unit, 26 * 26)
    return f"{letters}{district} {sector}{chr(65 + rest // 26)}{chr(65 + rest % 26)}"
