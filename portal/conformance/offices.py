"""A service's back office that does as it is told: its own stand-in, behind a front that is slow, down or wrong."""

import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Final, Literal, cast
from wsgiref.types import WSGIApplication

from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from portal.errors import SetupError
from portal.registry.discovery import Mounted
from portal.registry.standins import Create

Mode = Literal["well", "slow", "down", "wrong"]
SLOW_SECONDS: Final = 12.0
"""Longer than any page may wait."""


@dataclass
class Office:
    """Where it is, what it does now, and how often it was asked."""

    url: str
    token: str
    mode: Mode = "well"
    asked: int = 0

    @contextmanager
    def being(self, mode: Mode) -> Iterator[None]:
        """In this mode until the end of the block."""
        before, self.mode = self.mode, mode
        try:
            yield
        finally:
            self.mode = before


class _Quiet(WSGIRequestHandler):
    """No line on the terminal for each request, nor for a connection that was cut."""

    def log(self, *_words: object) -> None:
        """Nothing."""

    def log_request(self, *_words: object) -> None:
        """Nothing."""

    def connection_dropped(self, *_words: object) -> None:
        """As was wanted."""


@contextmanager
def playing(mounted: Mounted, database_url: str) -> Iterator[Office]:
    """The stand-in over HTTP on loopback, until the end of the block. Raises SetupError where it cannot be made."""
    office = Office("", secrets.token_urlsafe(24))
    ready = threading.Event()
    behind: list[WSGIApplication] = []

    @Request.application
    def front(request: Request) -> Response:
        office.asked += 1
        ready.wait(5)
        return _answer(request, office, behind[0])

    server = make_server("127.0.0.1", 0, front, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True  # type: ignore[attr-defined]  # socketserver's: a slow answer keeps nobody here
    server.block_on_close = False  # type: ignore[attr-defined]  # as above
    office.url = f"http://127.0.0.1:{server.server_port}"
    behind.append(_made(mounted, database_url, office))
    ready.set()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield office
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _answer(request: Request, office: Office, behind: WSGIApplication) -> Response:
    if office.mode == "slow":
        time.sleep(SLOW_SECONDS)
    if office.mode == "down":
        connection: socket.socket = request.environ["werkzeug.socket"]
        connection.shutdown(socket.SHUT_RDWR)
    if office.mode == "wrong":
        return Response("<!DOCTYPE html><title>Maintenance</title><p>Back soon.", mimetype="text/html")
    return Response.from_app(behind, request.environ)


def _made(mounted: Mounted, database_url: str, office: Office) -> WSGIApplication:
    standin = mounted.service.standin
    assert standin is not None
    module, _, name = standin.create.partition(":")
    try:
        create = cast(Create, getattr(import_module(module), name))
    except (ImportError, AttributeError) as error:
        raise SetupError(f"The service in {mounted.package} has no stand-in at {module}:{name} ({error}).") from None
    return create(database_url, office.url, office.token)
