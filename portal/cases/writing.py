"""The one place where a case is changed: locked, checked against what its page showed, written down, numbered.

Every act is `lock_case`, a rule or two, and `change`. A change is one row of `case_event` with the case's new version,
so that the ledger tells who did what and nobody's work is overwritten unseen.
"""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import bindparam, insert, select, update

from portal import clock
from portal.audit.operations import record
from portal.cases.models import CaseEventRow, CaseRow
from portal.cases.queries import CASE_COLUMNS, EVENTS, case_from, event_from, events_from
from portal.cases.search_writing import follow
from portal.cases.telling import tell_resident
from portal.cases.types import tell_service
from portal.cases.values import CHANNELS, FOR_THEM, Case, CaseEvent, ChangedMeanwhile, Channel, EventKind, kind_of
from portal.db.session import session
from portal.errors import NotFound
from portal.web.languages import gettext as _

LONGEST_REASON: Final = 2000
TRACKED: Final = ("status", "area", "team", "holder_id", "due_at", "held_at", "held_until_at", "merged_into_id")
"""What each event remembers, as it was and as it is."""
TOLD: Final = frozenset({"moved", "held", "merged", "reopened"})
"""What staff do with a case that its resident is told of by letter. Messages, tasks and documents tell of themselves;
what a service does by itself is told by the service."""
MAIL: Final = "home/mail/moved.txt"
PART_OF: Final = frozenset({"task_withdrawn", "team_changed"})
"""What is noted as a part of another act: that the tasks of a closed case end, that another team has it."""
UNASKED: Final = frozenset({"escalated"})
"""What happens to a case by itself and changes nothing that somebody decides upon."""

_LOCK = select(*CASE_COLUMNS).where(CaseRow.id == bindparam("case")).with_for_update()
_SINCE = (
    EVENTS.where(CaseEventRow.case_id == bindparam("case"), CaseEventRow.version > bindparam("seen"))
    .order_by(CaseEventRow.version.desc())
    .limit(50)
)
_EVENT = insert(CaseEventRow).returning(CaseEventRow.id)
_EVENT_BY_ID = EVENTS.where(CaseEventRow.id == bindparam("event"))


def lock_case(case_id: uuid.UUID, *, actor: str, expected_version: int | None = None) -> Case:
    """The case, which nobody else changes until the end of the transaction.

    Raises NotFound (no such case, or a resident who is not its owner), ChangedMeanwhile when it is no longer at
    `expected_version`. An act that may come twice asks `check_version` itself, after it has seen whether it is done.
    """
    row = session().execute(_LOCK, {"case": case_id}).one_or_none()
    if row is None:
        raise NotFound
    case = case_from(row)
    if kind_of(actor) == "resident" and actor != f"account:{case.account_id}":
        raise NotFound
    check_version(case, expected_version)
    return case


def check_version(case: Case, expected_version: int | None) -> None:
    """Raises ChangedMeanwhile when the locked case is no longer at that version, with all that happened since.

    What the ledger noted by itself, such as that a promise was broken, stands in nobody's way.
    """
    if expected_version is None or expected_version == case.version:
        return
    events = events_since(case, expected_version)
    if expected_version > case.version or any(event.kind not in UNASKED for event in events):
        sentence = _("This has changed since you opened the page. Look at it again before you go on.")
        was = _before(case, events, expected_version)
        raise ChangedMeanwhile(sentence, was=was, now=case, events=events)


def done_already(case: Case, expected_version: int | None, *, kind: EventKind, actor: str, reason: str = "") -> bool:
    """Whether all that happened since is this act by this very actor, with these words: a second click, or a page sent
    again. That the case became what this act makes of it is the caller's to see: another value is another act.

    Entries that are part of another act do not count.
    """
    if expected_version is None or expected_version >= case.version:
        return False
    events = events_since(case, expected_version)
    acts = [(event.kind, event.reason) for event in events if event.kind == kind or event.kind not in PART_OF]
    return acts == [(kind, reason)] and {event.actor for event in events} == {actor}


def events_since(case: Case, seen: int) -> list[CaseEvent]:
    """What happened to the case after its version `seen`, newest first; no more than the last fifty."""
    return events_from(session().execute(_SINCE, {"case": case.id, "seen": seen}).all())


