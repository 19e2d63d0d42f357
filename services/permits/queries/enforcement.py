"""Which cars may park now: one registration, or the list of a zone. Nothing about whose they are.

A permit counts on its days, unless a courtesy car stands in for its own; a visitor's car until the moment it was
started for. What is looked up by each patrol is one statement; lists are read in portions, each from an index.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    Integer,
    Row,
    Select,
    String,
    Uuid,
    bindparam,
    cast,
    exists,
    func,
    literal,
    null,
    select,
    tuple_,
    union_all,
)

from portal.kit import clock, session
from services.permits.models.permits import CourtesyCar, Permit
from services.permits.models.visitors import VisitorSession
from services.permits.rules.marks import SOURCES, Mark, Source, first_of, read_mark

PORTION: Final = 5000
"""Lines read at once while a whole list is written."""
MOST_AT_ONCE: Final = 1000
"""Lines of one answer of the list."""
_TODAY: Final = bindparam("today", type_=Date())
_NOW: Final = bindparam("now", type_=DateTime(timezone=True))
_ZONE: Final = bindparam("zone", type_=String())
_BEHIND: Final = tuple_(bindparam("after_zone", type_=String()), bindparam("after_id", type_=Uuid()))


@dataclass(frozen=True, slots=True)
class MayPark:
    """One car that may park in a zone, from a moment until another, both aware; `kind` is by what."""

    registration: str
    zone: str
    kind: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of a list. `after` is the mark of the next page; None on the last."""

    lines: Sequence[MayPark]
    after: str | None


_STANDS_IN = exists().where(CourtesyCar.permit_id == Permit.id, CourtesyCar.valid.contains(_TODAY))
_NO_DAY, _NO_MOMENT = cast(null(), Date()), cast(null(), DateTime(timezone=True))
_PERMITS = select(
    literal("permit").label("source"),
    Permit.id,
    Permit.kind,
    Permit.vrm,
    Permit.zone,
    func.lower(Permit.valid).label("starts_on"),
    Permit.last_on,
    _NO_MOMENT.label("starts_at"),
    _NO_MOMENT.label("ends_at"),
).where(Permit.status == literal("active", literal_execute=True), Permit.valid.contains(_TODAY), Permit.vrm != "")
_OWN_CARS = _PERMITS.where(~_STANDS_IN)
_LENT = (
    select(
        literal("courtesy_car").label("source"),
        CourtesyCar.id,
        literal("courtesy_car").label("kind"),
        CourtesyCar.vrm,
        CourtesyCar.zone,
        func.lower(CourtesyCar.valid).label("starts_on"),
        cast(func.upper(CourtesyCar.valid) - 1, Date()).label("last_on"),
        _NO_MOMENT.label("starts_at"),
        _NO_MOMENT.label("ends_at"),
    )
    .join(Permit, Permit.id == CourtesyCar.permit_id)
    .where(
        CourtesyCar.valid.contains(_TODAY),
        # A permit that ended early takes its courtesy car with it.
        Permit.status == literal("active", literal_execute=True),
    )
)
_VISITING = select(
    literal("visitor").label("source"),
    VisitorSession.id,
    literal("visitor").label("kind"),
    VisitorSession.vrm,
    VisitorSession.zone,
    _NO_DAY.label("starts_on"),
    _NO_DAY.label("last_on"),
    func.lower(VisitorSession.during).label("starts_at"),
    VisitorSession.ends_at,
).where(VisitorSession.ends_at > _NOW, VisitorSession.during.contains(_NOW))
_VRM = bindparam("vrm", type_=String())
_LOOK_UP = union_all(
    _OWN_CARS.where(Permit.vrm == _VRM),
    _LENT.where(CourtesyCar.vrm == _VRM),
    _VISITING.where(VisitorSession.vrm == _VRM),
)


def _pages(rows: Select[Any], zone: ColumnElement[str], row_id: ColumnElement[Any]) -> tuple[Select[Any], Select[Any]]:
    """The list of one source behind a mark: of one zone, and of all. Any: rows of several columns."""
    one = rows.where(zone == _ZONE, row_id > bindparam("after_id", type_=Uuid())).order_by(row_id)
    whole = rows.where(tuple_(zone, row_id) > _BEHIND).order_by(zone, row_id)
    many: ColumnElement[int] = bindparam("many", type_=Integer())
    return one.limit(many), whole.limit(many)


_LISTS: Final[dict[Source, tuple[Select[Any], Select[Any]]]] = {
    "permit": _pages(_OWN_CARS, Permit.zone.expression, Permit.id.expression),
    "courtesy_car": _pages(_LENT, CourtesyCar.zone.expression, CourtesyCar.id.expression),
    "visitor": _pages(_VISITING, VisitorSession.zone.expression, VisitorSession.id.expression),
}


def may_park(registration: str, zone: str | None = None) -> Sequence[MayPark]:
    """By what this registration may park now, in that zone or anywhere; nothing when it may not.

    `registration` is in capitals without spaces, as `rules.registrations.normalise` makes it.
    """
    rows = session().execute(_LOOK_UP, {"vrm": registration, **_moment()})
    found = [_line(row) for row in rows]
    return sorted((each for each in found if zone in (None, each.zone)), key=lambda each: (each.zone, each.kind))


def list_page(zone: str | None, *, after: str, most: int = MOST_AT_ONCE) -> Listed:
    """One page of all cars that may park now, of a zone or of all. Raises ValueError for a mark that is not ours."""
    mark: Mark | None = read_mark(after)
    lines: list[MayPark] = []
    while mark is not None and len(lines) < most:
        found, mark = _portion(zone, mark, most - len(lines))
        lines += found
    return Listed(lines, None if mark is None else str(mark))


def whole_list(zone: str | None) -> Iterator[MayPark]:
    """All cars that may park now, a portion at a time: a million of them are never in memory at once."""
    mark: Mark | None = first_of(SOURCES[0])
    while mark is not None:
        found, mark = _portion(zone, mark, PORTION)
        yield from found


def _portion(zone: str | None, mark: Mark, many: int) -> tuple[list[MayPark], Mark | None]:
    """The next lines of the mark's source, and where to go on: None at the end of the last source."""
    of_zone, of_all = _LISTS[mark.source]
    values = {"after_zone": mark.zone, "after_id": mark.id, "many": many, **_moment()}
    if zone is not None:
        values = {**values, "zone": zone}
    rows = session().execute(of_all if zone is None else of_zone, values).all()
    lines = [_line(row) for row in rows]
    if len(rows) == many:
        return lines, Mark(mark.source, rows[-1].zone, rows[-1].id)
    rest = SOURCES[SOURCES.index(mark.source) + 1 :]
    return lines, first_of(rest[0]) if rest else None


def _moment() -> dict[str, date | datetime]:
    return {"today": clock.today(), "now": clock.now()}


def _line(row: Row[Any]) -> MayPark:
    """Any: one row of any of the sources."""
    if row.source == "visitor":
        return MayPark(row.vrm, row.zone, row.kind, row.starts_at.astimezone(clock.LOCAL), _local(row.ends_at))
    return MayPark(row.vrm, row.zone, row.kind, _midnight(row.starts_on), _midnight(row.last_on + timedelta(days=1)))


def _local(moment: datetime) -> datetime:
    return moment.astimezone(clock.LOCAL)


def _midnight(day: date) -> datetime:
    """When a day begins here."""
    return datetime.combine(day, time(), tzinfo=clock.LOCAL)
