"""Read the ledger. Whoever asks names the account; another's case does not exist for them."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, select, tuple_

from portal.cases import event_titles, event_words
from portal.cases.declared import Status
from portal.cases.models import CaseEventRow, CaseRow, DraftRow
from portal.cases.talk_values import mark_of, read_mark
from portal.cases.types import find_type
from portal.cases.values import FOR_THEM, Case, CaseEvent
from portal.db.session import session
from portal.errors import NotFound
from portal.references import read_reference
from portal.staff.narrow_visits import visible

CASE_COLUMNS = (
    CaseRow.id,
    CaseRow.service,
    CaseRow.type,
    CaseRow.reference,
    CaseRow.account_id,
    CaseRow.status,
    CaseRow.summary,
    CaseRow.opened_at,
    CaseRow.updated_at,
    CaseRow.closed_at,
    CaseRow.version,
    CaseRow.channel,
    CaseRow.area,
    CaseRow.team,
    CaseRow.holder_id,
    CaseRow.waits_for,
    CaseRow.due_at,
    CaseRow.held_at,
    CaseRow.held_until_at,
    CaseRow.escalated_at,
    CaseRow.merged_into_id,
    CaseRow.reopened,
    CaseRow.rating,
    CaseRow.rating_words,
    CaseRow.rated_at,
    CaseRow.opened_by,
    CaseRow.identity_check,
)
MOST_EVENTS = 200

_ANY_BY_ID = select(*CASE_COLUMNS).where(CaseRow.id == bindparam("case"))
_ANY_BY_REFERENCE = select(*CASE_COLUMNS).where(CaseRow.reference == bindparam("reference"))
_OWN = select(*CASE_COLUMNS).where(CaseRow.account_id == bindparam("account"))
_BY_ID = _OWN.where(CaseRow.id == bindparam("case"))
_BY_REFERENCE = _OWN.where(CaseRow.reference == bindparam("reference"))
_NEWEST = _OWN.order_by(CaseRow.opened_at.desc(), CaseRow.id.desc()).limit(bindparam("limit"))
EVENTS = select(
    CaseEventRow.id,
    CaseEventRow.case_id,
    CaseEventRow.at,
    CaseEventRow.kind,
    CaseRow.service,
    CaseRow.type,
    CaseRow.summary,
    CaseRow.reference,
    CaseEventRow.status,
    CaseEventRow.actor,
    CaseEventRow.channel,
    CaseEventRow.reason,
    CaseEventRow.version,
    CaseEventRow.visible,
    CaseEventRow.details,
).join(CaseRow, CaseRow.id == CaseEventRow.case_id)
_ALL_EVENTS = (
    EVENTS.where(CaseEventRow.case_id == bindparam("case")).order_by(CaseEventRow.id.desc()).limit(bindparam("limit"))
)
_TIMELINE = _ALL_EVENTS.where(CaseEventRow.visible)
_RECENT = (
    EVENTS.where(CaseEventRow.account_id == bindparam("account"), CaseEventRow.visible)
    .order_by(CaseEventRow.id.desc())
    .limit(bindparam("limit"))
)


def find_case(account_id: uuid.UUID, which: uuid.UUID | str) -> Case | None:
    """The resident's own case by id, or by reference however it is typed; None when it is not theirs."""
    if isinstance(which, uuid.UUID):
        row = session().execute(_BY_ID, {"account": account_id, "case": which}).one_or_none()
        return case_from(row) if row else None
    reference = read_reference(which)
    if reference is None:
        return None
    row = session().execute(_BY_REFERENCE, {"account": account_id, "reference": reference}).one_or_none()
    return case_from(row) if row else None


def get_case(account_id: uuid.UUID, which: uuid.UUID | str) -> Case:
    """The resident's own case, as `find_case` finds it. Raises NotFound."""
    case = find_case(account_id, which)
    if case is None:
        raise NotFound
    return case