def change(
    case: Case,
    *,
    kind: EventKind,
    actor: str,
    channel: Channel,
    reason: str = "",
    visible: bool = True,
    details: Mapping[str, Any] | None = None,  # plain JSON values: ids and codes
    **values: Any,  # columns of the case with what they become
) -> Case:
    """The locked case with these columns changed, and the event that says so. The version grows by one.

    `reason` is what the resident reads, or for an event that is not `visible` what staff read. A service hears of it
    when the status has changed, and the resident of what staff have decided.
    """
    check_words(channel, reason)
    now = clock.now()
    changed = session().execute(
        update(CaseRow)
        .where(CaseRow.id == case.id)
        .values(version=case.version + 1, updated_at=now, **values)
        .returning(*CASE_COLUMNS)
    )
    after = case_from(changed.one())
    noted = dict(details or {}) | _differences(case, after)
    if after.status != case.status and after.team:
        noted.setdefault("team", after.team)  # so that the timeline names who had it then
    event_id = _write(after, kind=kind, actor=actor, channel=channel, reason=reason, visible=visible, details=noted)
    record(
        f"case.{kind}",
        actor=actor,
        subject=f"case:{case.id}",
        account_id=case.account_id,
        service=case.service,
        channel=channel,
        **({FOR_THEM: True} if noted.get(FOR_THEM) else {}),
        **_in_the_trail(case, after),
    )
    follow(after, kind, reason)
    if visible and kind in TOLD and kind_of(actor) == "staff":
        tell_resident(after, MAIL, kind=kind)
    if after.status != case.status or after.closed_at != case.closed_at:
        tell_service(after, event_from(session().execute(_EVENT_BY_ID, {"event": event_id}).one()))
    return after


def in_their_place(actor: str, for_resident: bool) -> dict[str, bool]:
    """The mark in an event's details of what staff have written or brought in for a resident, as they were told."""
    return {FOR_THEM: True} if for_resident and kind_of(actor) == "staff" else {}


def write_opened(case: Case, *, actor: str, details: Mapping[str, Any]) -> None:
    """The first event of a case that has just been opened."""
    _write(case, kind="opened", actor=actor, channel=case.channel, reason="", visible=True, details=details)
    follow(case, "opened")
    record(
        "case.opened",
        actor=actor,
        subject=f"case:{case.id}",
        account_id=case.account_id,
        service=case.service,
        channel=case.channel,
        source="",
        target=case.status,
    )


def check_words(channel: str, reason: str) -> None:
    """Raises ValueError for a channel that there is not, or a reason that is too long: the caller's own fault."""
    if channel not in CHANNELS or len(reason) > LONGEST_REASON:
        raise ValueError(f"the channel is one of {', '.join(CHANNELS)}, the reason has at most {LONGEST_REASON}")


def _write(case: Case, **values: Any) -> int:
    """Add the event; its id."""
    event_id: int = (
        session()
        .execute(
            _EVENT,
            {"case_id": case.id, "account_id": case.account_id, "version": case.version, "at": case.updated_at}
            | {"status": case.status}
            | values,
        )
        .scalar_one()
    )
    return event_id


def _differences(before: Case, after: Case) -> dict[str, Any]:
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in TRACKED}
    changed = {name: [_plain(was), _plain(now)] for name, (was, now) in pairs.items() if was != now}
    return {"changed": changed} if changed else {}


def _in_the_trail(before: Case, after: Case) -> dict[str, Any]:
    kept: dict[str, Any] = {"source": before.status, "target": after.status}
    for name in ("team", "holder_id"):
        if getattr(before, name) != getattr(after, name):
            kept[name] = _plain(getattr(after, name))
    return kept


def _plain(value: Any) -> Any:
    """The value as JSON has it."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, uuid.UUID) else value


def _before(case: Case, events: list[CaseEvent], seen: int) -> Case:
    """The case as it was at the version `seen`, by what the events since say about each column."""
    was: dict[str, Any] = {}
    for event in events:  # newest first, so that the oldest has the last word
        was |= {name: _read(name, pair[0]) for name, pair in event.details.get("changed", {}).items()}
    return replace(case, version=seen, **was)


def _read(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name.endswith("_at"):
        return datetime.fromisoformat(value)
    return uuid.UUID(value) if name.endswith("_id") else value
