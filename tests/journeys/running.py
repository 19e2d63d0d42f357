"""The real demo for a while: its own PostgreSQL, gunicorn and job worker, in a folder of its own."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from portal.cli.demo_environment import demo_environment
from portal.cli.family import Family
from portal.cli.ports import listen
from portal.cli.serving import gunicorn_command
from portal.db.embedded import EmbeddedPostgres
from portal.db.migrate import engine_for, upgrade
from portal.registry.discovery import discover
from portal.registry.histories import histories

START_SECONDS = 60.0
# In a process of its own: loading makes an application, and the tests' process has its own.
LOAD = (
    "from portal.cli import demo_data; from portal.settings.reading import load_settings;"
    " demo_data.load(load_settings())"
)


@dataclass(frozen=True)
class Demo:
    """Where the demo runs, and its database to look into from outside."""

    url: str
    engine: Engine
    logs: Path
    environment: Mapping[str, str] = field(repr=False)  # it holds secrets

    def ask(self, statement: str, **values: Any) -> Sequence[Any]:
        """What the database says now."""
        with self.engine.connect() as connection:
            return connection.execute(text(statement), values).all()

    def change(self, statement: str, **values: Any) -> int:
        """Change the database behind the portal's back; how many rows that were."""
        with self.engine.begin() as connection:
            return connection.execute(text(statement), values).rowcount

    def errors(self) -> list[str]:
        """What the web server and the worker have logged as their own fault."""
        lines = [line for log in sorted(self.logs.glob("*.log")) for line in log.read_text().splitlines()]
        return [line for line in lines if "Traceback" in line or " ERROR " in line]


@contextmanager
def running_demo(folder: Path) -> Iterator[Demo]:
    """Start everything as `moothall demo` does, and end everything."""
    server = EmbeddedPostgres(folder / "postgres", durable=False)
    family = Family(folder / "log")
    server.start()
    try:
        port = _free_port()
        environment = demo_environment(port, server.url, folder)
        upgrade(server.url, histories(discover()))
        subprocess.run([sys.executable, "-c", LOAD], env=environment, check=True)
        family.start("job worker", [sys.executable, "-m", "portal.cli.main", "worker", "--grace", "1"], environment)
        sockets = listen(port)
        handed = [each.fileno() for each in sockets]
        binds = [f"fd://{number}" for number in handed]
        web = gunicorn_command("portal", binds, workers=2, threads=4, grace=1, more=["--preload"])
        family.start("web server", web, environment, pass_fds=handed)
        for each in sockets:
            each.close()
        _wait_for_first_page(port, family)
        engine = engine_for(server.url)
        try:
            yield Demo(f"http://localhost:{port}", engine, folder / "log", environment)
        finally:
            engine.dispose()
    finally:
        family.end()
        server.remove()


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for_first_page(port: int, family: Family) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if sentence := family.obituary():
            raise RuntimeError(sentence)
        with closing(http.client.HTTPConnection("localhost", port, timeout=10)) as connection:
            try:
                connection.request("GET", "/")
                if connection.getresponse().status == 200:
                    return
            except (OSError, http.client.HTTPException):
                time.sleep(0.1)
    raise RuntimeError("The demo's first page did not come.")
