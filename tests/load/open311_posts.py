"""Ten thousand reports posted while the worker, the web, the database and the back office are killed.

    .venv/bin/python -m tests.load.open311_posts [--posts 10000] [--posters 4] [--seconds 3600] [--settle 1800]

Programs post by Open311 over HTTP and try again until they are told an id; half of them know no idempotency key. The
reports go on to a contractor's Open311 server, over HTTP too. Every few seconds something is killed with SIGKILL
wherever it is (the web process, the worker, PostgreSQL, the contractor), or the contractor is slow, away, wrong, or
breaks before it says what it has done.

In the end every post was acknowledged, each with an id of its own; there is one report and one case for each, none
besides; and the contractor has each once. Exit code 1 if not.
"""

import argparse
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psycopg
from flask import Flask
from pydantic import SecretStr
from sqlalchemy.exc import OperationalError

from portal.app import create_app
from portal.db.embedded import EmbeddedPostgres
from portal.db.embedded_place import programs
from portal.db.migrate import upgrade
from portal.db.session import dispose, session
from portal.registry.discovery import discover
from portal.registry.histories import histories
from portal.standins.memory import Memory
from portal.standins.modes import Faults
from services.reporting.operations.api_keys import make_key
from services.reporting.standin.app import create
from services.reporting.standin.works import Works
from tests.load.fire.posting import post_all
from tests.load.fire.storms import _serve, web
from tests.load.lives.processes import end, forked, work
from tests.peers.running import free_port
from tests.support.settings import settings_for

SECRET: Final = "the-key-that-the-contractor-gave"
STORMS: Final = ("worker", "web", "database", "office", "slow", "down", "wrong", "unsaid", "busy")
STORM_SECONDS: Final = 3.0
_REPORTS: Final = "select count(*) from reporting.report"
_LEFT: Final = "select count(*) from reporting.report where external_id is null"
_DUE: Final = "update portal.delivery set retry_at = now() where state = 'waiting'"
_SUMS: Final = {
    "reports": _REPORTS,
    "different cases of reports": "select count(distinct case_id) from reporting.report",
    "cases": "select count(*) from portal.case",
    "different ids of the contractor": "select count(distinct external_id) from reporting.report",
    "jobs of the contractor": "select count(*) from reporting_standin.job",
    "different reports that the contractor has": "select count(distinct key) from reporting_standin.job",
    "deliveries that were answered": "select count(*) from portal.delivery where state = 'delivered'",
}
"""Each is to be the number of posts."""


