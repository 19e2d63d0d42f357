"""Parking zones, and which of them an address is in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, case, or_, select

from portal.kit import NotFound, session
from portal.kit import gettext as _
from services.permits.models.zones import Zone as ZoneRow
from services.permits.models.zones import ZonePlace
from services.permits.rules.permits import OUTSIDE, Place, PlaceRule
from services.permits.rules.streets import street_key

_NARROWEST_FIRST = case({"uprn": 0, "postcode": 1, "street": 2}, value=ZonePlace.by, else_=3)
_PLACE = (
    select(ZonePlace.rule, ZonePlace.zone, ZoneRow.title, ZoneRow.hours)
    .outerjoin(ZoneRow, ZoneRow.code == ZonePlace.zone)
    .where(
        or_(
            and_(ZonePlace.by == "uprn", ZonePlace.key == bindparam("uprn")),
            and_(ZonePlace.by == "postcode", ZonePlace.key == bindparam("postcode")),
            and_(ZonePlace.by == "street", ZonePlace.key == bindparam("street")),
            and_(ZonePlace.by == "sector", ZonePlace.key == bindparam("sector")),
        )
    )
    .order_by(_NARROWEST_FIRST)
    .limit(1)
)
_COLUMNS = (ZoneRow.code, ZoneRow.title, ZoneRow.hours, ZoneRow.caps, ZoneRow.rules)
_ZONES = select(*_COLUMNS).order_by(ZoneRow.code)
_ZONE = select(*_COLUMNS).where(ZoneRow.code == bindparam("code"))


@dataclass(frozen=True, slots=True)
class Zone:
    """One zone. `caps` is how many permits of a kind it takes as a whole; `rules` what prices ask of it."""

    code: str
    title: str
    hours: str
    caps: Mapping[str, int]
    rules: Mapping[str, Any]  # plain JSON


def find_place(*, uprn: str | None, postcode: str, street: str) -> Place | None:
    """What holds at an address of the gazetteer: what is said of it, of its postcode, its street, its postcode sector.

    None for an address without a UPRN, which somebody typed: nobody can say where it is. `OUTSIDE` where the table says
    nothing.
    """
    if not uprn:
        return None
    sector = postcode[:-2]
    asked = {"uprn": uprn, "postcode": postcode, "street": street_key(street, postcode), "sector": sector}
    row = session().execute(_PLACE, asked).one_or_none()
    if row is None:
        return OUTSIDE
    rule: PlaceRule = row.rule
    return Place(rule, row.zone or "", row.title or "", row.hours or "")


def zones() -> Sequence[Zone]:
    """All zones, by code."""
    return [Zone(*row) for row in session().execute(_ZONES)]


def has_zone(code: str) -> bool:
    """Whether there is a zone of that code."""
    return session().execute(_ZONE, {"code": code}).one_or_none() is not None


def get_zone(code: str) -> Zone:
    """The zone of that code. Raises NotFound."""
    row = session().execute(_ZONE, {"code": code}).one_or_none()
    if row is None:
        raise NotFound(_("We do not know this parking zone."))
    return Zone(*row)
