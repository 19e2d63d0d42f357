"""Hold the audit trail as it is now against its chain. Reads each row once, in portions, from one snapshot."""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Executable, bindparam, select, text

from portal import clock
from portal.audit.chain import Head
from portal.audit.following import Entry, Examination, Finding, Link, in_order
from portal.audit.heads import COLUMNS, Stretch, as_heads, heads_in
from portal.audit.models import AuditEntry, AuditHead, AuditLink
from portal.audit.texts import AS_TEXT
from portal.db.session import session

PORTION: Final = 2000
LATE: Final = timedelta(minutes=10)
"""The sealer comes each minute: what has waited for so long says that it does not run."""
_END: Final = 2**63 - 1

_ENTRIES = (
    select(*AS_TEXT)
    .where(AuditEntry.id >= bindparam("first"), AuditEntry.id <= bindparam("last"))
    .order_by(AuditEntry.id)
)
_LINKS = (
    select(AuditLink.entry_id, AuditLink.number, AuditLink.digest, AuditLink.chain)
    .where(AuditLink.entry_id >= bindparam("first"), AuditLink.entry_id <= bindparam("last"))
    .order_by(AuditLink.entry_id)
)
_HEADS = (
    select(*COLUMNS)
    .where(AuditHead.number > bindparam("first"), AuditHead.number <= bindparam("last"))
    .order_by(AuditHead.number)
)
_ARMED = text(
    "select c.relname from pg_class c join pg_trigger t on t.tgrelid = c.oid"
    " where c.relnamespace = 'portal'::regnamespace and t.tgname = 'append_only' and t.tgenabled in ('O', 'A')"
)
_GUARDED: Final = ("audit_entry", "audit_head", "audit_link")
_FREE = text(
    "select pg_has_role(current_user, c.relowner, 'usage') or has_table_privilege(c.oid, 'update, delete, truncate')"
    " from pg_class c where c.oid = 'portal.audit_entry'::regclass"
)


class Verification:
    """One run over a stretch. `files` hold heads that were written outside the database."""

    def __init__(self, stretch: Stretch, files: Sequence[Path] = ()) -> None:
        self._stretch = stretch
        self._files = files
        self.entries = 0
        self.note = ""
        """What is worth saying and no fault."""

    def findings(self) -> Iterator[Finding]:
        """All that is wrong, in the order of the trail. Nothing, when all is as it was written."""
        # One snapshot for three readers: otherwise an entry sealed between two reads would look like a fault.
        session().connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield from _unguarded()
        until = self._stretch.until
        bounds = {"first": self._stretch.first_id, "last": until.entry_id if until else _END}
        examination = Examination(self._stretch.after, self._heads())
        entries: Iterator[Entry] = streamed(_ENTRIES, bounds)
        links: Iterator[Link] = streamed(_LINKS, bounds)
        yield from examination.findings(entries, links)
        self.entries = examination.entries
        if examination.loose.many:
            yield from self._tail(examination)

    def _heads(self) -> Iterator[tuple[Head, str]]:
        after, until = self._stretch.after, self._stretch.until
        first, last = after.number if after else 0, until.number if until else _END
        kept = as_heads(streamed(_HEADS, {"first": first, "last": last}))
        ours = ((head, "in the database") for head in kept)
        outside = [in_order(_within(heads_in(path), first, last), path.name) for path in self._files]
        return heapq.merge(ours, *outside, key=lambda each: each[0].number)

    def _tail(self, examination: Examination) -> Iterator[Finding]:
        """Entries after the last link: on their way to the sealer, or left by it."""
        loose = examination.loose
        if self._stretch.until is not None:
            yield Finding("link", f"Links were taken away: {loose} had one, and now has none.")
        elif datetime.fromisoformat(loose.since) < clock.now() - LATE and _last_sealed() < clock.now() - LATE:
            yield Finding("unsealed", f"Not sealed since {loose.since}: {loose}. Does the job worker run?")
        else:
            self.note = f"Not sealed yet, which is done each minute: {loose}, since {loose.since}."


def may_change_the_trail() -> bool:
    """Whether the role that we are could change the trail, or give itself the right to."""
    return bool(session().execute(_FREE).scalar_one())


def _unguarded() -> Iterator[Finding]:
    armed = set(session().scalars(_ARMED))
    for table in _GUARDED:
        if table not in armed:
            says = f"The trigger that keeps portal.{table} append-only is gone or switched off."
            yield Finding("guard", says)


def _within(heads: Iterator[Head], first: int, last: int) -> Iterator[Head]:
    return (head for head in heads if first < head.number <= last)


def _last_sealed() -> datetime:
    newest = select(AuditHead.sealed_at).order_by(AuditHead.number.desc()).limit(1)
    return session().execute(newest).scalar() or datetime.min.replace(tzinfo=clock.LOCAL)


def streamed(statement: Executable, values: Mapping[str, object]) -> Iterator[Any]:
    """The rows of a statement from a cursor of the server, so that memory does not grow with their number."""
    return iter(session().execute(statement, values, execution_options={"yield_per": PORTION}))
