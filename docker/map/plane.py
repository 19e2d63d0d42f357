"""Sums on the plane that touches the earth in the middle of the borough, and GeoJSON of what they give."""

from collections.abc import Sequence
from math import hypot
from typing import Any

MIDDLE = (51.4925, -0.2200)
METRES_NORTH, METRES_EAST = 111_320.0, 69_300.0  # in one degree, at 51.5 degrees north
Spot = tuple[float, float]
"""Metres east and north of the middle."""


def mean(spots: Sequence[Spot]) -> Spot:
    """The middle of several."""
    return sum(x for x, _ in spots) / len(spots), sum(y for _, y in spots) / len(spots)


def far(a: Sequence[float], b: Sequence[float]) -> float:
    """Metres between two."""
    return hypot(a[0] - b[0], a[1] - b[1])


def within(spot: Spot, ring: Sequence[Spot]) -> bool:
    """Whether it lies in the area that these corners bound."""
    inside = False
    for (ax, ay), (bx, by) in zip(ring, [*ring[1:], ring[0]], strict=True):
        if (ay > spot[1]) != (by > spot[1]) and spot[0] < (bx - ax) * (spot[1] - ay) / (by - ay) + ax:
            inside = not inside
    return inside


def degrees(spot: Spot) -> list[float]:
    """Longitude before latitude, as GeoJSON has it (RFC 7946)."""
    return [round(MIDDLE[1] + spot[0] / METRES_EAST, 5), round(MIDDLE[0] + spot[1] / METRES_NORTH, 5)]


def polygon(facts: dict[str, str], ring: Sequence[Spot]) -> dict[str, Any]:
    """An area with these corners; the first closes it."""
    closed = [degrees(spot) for spot in (*ring, ring[0])]
    return feature(facts, {"type": "Polygon", "coordinates": [closed]})


def feature(facts: dict[str, str], geometry: dict[str, Any]) -> dict[str, Any]:
    """One feature."""
    return {"type": "Feature", "properties": facts, "geometry": geometry}
