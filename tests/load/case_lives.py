"""Thousands of cases through their whole life, by workers that are killed at random.

    .venv/bin/python -m tests.load.case_lives [--cases 10000] [--workers 3] [--kills 60]

Each life is a job: a report is filed and routed, taken, written about, asked for a signature that is given, answered,
worked on, held, taken up, decided and rated, each step in a transaction of its own; letters go to the stand-in for
GOV.UK Notify over HTTP. A worker is killed with SIGKILL again and again, wherever it is. Every tenth life is lived by
two jobs at once. A step looks before it acts and names the version that it saw; nothing else makes it once.

In the end the ledger is asked: is every case where it should be, is every event numbered without a gap, was every move
one that the type allows, is every message there once, and did Notify get every letter once? Exit code 1 if not.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import insert

from portal import clock
from portal.accounts.models import AccountRow, ProfileRow
from portal.app import create_app
from portal.cases.routing_rules import add_rule
from portal.db.embedded import EmbeddedPostgres
from portal.db.migrate import upgrade
from portal.db.session import dispose, session
from portal.notify.standin.place import PATH
from portal.registry.discovery import discover
from portal.registry.histories import histories
from tests.load.lives.living import CASES_EACH, account_of, live
from tests.load.lives.processes import end, forked, stand_in, work
from tests.load.lives.promises import judge
from tests.peers.running import free_port
from tests.support.notify import notify_settings
from tests.support.settings import settings_for

TWINS = 10
LETTERS = 6
"""For each case: of the message, the task, the passing on, the start of work, the hold and the end."""
_DONE = (
    "select (select count(*) from portal.case where rating is not null)"
    " + (select count(*) from portal.outbound_message where state = 'sent')"
)
_LEFT = (
    "select (select count(*) from jobs.procrastinate_jobs where status in ('todo', 'doing')"
    " and task_name in ('load.live', 'notify.deliver', 'reporting.route', 'reporting.confirm'))"
    " + (select count(*) from portal.outbound_message where state = 'waiting')"
)


def prepare(app: Flask, cases: int) -> None:
    """Residents, two rules, and a job for each life."""
    with app.test_request_context("/"):
        now = clock.now()
        ids = [account_of(n).id for n in range(0, cases, CASES_EACH)]
        session().execute(insert(AccountRow), [{"id": each, "language": "en", "created_at": now} for each in ids])
        session().execute(
            insert(ProfileRow),
            [{"account_id": each, "email": f"{each}@tests.example", "email_confirmed_at": now} for each in ids],
        )
        add_rule("staff:load", team="highways", service="reporting", area="northfields")
        for n in range(cases):
            for _ in range(2 if n % TWINS == 0 else 1):
                live.defer(n=n)
        session().commit()
        dispose()


@contextmanager
def database(given: str) -> Iterator[str]:
    """A migrated database: the one that is given, or one of our own."""
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "cluster", durable=False)
        server.start()
        try:
            upgrade(server.url, histories(discover()))
            yield server.url
        finally:
            server.remove()


def run(url: str, *, cases: int, workers: int, kills: int, seconds: float) -> dict[str, int]:
    """Let all lives be lived while workers are killed; how often each promise was broken."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    settings = settings_for(url, demo=True, public_url=base, notify=notify_settings(f"{base}{PATH}"))
    app = create_app(settings)
    prepare(app, cases)
    dice, began = random.Random(7), time.monotonic()
    post = forked(lambda: stand_in(settings, port))
    alive = [forked(lambda: work(app, url)) for _ in range(workers)]
    killed, steps = 0, cases * (1 + LETTERS)
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            while time.monotonic() - began < seconds:
                time.sleep(0.2)
                done, left = (int(connection.execute(query).fetchone()[0]) for query in (_DONE, _LEFT))  # type: ignore[index]  # one row
                if not left and done >= steps:
                    break
                for place, child in enumerate(alive):
                    if os.waitpid(child, os.WNOHANG)[0]:  # ended by itself, as when it got no connection for long
                        alive[place] = forked(lambda: work(app, url))
                if killed < kills and done >= steps * (killed + 1) / (kills + 1):
                    victim = dice.randrange(workers)
                    end(alive[victim])
                    alive[victim] = forked(lambda: work(app, url))
                    killed += 1
            took = time.monotonic() - began
            broken = judge(connection, cases)
            report(connection, cases, killed, took, broken)
    finally:
        for each in (*alive, post):
            end(each)
    return broken | {"kills that did not happen": kills - killed}


def report(connection: psycopg.Connection[Any], cases: int, killed: int, took: float, broken: dict[str, int]) -> None:
    """Print the table."""
    print(f"{cases:,} cases, {killed} kills, {took:.0f} s, {cases / took:.1f} cases a second")
    for table in ("case_event", "case_message", "notice", "outbound_message", "audit_entry"):
        row = connection.execute(f"select count(*) from portal.{table}").fetchone()  # type: ignore[arg-type]  # our own names
        print(f"{row[0] if row else 0:>10,}  {table}")
    for name, many in broken.items():
        print(f"{many:>10,}  {name}")


def main(arguments: list[str]) -> int:
    """Run, and say by the exit code whether every promise was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=3600, help="Stop after so long, whatever is left.")
    parser.add_argument("--database", default="", help="An empty, migrated database; else one of our own.")
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))  # tidy up then too
    with database(chosen.database) as url:
        broken = run(url, cases=chosen.cases, workers=chosen.workers, kills=chosen.kills, seconds=chosen.seconds)
    return 1 if any(broken.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
