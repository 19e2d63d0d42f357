"""Typed HTTP to one back office, with the patience of a page: bounded in time, retried where that is safe.

Whatever is wrong over there (silence, a page of HTML, fields that do not fit, a name that leads nowhere) is one thing
to those who call: Unavailable, within the time that they gave.
"""

import logging
import time
from collections.abc import Callable, Mapping
from copy import copy
from random import SystemRandom
from typing import Any, Final, Self, TypeVar

import requests
from flask import current_app

from portal import outbound
from portal.backoffices import health
from portal.backoffices.breaker import Breaker
from portal.backoffices.dialect import OURS, Body, Dialect
from portal.backoffices.shapes import shape_of
from portal.backoffices.values import OfficeRefused
from portal.db.session import release
from portal.errors import NotFound, Unavailable
from portal.web.languages import gettext as _
from portal.web.state import web_state

T = TypeVar("T")
log = logging.getLogger(__name__)

EXTENSION: Final = "moothall.back_offices"
TRIES: Final = 3
FIRST_PAUSE: Final = 0.1
"""Seconds before the second try; twice as long before the third. Each is cut by chance to between half and all of it,
so that those who failed together do not come back together."""
LEAST_TIME: Final = 0.05
"""With less than this left of a call's time, no further try is begun."""
MAY_PASS: Final = frozenset({429, 500, 502, 503, 504})
OF_ONE_THING: Final = frozenset({"wrong_answer", "status_500"})
"""Faults that may be those of one record and not of the whole office."""
REFUSALS: Final = frozenset({400, 409, 422})
GOOD: Final = frozenset({200, 201})
_chance = SystemRandom()


class _Fault(Exception):
    """One try went wrong. `code` is ours, for the log; `may_pass` says whether another try makes sense."""

    def __init__(self, code: str, *, may_pass: bool) -> None:
        super().__init__(code)
        self.code = code
        self.may_pass = may_pass


