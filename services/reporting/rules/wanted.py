"""Which public reports somebody asks for, and how far they have read."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import cos, isfinite, radians
from typing import Final, Literal, Self, get_args
from uuid import UUID

from services.reporting.rules.places import Point

State = Literal["", "open", "closed"]
STATES: Final[tuple[str, ...]] = get_args(State)
METRES_A_DEGREE: Final = 111_195.0
"""Along a meridian: 40,030 km of a sphere of 6,371 km, over 360. Within one council the error is below 0.5 %."""
FARTHEST_METRES: Final = 5_000
NEAREST_METRES: Final = 50


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the map, WGS84 degrees."""

    south: float
    west: float
    north: float
    east: float


@dataclass(frozen=True, slots=True)
class Circle:
    """A place and what lies around it."""

    lat: float
    lon: float
    metres: int

    @property
    def lon_metres(self) -> float:
        """How many metres a degree of longitude has there."""
        return METRES_A_DEGREE * cos(radians(self.lat))

    @property
    def box(self) -> Box:
        """The rectangle around it, which an index can find."""
        north = self.metres / METRES_A_DEGREE
        east = self.metres / max(self.lon_metres, 1.0)
        return Box(self.lat - north, self.lon - east, self.lat + north, self.lon + east)

    def holds(self, point: Point) -> bool:
        """Whether the point lies in it; its edge does."""
        north = (point.lat - self.lat) * METRES_A_DEGREE
        east = (point.lon - self.lon) * self.lon_metres
        return north * north + east * east <= self.metres * self.metres


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which reports to show. What is empty narrows nothing; `since` is included in the time, `until` is not."""

    categories: tuple[str, ...] = ()
    ward: str = ""
    state: State = ""
    since: datetime | None = None
    until: datetime | None = None
    box: Box | None = None
    circle: Circle | None = field(default=None)

    def within(self, box: Box) -> Self:
        """The same, in that part of the map alone."""
        return replace(self, box=box)


@dataclass(frozen=True, slots=True, kw_only=True)
class WantedAlert:
    """Of which new reports somebody wants to hear: in a ward, or around a place. `called` is what they call it."""

    called: str
    ward: str = ""
    circle: Circle | None = None
    category: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page of a list ended: what comes after it is older."""

    at: datetime
    id: UUID

    def __str__(self) -> str:
        return f"{self.at.isoformat()}~{self.id}"

    @classmethod
    def read(cls, text: str | None) -> Self | None:
        """The mark that an address bears; None for what is none, which means the first page."""
        at, _tilde, named = (text or "").partition("~")
        try:
            moment = datetime.fromisoformat(at)
            return cls(moment, UUID(named)) if moment.tzinfo else None
        except ValueError:
            return None


def read_circle(values: Mapping[str, str]) -> Circle | None:
    """The circle in an address: `lat`, `lon` and `metres`, held between the nearest and the farthest; None for none."""
    try:
        lat, lon, metres = (float(values.get(name, "")) for name in ("lat", "lon", "metres"))
    except ValueError:
        return None
    if not (isfinite(metres) and abs(lat) < 89 and abs(lon) <= 180):  # of a pole's neighbourhood no rectangle is one
        return None
    return Circle(lat, lon, int(min(max(metres, NEAREST_METRES), FARTHEST_METRES)))


def read_box(text: str) -> Box | None:
    """The rectangle in an address, as GeoJSON orders it: `west,south,east,north`; None for what is none."""
    try:
        west, south, east, north = (float(part) for part in text.split(","))
    except ValueError:
        return None
    ordered = -90 <= south <= north <= 90 and -180 <= west <= east <= 180
    return Box(south, west, north, east) if ordered else None  # NaN is in no order
