"""Reports as the API gives them: each is written once in each format, and written again only when it has changed.

A list asks the database which reports and in which state they are, which an index alone tells, and has the bytes of
most of them at hand. Which state is the number of the transaction that wrote the row last (`xmin`), so nothing has to
be told to anybody when a report changes: a row that anything has touched is another one.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
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

from portal.kit import at_once, council, current_language, session
from services.reporting.models.reports import Photo, Report
from services.reporting.queries.public import COLUMNS, IS_PUBLIC, PublicReport, shown_early
from services.reporting.rules.categories import title_of
from services.reporting.rules.open311.asking import Asked
from services.reporting.rules.open311.describing import request_of
from services.reporting.rules.open311.writing import DECLARATION, Format, element

MOST_KEPT: Final = 20_000
"""Reports whose bytes a process keeps: some 15 MB."""
PhotoAddress = Callable[[str, int], str]
"""Where a photo is to be seen: of the reference and position of one."""


@dataclass(frozen=True, slots=True)
class Kept:
    """One report as it was written, and of which state."""

    state: str
    written: bytes


Known = dict[tuple[Format, str, UUID], Kept]
_FIRST_PHOTO = (
    select(func.min(Photo.position))
    .where(Photo.report_id == Report.id, Photo.moderation == "shown")
    .correlate(Report)
    .scalar_subquery()
)
_STATE = func.concat(cast(literal_column("report.xmin"), String), "/", _FIRST_PHOTO)
_CONDITIONS: Final[Mapping[str, ColumnElement[bool]]] = {
    "services": Report.category == any_(bindparam("services", type_=ARRAY(String()))),
    "open": Report.closed_at.is_(None),
    "closed": Report.closed_at.is_not(None),
    "requested since": Report.created_at >= bindparam("since"),
    "requested until": Report.created_at < bindparam("until"),
    "updated since": Report.updated_at >= bindparam("since"),
    "updated until": Report.updated_at < bindparam("until"),
}
_WHOLE = select(*COLUMNS, _STATE.label("state"), _FIRST_PHOTO.label("photo")).where(
    IS_PUBLIC, Report.id.in_(bindparam("ids", expanding=True))
)
_BY_REFERENCE = (
    select(Report.id, _STATE.label("state"))
    .where(IS_PUBLIC, Report.reference == any_(bindparam("references", type_=ARRAY(String()))))
    .order_by(Report.created_at.desc(), Report.id.desc())
)
_BY_TOKEN = select(Report.reference).where(Report.id == bindparam("token"), Report.api_key_id.is_not(None))


def written_requests(asked: Asked, form: Format, known: Known, photo: PhotoAddress) -> Sequence[bytes]:
    """The reports asked for, each as it stands in an answer of that format, newest first; none that is not public."""
    return _fragments(_found(asked), form, known, photo)


def whole_answer(fragments: Sequence[bytes], form: Format) -> bytes:
    """An answer of these reports."""
    if form == "json":
        return b"[" + b",".join(fragments) + b"]"
    return DECLARATION.encode() + b"<service_requests>" + b"".join(fragments) + b"</service_requests>"


def find_reference(token: UUID) -> str | None:
    """The reference of the report that this token stands for: given to programs alone, for a report of theirs."""
    return session().execute(_BY_TOKEN, {"token": token}).scalar_one_or_none()


def _found(asked: Asked) -> Sequence[tuple[UUID, str]]:
    """Id and state of the reports asked for."""
    if asked.references:
        rows = at_once(_BY_REFERENCE, {"references": list(asked.references)})
    else:
        span = {"since": asked.since, "until": asked.until, "services": list(asked.services)}
        rows = at_once(_listed(_names(asked)), span | {"most": asked.page_size, "behind": asked.before})
    return [(row["id"], row["state"]) for row in rows]


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
    listed = select(Report.id, _STATE.label("state")).where(IS_PUBLIC, *conditions)
    return (
        listed.order_by(by.desc(), Report.id.desc())
        .limit(bindparam("most", type_=Integer()))
        .offset(bindparam("behind", type_=Integer()))
    )


def _fragments(found: Sequence[tuple[UUID, str]], form: Format, known: Known, photo: PhotoAddress) -> Sequence[bytes]:
    """The reports' own bytes, in their order. Those that are not at hand are written and kept."""
    language = current_language()
    at_hand = [known.get((form, language, report_id)) for report_id, _state in found]
    fragments = {
        report_id: kept.written
        for (report_id, state), kept in zip(found, at_hand, strict=True)
        if kept is not None and kept.state == state
    }
    missing = [report_id for report_id, _state in found if report_id not in fragments]
    if missing:
        if len(known) > MOST_KEPT:
            known.clear()
        for row in session().execute(_WHOLE, {"ids": missing, "early": shown_early()}):
            report = PublicReport(*row[: len(COLUMNS)])
            fragments[report.id] = _written(report, row.photo, form, photo)
            known[form, language, report.id] = Kept(row.state, fragments[report.id])
    return [fragments[report_id] for report_id, _state in found if report_id in fragments]


def _written(report: PublicReport, position: int | None, form: Format, photo: PhotoAddress) -> bytes:
    address = photo(report.reference, position) if position is not None else None
    described = request_of(report, title=title_of(report.category), agency=council().name, photo=address)
    return (json.dumps(described, ensure_ascii=False) if form == "json" else element("request", described)).encode()