class Office:
    """A back office. Its parts are shared by all threads of the process; see `get_office`."""

    def __init__(
        self,
        name: str,
        base_url: str,
        token: str,
        *,
        seconds: float,
        client: requests.Session,
        breaker: Breaker | None = None,
        dialect: Dialect = OURS,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self.breaker = breaker or Breaker()
        self.seconds = seconds
        self._base_url = base_url.rstrip("/")
        self._credentials = dialect.credentials(token)
        self._dialect = dialect
        self._client = client
        self._sleep = sleep

    def patient(self, seconds: float) -> Self:
        """The same office, for work that nobody waits for: each call may take so long, retries included."""
        other = copy(self)
        other.seconds = seconds
        return other

    def get(
        self, path: str, kind: type[T], *, params: Mapping[str, str] | None = None, headers: Mapping[str, str] = {}
    ) -> T:
        """What the office says at `path`, as a `kind`. Raises NotFound, OfficeRefused, Unavailable."""
        return self._call("GET", path, kind, tries=TRIES, params=params, headers=headers)

    def post(
        self,
        path: str,
        body: Body,
        kind: type[T],
        *,
        key: str = "",
        only_asks: bool = False,
        about: str = "",
        headers: Mapping[str, str] = {},
    ) -> T:
        """Send `body`. With a `key`, the office does it once however often it is sent; `only_asks` changes nothing.

        Anything else is tried once: nobody can tell whether a first try was done whose answer was lost. `about` names
        the one thing that is asked about where the path does not, so that faults over one are told from faults over
        all. Raises NotFound, OfficeRefused, Unavailable.
        """
        sent = {"Content-Type": self._dialect.content_type, **headers}
        if key:
            sent["Idempotency-Key"] = key
        tries = TRIES if key or only_asks else 1
        return self._call("POST", path, kind, tries=tries, about=about, headers=sent, data=self._dialect.write(body))

    def _call(self, method: str, path: str, kind: type[T], *, tries: int, about: str = "", **options: Any) -> T:
        release()
        if not self.breaker.admits() and not self.breaker.admits(let_ago=health.let_ago(self.name)):
            raise Unavailable(_sentence())
        try:
            answered = self._tried(method, path, kind, tries, options)
        except (NotFound, OfficeRefused):  # a proper answer
            health.note_good(self.name, changed=self.breaker.succeeded())
            raise
        except _Fault as fault:
            log.warning("back office %s: %s", self.name, fault.code)
            only = (about or path) if fault.code in OF_ONE_THING else ""
            health.note_bad(self.name, fault.code, opened=self.breaker.failed(only))
            raise Unavailable(_sentence()) from None
        except BaseException:
            self.breaker.failed()  # a fault of ours; a probe must not stay open because of it
            raise
        health.note_good(self.name, changed=self.breaker.succeeded())
        return answered

    def _tried(self, method: str, path: str, kind: type[T], tries: int, options: Mapping[str, Any]) -> T:
        until = time.monotonic() + self.seconds
        for number in range(tries):
            try:
                return self._once(method, path, kind, until - time.monotonic(), options)
            except _Fault as fault:
                pause = FIRST_PAUSE * 2**number * _chance.uniform(0.5, 1.0)
                is_last = number + 1 == tries or not fault.may_pass
                if is_last or time.monotonic() + pause + LEAST_TIME > until:
                    raise
                self._sleep(pause)
        raise AssertionError("at least one try is made")

    def _once(self, method: str, path: str, kind: type[T], seconds: float, options: Mapping[str, Any]) -> T:
        headers = {"Accept": self._dialect.media_types[0], **self._credentials, **options["headers"]}
        try:
            with outbound.within(seconds):
                answer = self._client.request(method, self._base_url + path, **(dict(options) | {"headers": headers}))
        except requests.exceptions.ContentDecodingError:
            raise _Fault("too_large", may_pass=False) from None
        except requests.exceptions.Timeout:
            raise _Fault("slow", may_pass=True) from None
        except requests.RequestException:
            raise _Fault("unreachable", may_pass=True) from None
        return self._read(answer, kind)

    def _read(self, answer: requests.Response, kind: type[T]) -> T:
        """The answer's content. An error that is not written as agreed is none of the office's: a proxy's, perhaps."""
        status, dialect = answer.status_code, self._dialect
        if dialect.silent and 200 <= status < 300:
            return shape_of(kind).validate_json(b"{}")
        if status in dialect.says_no:
            raise OfficeRefused(f"HTTP {status}")
        as_agreed = answer.headers.get("Content-Type", "").partition(";")[0].strip() in dialect.media_types
        if status in GOOD and as_agreed:
            try:
                return shape_of(kind).validate_json(dialect.read(answer.content))
            except ValueError:  # of the dialect, or of the shape
                raise _Fault("wrong_answer", may_pass=False) from None
        if as_agreed and status in REFUSALS | {404}:
            code = dialect.refusal(answer.content)
            if code is None:
                raise _Fault("wrong_answer", may_pass=False)
            raise NotFound if status == 404 else OfficeRefused(code)
        if status in GOOD:
            raise _Fault("wrong_answer", may_pass=False)
        raise _Fault(f"status_{status}", may_pass=status in MAY_PASS)


def get_office(name: str, *, base_url: str, token: str, seconds: float, dialect: Dialect = OURS) -> Office:
    """This process's one way to a back office. `name` is the slug of its service; `seconds` bounds a call of a page.

    `dialect` is for a system that others made and that keeps to rules of its own.
    """
    offices: dict[tuple[str, str, str, float, Dialect], Office] = current_app.extensions.setdefault(EXTENSION, {})
    asked = (name, base_url, token, seconds, dialect)
    found = offices.get(asked)
    if found is None:
        hosts = {outbound.host_of(base_url)}  # the council's own system may well stand within its own network
        client = outbound.client(allow_loopback=web_state().settings.is_loopback, trusted_hosts=hosts)
        found = offices.setdefault(
            asked, Office(name, base_url, token, seconds=seconds, client=client, dialect=dialect)
        )
    return found


def _sentence() -> str:
    return _("We cannot reach the system that holds this at the moment. Try again later.")
