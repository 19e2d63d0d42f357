"""Open reports around one at the desk that may tell of the same problem, whoever sent them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, bindparam, select

from portal.kit import session
from services.reporting.models.reports import Report
from services.reporting.queries.work import ToWork
from services.reporting.rules.categories import alike, find_category
from services.reporting.rules.places import Point, cells_around
from services.reporting.settings.shapes import metres_between

WITHIN: Final = 200
"""Metres: farther than residents are asked about, since staff know which lamp is which."""
MOST: Final = 20
MOST_READ: Final = 200

_AROUND = (
    select(
        Report.reference,
        Report.category,
        Report.status,
        Report.place,
        Report.created_at,
        Report.private,
        Report.lat,
        Report.lon,
    )
    .where(
        Report.closed_at.is_(None),
        Report.category.in_(bindparam("categories", expanding=True)),
        Report.cell.in_(bindparam("cells", expanding=True)),
        Report.id != bindparam("report"),
    )
    .order_by(Report.created_at.desc(), Report.id.desc())
    .limit(MOST_READ)
)


@dataclass(frozen=True, slots=True)
class Alike:
    """An open report of a like kind, and how many metres away it is."""

    reference: str
    category: str
    status: str
    place: str
    created_at: datetime
    private: bool
    metres: int


def alike_around(report: ToWork, among: Select[UUID]) -> Sequence[Alike]:
    """The open reports of a like kind near this one, of these cases, nearest first; none of one without a point."""
    category = find_category(report.category)
    if category is None or report.lat is None or report.lon is None:
        return ()
    here = Point(report.lat, report.lon)
    values = {
        "categories": sorted({report.category, *alike(category)}),
        "cells": list(cells_around(here, WITHIN)),
        "report": report.id,
    }
    rows = session().execute(_AROUND.where(Report.case_id.in_(among)), values)
    found = [Alike(*row[:6], metres=round(metres_between(here, Point(row.lat, row.lon)))) for row in rows]
    return sorted((each for each in found if each.metres <= WITHIN), key=lambda each: each.metres)[:MOST]
