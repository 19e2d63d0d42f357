"""Reports as the API gives them: each is written once in each format, and written again only when it has changed.

A list asks the database for one value: the digest of which reports are in it, in their order and each in which state.
The whole answer to that digest is most often at hand, and else its reports are. The digest too is at hand when nothing
at all has been written since it was asked for: then the database's snapshot bears the same name.

A report's state is the number of the transaction that wrote its row last (`xmin`), so nothing has to be told to anybody
when a report changes: a row that anything has touched is another one. Whoever lets a photo be seen touches it too.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from hashlib import md5
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    Select,
    String,
    any_,
    bindparam,
    cast,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from portal.kit import at_once, council, current_language, session
from services.reporting.models.reports import Photo, Report
from services.reporting.queries.public import COLUMNS, IS_PUBLIC, PublicReport, shown_early
from services.reporting.rules.categories import title_of
from services.reporting.rules.open311.asking import Asked
from services.reporting.rules.open311.describing import request_of
from services.reporting.rules.open311.writing import DECLARATION, Format, element

MOST_KEPT: Final = 20_000
"""Reports whose bytes a process keeps: some 15 MB."""
MOST_WHOLE: Final = 64
"""Whole answers that a process keeps, of at most 1,000 reports each."""
MOST_DIGESTS: Final = 2_000
"""Questions of which a process keeps the last digest."""
PhotoAddress = Callable[[str, int], str]
"""Where a photo is to be seen: of the reference and position of one."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One report as it was written, and of which state."""

    state: str
    written: bytes


@dataclass(frozen=True, slots=True)
class Digested:
    """A list's digest: what the database showed then, from when on it was asked for, the time of its last report."""

    digest: str
    snapshot: str
    since: datetime | None
    oldest: datetime | None

    def holds(self, asked: Asked, snapshot: str) -> bool:
        """Whether the list is still the same: nothing was written, and none of its reports has become too old.

        A question that names no dates moves on with the clock, and reports leave the list at its far end.
        """
        if not snapshot or snapshot != self.snapshot:
            return False
        if asked.since is None or self.since is None:
            return asked.since is self.since
        return self.since <= asked.since and (self.oldest is None or asked.since <= self.oldest)


@dataclass(frozen=True, slots=True)
class Known:
    """What a process has at hand: reports, whole answers, and which answer a question had last."""

    reports: dict[tuple[Format, str, UUID], Kept] = field(default_factory=dict)
    whole: dict[tuple[Format, str, str], bytes] = field(default_factory=dict)
    digests: dict[Asked, Digested] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listed:
    """An answer, and its digest: the same one is the same answer."""

    digest: str
    written: bytes
    is_empty: bool


_FIRST_PHOTO = (
    select(func.min(Photo.position))
    .where(Photo.report_id == Report.id, Photo.update_id.is_(None), Photo.moderation == "shown")
    .correlate(Report)
    .scalar_subquery()
)
_MASTER = aliased(Report)
_STAYS = (
    select(_MASTER.reference)
    .where(_MASTER.id == Report.merged_into_id, _MASTER.private.is_(False), _MASTER.moderation != "hidden")
    .correlate(Report)
    .scalar_subquery()
)
_STATE = cast(literal_column("report.xmin"), String)
_CONDITIONS: Final[Mapping[str, ColumnElement[bool]]] = {
    "services": Report.category == any_(bindparam("services", type_=ARRAY(String()))),
    "open": Report.closed_at.is_(None),
    "closed": Report.closed_at.is_not(None),
    "requested since": Report.created_at >= bindparam("since"),
    "requested until": Report.created_at < bindparam("until"),
    "updated since": Report.updated_at >= bindparam("since"),
    "updated until": Report.updated_at < bindparam("until"),
}
_WHOLE = select(*COLUMNS, _STATE.label("state"), _FIRST_PHOTO.label("photo"), _STAYS.label("stays")).where(
    IS_PUBLIC, Report.id.in_(bindparam("ids", expanding=True))
)
_BY_REFERENCE = (
    select(Report.id, _STATE.label("state"), Report.created_at.label("at"))
    .where(IS_PUBLIC, Report.reference == any_(bindparam("references", type_=ARRAY(String()))))
    .order_by(Report.created_at.desc(), Report.id.desc())
)
_BY_TOKEN = select(Report.reference).where(Report.id == bindparam("token"), Report.api_key_id.is_not(None))


def written_requests(asked: Asked, form: Format, known: Known, photo: PhotoAddress, snapshot: str) -> Listed:
    """The reports asked for as an answer of that format, newest first. What is not public is not among them."""
    language = current_language()
    digest = _digest_of(asked, known, snapshot)
    at_hand = known.whole.get((form, language, digest))
    if at_hand is not None:
        return Listed(digest, at_hand, not digest)
    found = _found(asked)
    digest = _digest(found)  # something may have changed since
    written = _whole(_fragments(found, form, known, photo), form)
    if len(known.whole) >= MOST_WHOLE:
        known.whole.clear()
    known.whole[form, language, digest] = written
    return Listed(digest, written, not found)


