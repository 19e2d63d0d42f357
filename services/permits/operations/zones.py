"""Lay out a council's parking zones: what an operator loads, again and again as streets are added."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sqlalchemy import bindparam, delete
from sqlalchemy.dialects.postgresql import insert

from portal.kit import Command, NotFound, Refused, normalise_postcode, session
from services.permits.models.zones import Zone, ZonePlace
from services.permits.queries.zones import get_zone, zones
from services.permits.rules.permits import KINDS, PlaceRule
from services.permits.rules.streets import street_key

LONGEST_UPRN: Final = 12
COLUMNS: Final = ("by", "key", "rule", "zone")
RULES: Final[tuple[PlaceRule, ...]] = ("zone", "car_free", "no_permits")
_PUT_ZONE = insert(Zone)
_PUT_ZONE_OR_CHANGE: Final = _PUT_ZONE.on_conflict_do_update(
    index_elements=["code"],
    set_={name: _PUT_ZONE.excluded[name] for name in ("title", "hours", "caps", "rules")},
)
_PUT = insert(ZonePlace)
_PUT_OR_CHANGE: Final = _PUT.on_conflict_do_update(
    index_elements=["by", "key"], set_={"rule": _PUT.excluded.rule, "zone": _PUT.excluded.zone}
)
_TAKE_OUT: Final = delete(ZonePlace).where(ZonePlace.by == bindparam("of_sort"), ZonePlace.key == bindparam("of_key"))


@dataclass(frozen=True, slots=True)
class PlaceLine:
    """One line of the table: a UPRN, a postcode, a street (`Larkspur Lane|W6`) or a sector (`W6 9`), and its rule."""

    by: str
    key: str
    rule: PlaceRule
    zone: str | None


def put_zone(
    code: str, *, title: str, hours: str, caps: Mapping[str, int] | None = None, marks: Sequence[str] = ()
) -> None:
    """Add a zone, or change one. `caps` is how many permits of a kind it takes as a whole, `marks` the tariff's.

    A cap that is lowered takes no permit away: nobody else is let in until there is room. Raises Refused.
    """
    if (
        not code
        or len(code) > 12
        or not set(caps or {}) <= set(KINDS)
        or any(most < 0 for most in (caps or {}).values())
    ):
        raise Refused("A zone has a code of at most 12 characters, and caps of known kinds that are not below nothing.")
    rules: dict[str, Any] = {"marks": list(marks)} if marks else {}  # plain JSON
    row = {"code": code, "title": title, "hours": hours, "caps": dict(caps or {}), "rules": rules}
    session().execute(_PUT_ZONE_OR_CHANGE, row)


def put_places(lines: Iterable[PlaceLine]) -> int:
    """Say of places which zone they are in; what was said of them before is replaced. How many there were."""
    many = 0
    for line in lines:
        session().execute(_PUT_OR_CHANGE, {"by": line.by, "key": line.key, "rule": line.rule, "zone": line.zone})
        many += 1
    return many


def take_out_place(by: str, key: str) -> None:
    """Say nothing of a place any more: wider rows count."""
    session().execute(_TAKE_OUT, {"of_sort": by, "of_key": key}, execution_options={"synchronize_session": False})


def read_places(text: str) -> Sequence[PlaceLine]:
    """The lines of a CSV file with the columns by, key, rule and zone. Raises Refused, which names the line."""
    rows = csv.DictReader(text.splitlines())
    if tuple(rows.fieldnames or ()) != COLUMNS:
        raise Refused(f"The first line must be: {','.join(COLUMNS)}")
    return [_line(number, row) for number, row in enumerate(rows, start=2)]


def _line(number: int, row: Mapping[str, str | None]) -> PlaceLine:
    by, key, rule, zone = ((row[name] or "").strip() for name in COLUMNS)
    try:
        if rule not in RULES or bool(zone) == (rule == "no_permits"):
            raise Refused("the rule is zone or car_free with a zone, or no_permits without one")
        if zone:
            get_zone(zone)
        return PlaceLine(by, _key(by, key), rule, zone or None)
    except (Refused, NotFound) as error:
        raise Refused(f"Line {number}: {error}") from None


def _key(by: str, key: str) -> str:
    if by == "uprn" and key.isdecimal() and 0 < len(key.lstrip("0")) <= LONGEST_UPRN:
        return key.lstrip("0")
    if by == "postcode":
        return normalise_postcode(key)
    if by == "street" and key.count("|") == 1:
        return street_key(*key.split("|"))
    if by == "sector" and len(key.split()) == 2:
        return key.upper()
    raise Refused("by is uprn, postcode, street (Larkspur Lane|W6) or sector (W6 9), and the key is one of these")


def load_places(words: Sequence[str]) -> str:
    """Load a CSV file of places."""
    try:
        (path,) = words
        text = Path(path).read_text(encoding="utf-8-sig")
    except (ValueError, OSError, UnicodeDecodeError):
        raise Refused("Name one CSV file in UTF-8 that can be read.") from None
    return f"{put_places(read_places(text))} places are in their zones."


def add_zone(words: Sequence[str]) -> str:
    """Add or change a zone: its code, its title and its hours, each in quotation marks."""
    try:
        code, title, hours = words
    except ValueError:
        raise Refused('Say code, title and hours: `zone-put K "Zone K" "Monday to Friday, 9am to 5pm"`.') from None
    before = next((zone for zone in zones() if zone.code == code), None)
    marks = before.rules.get("marks", ()) if before else ()
    put_zone(code, title=title, hours=hours, caps=before.caps if before else None, marks=marks)
    return f"Zone {code} is there."


def cap_zone(words: Sequence[str]) -> str:
    """How many permits of a kind a zone takes as a whole."""
    try:
        code, kind, typed = words
        most = int(typed)
    except ValueError:
        raise Refused("Say the zone, the kind of permit and how many: `zone-cap K resident 500`.") from None
    zone = get_zone(code)
    caps = dict(zone.caps) | {kind: most}
    put_zone(code, title=zone.title, hours=zone.hours, caps=caps, marks=zone.rules.get("marks", ()))
    return f"Zone {code} takes {most} {kind} permits."


COMMANDS: Final[Mapping[str, Command]] = {
    "zone-put": Command(help="Add or change a parking zone.", run=add_zone, words="CODE TITLE HOURS"),
    "zone-cap": Command(help="Say how many permits of a kind a zone takes.", run=cap_zone, words="CODE KIND MOST"),
    "zone-places": Command(help="Load which addresses are in which zone.", run=load_places, words="FILE.csv"),
}
