"""How many times a second the API answers with 100 reports, beside a bare Flask route that returns the same bytes.

    .venv/bin/python -m tests.load.open311_reads [--reports 100000] [--rounds 8] [--least 0.33]

Both stand in one gunicorn of two workers with eight threads each, as in production, and are asked over HTTP by four
clients at once, in turns of one run: absolute figures drift on shared cores, ratios less. The best round of each
counts. The whole portal is between question and answer: hosts, switch, headers, what the database shows. Ends with 1
when JSON or XML come to less than the given share of the bare route, with nothing written meanwhile or with 20 changes
a second: an answer at hand is given again only while the database shows the same.
"""

import argparse
import http.client
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from itertools import cycle
from pathlib import Path
from threading import Event, Thread
from typing import NoReturn
from wsgiref.types import WSGIApplication

import psycopg
from flask import Flask, Response
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]  # it has no types
from sqlalchemy import create_engine, make_url, text
from werkzeug.middleware.dispatcher import DispatcherMiddleware

from portal.app import create_app
from portal.db.embedded import EmbeddedPostgres
from portal.db.migrate import upgrade
from portal.db.session import dispose
from portal.registry.discovery import discover
from portal.registry.histories import histories
from tests.load.lives.processes import forked
from tests.peers.running import free_port
from tests.support.settings import settings_for

ASKED = {
    "JSON": "/open311/v2/requests.json",
    "XML": "/open311/v2/requests.xml",
    "JSON, one service": "/open311/v2/requests.json?service_code=pothole",
    "JSON, page 50": "/open311/v2/requests.json?page=50",
    "JSON, changes": "/open311/v2/requests.json",
}
WRITTEN_TO = "JSON, changes"
"""Asked while others write."""
CHANGES = 20
"""A second."""
JUDGED = ("JSON", "XML", WRITTEN_TO)
EACH = 200
CLIENTS = 4
WORKERS = 2
THREADS = 8
FILL = """insert into reporting.report (id, case_id, reference, channel, category, status, status_note, priority, place,
   lat, lon, cell, ward, description, answers, private, moderation, shown_at, created_at, updated_at, due_at, closed_at,
   way, stuck)
   select md5('report' || n)::uuid, md5('case' || n)::uuid, 'L' || n, 'web',
   (array['pothole', 'graffiti', 'street_light', 'fly_tipping'])[1 + n % 4], case when n % 3 = 0 then 'fixed'
   else 'with_team' end, '', 3, 'Larkspur Lane: outside number ' || n % 90, 51.47 + n % 1000 * 0.00005,
   -0.30 + n % 997 * 0.0001, n, 'riverside',
   'A deep hole in the cycle lane, about as wide as a dinner plate. It fills with water & cannot be seen then.',
   '{}', n % 50 = 0, 'shown', at, at, at, at + interval '7 days', case when n % 3 = 0 then at + interval '2 days' end,
   'desk', '' from (select n, now() - n * interval '60 days' / :many as at from generate_series(1, :many) n) as each"""


