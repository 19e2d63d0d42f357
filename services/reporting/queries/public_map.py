"""Public reports as points on a map: of those in a rectangle the newest, near ones together.

However many reports there are, no more than MOST of them are looked at: a map is for looking around, the list for
finding all. So its cost stays the same while reports pile up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by, array

from portal.kit import session, settings_of
from services.reporting.models.reports import Report
from services.reporting.queries.public import CONDITIONS, IS_PUBLIC, names_of, values_of
from services.reporting.rules.wanted import Box, Circle, Wanted
from services.reporting.settings.reporting import ReportingSettings

MOST: Final = 2_000
FARTHEST_OUT, NEAREST_IN = 8, 19
"""The zooms of a web map that a council needs: the county, and a front door."""
_CLUSTER_PIXELS: Final = 64
_TILE_PIXELS: Final = 256


@dataclass(frozen=True, slots=True)
class Spot:
    """One mark on the map, in the middle of the reports that it stands for.

    Alone, with `count` 1, it is the report with `reference`, `category` and `status`; of several it tells the newest.
    """

    lat: float
    lon: float
    count: int
    open_count: int
    reference: str
    category: str
    status: str


@dataclass(frozen=True, slots=True)
class Spots:
    """What a map shows. `more` when there are older ones that it does not."""

    spots: Sequence[Spot]
    more: bool


def spots_in(box: Box, *, zoom: int, wanted: Wanted) -> Spots:
    """The newest of these reports in that part of the map. One query, by the index on the place or on the time."""
    asked = wanted.within(box)
    values = {**values_of(asked), "most": MOST, **mesh_of(zoom)}
    rows = session().execute(_clustered(names_of(asked)), values).all()
    spots = [Spot(row.lat, row.lon, row.number, row.open_number, *row.newest[0]) for row in rows]
    return Spots(spots, more=sum(spot.count for spot in spots) >= MOST)


def around(spot: Spot, zoom: int) -> Circle:
    """The circle that holds what a mark stands for, for the list of it."""
    mesh = mesh_of(zoom)
    half = Circle(spot.lat, spot.lon, 1)
    metres = mesh["mesh_lon"] * half.lon_metres
    return Circle(spot.lat, spot.lon, max(50, round(metres)))


def mesh_of(zoom: int) -> dict[str, float]:
    """The size of a cluster's square in degrees: the same wherever the map is moved, so that clusters stay."""
    near = min(max(zoom, FARTHEST_OUT), NEAREST_IN)
    lon = 360 / 2**near * _CLUSTER_PIXELS / _TILE_PIXELS
    middle = Circle(settings_of(ReportingSettings).area.example_lat, 0, 1)
    squeezed = middle.lon_metres / Circle(0, 0, 1).lon_metres
    return {"mesh_lon": lon, "mesh_lat": lon * squeezed}


@cache  # as `queries.public`
def _clustered(names: frozenset[str]) -> Select[*tuple[Any, ...]]:
    newest = (
        select(
            Report.lat,
            Report.lon,
            Report.reference,
            Report.category,
            Report.status,
            Report.closed_at,
            Report.created_at,
        )
        .where(IS_PUBLIC, *(CONDITIONS[name] for name in sorted(names)))
        .order_by(Report.created_at.desc(), Report.id.desc())
        .limit(bindparam("most"))
        .subquery("newest")
    )
    row, column = func.floor(newest.c.lat / bindparam("mesh_lat")), func.floor(newest.c.lon / bindparam("mesh_lon"))
    told = array([newest.c.reference, newest.c.category, newest.c.status])
    newest_first = aggregate_order_by(told, newest.c.created_at.desc(), newest.c.reference)
    return (
        select(
            func.avg(newest.c.lat).label("lat"),
            func.avg(newest.c.lon).label("lon"),
            func.count().label("number"),
            func.count().filter(newest.c.closed_at.is_(None)).label("open_number"),
            func.array_agg(newest_first)[1:1].label("newest"),
        )
        .group_by(row, column)
        .order_by(row, column)
    )
