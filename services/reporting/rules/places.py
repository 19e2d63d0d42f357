"""Where a problem is: what residents type, whether it is ours, and the square it lies in."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import cos, floor, radians
from typing import Final, Protocol

from portal.kit import gettext as _
from portal.kit import lazy_gettext
from services.reporting.settings.shapes import Point as Point  # noqa: PLC0414  # places are made of it everywhere

OUTSIDE = lazy_gettext("This place is outside our area. Another council may look after it")
NOBODYS: Final = lazy_gettext("This place is outside our area, at sea or in another country. Check it")
_COUNCILS: Final = (49.8, -8.7, 60.9, 1.8)
"""South, west, north, east of the United Kingdom, roughly: beyond them no council looks after anything."""

# A decimal number as phones, maps and people write it: any minus sign, point or comma, degree sign, compass letter.
_NUMBER = r"[-−–+]?\s*\d{1,3}(?:[.,]\d+)?\s*°?\s*[NSEW]?"
_PAIR = re.compile(rf"({_NUMBER})[\s,;]+({_NUMBER})")
_PARTS = re.compile(r"([-−–+]?)\s*([\d.,]+)\s*°?\s*([NSEW]?)")
_SINGLE = re.compile(_NUMBER)
METRES_A_DEGREE: Final = 111_195.0
"""Along a meridian: 40,030 km of a sphere of 6,371 km, over 360. Within one council the error is below 0.5 %."""
_CELL_LAT, _CELL_LON = (
    0.0009,
    0.00144,
)  # degrees: 100 m north to south everywhere, 100 m east to west at 51 degrees north
_CELLS_IN_A_ROW = 250_000  # 360 / 0.00144


class Bounds(Protocol):
    """The rectangle that holds the council's streets (see settings)."""

    @property
    def south(self) -> float: ...
    @property
    def west(self) -> float: ...
    @property
    def north(self) -> float: ...
    @property
    def east(self) -> float: ...


class Ward(Protocol):
    """A part of the council's area (see settings)."""

    @property
    def code(self) -> str: ...
    def holds(self, point: Point) -> bool:
        """Whether the place is in it."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why what was typed is no place of ours: the field to correct (`lat` or `lon`) and the sentence beside it."""

    field: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Outside:
    """A place on earth that another council looks after."""

    point: Point | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a problem is, as it is shown and kept. A place in words alone has no point."""

    text: str
    point: Point | None = None
    uprn: str | None = None
    usrn: str | None = None
    asset: str | None = None
    """The number on the thing itself, such as a lamp column's."""


def is_inside(point: Point, area: Bounds) -> bool:
    """Whether the place is in or near the council's area."""
    return area.south <= point.lat <= area.north and area.west <= point.lon <= area.east


def said_of_outside(point: Point) -> str:
    """The sentence about a place that is not ours, and of which the map does not say whose it is."""
    south, west, north, east = _COUNCILS
    return str(OUTSIDE if south <= point.lat <= north and west <= point.lon <= east else NOBODYS)


def find_ward(point: Point | None, wards: Sequence[Ward]) -> str:
    """The code of the first ward that holds the place; empty when none does, or the place has no coordinates."""
    if point is None:
        return ""
    return next((ward.code for ward in wards if ward.holds(point)), "")


def read_coordinates(lat: str, lon: str, area: Bounds) -> Point | Fault | Outside:
    """The place that two typed numbers mean.

    Both numbers pasted into the first field are understood. Numbers in the wrong order, and a longitude without its
    minus, are told and not put right: a guess would send the team to the wrong street.
    """
    lat, lon = _apart(lat.strip().upper(), lon.strip().upper())
    if _degrees(lat, "EW") is not None and _degrees(lon, "NS") is not None and {lat[-1], lon[-1]} & set("NSEW"):
        return _swapped(area)
    north, east = _degrees(lat, "NS"), _degrees(lon, "EW")
    example = _middle(area)
    if north is None:
        return Fault("lat", _("Enter the latitude as a decimal number, like %(example)s", example=example.lat))
    if east is None:
        return Fault("lon", _("Enter the longitude as a decimal number, like %(example)s", example=example.lon))
    point = Point(round(north, 6), round(east, 6))
    if is_inside(point, area):
        return point
    return _likely_slip(point, area) or _impossible(point) or Outside(point)


def place_at(point: Point) -> Place:
    """The place that a resident gave by its coordinates."""
    return Place(f"{point.lat:.5f}, {point.lon:.5f}", point)


def cell_of(point: Point) -> int:
    """The number of the square of about 100 m that the place lies in."""
    row, column = _square(point.lat, point.lon)
    return row * _CELLS_IN_A_ROW + column


def cells_around(point: Point, metres: float) -> Sequence[int]:
    """The squares that hold every place so near to this one, in order; some that are a little farther are in them."""
    north = metres / METRES_A_DEGREE
    east = min(north / max(cos(radians(point.lat)), 0.01), 180.0)  # at a pole every meridian is near
    (first_row, first), (last_row, last) = (
        _square(point.lat - north, point.lon - east),
        _square(point.lat + north, point.lon + east),
    )
    rows, columns = range(first_row, last_row + 1), range(first, last + 1)
    return [row * _CELLS_IN_A_ROW + column for row in rows for column in columns]


def _square(lat: float, lon: float) -> tuple[int, int]:
    return floor((lat + 90) / _CELL_LAT), floor((lon + 180) / _CELL_LON)


def _apart(lat: str, lon: str) -> tuple[str, str]:
    """The two texts, also where both were pasted into the first field. `51,5` alone is one number."""
    if not lon and not _SINGLE.fullmatch(lat) and (both := _PAIR.fullmatch(lat)):
        return both[1].strip(), both[2].strip()
    return lat, lon


def _degrees(text: str, compass: str) -> float | None:
    parts = _PARTS.fullmatch(text) if _SINGLE.fullmatch(text) else None
    if parts is None or parts[3] not in ("", *compass):
        return None
    backwards = parts[1] not in ("", "+") or parts[3] == compass[1]
    return float(parts[2].replace(",", ".")) * (-1 if backwards else 1)


def _likely_slip(point: Point, area: Bounds) -> Fault | None:
    """The two slips that everybody makes, if undoing one brings the place home."""
    if is_inside(Point(point.lon, point.lat), area):
        return _swapped(area)
    if is_inside(Point(point.lat, -point.lon), area):
        example = _middle(area).lon
        if example < 0:
            sentence = _(
                "Check the longitude: here it is about %(example)s, with a minus sign in front", example=example
            )
        else:
            sentence = _("Check the longitude: here it is about %(example)s, without a minus sign", example=example)
        return Fault("lon", sentence)
    return None


def _impossible(point: Point) -> Fault | None:
    if abs(point.lat) > 90:
        return Fault("lat", _("Latitude must be between -90 and 90"))
    if abs(point.lon) > 180:
        return Fault("lon", _("Longitude must be between -180 and 180"))
    return None


def _swapped(area: Bounds) -> Fault:
    middle = _middle(area)
    sentence = _(
        "Latitude and longitude are in the wrong order: here the latitude is about %(lat)s and the longitude %(lon)s",
        lat=middle.lat,
        lon=middle.lon,
    )
    return Fault("lat", sentence)


def _middle(area: Bounds) -> Point:
    return Point(round((area.south + area.north) / 2, 2), round((area.west + area.east) / 2, 2))
