"""The stand-in for the council tax system behind a real port, and a caller that holds each answer to `openapi.json`."""

import itertools
import json
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from sqlalchemy import Engine, update
from werkzeug.serving import make_server

from portal.kit import clock
from services.council_tax.standin.app import create
from services.council_tax.standin.dwellings import Dwelling, at
from services.council_tax.standin.store import account
from tests.support.faults import misbehave, split

TODAY: Final = "2026-11-23"
"""A Monday. The demo's people lived until then, and the stand-in takes it for today unless a test says otherwise."""
SECRET: Final = "the-secret-of-the-stand-in"
SPEC: Final = json.loads((Path(__file__).parents[1] / "backoffice" / "openapi.json").read_text(encoding="utf-8"))
EMPTY: Final = (
    *("SW6 3JW", "W6 0AA", "W6 0BA", "W14 9HD", "W12 9LA", "W12 8AA", "SW6 1EY", "SW6 2TU", "SW6 5HP", "SW6 7NX"),
    *("W12 0NW", "W12 7HS", "W12 8AD", "W14 0HX", "W14 8RW", "W6 9NY"),
)
"""Postcodes at which no person of the demo lives, with homes enough for every test of one run: none is moved into
twice."""


def _patterns() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(re.sub(r"\{[^}]+\}", "[^/]+", path) + "$"), path) for path in SPEC["paths"]]


PATTERNS: Final = _patterns()


def check(method: str, url: str, answer: requests.Response) -> None:
    """The answer is as the description says: its status is named, and its body fits."""
    path = urlsplit(url).path
    named = next(name for pattern, name in PATTERNS if pattern.match(path))
    responses = SPEC["paths"][named][method.lower()]["responses"]
    assert str(answer.status_code) in responses, (method, path, answer.status_code, answer.text)
    said = responses[str(answer.status_code)]
    if "$ref" in said:
        said = SPEC["components"]["responses"][said["$ref"].rpartition("/")[2]]
    assert answer.headers["Content-Type"] == "application/json"
    schema = said["content"]["application/json"]["schema"] | {"components": SPEC["components"]}
    OAS31Validator(schema, format_checker=oas31_format_checker).validate(answer.json())


@dataclass
class Playing:
    """The stand-in at `url`."""

    url: str
    homes: Iterator[Dwelling]
    store: Engine
    keys: Iterator[int] = field(default_factory=itertools.count)
    web: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, person: str = "", *, status: int = 200, **query: Any) -> Any:  # JSON
        """Ask for something. The status and the answer are held to the description."""
        answer = self.web.get(f"{self.url}/v1{path}", params=query, headers=self._headers(person), timeout=10)
        return self._checked("get", path, answer, status)

    def post(self, path: str, body: Any, person: str = "", *, key: str = "", status: int = 200) -> Any:  # JSON
        """Do something, under a key of its own unless one is given."""
        headers = self._headers(person) | {"Idempotency-Key": key or self.key()}
        answer = self.web.post(f"{self.url}/v1{path}", json=body, headers=headers, timeout=10)
        return self._checked("post", path, answer, status)

    def change(self, home: "Home", kind: str, *, person: str = "", key: str = "", **values: Any) -> Mapping[str, Any]:
        """Ask for a change of an account, as its first person or as another."""
        body = {"reference": home.reference, "change": {"kind": kind, **values}}
        answer: Mapping[str, Any] = self.post("/changes", body, person or home.person, key=key)
        return answer

    def account(self, home: "Home", person: str = "") -> Mapping[str, Any]:
        """An account as its first person sees it, or another."""
        answer: Mapping[str, Any] = self.get(f"/accounts/{home.reference}", person or home.person)
        return answer

    def pay(self, home: "Home", pence: int, on: str = TODAY, key: str = "") -> Mapping[str, Any]:
        """Book a payment."""
        body = {"pence": pence, "paid_on": on}
        answer: Mapping[str, Any] = self.post(f"/accounts/{home.reference}/payments", body, key=key)
        return answer

    def behave(self, **how: Any) -> None:
        """Tell it how to behave."""
        faults, own = split(how)
        misbehave(self.url, **faults)
        own.pop("seconds", None)
        answer = self.web.put(f"{self.url}/control", json={"today": TODAY, **own}, timeout=10)
        assert answer.status_code == 200, answer.text

    def opens(self, *names: str, on: str = "2026-04-01", adults: int = 2) -> "Home":
        """Somebody moves in; the bill comes on that day, and then it is today again."""
        self.behave(today=on)
        names = names or ("Robin Tester",)
        move = {"kind": "move_in", "uprn": next(self.homes).uprn, "moved_on": on, "names": names, "asker": names[0]}
        body = {"reference": "", "change": move | {"adults": adults, "tenure": "tenant"}}
        said = self.post("/changes", body)
        self.behave()
        assert said["state"] == "accepted", said
        return Home(said["reference"], said["person_id"], said["bill_id"])

    def protect(self, home: "Home") -> None:
        """The address is kept from others from now on. Nobody can ask for it: an officer has it written."""
        with self.store.begin() as db:
            db.execute(update(account).where(account.c.reference == home.reference).values(protected=True))

    def key(self) -> str:
        """A key that was not used before."""
        return f"test-{next(self.keys)}"

    def _headers(self, person: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {SECRET}"} | ({"X-Person": person} if person else {})

    def _checked(self, method: str, path: str, answer: requests.Response, status: int) -> Any:  # JSON
        check(method, f"/v1{path}", answer)
        assert answer.status_code == status, answer.text
        return answer.json()


@dataclass(frozen=True, slots=True)
class Home:
    """An account that a test opened."""

    reference: str
    person: str
    bill_id: str = ""


@contextmanager
def standin_running(database_url: str) -> Iterator[Playing]:
    """The stand-in until the end of the block."""
    with clock.as_of(datetime.fromisoformat(TODAY).replace(hour=9, tzinfo=UTC)):
        app = create(database_url, "http://localhost/standin", SECRET)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        homes = iter([home for postcode in EMPTY for home in at(postcode)])
        store = app.extensions["council_tax.standin"].store.engine
        playing = Playing(f"http://127.0.0.1:{server.server_port}", homes, store)
        playing.behave()
        yield playing
        playing.web.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["council_tax.standin"].store.engine.dispose()
