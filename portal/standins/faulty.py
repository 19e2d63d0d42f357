"""Faults for an outside system that we play: before its API, so that the system itself need know nothing of them."""

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from flask import Flask, current_app
from sqlalchemy import URL
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from portal.standins.memory import Memory
from portal.standins.modes import Faults
from portal.standins.panel import faults_panel
from portal.web.languages import Lazy, gettext

EXTENSION: Final = "moothall.standin"
PATH: Final = "/faults"
ASKS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
PAGE: Final = "<!DOCTYPE html><title>{0}</title><h1>{0}</h1>"


@dataclass(frozen=True, slots=True)
class StandinSays:
    """What a system answers in the place of what was asked: a sentence of its own as JSON, or a page."""

    status: int
    page: str = ""
    body: Mapping[str, object] | None = None

    def response(self) -> Response:
        """As an answer."""
        if self.body is None:
            return Response(PAGE.format(self.page), self.status, content_type="text/html; charset=utf-8")
        again = {"Retry-After": "1"} if self.status == 429 else {}
        return Response(json.dumps(self.body), self.status, again, content_type="application/json")


USUALLY: Final[Mapping[str, StandinSays]] = {
    "down": StandinSays(503, "503 Service Unavailable"),
    "wrong": StandinSays(200, "Welcome to the proxy"),
    "busy": StandinSays(429, "429 Too Many Requests"),
    "unsaid": StandinSays(500, "500 Internal Server Error"),
}
"""As the machines before a system say it, for systems that say nothing of their own."""


class Faulty:
    """A system that we play, with its faults: a WSGI application around one.

    `calls` are how the paths begin at which programs call it; all others are pages for people, which keep working.
    `says` is what this system says in its own words while it is `down` or `busy`, or when it breaks (`unsaid`).
    """

    def __init__(
        self,
        system: WSGIApplication,
        memory: Memory,
        *,
        title: str | Lazy,
        calls: Sequence[str],
        says: Mapping[str, StandinSays] | None = None,
    ) -> None:
        self._system = system
        self._memory = memory
        self._calls = tuple(calls)
        self._says: Mapping[str, StandinSays] = {**USUALLY, **(says or {})}
        self._panel = faults_panel(memory, title).wsgi_app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer as it was told to: the page and the address under `/faults` always answer well."""
        path = environ.get("PATH_INFO", "")
        if path == PATH or path.startswith(f"{PATH}/"):
            return self._panel(environ, start_response)
        if not path.startswith(self._calls):
            return self._system(environ, start_response)
        told, writes = self._memory.how(), environ["REQUEST_METHOD"] not in ASKS
        if told.answers in ("down", "wrong", "busy"):
            return self._says[told.answers].response()(environ, start_response)
        if told.answers == "slow" or (writes and told.answers in ("late", "unsaid")):
            return self._after(told, environ)(environ, start_response)
        return self._system(environ, start_response)

    def _after(self, told: Faults, environ: WSGIEnvironment) -> Response:
        """Do what is asked, whole; only then have the fault."""
        content, status, headers = run_wsgi_app(self._system, environ, buffered=True)
        answer = Response(content, status, headers)
        if told.answers != "unsaid":
            time.sleep(told.seconds)
            return answer
        return self._says["unsaid"].response() if answer.status_code < 300 else answer


def with_faults(
    app: Flask,
    database_url: str | URL,
    *,
    name: str,
    title: str | Lazy,
    calls: Sequence[str],
    says: Mapping[str, StandinSays] | None = None,
) -> Flask:
    """Give a stand-in its faults: the modes, the page `/faults` on which people choose one, and the same as JSON.

    `GET /faults` (Accept: application/json) says how it behaves, `PUT /faults` with `{"answers": "down"}` tells it;
    see `Faults`. `name` is its own among all stand-ins: a service's is its slug. `calls` and `says`: see `Faulty`.
    Returns `app`.
    """
    memory = Memory(database_url, name)
    memory.make_table()
    app.extensions[EXTENSION] = memory
    app.jinja_env.globals.setdefault("_", gettext)
    wsgi: WSGIApplication = Faulty(app.wsgi_app, memory, title=title, calls=calls, says=says)
    app.wsgi_app = wsgi  # type: ignore[assignment, method-assign]  # as Flask's documentation puts middleware around an application
    return app


def standin_told() -> Faults:
    """How the stand-in of this request was told to behave: for what it tells by itself, later (`Faults.later`)."""
    memory: Memory = current_app.extensions[EXTENSION]
    return memory.how()
