"""Already reported? Open reports near by that may be of the same problem.

One query by the index `ix_report_category_cell`, over the few squares of 100 m around the place: as many rows at a
million reports as at a thousand, where the neighbourhood holds as many. `tests/load/reports_nearby.py` measures it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import bindparam, select

from portal.kit import session, settings_of
from services.reporting.models.reports import Report
from services.reporting.queries.public import COLUMNS, IS_PUBLIC, PublicReport, report_from, shown_early
from services.reporting.rules.categories import alike
from services.reporting.rules.places import Point, cells_around
from services.reporting.settings.categories import Category
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.settings.shapes import metres_between

MOST_READ: Final = 200
"""Of the squares around, the newest: where there are more, those who read them have seen enough."""
MOST_SHOWN: Final = 5

# Materialised, so that the squares are looked up whatever else is asked: by the order alone the planner may take the
# index of all open reports and read it to its end.
_AROUND = (
    select(*COLUMNS)
    .where(
        IS_PUBLIC,
        Report.closed_at.is_(None),
        Report.category.in_(bindparam("categories", expanding=True)),
        Report.cell.in_(bindparam("cells", expanding=True)),
    )
    .cte("around")
    .prefix_with("materialized")
)
NEAR: Final = select(_AROUND).order_by(_AROUND.c.created_at.desc(), _AROUND.c.id.desc()).limit(MOST_READ)


@dataclass(frozen=True, slots=True)
class NearReport:
    """An open report that everybody may see, and how far it is from the place asked about, in whole metres."""

    report: PublicReport
    metres: int


def reports_near(category: Category, point: Point, *, most: int = MOST_SHOWN) -> Sequence[NearReport]:
    """The open reports of a like kind around a place, nearest first; of those equally far the newest."""
    within = settings_of(ReportingSettings).near_metres
    rows = session().execute(NEAR, near_values(category, point, within))
    found = [_near(report_from(row), point) for row in rows]
    near = sorted((each for each in found if each.metres <= within), key=lambda each: each.metres)
    return near[:most]


def near_values(category: Category, point: Point, metres: int) -> dict[str, object]:
    """What NEAR is bound to."""
    return {"categories": list(alike(category)), "cells": list(cells_around(point, metres)), "early": shown_early()}


def _near(report: PublicReport, point: Point) -> NearReport:
    there = Point(report.lat or 0.0, report.lon or 0.0)  # what lies in a square has both
    return NearReport(report, round(metres_between(point, there)))
