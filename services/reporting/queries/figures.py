"""Figures of the reports that came in a period: by category, ward or channel, how long it took to put them right, where
they lie, and each as a line of a file.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Float, Numeric, Row, Select, cast, func, literal, select, tuple_

from portal.kit import clock, session
from services.reporting.models.reports import Report
from services.reporting.queries.public_map import mesh_of
from services.reporting.rules.wanted import Box

BY: Final = ("category", "ward", "channel")
DAYS_TO_FIX: Final = (1, 3, 7, 14, 28)
"""Where one step of "how long it took" ends and the next begins, in days; the last has no end."""
MOST_SQUARES: Final = 3_000
MOST_LINES: Final = 20_000
"""In one file: what a spreadsheet opens at once, and far more than a quarter's reports of one borough."""
_A_DAY: Final = 86_400
_DAYS: Final = cast(func.extract("epoch", Report.closed_at - Report.created_at), Float) / _A_DAY
_STEP: Final = func.width_bucket(_DAYS, cast(list(DAYS_TO_FIX), ARRAY(Float)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which reports: those that came in between two moments, of these cases. Empty means any."""

    among: Select[UUID]
    since: datetime
    until: datetime
    category: str = ""
    ward: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """What became of the reports of one category, ward or channel, or of all (`key` None). Days are to the end."""

    key: str | None
    came: int
    closed: int
    in_time: int
    promised: int
    overdue: int
    repeated: int
    days: float | None

    @property
    def still_open(self) -> int:
        """How many of them are not closed."""
        return self.came - self.closed

    @property
    def kept(self) -> int | None:
        """Of those closed that had a promise, how many of a hundred were closed within it."""
        return round(100 * self.in_time / self.promised) if self.promised else None


@dataclass(frozen=True, slots=True)
class Square:
    """A part of the map and how many of the reports lie in it."""

    box: Box
    count: int


def figures_of(asked: Asked, *, by: str) -> Sequence[Figure]:
    """A line for each category, ward or channel with a report, the busiest first, and last one of all. One query."""
    key = {"ward": Report.ward, "channel": Report.channel}.get(by, Report.category)
    promised = Report.closed_at.is_not(None) & Report.due_at.is_not(None)
    is_whole = func.grouping(key).label("is_whole")
    query = (
        select(
            key.label("key"),
            func.count().label("came"),
            func.count(Report.closed_at),
            func.count().filter(Report.closed_at <= Report.due_at),
            func.count().filter(promised),
            func.count().filter(Report.closed_at.is_(None), Report.due_at < clock.now()),
            func.count(Report.merged_into_id),
            func.percentile_disc(0.5).within_group(_DAYS).filter(Report.closed_at.is_not(None)),
            is_whole,
        )
        .where(*_conditions(asked))
        .group_by(func.grouping_sets(key, tuple_()))
        .order_by(is_whole, func.count().desc(), key)
    )
    return [Figure(None if whole else name, *counts) for name, *counts, whole in session().execute(query)]


def times_to_fix(asked: Asked) -> Sequence[int]:
    """How many of the reports that were put right took how long: one number for each step of DAYS_TO_FIX, and one for
    those beyond. Repeats of others and what needed no action are none of them. One query.
    """
    query = select(_STEP, func.count()).where(*_conditions(asked), Report.status == "fixed").group_by(_STEP)
    counts = {int(step): int(many) for step, many in session().execute(query)}
    return [counts.get(step, 0) for step in range(len(DAYS_TO_FIX) + 1)]


def squares_in(asked: Asked, *, zoom: int, box: Box | None = None, most: int = MOST_SQUARES) -> Sequence[Square]:
    """The squares of the map with the most of these reports, as large as that zoom draws them well. One query."""
    mesh = mesh_of(zoom)
    size_lat, size_lon = literal(mesh["mesh_lat"], Float), literal(mesh["mesh_lon"], Float)
    row, column = func.floor(Report.lat / size_lat), func.floor(Report.lon / size_lon)
    inside = [Report.lat.is_not(None)]
    if box is not None:
        inside += [Report.lat.between(box.south, box.north), Report.lon.between(box.west, box.east)]
    meshed = select(row.label("row"), column.label("column")).where(*_conditions(asked), *inside).subquery("meshed")
    count = func.count()
    query = (
        select(meshed.c.row, meshed.c.column, count)
        .group_by(meshed.c.row, meshed.c.column)
        .order_by(count.desc(), meshed.c.row, meshed.c.column)
        .limit(most)
    )
    return [_square(each, mesh["mesh_lat"], mesh["mesh_lon"]) for each in session().execute(query)]


def lines_of(asked: Asked) -> Iterator[Row[*tuple[Any, ...]]]:
    """The reports themselves, the newest first, without whoever sent them and without their words."""
    query = (
        select(
            Report.reference,
            Report.category,
            Report.ward,
            Report.status,
            Report.priority,
            Report.channel,
            Report.created_at,
            Report.due_at,
            Report.closed_at,
            Report.place,
            Report.asset,
            cast(Report.lat, Numeric(9, 6)).label("lat"),
            cast(Report.lon, Numeric(9, 6)).label("lon"),
            Report.office,
            Report.external_id,
        )
        .where(*_conditions(asked))
        .order_by(Report.created_at.desc(), Report.id.desc())
        .limit(MOST_LINES)
    )
    yield from session().execute(query)


def _conditions(asked: Asked) -> list[ColumnElement[bool]]:
    found = [
        Report.created_at >= asked.since,
        Report.created_at < asked.until,
        Report.case_id.in_(asked.among),
    ]
    if asked.category:
        found.append(Report.category == asked.category)
    if asked.ward:
        found.append(Report.ward == asked.ward)
    return found


def _square(row: Row[*tuple[Any, ...]], size_lat: float, size_lon: float) -> Square:
    south, west = row[0] * size_lat, row[1] * size_lon
    return Square(Box(south, west, south + size_lat, west + size_lon), row[2])
