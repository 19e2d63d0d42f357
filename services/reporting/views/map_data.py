"""What the map's script asks for: the council's own shapes, and what lies at a place. Open to all, the same for all.

Nothing here is needed to report: whoever has no script, or sees no map, says in words where it is.
"""

from typing import Any, Final

from flask import Response, abort, jsonify, request

from portal.kit import public, settings_of
from services.reporting.rules.places import Point
from services.reporting.rules.wanted import read_box
from services.reporting.rules.where import read_point
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.settings.shapes import drawn
from services.reporting.views.blueprint import bp

MOST_SHAPES: Final = 3_000
"""In one answer: more than a screen can show apart."""
KEPT: Final = "public, max-age=3600"


@bp.get("/map/<layer>.json")
@public
def map_layer(layer: str) -> Response:
    """The shapes of a layer as GeoJSON, all or those in `box=west,south,east,north`."""
    found = settings_of(ReportingSettings).ground.find_layer(layer)
    if found is None:
        abort(404)
    box = read_box(request.args.get("box", ""))
    edges = (box.south, box.west, box.north, box.east) if box else (-90.0, -180.0, 90.0, 180.0)
    shapes = [drawn(shape) for shape in found.within(edges, most=MOST_SHAPES)]
    return _kept({"type": "FeatureCollection", "features": shapes})


@bp.get("/map/at")
@public
def map_at() -> Response:
    """What lies at `lat`, `lon`: whether it is ours, and the street or park, else who looks after it."""
    ground = settings_of(ReportingSettings).ground
    point = read_point(request.args.get("lat", ""), request.args.get("lon", ""))
    if point is None:
        return _kept({"ours": False, "place": "", "elsewhere": ""})
    street, neighbour = ground.street_near(point), ground.find_neighbour(point)
    ours = ground.is_ours(point)
    place = (street.label if street else ground.park_at(point)) if ours else ""
    return _kept({"ours": ours, "place": place, "elsewhere": neighbour.name if neighbour and not ours else ""})


@bp.get("/map/streets")
@public
def map_streets() -> Response:
    """The streets that may be meant by `words`, each with a point on it."""
    streets = settings_of(ReportingSettings).ground.streets_like(request.args.get("words", "")[:120])
    return _kept({"streets": [{"label": each.label, **_degrees(each.point)} for each in streets]})


def _degrees(point: Point) -> dict[str, float]:
    return {"lat": point.lat, "lon": point.lon}


def _kept(content: dict[str, Any]) -> Response:  # JSON
    answer = jsonify(content)
    answer.headers["Cache-Control"] = KEPT
    return answer
