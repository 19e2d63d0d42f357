"""A back office over HTTP that does as it is told, to see what becomes of those who ask it."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from portal.backoffices import health, office, sending
from portal.db.session import session

Behaviour = Callable[[Request], Response]


def says(value: Any, status: int = 200) -> Behaviour:
    """Answers with this JSON."""
    return lambda _request: Response(json.dumps(value), status, mimetype="application/json")


def says_text(text: str | bytes, status: int = 200, mimetype: str = "application/json") -> Behaviour:
    """Answers with whatever this is."""
    return lambda _request: Response(text, status, mimetype=mimetype)


def after(seconds: float, then: Behaviour) -> Behaviour:
    """Answers late."""

    def late(request: Request) -> Response:
        time.sleep(seconds)
        return then(request)

    return late


@dataclass
class FaultyOffice:
    """Where it is, what it does, and what it was asked: method, path and headers of each call."""

    url: str
    behaviour: Behaviour = field(default_factory=lambda: says({"status": "ok"}))
    asked: list[tuple[str, str, dict[str, str], str]] = field(default_factory=list)

    def does(self, *behaviours: Behaviour) -> None:
        """Do these one after another, and the last one from then on."""
        left = list(behaviours)
        lock = threading.Lock()

        def next_one(request: Request) -> Response:
            with lock:
                now = left.pop(0) if len(left) > 1 else left[0]
            return now(request)

        self.behaviour = next_one

    @property
    def keys(self) -> list[str]:
        """The idempotency keys that came, in their order."""
        return [headers["Idempotency-Key"] for _, _, headers, _ in self.asked if "Idempotency-Key" in headers]


@contextmanager
def office_running() -> Iterator[FaultyOffice]:
    """One, until the end of the block."""
    made: list[FaultyOffice] = []

    @Request.application
    def wsgi(request: Request) -> Response:
        made[0].asked.append((request.method, request.path, dict(request.headers), request.get_data(as_text=True)))
        return made[0].behaviour(request)

    server = make_server("127.0.0.1", 0, wsgi, threaded=True)
    made.append(FaultyOffice(f"http://127.0.0.1:{server.server_port}"))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield made[0]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def silent_peer() -> Iterator[str]:
    """The address of somebody who takes a connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


def nobody_there() -> str:
    """An address at which connections are refused."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}"


def not_met_yet(app: Flask) -> None:
    """From now on as in another process: no office was met, and no breaker is open."""
    for each in (office.EXTENSION, health.EXTENSION):
        app.extensions.pop(each, None)


def sweep_deliveries() -> None:
    """What happens each minute. Needs the application's context."""
    session().rollback()
    sending.again()
    session().commit()
