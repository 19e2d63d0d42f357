"""What everybody may know of reports: never who reported, no private or hidden one, and of one that a moderator has
yet to see neither words nor photos (unless the council shows words at once, and nothing in them leads to a person).

Pages, Atom feeds and the API all read reports here. Whatever is not a field of `PublicReport` is not public.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Row,
    Select,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    text,
    tuple_,
)
from sqlalchemy.orm import aliased

from portal.kit import NotFound, read_reference, session, settings_of
from services.reporting.models.base import PUBLIC
from services.reporting.models.following import Update
from services.reporting.models.reports import Photo, Report
from services.reporting.rules.wanted import METRES_A_DEGREE, Mark, Wanted
from services.reporting.settings.reporting import ReportingSettings


@dataclass(frozen=True, slots=True)
class PublicReport:
    """A report as everybody may see it. `words` and `place` are empty while nobody has let them be seen."""

    id: UUID
    reference: str
    category: str
    status: str
    status_note: str
    words: str
    place: str
    lat: float | None
    lon: float | None
    ward: str
    usrn: str | None
    asset: str | None
    created_at: datetime
    updated_at: datetime
    due_at: datetime | None
    closed_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether the council still has something to do."""
        return self.closed_at is None

    @property
    def mark(self) -> Mark:
        """Where a list goes on after it."""
        return Mark(self.created_at, self.id)


@dataclass(frozen=True, slots=True)
class ShownPhoto:
    """A photo that a moderator has let be seen: the file and the account that it is kept under."""

    position: int
    file_id: UUID
    owner_id: UUID
    update_id: UUID | None = None
    """The update that it came with; None of the report's own."""


_EARLY: Final = bindparam("early", type_=Boolean)
# Words in which something was masked wait for a moderator, who may find a name beside it.
_UNMASKED: Final = and_(Report.public_words.is_(None), Report.public_place.is_(None))
_READABLE: Final = or_(Report.moderation == "shown", and_(_EARLY, _UNMASKED))


def _once_readable(column: ColumnElement[str]) -> ColumnElement[str]:
    return case((_READABLE, column), else_="")


COLUMNS: Final = (
    Report.id,
    Report.reference,
    Report.category,
    Report.status,
    Report.status_note,
    _once_readable(func.coalesce(Report.public_words, Report.description)).label("words"),
    _once_readable(func.coalesce(Report.public_place, Report.place)).label("place"),
    Report.lat,
    Report.lon,
    Report.ward,
    Report.usrn,
    Report.asset,
    Report.created_at,
    Report.updated_at,
    Report.due_at,
    Report.closed_at,
)
IS_PUBLIC: Final = text(PUBLIC)  # as its indexes have it, to the letter: a bound value would match none of them

_BOX = and_(
    Report.lat.between(bindparam("south"), bindparam("north")),
    Report.lon.between(bindparam("west"), bindparam("east")),
)
_NORTH = (Report.lat - bindparam("lat")) * METRES_A_DEGREE
_EAST = (Report.lon - bindparam("lon")) * bindparam("lon_metres")
CONDITIONS: Final[Mapping[str, ColumnElement[bool]]] = {
    "categories": Report.category.in_(bindparam("categories", expanding=True)),
    "ward": Report.ward == bindparam("ward"),
    "open": Report.closed_at.is_(None),
    "closed": Report.closed_at.is_not(None),
    "since": Report.created_at >= bindparam("since"),
    "until": Report.created_at < bindparam("until"),
    "box": _BOX,
    "circle": and_(_BOX, bindparam("metres") * bindparam("metres") >= _NORTH * _NORTH + _EAST * _EAST),
    "before": tuple_(Report.created_at, Report.id) < tuple_(bindparam("at"), bindparam("id")),
}
_ONE = select(*COLUMNS).where(IS_PUBLIC, Report.reference == bindparam("reference"))
_SOME = select(*COLUMNS).where(IS_PUBLIC, Report.reference.in_(bindparam("references", expanding=True)))
_BY_ID = select(*COLUMNS).where(IS_PUBLIC, Report.id == bindparam("report"))
_SEEN = func.coalesce(Photo.covered_id, Photo.file_id)  # faces and number plates are covered by a copy
_PHOTOS = (
    select(Photo.report_id, Photo.position, _SEEN.label("file_id"), Photo.owner_id, Photo.update_id)
    .outerjoin(Update, Update.id == Photo.update_id)
    .where(
        Photo.report_id.in_(bindparam("reports", expanding=True)),
        Photo.moderation == "shown",
        or_(Photo.update_id.is_(None), Update.moderation == "shown"),
    )
    .order_by(Photo.report_id, Photo.position)
)
_FIRST = aliased(Report)
_INTO = (
    select(_FIRST.reference)
    .join(Report, Report.merged_into_id == _FIRST.id)
    .where(Report.id == bindparam("report"), _FIRST.private.is_(False), _FIRST.moderation != "hidden")
)