def cases_of(
    account_id: uuid.UUID,
    *,
    service: str | None = None,
    is_open: bool | None = None,
    before: tuple[datetime, uuid.UUID] | None = None,
    limit: int = 25,
) -> Sequence[Case]:
    """The resident's cases, newest first. `before` is (opened_at, id) of the last one seen.

    Staff in their place get those alone that they may see.
    """
    query, seen = _NEWEST, visible(CaseRow)
    if seen is not None:
        query = query.where(seen)
    values: dict[str, Any] = {"account": account_id, "limit": limit}
    if service is not None:
        query = query.where(CaseRow.service == bindparam("service"))
        values["service"] = service
    if is_open is not None:
        query = query.where(CaseRow.closed_at.is_(None) if is_open else CaseRow.closed_at.is_not(None))
    if before is not None:
        query = query.where(tuple_(CaseRow.opened_at, CaseRow.id) < before)
    return [case_from(row) for row in session().execute(query, values)]


def cases_page(
    account_id: uuid.UUID,
    *,
    service: str | None = None,
    is_open: bool | None = None,
    before: str | None = None,
    limit: int = 25,
) -> tuple[Sequence[Case], str | None]:
    """The resident's cases, newest first, and where the next page begins, if there is one.

    `before` is that mark, straight from the address: one that cannot be read means the first page. Filters run over
    one person's cases, so an index for each is not worth its upkeep.
    """
    values: dict[str, Any] = {"account": account_id, "limit": limit + 1}
    query, mark = _NEWEST, read_mark(before)
    if service is not None:
        query, values["service"] = query.where(CaseRow.service == bindparam("service")), service
    if is_open is not None:
        query = query.where(CaseRow.closed_at.is_(None) if is_open else CaseRow.closed_at.is_not(None))
    if mark is not None:
        query = query.where(tuple_(CaseRow.opened_at, CaseRow.id) < mark)
    found = [case_from(row) for row in session().execute(query, values)]
    page = found[:limit]
    return page, mark_of(page[-1].opened_at, page[-1].id) if len(found) > limit else None


def timeline(case_id: uuid.UUID, *, limit: int = MOST_EVENTS) -> Sequence[CaseEvent]:
    """What happened to a case as its resident sees it, newest first. Get the case first: this asks not whose it is."""
    return events_from(session().execute(_TIMELINE, {"case": case_id, "limit": limit}).all())


def whole_timeline(case_id: uuid.UUID, *, limit: int = MOST_EVENTS) -> Sequence[CaseEvent]:
    """The same for staff: also who took it, passed it on, escalated it."""
    return events_from(session().execute(_ALL_EVENTS, {"case": case_id, "limit": limit}).all())


def get_case_for_staff(which: uuid.UUID | str) -> Case:
    """Anybody's case, by id or by reference however it is typed. Whether these staff may see it is the caller's to ask.

    Raises NotFound.
    """
    if isinstance(which, uuid.UUID):
        row = session().execute(_ANY_BY_ID, {"case": which}).one_or_none()
    else:
        row = session().execute(_ANY_BY_REFERENCE, {"reference": read_reference(which) or ""}).one_or_none()
    if row is None:
        raise NotFound
    return case_from(row)


def recent_events_page(
    account_id: uuid.UUID,
    *,
    service: str | None = None,
    kinds: Sequence[str] | None = None,
    before: str | None = None,
    limit: int = 25,
) -> tuple[Sequence[CaseEvent], str | None]:
    """What happened in all of the resident's cases, newest first, and where the next page begins, if there is one.

    `before` is that mark, straight from the address: one that cannot be read means the first page.
    """
    values: dict[str, Any] = {"account": account_id, "limit": limit + 1}
    query = _RECENT
    if service is not None:
        query, values["service"] = query.where(CaseRow.service == bindparam("service")), service
    if kinds is not None:
        query, values["kinds"] = query.where(CaseEventRow.kind.in_(bindparam("kinds", expanding=True))), kinds
    if before is not None and before.isascii() and before.isdigit() and len(before) <= 18:
        query, values["before"] = query.where(CaseEventRow.id < bindparam("before")), int(before)
    rows = session().execute(query, values).all()
    events = events_from(rows[:limit], event_titles.KEYS)
    return events, str(events[-1].id) if len(rows) > limit and events else None