def find_reference(token: UUID) -> str | None:
    """The reference of the report that this token stands for: given to programs alone, for a report of theirs."""
    return session().execute(_BY_TOKEN, {"token": token}).scalar_one_or_none()


def _digest_of(asked: Asked, known: Known, snapshot: str) -> str:
    """The digest of the list asked for; empty when nothing is in it."""
    of_the_day = replace(asked, since=asked.since and asked.since.replace(hour=0, minute=0, second=0, microsecond=0))
    last = known.digests.get(of_the_day)
    if last is not None and last.holds(asked, snapshot):
        return last.digest
    statement = _DIGEST_BY_REFERENCE if asked.references else _digested(_names(asked))
    (row,) = at_once(statement, _values(asked))
    found = Digested(str(row["digest"] or ""), snapshot, asked.since, row["oldest"])
    if len(known.digests) >= MOST_DIGESTS:
        known.digests.clear()
    known.digests[of_the_day] = found
    return found.digest


def _found(asked: Asked) -> Sequence[tuple[UUID, str]]:
    """Id and state of the reports asked for."""
    statement = _BY_REFERENCE if asked.references else _listed(_names(asked))
    return [(row["id"], row["state"]) for row in at_once(statement, _values(asked))]


def _digest(found: Sequence[tuple[UUID, str]]) -> str:
    """The same as the database makes of it."""
    states = ",".join(f"{report_id}{state}" for report_id, state in found)
    return md5(states.encode(), usedforsecurity=False).hexdigest() if found else ""


def _values(asked: Asked) -> Mapping[str, Any]:  # what the conditions are bound to
    if asked.references:
        return {"references": list(asked.references)}
    span = {"since": asked.since, "until": asked.until, "services": list(asked.services)}
    return {**span, "most": asked.page_size, "behind": asked.before}


def _names(asked: Asked) -> frozenset[str]:
    """Which of the conditions a question needs."""
    state = {None: "", True: "open", False: "closed"}[asked.is_open]
    given = {
        "services": bool(asked.services),
        state: bool(state),
        f"{asked.by} since": asked.since is not None,
        f"{asked.by} until": asked.until is not None,
    }
    return frozenset(name for name, is_given in given.items() if is_given)


@cache  # one for each of the few sets of conditions that there are
def _listed(names: frozenset[str]) -> Select[*tuple[Any, ...]]:
    by = Report.updated_at if any(name.startswith("updated") for name in names) else Report.created_at
    conditions = (_CONDITIONS[name] for name in sorted(names))
    listed = select(Report.id, _STATE.label("state"), by.label("at")).where(IS_PUBLIC, *conditions)
    return (
        listed.order_by(by.desc(), Report.id.desc())
        .limit(bindparam("most", type_=Integer()))
        .offset(bindparam("behind", type_=Integer()))
    )


def _digest_over(listed: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """One value in the place of a list, and the time of its last report."""
    rows = listed.subquery()
    each = cast(rows.c.id, String) + rows.c.state
    joined = func.string_agg(each, aggregate_order_by(literal_column("','"), rows.c.at.desc(), rows.c.id.desc()))
    return select(func.md5(joined).label("digest"), func.min(rows.c.at).label("oldest"))


@cache  # the same
def _digested(names: frozenset[str]) -> Select[*tuple[Any, ...]]:
    return _digest_over(_listed(names))


_DIGEST_BY_REFERENCE = _digest_over(_BY_REFERENCE)


def _fragments(found: Sequence[tuple[UUID, str]], form: Format, known: Known, photo: PhotoAddress) -> Sequence[bytes]:
    """The reports' own bytes, in their order. Those that are not at hand are written and kept."""
    language = current_language()
    at_hand = [known.reports.get((form, language, report_id)) for report_id, _state in found]
    fragments = {
        report_id: kept.written
        for (report_id, state), kept in zip(found, at_hand, strict=True)
        if kept is not None and kept.state == state
    }
    missing = [report_id for report_id, _state in found if report_id not in fragments]
    if missing:
        if len(known.reports) > MOST_KEPT:
            known.reports.clear()
        for row in session().execute(_WHOLE, {"ids": missing, "early": shown_early()}):
            report = PublicReport(*row[:-3])  # type: ignore[arg-type]  # COLUMNS come first, untyped
            address = photo(report.reference, row.photo) if row.photo is not None else None
            fragments[report.id] = _written(report, form, address, row.stays)
            known.reports[form, language, report.id] = Kept(row.state, fragments[report.id])
    return [fragments[report_id] for report_id, _state in found if report_id in fragments]


def _written(report: PublicReport, form: Format, photo: str | None, stays: str | None) -> bytes:
    title = title_of(report.category)
    described = request_of(report, title=title, agency=council().name, photo=photo, stays=stays)
    return (json.dumps(described, ensure_ascii=False) if form == "json" else element("request", described)).encode()


def _whole(fragments: Sequence[bytes], form: Format) -> bytes:
    if form == "json":
        return b"[" + b",".join(fragments) + b"]"
    return DECLARATION.encode() + b"<service_requests>" + b"".join(fragments) + b"</service_requests>"
