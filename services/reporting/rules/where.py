"""A place that was named by a point, a street or a number: whose it is, and how it is written down.

What is written is kept for years and read by staff and neighbours in either language, so it is names and numbers alone.
"""

from math import isfinite
from typing import Final

from portal.kit import gettext as _
from services.reporting.rules.places import Bounds, Outside, Place, Point, is_inside
from services.reporting.settings.ground import Asset, Ground, Neighbour, Street
from services.reporting.settings.street_words import folded

ON_IT_METRES: Final = 3.0
"""A point so near to a thing on the map was set on that thing."""


def read_point(lat: str, lon: str) -> Point | None:
    """The point in an address that a script made; None for anything else."""
    try:
        north, east = float(lat), float(lon)
    except ValueError:
        return None
    return Point(north, east) if isfinite(north) and isfinite(east) and abs(north) <= 90 and abs(east) <= 180 else None


def whose(point: Point, area: Bounds, ground: Ground) -> Point | Neighbour | Outside:
    """The point itself where the place is ours; else who looks after it, as far as the map shows that."""
    if is_inside(point, area) and ground.is_ours(point):
        return point
    return ground.find_neighbour(point) or Outside()


def said_of(neighbour: Neighbour) -> str:
    """The sentence that says who is responsible."""
    return _("This place is outside our area. %(council)s looks after it", council=neighbour.name)


def at_point(point: Point, whereabouts: str, ground: Ground, layer: str = "", asset_name: str = "") -> Place:
    """A place on the map: its street or park, what was said about it, the thing it was set on, and the numbers."""
    thing = ground.thing_at(layer, point, metres=ON_IT_METRES)
    if thing is not None:
        return at_asset(thing, asset_name, whereabouts)
    street = ground.street_near(point)
    named = street.label if street else ground.park_at(point)
    words = ": ".join(part for part in (named, whereabouts) if part)
    numbers = f"{point.lat:.5f}, {point.lon:.5f}"
    return Place(f"{words} ({numbers})" if words else numbers, point, usrn=street.usrn if street else None)


def at_street(street: Street | None, typed: str, whereabouts: str) -> Place:
    """A place in a street of ours, at its middle for want of better; or in words that the map does not know."""
    text = f"{street.label if street else typed}: {whereabouts}"
    return Place(text, street.point if street else None, usrn=(street.usrn or None) if street else None)


def at_named_street(street: Street, typed: str, whereabouts: str) -> Place:
    """A place in a street whose name was typed with more, such as a house number, which is kept."""
    alone = folded(typed) in (folded(street.name), folded(street.label))
    return at_street(street, typed, whereabouts if alone else f"{typed}, {whereabouts}")


def at_asset(thing: Asset, asset_name: str, whereabouts: str = "") -> Place:
    """The place of a thing that bears a number."""
    named = f"{asset_name} {thing.number}".strip()
    text = ", ".join(part for part in (thing.street, named) if part)
    said = f"{text}: {whereabouts}" if whereabouts else text
    return Place(said, thing.point, usrn=thing.usrn or None, asset=thing.number)