class Scene:
    """Everything that runs, and can be killed and begun again."""

    def __init__(self, server: EmbeddedPostgres, app: Flask, ports: tuple[int, int]) -> None:
        self.server, self.app, self.ports = server, app, ports
        self.works, self.told = Works(server.url), Memory(server.url, "reporting")
        self.kills: Counter[str] = Counter()
        self.children = {name: self._begin(name) for name in ("web", "worker", "office")}

    def suffer(self, storm: str) -> None:
        """Let this happen."""
        self.kills[storm] += 1
        if storm in self.children:
            end(self.children[storm])
            time.sleep(0.5)
            self.children[storm] = self._begin(storm)
        elif storm == "database":
            self._kill_database()
        else:
            self._behave(answers=storm, seconds=2)
            time.sleep(STORM_SECONDS)
            self._behave()

    def end(self) -> None:
        """Kill what still runs."""
        for child in self.children.values():
            with suppress(ProcessLookupError, ChildProcessError):
                end(child)
        self.works.engine.dispose()

    def _begin(self, name: str) -> int:
        self.works.engine.dispose()  # no connection goes through the fork
        acts = {
            "web": lambda: web(self.app, self.ports[0]),
            "worker": lambda: work(self.app, self.server.url),
            "office": lambda: _serve(create(self.server.url, "http://localhost/standin", SECRET), self.ports[1]),
        }
        return forked(acts[name])

    def _kill_database(self) -> None:
        """As a machine that stops: the server and all that it has under way. It repairs itself when it is begun again.

        Not by `start`, which waits for a lock that every forked process of this run holds too.
        """
        server = self.server
        assert server._server is not None
        postmaster = server._server.pid
        children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        for pid in (postmaster, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        server._server.wait()
        time.sleep(0.5)
        (server._at.data / "postmaster.pid").unlink(missing_ok=True)
        server._launch(programs(server._runner), time.monotonic() + 60)

    def _behave(self, **how: Any) -> None:
        for _time in range(100):
            try:
                self.told.tell(Faults(**how))
            except OperationalError:  # the database is coming up
                time.sleep(0.2)
            else:
                return


def run(folder: Path, *, posts: int, posters: int, seconds: float, settle: float) -> bool:
    """Let everybody post while things are killed; whether nothing was lost or doubled."""
    server = EmbeddedPostgres(folder / "cluster")
    server.start()
    try:
        upgrade(server.url, histories(discover()))
        return _run(server, folder, posts, posters, seconds, settle)
    finally:
        server.remove()


def _run(server: EmbeddedPostgres, folder: Path, posts: int, posters: int, seconds: float, settle: float) -> bool:
    ports = free_port(), free_port()
    app = create_app(settings_for(server.url, demo=True, public_url=f"http://127.0.0.1:{ports[0]}"))
    led = {"works_url": f"http://127.0.0.1:{ports[1]}", "works_key": SecretStr(SECRET)}
    settings = app.extensions["moothall.settings.reporting"]
    app.extensions["moothall.settings.reporting"] = settings.model_copy(update=led)
    with app.app_context():
        key = make_key("A program that posts", scopes=["report"], posts_an_hour=1_000_000)
        session().commit()
        dispose()
    create(server.url, "http://localhost/standin", SECRET)  # its tables, once
    scene, began = Scene(server, app, ports), time.monotonic()
    shares = [range(number, posts, posters) for number in range(posters)]
    notes = [folder / f"acknowledged-{number}" for number in range(posters)]
    url = f"http://127.0.0.1:{ports[0]}"
    alive = [forked(lambda one=one: post_all(url, key, *one)) for one in zip(shares, notes, strict=True)]  # type: ignore[misc]  # a lambda's default
    try:
        dice = random.Random(11)
        while time.monotonic() - began < seconds and (done := len(_acknowledged(notes))) < posts:
            storm = dice.choice(STORMS)
            print(f"{time.monotonic() - began:6.0f} s, {done:,} acknowledged; now {storm}", flush=True)
            scene.suffer(storm)
            time.sleep(STORM_SECONDS)
        took = time.monotonic() - began
        _settle(server.url, posts, settle)
        print(f"{posts:,} posts, {posters} posters, {took:.0f} s; killed or upset: {dict(scene.kills)}")
        return _judge(server.url, notes, posts)
    finally:
        for child in alive:
            with suppress(ProcessLookupError, ChildProcessError):
                end(child)
        scene.end()


def _acknowledged(notes: list[Path]) -> dict[int, str]:
    """By the number of the post, the id that it was given."""
    found: dict[int, str] = {}
    for each in notes:
        for line in each.read_text().splitlines() if each.exists() else ():
            number, _, reference = line.partition(" ")
            found[int(number)] = reference
    return found


def _settle(url: str, posts: int, seconds: float) -> None:
    """Give the worker calm, and have what waits tried soon instead of in an hour."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        with suppress(psycopg.Error), psycopg.connect(url, autocommit=True) as connection:
            if _number(connection, _REPORTS) == posts and not _number(connection, _LEFT):
                return
            connection.execute(_DUE)
        time.sleep(5)


def _judge(url: str, notes: list[Path], posts: int) -> bool:
    found = _acknowledged(notes)
    sums = {"posts acknowledged": len(found), "different ids that were given": len(set(found.values()))}
    with psycopg.connect(url) as connection:
        sums |= {name: _number(connection, query) for name, query in _SUMS.items()}
        kept = {row[0] for row in connection.execute("select reference from reporting.report")}
    for name, number in sums.items():
        print(f"{number:>9,}  {name}{'' if number == posts else '   <-- WRONG'}")
    lost = set(found.values()) - kept
    print(f"{len(lost):>9,}  acknowledged and not kept")
    return not lost and all(number == posts for number in sums.values())


def _number(connection: psycopg.Connection[Any], query: str) -> int:
    row = connection.execute(query).fetchone()
    return int(row[0]) if row else 0


def main(arguments: list[str]) -> int:
    """Run, and say by the exit code whether every promise was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--posts", type=int, default=10_000)
    parser.add_argument("--posters", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=3600, help="Stop after so long, whatever is left.")
    parser.add_argument("--settle", type=float, default=1800, help="How long the worker may take for what waits then.")
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))  # tidy up then too
    with tempfile.TemporaryDirectory() as folder:
        kept = run(
            Path(folder), posts=chosen.posts, posters=chosen.posters, seconds=chosen.seconds, settle=chosen.settle
        )
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