def list_public(wanted: Wanted, *, limit: int, before: Mark | None = None) -> Sequence[PublicReport]:
    """The newest reports of those wanted, `limit` at most, older than the mark. One query, by an index of each kind."""
    rows = session().execute(_newest(names_of(wanted, before)), {**values_of(wanted, before), "most": limit})
    return [report_from(row) for row in rows]


def find_public(reference: str) -> PublicReport | None:
    """The report with that reference, however it is typed; None when there is none that everybody may see."""
    exact = read_reference(reference)
    if exact is None:
        return None
    row = session().execute(_ONE, {"reference": exact, "early": shown_early()}).one_or_none()
    return report_from(row) if row else None


def get_public(reference: str) -> PublicReport:
    """The report with that reference. Raises NotFound, alike for none and for one that not everybody may see."""
    found = find_public(reference)
    if found is None:
        raise NotFound
    return found


def find_public_by_id(report_id: UUID) -> PublicReport | None:
    """The report with that id, if everybody may see it."""
    row = session().execute(_BY_ID, {"report": report_id, "early": shown_early()}).one_or_none()
    return report_from(row) if row else None


def public_by_reference(references: Collection[str]) -> Mapping[str, PublicReport]:
    """Those of these reports that everybody may see, by their references as printed. One query."""
    if not references:
        return {}
    rows = session().execute(_SOME, {"references": sorted(references), "early": shown_early()})
    return {row.reference: report_from(row) for row in rows}


def shown_photos(report_ids: Collection[UUID]) -> Mapping[UUID, Sequence[ShownPhoto]]:
    """The photos that everybody may see, by report, in their order; reports without one are not in it. One query."""
    found: dict[UUID, list[ShownPhoto]] = {}
    if report_ids:
        for row in session().execute(_PHOTOS, {"reports": list(report_ids)}):
            found.setdefault(row.report_id, []).append(ShownPhoto(*row[1:]))
    return found


def find_merged_into(report_id: UUID) -> str | None:
    """The reference of the report that this one repeats, if everybody may see that."""
    return session().execute(_INTO, {"report": report_id}).scalar_one_or_none()


def shown_early() -> bool:
    """Whether words are seen before a moderator has."""
    return settings_of(ReportingSettings).words_shown == "at_once"


def names_of(wanted: Wanted, before: Mark | None = None) -> frozenset[str]:
    """Which of CONDITIONS these wishes need."""
    given = {
        "categories": bool(wanted.categories),
        "ward": bool(wanted.ward),
        wanted.state or "open": bool(wanted.state),
        "since": wanted.since is not None,
        "until": wanted.until is not None,
        "box": wanted.box is not None and wanted.circle is None,
        "circle": wanted.circle is not None,
        "before": before is not None,
    }
    return frozenset(name for name, is_given in given.items() if is_given)


def values_of(wanted: Wanted, before: Mark | None = None) -> dict[str, Any]:
    """What those conditions are bound to. Values that a statement has no place for do no harm."""
    values: dict[str, Any] = {"early": shown_early(), "categories": list(wanted.categories), "ward": wanted.ward}
    values |= {"since": wanted.since, "until": wanted.until}
    box = wanted.circle.box if wanted.circle else wanted.box
    if box is not None:
        values |= {"south": box.south, "west": box.west, "north": box.north, "east": box.east}
    if wanted.circle is not None:
        circle = wanted.circle
        values |= {"lat": circle.lat, "lon": circle.lon, "lon_metres": circle.lon_metres}
        values["metres"] = float(circle.metres)  # squared, a whole number would outgrow what the driver sends it as
    if before is not None:
        values |= {"at": before.at, "id": before.id}
    return values


def report_from(row: Row[*tuple[Any, ...]]) -> PublicReport:
    """The value of a row that was selected by COLUMNS, which are in the order of its fields."""
    return PublicReport(*row)


@cache  # one for each of the few hundred sets of wishes that there are
def _newest(names: frozenset[str]) -> Select[*tuple[Any, ...]]:
    wishes = (CONDITIONS[name] for name in sorted(names))
    newest = select(*COLUMNS).where(IS_PUBLIC, *wishes).order_by(Report.created_at.desc(), Report.id.desc())
    return newest.limit(bindparam("most"))
