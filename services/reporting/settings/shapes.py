"""Shapes on the map: points, lines and areas out of GeoJSON files (RFC 7946), and what lies near or in them.

No database and no library: a council's streets, wards and lamp columns are some ten thousand shapes, which a grid of
squares in memory finds in less than a millisecond. Degrees are WGS84; distances are metres on a plane that touches the
earth at the place asked about, which is right to a hundredth within one council.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import cos, floor, hypot, isfinite, radians
from pathlib import Path
from typing import Any, Final, Literal

Kind = Literal["point", "line", "area"]
FEWEST: Final[Mapping[Kind, int]] = {"point": 1, "line": 2, "area": 4}
"""Corners; the last of an area's is its first."""
KINDS: Final[Mapping[str, Kind]] = {
    "Point": "point",
    "LineString": "line",
    "MultiLineString": "line",
    "Polygon": "area",
    "MultiPolygon": "area",
}
DEPTHS: Final = {"Point": 0, "LineString": 1, "MultiLineString": 2, "Polygon": 2, "MultiPolygon": 3}
"""How many lists lie around a position."""
METRES: Final = 111_195.0
"""In a degree of latitude."""
SQUARE: Final = 0.003
"""Degrees of a square of the grid: about 300 m by 200 m."""
MOST_SQUARES: Final = 40_000
Edges = tuple[float, float, float, float]
"""South, west, north, east."""


@dataclass(frozen=True, slots=True)
class Point:
    """A place on earth, WGS84 degrees."""

    lat: float
    lon: float


class FaultyShapes(ValueError):
    """A file that is no GeoJSON of ours. Its text has one line for each fault."""


@dataclass(frozen=True, slots=True)
class Shape:
    """One feature: what it is called and where it lies. An area's parts are its rings, holes among them."""

    kind: Kind
    facts: Mapping[str, str]
    parts: tuple[tuple[Point, ...], ...]

    @property
    def edges(self) -> Edges:
        """The rectangle around it."""
        lats = [point.lat for part in self.parts for point in part]
        lons = [point.lon for part in self.parts for point in part]
        return min(lats), min(lons), max(lats), max(lons)

    def holds(self, point: Point) -> bool:
        """Whether an area holds the point: by how often a line from there to the east crosses its rings."""
        crossed = sum(_crosses(a, b, point) for part in self.parts for a, b in pairwise(part))
        return self.kind == "area" and crossed % 2 == 1

    def metres_from(self, point: Point) -> float:
        """How far the point is from it; from an area's edge, for one inside too."""
        if self.kind == "point":
            return metres_between(point, self.parts[0][0])
        return min(_metres_from_line(point, a, b) for part in self.parts for a, b in pairwise(part))

    @property
    def middle(self) -> Point:
        """A point on a line, halfway along its longest part; the mean corner of an area."""
        longest = max(self.parts, key=_length)
        if self.kind == "line":
            return _halfway(longest)
        return Point(
            round(sum(point.lat for point in longest) / len(longest), 6),
            round(sum(point.lon for point in longest) / len(longest), 6),
        )


@dataclass(frozen=True, slots=True)
class Layer:
    """Shapes of one kind of thing, found by where they lie."""

    shapes: tuple[Shape, ...]
    _squares: Mapping[tuple[int, int], Sequence[int]] = field(repr=False)

    @classmethod
    def of(cls, shapes: Sequence[Shape]) -> "Layer":
        """A layer of these."""
        squares: dict[tuple[int, int], list[int]] = defaultdict(list)
        for number, shape in enumerate(shapes):
            for square in _squares_of(shape.edges):
                squares[square].append(number)
        return cls(tuple(shapes), squares)

    def within(self, edges: Edges, *, most: int | None = None) -> list[Shape]:
        """The shapes whose rectangle meets this one, in the order of the file."""
        found = (self.shapes[number] for number in sorted(self._numbers(edges)))
        meeting = (shape for shape in found if _meet(shape.edges, edges))
        return [shape for shape, _left in zip(meeting, range(most or len(self.shapes)), strict=False)]

    def holding(self, point: Point) -> Shape | None:
        """The first area that holds the point."""
        here = self.within((point.lat, point.lon, point.lat, point.lon))
        return next((shape for shape in here if shape.holds(point)), None)

    def nearest(self, point: Point, *, metres: float) -> Shape | None:
        """The nearest shape, if one is so near."""
        near = self.within(around(point, metres))
        found = min(near, key=lambda shape: shape.metres_from(point), default=None)
        return found if found is not None and found.metres_from(point) <= metres else None

    def _numbers(self, edges: Edges) -> set[int]:
        """Of the shapes in the squares there. A rectangle of half the world is answered by all that there is."""
        if (edges[2] - edges[0]) * (edges[3] - edges[1]) / SQUARE**2 > MOST_SQUARES:
            return set(range(len(self.shapes)))
        return {number for square in _squares_of(edges) for number in self._squares.get(square, ())}


EMPTY: Final = Layer.of(())


def around(point: Point, metres: float) -> Edges:
    """The rectangle that holds everything so near to a point."""
    north, east = metres / METRES, metres / _lon_metres(point)
    return point.lat - north, point.lon - east, point.lat + north, point.lon + east


