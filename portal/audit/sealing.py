"""The sealer: links what was written to the chain, beside the work and not within it.

Were each entry to hold the hash of the one before, every transaction that writes one would wait for the last to end.
So entries are only inserted, and linked afterwards in the order of their ids.

Ids are given before the commit: the entry 8 may be there while 7 is still on its way. 8 must not be linked before it
is certain that 7 comes or never will. Whoever inserts holds a lock on the table from before the id is drawn until
after the commit. So: look up the newest id that is there, then who holds that lock, then wait until none of these
does. Nobody waits for us. Gaps that a rollback leaves are simply not linked.
"""

import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sqlalchemy import ARRAY, BigInteger, LargeBinary, bindparam, func, insert, select, text

from portal.audit.chain import START, Head, digest_of, follow
from portal.audit.heads import newest_head
from portal.audit.models import AuditEntry, AuditHead
from portal.audit.texts import AS_TEXT
from portal.db.session import session
from portal.jobs.queue import job
from portal.web.state import web_state

log = logging.getLogger(__name__)

AT_ONCE: Final = 5000
PATIENCE_SECONDS: Final = 10.0
_LOCK: Final = 0x4D4F4F41
_POLL_SECONDS: Final = 0.05

_NEWEST = select(func.coalesce(func.max(AuditEntry.id), 0))
_WRITERS = text(
    "select virtualtransaction from pg_locks"
    " where locktype = 'relation' and relation = 'portal.audit_entry'::regclass and mode = 'RowExclusiveLock'"
    " and database = (select oid from pg_database where datname = current_database())"
    " and pid is distinct from pg_backend_pid()"
)
_ONE_AT_A_TIME = select(func.pg_try_advisory_xact_lock(_LOCK))
_ENTRIES = (
    select(*AS_TEXT)
    .where(AuditEntry.id > bindparam("after"), AuditEntry.id <= bindparam("upto"))
    .order_by(AuditEntry.id)
    .limit(AT_ONCE)
)
_LINK = text(
    "insert into portal.audit_link (number, entry_id, digest, chain)"
    " select * from unnest(:numbers, :ids, :digests, :chains)"
).bindparams(
    bindparam("numbers", type_=ARRAY(BigInteger)),
    bindparam("ids", type_=ARRAY(BigInteger)),
    bindparam("digests", type_=ARRAY(LargeBinary)),
    bindparam("chains", type_=ARRAY(LargeBinary)),
)
_HEAD = (
    insert(AuditHead)
    .values(sealed_at=func.greatest(func.clock_timestamp(), bindparam("not_before", type_=AuditHead.sealed_at.type)))
    .returning(AuditHead.sealed_at)
)


@dataclass(frozen=True, slots=True)
class Sealed:
    """What one run has done."""

    entries: int
    head: Head | None
    """Where the chain ends now."""
    held_up: bool
    """Whether newer entries had to be left: a transaction that had begun before them has not ended."""


@job("audit.seal", cron="* * * * *", attempts=1)
def seal_by_the_clock() -> None:
    """Each minute. A run that fails is not tried again: the next one does its work."""
    seal(heads_file=web_state().settings.audit.heads_file)


def seal(*, patience: float = PATIENCE_SECONDS, heads_file: str = "") -> Sealed:
    """Link all that has been written, and commit, 5,000 entries at a time. For jobs and commands only.

    Waits up to `patience` seconds for transactions that may still write an older entry. Any number may run at once:
    one works, the others leave it to that one. A run that was killed has done whole portions or nothing.
    """
    upto = _settled(patience)
    entries, head = 0, None
    while upto is not None:
        many, newer = _seal_portion(upto)
        session().commit()
        if newer is not None:
            entries, head = entries + many, newer
        if many < AT_ONCE:
            break
    if head is not None:
        _show(head, heads_file)
    return Sealed(entries, head or newest_head(), held_up=upto is None)


def _settled(patience: float) -> int | None:
    """An id up to which every entry is there that will ever be. None when patience ran out."""
    newest = session().execute(_NEWEST).scalar_one()
    waited_for = set(session().scalars(_WRITERS))
    deadline = time.monotonic() + patience
    while waited_for:
        if time.monotonic() > deadline:
            log.warning(
                "audit entries up to %s are not sealed yet: a transaction that may precede them is open", newest
            )
            session().rollback()
            return None
        session().rollback()  # an open transaction of ours would keep the database from tidying up
        time.sleep(_POLL_SECONDS)
        waited_for &= set(session().scalars(_WRITERS))
    session().rollback()
    return newest


def _seal_portion(upto: int) -> tuple[int, Head | None]:
    """How many entries were linked, and the head after them."""
    if not session().execute(_ONE_AT_A_TIME).scalar_one():
        return 0, None
    last = newest_head()
    number, chain = (last.number, last.chain) if last else (0, START)
    after = last.entry_id if last else 0
    ids: list[int] = []
    digests: list[bytes] = []
    chains: list[bytes] = []
    for entry in session().execute(_ENTRIES, {"after": after, "upto": upto}):
        digest = digest_of(entry)
        chain = follow(chain, digest)
        ids.append(int(entry[0]))
        digests.append(digest)
        chains.append(chain)
    if not ids:
        return 0, None
    numbers = list(range(number + 1, number + len(ids) + 1))
    session().execute(_LINK, {"numbers": numbers, "ids": ids, "digests": digests, "chains": chains})
    end = {"number": numbers[-1], "entry_id": ids[-1], "chain": chain, "not_before": last.sealed_at if last else None}
    sealed_at = session().execute(_HEAD, end).scalar_one()
    return len(ids), Head(numbers[-1], ids[-1], chain, sealed_at)


def _show(head: Head, heads_file: str) -> None:
    """Write the head where whoever can change the database cannot reach: into the log, and the file of the settings.

    After the commit, so that no head is out that never was. One that a kill or a full disk kept back does no harm: the
    next covers it.
    """
    log.info("audit head %s", head.as_line())
    if not heads_file:
        return
    try:
        with Path(heads_file).open("a", encoding="utf-8") as file:
            file.write(head.as_line() + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        log.error("the audit head could not be written to the file in the settings: %s", error.strerror)
