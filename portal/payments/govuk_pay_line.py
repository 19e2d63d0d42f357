"""The line to GOV.UK Pay: one call over the network, with the patience that fits it, and what its answer means.

Log lines bear Pay's codes and paths with ids, never what an answer says in full.
"""

import logging
import time
from collections.abc import Callable, Mapping
from random import SystemRandom
from typing import Any, Final, NoReturn, TypeVar

import requests
from pydantic import BaseModel, ValidationError

from portal.backoffices.breaker import Breaker
from portal.backoffices.health import let_ago, note_bad, note_good
from portal.db.session import release
from portal.errors import Conflict, NotFound, Unavailable
from portal.payments.gateway import AmountMoved, CannotCancel, GatewayRefused, KeyUsed
from portal.payments.govuk_pay_answers import Problem
from portal.web.languages import gettext as _

M = TypeVar("M", bound=BaseModel)
log = logging.getLogger(__name__)

TRIES: Final = 3
PAUSE: Final = 0.6
"""Seconds before the second try, twice as long before the third, each cut by chance to between half and all of it.
Pay counts requests by the second, and asks to be left alone for one."""
BUSY: Final = 429
PASSING: Final = frozenset({502, 503, 504})
REFUSALS: Final = frozenset({400, 409, 412, 422})
CONFLICTS: Final[Mapping[str, type[Conflict]]] = {
    "P0191": KeyUsed,
    "P0501": CannotCancel,
    "P0502": CannotCancel,
    "P0604": AmountMoved,
}
_chance = SystemRandom()


class NoSuch(NotFound):
    """Pay knows no such thing. `code` is its own."""

    def __init__(self, code: str) -> None:
        super().__init__()
        self.code = code


class _Fault(Exception):
    """One try went wrong. `code` is for the log; `again` says whether another try is safe and makes sense."""

    def __init__(self, code: str, *, again: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.again = again


class Line:
    """Calls to Pay's API at `url`. Threads may share it. `before` is called before each call over the network.

    How it is met is noted under the name that it is given (`named`), for the desk; under none, nowhere.
    """

    def __init__(
        self,
        url: str,
        token: str,
        client: requests.Session,
        *,
        before: Callable[[], None] = release,
        breaker: Breaker | None = None,
        sleep: Callable[[float], None] = time.sleep,
        named: str = "",
    ) -> None:
        self._named = named
        self._url = f"{url.rstrip('/')}/v1"
        self._client = client
        self._before = before
        self._breaker = breaker or Breaker()
        self._sleep = sleep
        self._headers = {
            "Accept": "application/json",
            "Content-Type": "application/json",  # their firewall wants it, whether there is a body or not
            "Authorization": f"Bearer {token}",
        }

    def get(self, path: str, kind: type[M], **query: str) -> M:
        """What Pay knows. Raises NoSuch, Unavailable, and what the gateway's protocol names."""
        return _understood(self._call("GET", path, params=query), kind)

    def post(self, path: str, body: Mapping[str, str | int], kind: type[M], *, key: str = "") -> M:
        """Have something done. Once: when the answer is lost, nobody can tell whether it was. Raises as `get`."""
        headers = {"Idempotency-Key": key} if key else {}
        return _understood(self._call("POST", path, json=body, headers=headers), kind)

    def tell(self, path: str) -> None:
        """Have something done that has no answer. Raises as `get`."""
        # Nothing need be sent, but their firewall refuses writes without a body.
        if self._call(
            "POST", path, json={}
        ).content.strip():  # somebody else's page, perhaps: it says nothing about Pay
            raise _lost("POST", path, "wrong_answer")

    def _call(self, method: str, path: str, **options: Any) -> requests.Response:  # requests' own
        self._before()
        if not self._breaker.admits() and not (self._named and self._breaker.admits(let_ago=let_ago(self._named))):
            raise unavailable()
        try:
            answer = self._tried(method, path, options)
        except _Fault as fault:
            self._note_bad(fault.code)
            raise _lost(method, path, fault.code) from None
        except (NoSuch, GatewayRefused, Conflict):  # proper answers
            self._note_good()
            raise
        except BaseException:
            self._breaker.failed()  # a fault of ours; a probe must not stay open because of it
            raise
        self._note_good()
        return answer

    def _note_good(self) -> None:
        changed = self._breaker.succeeded()
        if self._named:
            note_good(self._named, changed=changed)

    def _note_bad(self, fault: str) -> None:
        opened = self._breaker.failed()
        if self._named:
            note_bad(self._named, fault, opened=opened)

    def _tried(self, method: str, path: str, options: Mapping[str, Any]) -> requests.Response:
        for number in range(TRIES):
            try:
                return self._once(method, path, options)
            except _Fault as fault:
                if not fault.again or number + 1 == TRIES:
                    raise
                self._sleep(PAUSE * 2**number * _chance.uniform(0.5, 1.0))
        raise AssertionError("at least one try is made")

    def _once(self, method: str, path: str, options: Mapping[str, Any]) -> requests.Response:
        headers = self._headers | options.get("headers", {})
        try:
            answer = self._client.request(method, self._url + path, **{**options, "headers": headers})
        except requests.exceptions.Timeout:
            raise _Fault("slow") from None  # another wait as long would not help whoever waits
        except requests.RequestException:
            raise _Fault("unreachable", again=method == "GET") from None
        if answer.status_code not in (200, 201, 202, 204):
            _refuse(answer, is_get=method == "GET")
        return answer


def _refuse(answer: requests.Response, *, is_get: bool) -> NoReturn:
    """Say what kind of no this is. Raises _Fault, NoSuch, or what the gateway's protocol names."""
    status = answer.status_code
    if status in REFUSALS or status == 404:
        problem = _problem(answer)
        if status == 404:
            raise NoSuch(problem.code)
        if problem.code in CONFLICTS:
            raise CONFLICTS[problem.code]
        log.warning("payment gateway: refused with %s about %s", problem.code, problem.about or "nothing named")
        raise GatewayRefused(problem.code, problem.about)
    if status in (401, 403):  # somebody at the council has to see to it, and then it may well be done
        log.error("payment gateway: our key or our account is refused with status %s", status)
    # Too many requests: nothing was done. Another error: nobody can tell, and only a question can be asked again.
    raise _Fault(f"status_{status}", again=status == BUSY or (is_get and status in PASSING))


def _problem(answer: requests.Response) -> Problem:
    try:
        return Problem.model_validate_json(answer.content)
    except ValidationError:
        raise _Fault("wrong_answer") from None


def _understood(answer: requests.Response, kind: type[M]) -> M:
    try:
        return kind.model_validate_json(answer.content)
    except ValidationError:
        raise _lost(answer.request.method, answer.request.path_url, "wrong_answer") from None


def _lost(method: str | None, path: str, code: str) -> Unavailable:
    log.warning("payment gateway: %s to %s %s", code, method, path.partition("?")[0])
    return unavailable()


def unavailable() -> Unavailable:
    """There is no answer, or none that can be believed."""
    return Unavailable(_("We cannot reach the payment service at the moment. Try again in a few minutes."))