def metres_between(a: Point, b: Point) -> float:
    """How far two points are apart."""
    return hypot((a.lat - b.lat) * METRES, (a.lon - b.lon) * _lon_metres(a))


def read_shapes(path: Path, *, named: Sequence[str], kinds: Sequence[Kind]) -> list[Shape]:
    """The shapes of a GeoJSON file. Each must be of one of these kinds and bear these facts. Raises FaultyShapes."""
    try:
        raw: Any = json.loads(path.read_bytes())
    except OSError as error:
        raise FaultyShapes(f"{path.name} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise FaultyShapes(f"{path.name} is not JSON in UTF-8: {error}") from None
    features = raw.get("features") if isinstance(raw, dict) else None
    if not isinstance(features, list):
        raise FaultyShapes(f"{path.name} is no FeatureCollection")
    read = [_read(feature, named, kinds) for feature in features]
    faults = [f"{path.name}, feature {at}: {one}" for at, one in enumerate(read, 1) if isinstance(one, str)]
    if faults:
        raise FaultyShapes("\n".join(faults[:20]))
    return [one for one in read if isinstance(one, Shape)]


def drawn(shape: Shape) -> dict[str, Any]:
    """The shape as GeoJSON again."""
    parts: list[Any] = [[[point.lon, point.lat] for point in part] for part in shape.parts]
    match shape.kind:
        case "point":
            geometry = {"type": "Point", "coordinates": parts[0][0]}
        case "line":
            geometry = {"type": "MultiLineString", "coordinates": parts}
        case "area":
            geometry = {"type": "MultiPolygon", "coordinates": [[part] for part in parts]}
    return {"type": "Feature", "properties": dict(shape.facts), "geometry": geometry}


def _read(feature: Any, named: Sequence[str], kinds: Sequence[Kind]) -> Shape | str:  # whatever JSON there is
    """The shape, or what is wrong with it."""
    geometry: Any = feature.get("geometry") if isinstance(feature, dict) else None
    form = str(geometry.get("type")) if isinstance(geometry, dict) else ""
    kind = KINDS.get(form)
    if kind is None or kind not in kinds:
        return f"its geometry must be one of: {', '.join(each for each in KINDS if KINDS[each] in kinds)}"
    given = feature.get("properties")
    facts = {key: str(value) for key, value in given.items() if value is not None} if isinstance(given, dict) else {}
    missing = [name for name in named if not facts.get(name, "").strip()]
    if missing:
        return f"it has no {missing[0]} among its properties"
    try:
        parts = tuple(_parts(geometry["coordinates"], DEPTHS[form]))
    except (KeyError, TypeError, ValueError, IndexError):
        return "its coordinates cannot be read: longitude before latitude, in WGS84 degrees"
    if not parts or any(len(part) < FEWEST[kind] for part in parts):
        return "it has too few corners"
    return Shape(kind, facts, parts)


def _parts(coordinates: Any, depth: int) -> Iterator[tuple[Point, ...]]:  # lists of lists, as deep as the form says
    if depth == 0:
        yield (_point(coordinates),)
    elif depth == 1:
        yield tuple(_point(position) for position in coordinates)
    else:
        for part in coordinates:
            yield from _parts(part, depth - 1)


def _point(position: Any) -> Point:  # two numbers, perhaps with a height
    lon, lat = float(position[0]), float(position[1])
    if not (isfinite(lat) and isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        raise ValueError
    return Point(lat, lon)


def _squares_of(edges: Edges) -> Iterator[tuple[int, int]]:
    south, west, north, east = (floor(edge / SQUARE) for edge in edges)
    for row in range(south, north + 1):
        for column in range(west, east + 1):
            yield row, column


def _meet(a: Edges, b: Edges) -> bool:
    return a[0] <= b[2] and b[0] <= a[2] and a[1] <= b[3] and b[1] <= a[3]


def _crosses(a: Point, b: Point, point: Point) -> bool:
    if (a.lat > point.lat) == (b.lat > point.lat):
        return False
    return point.lon < (b.lon - a.lon) * (point.lat - a.lat) / (b.lat - a.lat) + a.lon


def _lon_metres(point: Point) -> float:
    return METRES * max(cos(radians(point.lat)), 0.01)


def _metres_from_line(point: Point, a: Point, b: Point) -> float:
    east = _lon_metres(point)
    ax, ay = (a.lon - point.lon) * east, (a.lat - point.lat) * METRES
    bx, by = (b.lon - point.lon) * east, (b.lat - point.lat) * METRES
    length = (bx - ax) ** 2 + (by - ay) ** 2
    share = 0.0 if length == 0 else min(1.0, max(0.0, -(ax * (bx - ax) + ay * (by - ay)) / length))
    return hypot(ax + share * (bx - ax), ay + share * (by - ay))


def _length(part: Sequence[Point]) -> float:
    return sum(metres_between(a, b) for a, b in pairwise(part))


def _halfway(line: Sequence[Point]) -> Point:
    left = _length(line) / 2
    for a, b in pairwise(line):
        step = metres_between(a, b)
        if step >= left and step > 0:
            share = left / step
            return Point(round(a.lat + share * (b.lat - a.lat), 6), round(a.lon + share * (b.lon - a.lon), 6))
        left -= step
    return line[-1]