def main(arguments: list[str]) -> int:
    """Print the table; 1 when it is too slow."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reports", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--least", type=float, default=0.33)
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "cluster", durable=False)
        server.start()
        try:
            return _measure(server.url, chosen.reports, chosen.rounds, chosen.least)
        finally:
            server.remove()


def fill(url: str, many: int) -> None:
    """Put so many reports in, of the last 60 days, one in fifty of them private. Their cases stay unasked for."""
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as db:
        db.execute(text("set local session_replication_role = replica"))
        db.execute(text(FILL), {"many": many})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("vacuum analyze reporting.report"))
    engine.dispose()


def _measure(url: str, many: int, rounds: int, least: float) -> int:
    upgrade(url, histories(discover()))
    fill(url, many)
    app = create_app(settings_for(url))
    asked = {name: path + ("&" if "?" in path else "?") + "page_size=100" for name, path in ASKED.items()}
    with app.app_context():
        bodies = {name: app.test_client().get(path).get_data() for name, path in asked.items()}
        dispose()  # no connection goes through the fork
    port = free_port()
    bare = {f"/bare/{number}": _bare(body) for number, body in enumerate(bodies.values())}
    server = forked(lambda: _serve(DispatcherMiddleware(app.wsgi_app, bare), port))
    try:
        _wait_for(port)
        paths = {f"bare {name}": f"/bare/{number}/" for number, name in enumerate(asked)} | asked
        best = _best(port, paths, rounds, url)
    finally:
        os.kill(server, signal.SIGTERM)  # it ends its workers
        os.waitpid(server, 0)
    print(f"{many:,} reports, 100 in an answer; requests a second over HTTP, the best of {rounds} rounds")
    print(f"{'':20} {'bytes':>8} {'bare Flask':>11} {'Open311':>9} {'share':>7}")
    shares = {name: best[name] / best[f"bare {name}"] for name in asked}
    for name, body in bodies.items():
        print(f"{name:20} {len(body):8,} {best[f'bare {name}']:11,.0f} {best[name]:9,.0f} {shares[name]:7.2f}")
    slow = [name for name in JUDGED if shares[name] < least]
    print(f"Less than {least} of the bare route: {', '.join(slow)}" if slow else f"At least {least} of the bare route.")
    return 1 if slow else 0


def _bare(body: bytes) -> WSGIApplication:
    """A Flask application that does nothing but return these bytes."""
    kind = "text/xml; charset=utf-8" if body.startswith(b"<") else "application/json; charset=utf-8"
    app = Flask(f"bare_{len(body)}")
    app.add_url_rule("/", "bare", lambda: Response(body, content_type=kind))
    return app.wsgi_app


class _Served(BaseApplication):  # type: ignore[misc]  # the same
    """An application that is made already, in a gunicorn."""

    def __init__(self, application: WSGIApplication, port: int) -> None:
        self.application, self.port = application, port
        super().__init__()

    def load_config(self) -> None:
        """As in production, but silent."""
        settings = {"bind": f"127.0.0.1:{self.port}", "workers": WORKERS, "worker_class": "gthread", "threads": THREADS}
        settings |= {"loglevel": "error", "timeout": 60}
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        """It is made already."""
        return self.application


def _serve(application: WSGIApplication, port: int) -> NoReturn:
    _Served(application, port).run()
    os._exit(0)


def _wait_for(port: int) -> None:
    ends = time.monotonic() + 30
    while time.monotonic() < ends:
        try:
            return _get(port, "/bare/0/")
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The server does not answer.")


def _get(port: int, path: str) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Host": "localhost"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert answer.status == 200, (path, answer.status, body[:300])


@contextmanager
def _changing(url: str) -> Iterator[None]:
    """Change one of the newest reports after the other meanwhile."""
    ends = Event()

    def change() -> None:
        with psycopg.connect(url, autocommit=True) as database:
            for number in cycle(range(1, 101)):
                database.execute("update reporting.report set updated_at = now() where reference = %s", (f"L{number}",))
                if ends.wait(1 / CHANGES):
                    return

    changing = Thread(target=change)
    changing.start()
    try:
        yield
    finally:
        ends.set()
        changing.join()


def _best(port: int, paths: dict[str, str], rounds: int, url: str) -> dict[str, float]:
    """Answers in a second, by what is asked."""
    best = dict.fromkeys(paths, 0.0)
    with ThreadPoolExecutor(CLIENTS) as clients:
        for _ in range(rounds):
            for name, path in paths.items():
                with _changing(url) if name.endswith(WRITTEN_TO) else nullcontext():
                    began = time.perf_counter()
                    list(clients.map(lambda _number, path=path: _get(port, path), range(EACH)))
                    best[name] = max(best[name], EACH / (time.perf_counter() - began))
    return best


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
