"""What the signed-in pages cost: SQL statements, and CPU beside a bare Flask route, in one interleaved run.

    .venv/bin/python -m tests.load.page_costs

The least of several rounds counts; absolute times drift on shared cores, ratios do not.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from sqlalchemy import Engine, event

from portal.app import create_app
from portal.db.embedded import EmbeddedPostgres
from portal.db.migrate import upgrade
from portal.registry.discovery import discover, load
from portal.registry.histories import histories
from tests.support.people import sign_in, someone
from tests.support.settings import settings_for

ROUNDS = 12
REQUESTS = 60
PAGES = {"home": "/home", "profile": "/profile", "activity": "/activity", "help": "/help"}


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "cluster", durable=False)
        server.start()
        try:
            _measure(server.url)
        finally:
            server.remove()


def _measure(url: str) -> None:
    upgrade(url, histories(discover()))
    test_services = [load(f"tests.support.services.{name}") for name in ("allotments", "libraries")]
    app = create_app(settings_for(url), services=[*discover(), *test_services])
    bare = Flask("bare")
    bare.add_url_rule("/", "bare", lambda: "ok")
    client = app.test_client()
    sign_in(app, client, someone(app))
    bare_client = bare.test_client()
    calls: dict[str, Callable[[], object]] = {"bare route": lambda: bare_client.get("/")}
    for name, path in PAGES.items():
        calls[name] = lambda path=path: _fetch(client, path)
    cpu = _cpu(calls)
    print(f"{'page':12} {'SQL':>4} {'CPU ms':>8} {'x bare':>7}")
    for name, call in calls.items():
        print(f"{name:12} {_statements(call):4} {cpu[name] * 1000:8.2f} {cpu[name] / cpu['bare route']:7.1f}")


def _fetch(client: object, path: str) -> None:
    answer = client.get(path)  # type: ignore[attr-defined]  # Flask's test client
    assert answer.status_code == 200, (path, answer.status_code)


def _cpu(calls: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Seconds of CPU for one request of each kind: all threads of the process, the least of the rounds."""
    least = dict.fromkeys(calls, float("inf"))
    for _ in range(ROUNDS):
        for name, call in calls.items():
            call()
            start = time.process_time()
            for _ in range(REQUESTS):
                call()
            least[name] = min(least[name], (time.process_time() - start) / REQUESTS)
    return least


def _statements(call: Callable[[], object]) -> int:
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(Engine, "before_cursor_execute", counted)
    try:
        call()
    finally:
        event.remove(Engine, "before_cursor_execute", counted)
    return count


if __name__ == "__main__":
    main()
