"""How fast the audit trail is sealed, verified, exported and searched at 1,000,000 entries, and what an entry costs.

.venv/bin/python -m tests.load.audit_verify [entries]
"""

import hashlib
import resource
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from portal.audit import sealing
from portal.audit.exporting import begin_export, written
from portal.audit.heads import Stretch
from portal.audit.operations import record
from portal.audit.searching import Wanted, known_acts, search
from portal.audit.verifying import Verification
from portal.db import session as database
from portal.db.embedded import EmbeddedPostgres
from portal.db.migrate import CORE, engine_for, upgrade
from portal.db.session import session
from tests.support.settings import settings_for

FILL = text(
    "insert into portal.audit_entry (at, act, actor, account_id, subject, details)"
    " select timestamptz '2026-01-01' + n * interval '10 seconds', 'load.act_' || n % 40, 'account:' || md5(n::text),"
    " md5((n % 5000)::text)::uuid, 'case:' || md5(n::text), jsonb_build_object('fields', array['phone'], 'count', n)"
    " from generate_series(cast(:first as bigint), :last) as n"
)
SEARCHES = {
    "the newest": {},
    "by act": {"act": "load.act_7"},
    "by actor": {"actor": f"account:{hashlib.md5(b'77777').hexdigest()}"},
    "by account": {"account_id": uuid.UUID(hashlib.md5(b"777").hexdigest())},
    "by day": {"since": datetime(2026, 1, 9, tzinfo=UTC), "before": datetime(2026, 1, 10, tzinfo=UTC)},
    "by act and day": {"act": "load.act_7", "before": datetime(2026, 1, 10, tzinfo=UTC)},
    "by account and act": {"account_id": uuid.UUID(hashlib.md5(b"777").hexdigest()), "act": "load.act_17"},
}
INDEXES = ("act_at_id", "actor_at_id", "at_id")


def main() -> None:
    """Print the figures."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "cluster", durable=False)
        server.start()
        try:
            upgrade(server.url, (CORE,))
            _measure(server.url, entries)
        finally:
            server.remove()


def _measure(url: str, entries: int) -> None:
    app = Flask("load")
    database.install(app, url)
    engine = engine_for(url)
    with engine.begin() as connection:
        connection.execute(FILL, {"first": 1, "last": entries})
    with app.app_context():
        _say("seal", entries, lambda: sealing.seal(patience=0))
        for _ in range(2):
            _say("verify", entries, _verify)
            session().rollback()
        _say("export jsonl", entries, lambda: _export(url))
        session().rollback()
        print(f"memory at most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
        _search()
        for table in ("audit_entry", "audit_link", "audit_head"):
            size = session().scalar(
                text("select pg_total_relation_size(cast(:name as regclass))"), {"name": f"portal.{table}"}
            )
            print(f"{table} with its indexes: {size / 1e6:.0f} MB")
        session().rollback()
        _cost("an entry with every index")
        with engine.begin() as connection:
            for name in INDEXES:
                connection.execute(text(f"drop index portal.ix_audit_entry_{name}"))
        _cost("an entry without the three indexes of the search")
        database.dispose()
    engine.dispose()


def _verify() -> None:
    assert list(Verification(Stretch()).findings()) == []


def _export(url: str) -> None:
    made = begin_export(since=None, before=None, format="jsonl", actor="system:load")
    session().commit()
    size = sum(len(piece) for piece in written(made, settings_for(url)))
    print(f"  the file: {size / 1e6:.0f} MB")


def _search() -> None:
    """The first page of each search at the desk and one that begins in the middle: the least of five."""
    middle = (datetime(2026, 1, 12, tzinfo=UTC), 0)
    for what, wanted in SEARCHES.items():
        least = [float("inf")] * 2
        for _ in range(5):
            for place, older_than in enumerate((None, middle)):
                with _timed() as seconds:
                    search(Wanted(**wanted), older_than=older_than, limit=51)
                least[place] = min(least[place], seconds())
        print(f"search {what}: {least[0] * 1000:.1f} ms, a later page {least[1] * 1000:.1f} ms")
    with _timed() as seconds:
        known_acts()
    print(f"the list of acts: {seconds() * 1000:.1f} ms")
    session().rollback()


def _cost(what: str, many: int = 3000) -> None:
    """One INSERT in a transaction that goes on, the least of five rounds."""

    def write() -> None:
        for number in range(many):
            record("load.act_7", actor=f"account:{number}", subject="case:1", count=number)

    least = float("inf")
    for _ in range(5):
        with _timed() as seconds:
            write()
        least = min(least, seconds())
        session().commit()
    print(f"{what}: {least / many * 1e6:.0f} µs")


def _say(what: str, entries: int, act: Callable[[], object]) -> None:
    with _timed() as seconds:
        act()
    print(f"{what:12} {entries} entries in {seconds():6.1f} s, {entries / seconds():8.0f} a second")


@contextmanager
def _timed() -> Iterator[Callable[[], float]]:
    ended: list[float] = []
    began = time.perf_counter()
    yield lambda: (ended[0] if ended else time.perf_counter()) - began
    ended.append(time.perf_counter())


if __name__ == "__main__":
    main()
