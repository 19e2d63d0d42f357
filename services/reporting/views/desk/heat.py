"""Where reports pile up: a map of squares, and the same as a table for whoever sees no map."""

from typing import Any, Final

from flask import Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import allow_pictures_from, needs, render, settings_of
from portal.kit import gettext as _
from services.reporting.queries.figures import Square, squares_in
from services.reporting.rules.places import Point
from services.reporting.rules.wanted import Box, read_box
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.views.desk.blueprint import bp
from services.reporting.views.desk.choices import days_asked, filters
from services.reporting.views.desk.figures import address, asked_for

BUSIEST: Final = 20
OF_A_STREET: Final = 17
"""The zoom whose squares, of some 60 to 80 metres, are named by the street in them."""
FARTHEST_APART: Final = 2.0


@bp.get("/heat")
@needs("statistics")
def heat() -> ResponseReturnValue:
    """The map, and the busiest places in words."""
    asked, period = asked_for()
    settings = settings_of(ReportingSettings)
    allow_pictures_from(settings.tiles_url)
    busiest = squares_in(asked, zoom=OF_A_STREET, most=BUSIEST)
    return render(
        "reporting/desk/heat.html",
        period=period,
        days=days_asked(period),
        filters=filters(asked.category, asked.ward),
        rows=[[_where(each), f"{each.count}"] for each in busiest],
        squares=url_for(".heat_squares", **address(period)),
        figures=url_for(".figures", **address(period)),
        settings=settings,
        lat=settings.area.example_lat,
        lon=settings.area.example_lon,
    )


@bp.get("/heat.json")
@needs("statistics")
def heat_squares() -> Response:
    """The squares in `box=west,south,east,north` at `zoom`: each as south, west, north, east, number."""
    asked, _period = asked_for()
    box = read_box(request.args.get("box", ""))
    if box is None or box.north - box.south > FARTHEST_APART or box.east - box.west > FARTHEST_APART:
        box = Box(0, 0, 0, 0)
    found = squares_in(asked, zoom=request.args.get("zoom", OF_A_STREET, type=int), box=box)
    return jsonify({"squares": [_drawn(each) for each in found]})


def _drawn(square: Square) -> list[Any]:  # four numbers of degrees, and how many
    box = square.box
    return [*(round(edge, 6) for edge in (box.south, box.west, box.north, box.east)), square.count]


def _where(square: Square) -> str:
    """The street in the square's middle; its degrees where there is none."""
    box = square.box
    middle = Point((box.south + box.north) / 2, (box.west + box.east) / 2)
    ground = settings_of(ReportingSettings).ground
    street = ground.street_near(middle)
    degrees = f"{middle.lat:.4f}, {middle.lon:.4f}"
    return street.label if street else ground.park_at(middle) or _("At %(at)s", at=degrees)
