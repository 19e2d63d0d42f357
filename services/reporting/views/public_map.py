"""The map of reports, and what its script asks for. Whoever has no script, or sees no map, has the list."""

from typing import Any, Final

from flask import Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import allow_pictures_from, ngettext, public, render, settings_of
from services.reporting.queries.public_map import NEAREST_IN, Spot, around, spots_in
from services.reporting.rules.categories import title_of
from services.reporting.rules.places import Point
from services.reporting.rules.wanted import Box, read_box
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.views.blueprint import bp
from services.reporting.views.public_words import (
    around_words,
    filters_for,
    kept_filters,
    unknown_words,
    wanted_from,
)
from services.reporting.workflow import status_called

FARTHEST_APART: Final = 2.0
"""Degrees: a wider rectangle than any council is not looked into."""
NOTHING: Final = Box(0, 0, 0, 0)


@bp.get("/problems/map")
@public
def public_map() -> ResponseReturnValue:
    """The map with the same filters as the list, and the way to the list."""
    wanted, settings = wanted_from(request.args), settings_of(ReportingSettings)
    allow_pictures_from(settings.tiles_url)
    area, circle = settings.area, wanted.circle
    lat, lon = (circle.lat, circle.lon) if circle else (area.example_lat, area.example_lon)
    return render(
        "reporting/public_map.html",
        filters=filters_for(wanted),
        unknown=unknown_words(),
        kept=kept_filters(),
        around=around_words(wanted),
        settings=settings,
        lat=lat,
        lon=lon,
        zoom=16 if circle else 14,
    )


@bp.get("/problems/map.json")
@public
def public_spots() -> Response:
    """The marks in `box=west,south,east,north` at `zoom`, near ones as one, as GeoJSON."""
    wanted = wanted_from(request.args)
    box = read_box(request.args.get("box", "")) or NOTHING
    if box.north - box.south > FARTHEST_APART or box.east - box.west > FARTHEST_APART:
        box = NOTHING
    zoom = request.args.get("zoom", NEAREST_IN, type=int)
    found = spots_in(box, zoom=zoom, wanted=wanted)
    return jsonify(
        {
            "type": "FeatureCollection",
            "features": [_feature(spot, zoom) for spot in found.spots],
            "more": found.more,
        }
    )


def _feature(spot: Spot, zoom: int) -> dict[str, Any]:
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [round(spot.lon, 6), round(spot.lat, 6)]},
        "properties": _alone(spot) if spot.count == 1 else _together(spot, zoom),
    }


def _alone(spot: Spot) -> dict[str, Any]:
    what = ", ".join(part for part in (title_of(spot.category), _where(spot)) if part)
    return {
        "count": 1,
        "open": spot.open_count,
        "title": f"{what}: {status_called(spot.status).title}",
        "url": url_for(".public_report", reference=spot.reference),
    }


def _together(spot: Spot, zoom: int) -> dict[str, Any]:
    circle = around(spot, zoom)
    place = {"lat": round(circle.lat, 5), "lon": round(circle.lon, 5), "metres": circle.metres}
    return {
        "count": spot.count,
        "open": spot.open_count,
        "title": _several(spot.count, _where(spot)),
        "url": url_for(".public_list", **kept_filters(**place, near="")),
    }


def _several(count: int, where: str) -> str:
    if not where:
        return ngettext("%(n)s report", "%(n)s reports", count)
    return ngettext("%(n)s report near %(where)s", "%(n)s reports near %(where)s", count, where=where)


def _where(spot: Spot) -> str:
    """The street or park of a mark by the council's own map, for whoever reads the list in place of seeing the map."""
    ground, point = settings_of(ReportingSettings).ground, Point(spot.lat, spot.lon)
    street = ground.street_near(point)
    return street.label if street else ground.park_at(point)