def everything_about(account_id: uuid.UUID) -> dict[str, Any]:
    """All that the ledger keeps about a person, as plain values for their data export."""
    shown = EVENTS.where(CaseEventRow.account_id == account_id, CaseEventRow.visible)
    events = session().execute(shown.order_by(CaseEventRow.id))
    by_case: dict[uuid.UUID, list[dict[str, Any]]] = {}
    for event in map(event_from, events):
        by_case.setdefault(event.case_id, []).append(
            {
                "at": event.at,
                "what": event.kind,
                "status": event.status,
                "status_title": event.status_title,
                "reason": event.reason,
            }
        )
    cases = session().execute(_OWN.order_by(CaseRow.opened_at, CaseRow.id), {"account": account_id})
    drafts = session().execute(
        select(DraftRow.service, DraftRow.journey, DraftRow.created_at, DraftRow.updated_at, DraftRow.answers)
        .where(DraftRow.account_id == account_id)
        .order_by(DraftRow.created_at, DraftRow.id)
    )
    return {
        "cases": [_export(case_from(row), by_case) for row in cases],
        "drafts": [dict(row._mapping) for row in drafts],
    }


def _export(case: Case, by_case: dict[uuid.UUID, list[dict[str, Any]]]) -> dict[str, Any]:
    case_type = find_type(case.service, case.type)
    status = case_type.find_status(case.status) if case_type else None
    return {
        "reference": case.reference,
        "service": case.service,
        "type": case.type,
        "type_title": case_type.title_of(case.summary) if case_type else case.type,
        "summary": case.summary,
        "status": case.status,
        "status_title": str(status.title) if status else case.status,
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
        "channel": case.channel,
        "area": case.area,
        "team": case.team,
        "waits_for": case.waits_for,
        "due_at": case.due_at,
        "held_until_at": case.held_until_at,
        "joined_with_another": case.is_merged,
        "reopened": case.reopened,
        "rating": case.rating,
        "rating_words": case.rating_words,
        "rated_at": case.rated_at,
        "identity_check": case.identity_check,
        "events": by_case.get(case.id, []),
    }


def case_from(row: Row[*tuple[Any, ...]]) -> Case:
    """The value of a row that was selected by CASE_COLUMNS."""
    return Case(**row._mapping)


def events_from(
    rows: Sequence[Row[*tuple[Any, ...]]], named: Sequence[str] = event_titles.BESIDE_MESSAGES
) -> list[CaseEvent]:
    """The entries of a page, each with the title of what it is about: one query more, if there is any."""
    titles = event_titles.titles_of(rows, named)
    return [event_from(row, event_titles.about(row.details, titles)) for row in rows]


def _happened(status: Status | None, team: str) -> str:
    """What the timeline says of a new status, with the team that had the case; empty where the status says it all."""
    words = str(status.happened) if status else ""
    if "%(team)s" not in words:
        return words
    return words % {"team": team} if team else ""


def event_from(row: Row[*tuple[Any, ...]], about: str = "") -> CaseEvent:
    """The entry with its words, in the language of whoever reads it."""
    case_type = find_type(row.service, row.type)
    status = case_type.find_status(row.status) if case_type else None
    status_title = str(status.title) if status else row.status
    by_resident = row.actor.startswith("account:") or row.details.get("from_staff") is False
    happened = _happened(status, about)
    told_by = row.channel if row.details.get(FOR_THEM) else ""
    said = event_words.for_resident(row.kind, by_resident=by_resident, about=about, told_by=told_by)
    what = said or happened or status_title
    return CaseEvent(
        id=row.id,
        case_id=row.case_id,
        at=row.at,
        kind=row.kind,
        service=row.service,
        type=row.type,
        reference=row.reference,
        status=row.status,
        title=f"{case_type.title_of(row.summary)}: {what}" if case_type else what,
        status_title=status_title,
        meaning=str(status.meaning) if status else "",
        actor=row.actor,
        channel=row.channel,
        reason=row.reason,
        version=row.version,
        visible=row.visible,
        details=row.details,
        what=what,
        about=about,
    )
