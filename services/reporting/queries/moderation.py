"""What a moderator has yet to look at, and one report with all that everybody could see of it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Final, Literal, Self
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Integer,
    Select,
    bindparam,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
    union_all,
)

from portal.kit import NotFound, session
from services.reporting.models.following import Update
from services.reporting.models.reports import WAITING, Photo, Report

MOST: Final = 50
"""The page lists the oldest: what is behind them comes up when these are done."""
MOST_UPDATES: Final = 50

Audience = Literal["everybody", "nobody", "private"]
"""Who sees it: everybody; nobody but its owner and staff, because of its words; the same, because of what it is about.
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A report of which something waits for a moderator: words of its own (0 or 1), photos, updates."""

    reference: str
    category: str
    ward: str
    since: datetime
    words: int
    photos: int
    updates: int


@dataclass(frozen=True, slots=True)
class PhotoToSee:
    """A photo, whatever was decided of it: `moderation` is waiting, shown or hidden. `covered_id` is the file of what
    others see in its place, if parts of it are covered.
    """

    id: UUID
    file_id: UUID
    owner_id: UUID
    moderation: str
    covered_id: UUID | None

    @property
    def mark(self) -> str:
        """It as it stands now."""
        return _mark(self.id, self.moderation, self.covered_id)


@dataclass(frozen=True, slots=True)
class UpdateToSee:
    """Words that somebody said on the report, whatever was decided of them. `said_by` as in `PublicUpdate`."""

    id: UUID
    at: datetime
    said_by: str
    words: str
    moderation: str

    @property
    def mark(self) -> str:
        """It as it stands now."""
        return _mark(self.id, self.moderation, self.words)


@dataclass(frozen=True, slots=True)
class ToModerate:
    """A report before a moderator: what was written, and what everybody reads in its place, if that is changed."""

    id: UUID
    reference: str
    category: str
    words: str
    place: str
    public_words: str | None
    public_place: str | None
    private: bool
    moderation: str
    priority: int
    photos: Sequence[PhotoToSee]
    updates: Sequence[UpdateToSee]

    @property
    def audience(self) -> Audience:
        """Who sees it now."""
        return "private" if self.private else "nobody" if self.moderation == "hidden" else "everybody"

    @property
    def read_words(self) -> str:
        """The words that everybody reads, once they are shown."""
        return self.words if self.public_words is None else self.public_words

    @property
    def read_place(self) -> str:
        """The place, as everybody reads it."""
        return self.place if self.public_place is None else self.public_place

    @property
    def marks(self) -> Sequence[str]:
        """All that a page of it shows, each as it stands now: the page bears them until somebody has decided."""
        own = (self.id, self.words, self.place, self.public_words, self.public_place, self.private, self.moderation)
        return [_mark(*own), *(each.mark for each in self.photos), *(each.mark for each in self.updates)]

    def as_seen(self, marks: Collection[str]) -> Self | None:
        """The same without what came after the page that bears these marks; None if what it showed is not so now."""
        photos = [each for each in self.photos if each.mark in marks]
        updates = [each for each in self.updates if each.mark in marks]
        seen = replace(self, photos=photos, updates=updates)
        return seen if set(seen.marks) == set(marks) else None


_STILL_WAITS: Final[ColumnElement[str]] = literal_column("'waiting'")  # a bound value would match no index
_COLUMNS = (
    Report.id,
    Report.reference,
    Report.category,
    Report.description,
    Report.place,
    Report.public_words,
    Report.public_place,
    Report.private,
    Report.moderation,
    Report.priority,
)
_ONE = select(*_COLUMNS).where(Report.case_id == bindparam("case"))
_PHOTOS = (
    select(Photo.id, Photo.file_id, Photo.owner_id, Photo.moderation, Photo.covered_id)
    .where(Photo.report_id == bindparam("report"))
    .order_by(Photo.position, Photo.id)
)
_UPDATES = (
    select(Update.id, Update.created_at, Update.said_by, Update.words, Update.moderation)
    .where(Update.report_id == bindparam("report"), Update.words != "", Update.said_by.in_(("reporter", "resident")))
    .order_by(Update.created_at.desc(), Update.id.desc())
    .limit(MOST_UPDATES)
)


def waiting(among: Select[UUID], *, most: int = MOST) -> Sequence[Waiting]:
    """The reports of these cases of which something waits, the longest waiting first. One query, by three indexes."""
    parts = parts_of(among, most).subquery("parts")
    found = (
        select(
            parts.c.report_id,
            func.min(parts.c.at).label("since"),
            *(func.sum(parts.c[name]).cast(Integer).label(name) for name in ("words", "photos", "updates")),
        )
        .group_by(parts.c.report_id)
        .subquery("found")
    )
    query = (
        select(
            Report.reference,
            Report.category,
            Report.ward,
            found.c.since,
            found.c.words,
            found.c.photos,
            found.c.updates,
        )
        .join(found, found.c.report_id == Report.id)
        .order_by(found.c.since, Report.id)
        .limit(most)
    )
    return [Waiting(*row) for row in session().execute(query)]


def get_to_moderate(case_id: UUID) -> ToModerate:
    """The report of this case with all its photos and what residents said on it. Raises NotFound."""
    row = session().execute(_ONE, {"case": case_id}).one_or_none()
    if row is None:
        raise NotFound
    photos = [PhotoToSee(*each) for each in session().execute(_PHOTOS, {"report": row.id})]
    updates = [UpdateToSee(*each) for each in session().execute(_UPDATES, {"report": row.id})]
    return _with(row, photos, updates)


def _with(facts: Iterable[Any], photos: Sequence[PhotoToSee], updates: Sequence[UpdateToSee]) -> ToModerate:
    """The value of a row that was selected by _COLUMNS, which are in the order of its fields."""
    return ToModerate(*(*facts, photos, updates))


def _mark(*facts: object) -> str:
    return sha256(repr(facts).encode()).hexdigest()[:16]


def parts_of(among: Select[UUID], most: int) -> CompoundSelect[UUID, datetime, int, int, int]:
    """Of words, photos and updates the oldest that wait: what is not among them is not among the oldest of all."""
    theirs = Report.case_id.in_(among)
    readable = or_(Report.description != "", Report.place != "")  # of what was forgotten there is nothing to judge
    none, one = literal(0), literal(1)
    words = select(
        Report.id.label("report_id"),
        Report.created_at.label("at"),
        one.label("words"),
        none.label("photos"),
        none.label("updates"),
    ).where(text(WAITING), theirs, readable)
    photos = (
        select(Photo.report_id, Photo.created_at, none, one, none)
        .join(Report, Report.id == Photo.report_id)
        .where(Photo.moderation == _STILL_WAITS, Report.private.is_(False), theirs)
    )
    updates = (
        select(Update.report_id, Update.created_at, none, none, one)
        .join(Report, Report.id == Update.report_id)
        .where(Update.moderation == _STILL_WAITS, Report.private.is_(False), theirs)
    )
    return union_all(
        words.order_by(Report.created_at, Report.id).limit(most),
        photos.order_by(Photo.created_at, Photo.id).limit(most),
        updates.order_by(Update.created_at, Update.id).limit(most),
    )
