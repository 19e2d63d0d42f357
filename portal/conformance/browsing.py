"""One browser of the kit: what it was shown, and what that cost and wrote."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from portal.conformance.pages import Page
from portal.db.session import db

READS: Final = re.compile(r"\s*(select|show|set|savepoint|release|rollback)\b", re.IGNORECASE)
NOTES: Final = re.compile(
    r"\s*(insert into|delete from|update) portal\.(last_answer|back_office|session|staff_session)\b", re.IGNORECASE
)
"""What the portal notes by itself when a page is read: how an office was met, that somebody is still there."""

LANGUAGE: Final = "moothall_language"
"""The cookie of a chosen language, as it is called on loopback."""


@dataclass(frozen=True)
class Shown:
    """One answer: to whom, at which address, and what it took. `seconds` are of the clock, `cpu` of this thread."""

    who: str
    method: str
    address: str
    endpoint: str
    status: int
    html: str
    headers: dict[str, str] = field(repr=False)
    location: str = ""
    statements: int = 0
    writes: tuple[str, ...] = ()
    seconds: float = 0.0
    cpu: float = 0.0

    @cached_property
    def page(self) -> Page:
        """The page, parsed."""
        return Page(self.html)

    @property
    def is_page(self) -> bool:
        """Whether this is HTML for people, and not a redirect or a file."""
        return bool(self.html) and not 300 <= self.status < 400

    @property
    def where(self) -> str:
        """The address as findings name it."""
        return self.address if self.method == "GET" else f"{self.address} ({self.method})"


class Browser:
    """A browser with cookies of its own. `who` is the name by which findings know who sits at it."""

    def __init__(self, app: Flask, who: str) -> None:
        self.app = app
        self.who = who
        self.client: FlaskClient = app.test_client()

    def get(self, address: str) -> Shown:
        """Fetch this address. Does not follow redirects."""
        return self._open("GET", address)

    def in_welsh(self, address: str) -> Shown:
        """Fetch this address in Welsh, and forget that it was chosen."""
        shown = self.get(f"{address}{'&' if '?' in address else '?'}lang=cy")
        self.client.delete_cookie(LANGUAGE)
        return shown

    def post(self, address: str, values: dict[str, Any], *, enctype: str | None = None) -> Shown:  # files among them
        """Send this form. Does not follow redirects."""
        kind = {"content_type": enctype} if enctype else {}
        return self._open("POST", address, data=values, **kind)

    def _open(self, method: str, address: str, **options: Any) -> Shown:  # the test client's
        with statements(self.app) as sent:
            began, cpu = time.monotonic(), time.thread_time()
            answer = self.client.open(address, method=method, **options)
            seconds, cpu = time.monotonic() - began, time.thread_time() - cpu
        is_html = answer.mimetype == "text/html"
        text = answer.get_data(as_text=True) if is_html else ""
        location = answer.headers.get("Location", "").removeprefix("http://localhost")
        headers = {name: value for name, value in answer.headers.items() if name != "Set-Cookie"}
        answer.close()
        endpoint = endpoint_at(self.app, address, method)
        writes = tuple(each for each in sent if not READS.match(each) and not NOTES.match(each))
        return Shown(
            who=self.who,
            method=method,
            address=address,
            endpoint=endpoint,
            status=answer.status_code,
            html=text,
            headers=headers,
            location=location,
            statements=len(sent),
            writes=writes,
            seconds=seconds,
            cpu=cpu,
        )


def endpoint_at(app: Flask, address: str, method: str = "GET") -> str:
    """Which view answers there; "" where none does."""
    return match_at(app, address, method)[0]


def match_at(app: Flask, address: str, method: str = "GET") -> tuple[str, dict[str, object]]:
    """Which view answers there, and what its address names; "" and nothing where none does."""
    path = address.partition("#")[0].partition("?")[0]
    try:
        endpoint, values = app.url_map.bind("localhost").match(path, method=method)
    except RequestRedirect as other:
        return match_at(app, other.new_url.removeprefix("http://localhost"), method)
    except HTTPException:
        return "", {}
    return str(endpoint), dict(values)


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """The SQL that this application sends meanwhile. What a stand-in asks of its own database is not among it."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    with app.app_context():
        engines = list(db.engines.values())
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        for engine in engines:
            event.remove(engine, "before_cursor_execute", note)
