"""A remote application, played by calls that are each held against the API's own description."""

import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from werkzeug.test import TestResponse

from portal import clock
from portal.accounts.values import Account
from portal.api.link_out_openapi import document
from portal.api.link_out_problems import PATH
from portal.db.session import session
from portal.identity.keys import Keys
from portal.identity.relying_party import RelyingParty
from portal.linkouts.registering import register
from portal.linkouts.values import SCOPES, LinkOut
from tests.support.fixtures import Clock
from tests.support.settings import ISSUER

KEY = ECKey.generate_key("P-256", {"kid": "provider", "alg": "ES256"}, private=True)
SITE = "https://tools.example"
ANYBODY = "00000000-0000-4000-8000-00000000abcd"
MOMENT = "2026-11-23T09:00:00Z"

Body = Mapping[str, Any] | bytes | None


def link_out(slug: str = "tools", **changes: Any) -> LinkOut:
    """The tool library, or one like it."""
    said: dict[str, Any] = {
        "title": "Tool library",
        "title_cy": "Llyfrgell offer",
        "summary": "Borrow tools.",
        "summary_cy": "",
        "url": f"{SITE}/",
        "issuer": ISSUER,
        "client_id": slug,
        "scopes": SCOPES,
    }
    return LinkOut(slug=slug, **(said | changes))


@dataclass
class Application:
    """One that calls with its token."""

    app: Flask
    slug: str
    token: str

    def call(self, method: str, path: str, body: Body = None, **headers: str) -> TestResponse:
        """Call, and hold what is answered against the description."""
        sent = {"Authorization": f"Bearer {self.token}", **headers}
        kind = {"data": body, "content_type": "application/json"} if isinstance(body, bytes) else {"json": body}
        given = kind if body is not None else {}
        answer = self.app.test_client().open(f"{PATH}{path}", method=method, headers=sent, **given)
        fits_description(method, path, answer)
        return answer

    def id_token(self, account: Account, **changes: Any) -> str:
        """What the provider gives it when somebody signs in to it."""
        now = int(clock.now().timestamp())
        subject = str(uuid.uuid5(uuid.NAMESPACE_URL, account.display_name))
        claims = {"iss": ISSUER, "aud": self.slug, "sub": subject, "iat": now, "exp": now + 600}
        return jwt.encode({"alg": "ES256", "kid": "provider"}, claims | changes, KEY, algorithms=["ES256"])

    def signed_in(self, account: Account) -> str:
        """What it calls somebody who has signed in to it: the beginning of their addresses."""
        answer = self.call("POST", "/residents", {"id_token": self.id_token(account)})
        assert answer.status_code in (200, 201), answer.text
        return f"/residents/{answer.get_json()['resident']}"


Make = Callable[..., Application]


@pytest.fixture
def make(app: Flask, monkeypatch: pytest.MonkeyPatch, at: Clock) -> Make:
    """Registers an application, at ten o'clock. The provider's keys are at hand; tests/peers has them fetched."""
    at.move_to("2026-11-23T10:00")
    keys = Keys({"keys": [KEY.as_dict(private=False)]})
    monkeypatch.setattr(RelyingParty, "with_keys", lambda _party, judge: judge(keys))

    def made(slug: str = "tools", **changes: Any) -> Application:
        with app.app_context():
            token = register(link_out(slug, **changes), actor="system:tests", loopback=False)
            session().commit()
        assert token is not None
        return Application(app, slug, token)

    return made


@pytest.fixture
def tools(make: Make) -> Application:
    """The tool library."""
    return make()


def card(**changes: Any) -> dict[str, Any]:
    """A card that is good."""
    return {"title": "1 tool on loan", "url": f"{SITE}/loans", "as_of": clock.now().isoformat()} | changes


def task(**changes: Any) -> dict[str, Any]:
    """A task that is good."""
    return {"title": "Bring back the ladder", "url": f"{SITE}/loans/7"} | changes


def activity(key: str = "loan-7", **changes: Any) -> dict[str, Any]:
    """An activity that is good."""
    return {
        "key": key,
        "title": "You borrowed a ladder",
        "url": f"{SITE}/loans/7",
        "at": clock.now().isoformat(),
    } | changes


def code_of(answer: TestResponse) -> tuple[int, str]:
    """How it was refused."""
    assert answer.mimetype == "application/problem+json", answer.text
    return answer.status_code, answer.get_json()["code"]


def fits_description(method: str, path: str, answer: TestResponse) -> None:
    """Raises ValidationError for an answer that the document does not describe."""
    paths = document()["paths"].items()
    fitting = (calls for rule, calls in paths if re.fullmatch(re.sub(r"{\w+}", "[^/]+", rule), path))
    calls: Mapping[str, Any] = next(fitting, {})
    described = calls.get(method.lower(), {"responses": {"default": problem_of()}})["responses"]
    said = described.get(str(answer.status_code), described["default"])
    if "content" not in said:
        assert answer.data == b""
        return
    schema = said["content"][answer.mimetype]["schema"] | {"components": document()["components"]}
    OAS31Validator(schema, format_checker=oas31_format_checker).validate(answer.get_json())


def problem_of() -> Mapping[str, Any]:
    """What every call may answer."""
    default: Mapping[str, Any] = document()["paths"]["/erasures"]["get"]["responses"]["default"]
    return default
