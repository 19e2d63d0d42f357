"""A relying party, a resident and the steps between them, for tests of the provider."""

import base64
import hashlib
import re
import uuid
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.db.session import dispose, session
from portal.notify.models import OutboundMessage
from portal.provider import operations, sign_ins
from portal.provider.models import Person
from portal.provider.state import KEY
from portal.settings.own_provider import OwnProvider
from portal.settings.portal import Settings
from tests.support.settings import settings_for

ISSUER = "http://localhost"
CALLBACK = "https://portal.example/auth/moothall/callback"
AFTER_LOGOUT = "https://portal.example/signed-out"
SECRET = "a-secret-of-the-portal-for-tests-only-0123456789"
PASSWORD = "three random words"
VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()

Browser = TypeVar("Browser", bound=FlaskClient)


def provider_settings(database_url: str, **changes: Any) -> Settings:
    """Settings of a provider at the root of its own host."""
    return settings_for(database_url, own_provider=OwnProvider(issuer=ISSUER), providers={}, **changes)


def close(app: Flask) -> None:
    """Give back the application's connections."""
    with app.app_context():
        dispose()


@dataclass
class Portal:
    """The relying party's view."""

    app: Flask
    client_id: str = "portal"
    redirect_uri: str = CALLBACK
    settings: dict[str, Any] = field(default_factory=dict)

    def ask(self, **changes: str | None) -> str:
        """The address of an authorization request. None leaves a parameter out."""
        values: dict[str, str | None] = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": self.redirect_uri,
            "scope": "openid email profile",
            "state": "state-1",
            "nonce": "nonce-1",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        values |= changes
        return "/authorize?" + urlencode({name: value for name, value in values.items() if value is not None})

    def exchange(self, code: str, **changes: str | None) -> TestResponse:
        """Send a code to the token endpoint, authenticated by secret in the header."""
        values: dict[str, str | None] = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self.redirect_uri,
            "code_verifier": VERIFIER,
        }
        values |= changes
        sent = {name: value for name, value in values.items() if value is not None}
        return self.app.test_client().post("/token", data=sent, auth=(self.client_id, SECRET))

    def userinfo(self, token: str) -> TestResponse:
        """Ask with the token in the header."""
        return self.app.test_client().get("/userinfo", headers={"Authorization": f"Bearer {token}"})

    def claims(self, id_token: str) -> dict[str, Any]:
        """The ID token's claims, its signature checked against the published keys."""
        keys = KeySet.import_key_set(self.app.test_client().get("/jwks").json)
        return dict(jwt.decode(id_token, keys, algorithms=["ES256", "RS256"]).claims)


def add_portal(app: Flask, client_id: str = "portal", **changes: Any) -> Portal:
    """Register the relying party."""
    values: dict[str, Any] = {
        "title": "Marlowe online",
        "secret": SECRET,
        "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": [AFTER_LOGOUT],
        "home_url": "https://portal.example/",
    }
    with app.app_context():
        operations.ensure_client(client_id, **(values | changes))
        session().commit()
    return Portal(app, client_id)


def add_person(app: Flask, email: str = "priya@example.org", **changes: Any) -> uuid.UUID:
    """Register a resident with a confirmed address."""
    values: dict[str, Any] = {
        "password": PASSWORD,
        "given_name": "Priya",
        "family_name": "Shah",
        "verified": True,
    }
    with app.app_context():
        sub = operations.register_person(email=email, **(values | changes))
        session().commit()
    return sub


def signed_in_at_once(app: Flask, browser: Browser) -> Browser:
    """The browser as it is after a sign-in, without the pages, and without a password that would have to be hashed."""
    sub = add_person(app, password=None)
    with app.app_context():
        person, settings = session().get_one(Person, sub), app.extensions[KEY].settings
        secret = sign_ins.start_login(person, amr=["pwd"], settings=settings)
        session().commit()
    browser.set_cookie("moothall_id_login", secret)
    return browser


def post_form(browser: FlaskClient, address: str, **values: str) -> TestResponse:
    """Fetch the page, then send its form as a browser does."""
    page = browser.get(address)
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found, f"no form at {address}: {page.status} {page.text[:500]}"
    return browser.post(address, data={"csrf_token": found[1], **values})


def sign_in(browser: FlaskClient, asked: str, email: str = "priya@example.org", password: str = PASSWORD) -> str:
    """From the client's request by way of the sign-in page to the client's callback, whose address it returns."""
    to_page = browser.get(asked)
    assert to_page.status_code == 303, to_page.text
    answer = post_form(browser, to_page.location, email=email, password=password)
    assert answer.status_code == 303, answer.text
    back = browser.get(answer.location)
    assert back.status_code == 303, back.text
    return back.location


def answer_in(address: str) -> dict[str, str]:
    """The parameters of an answer. Each is there once."""
    values = parse_qs(urlsplit(address).query, keep_blank_values=True)
    assert all(len(each) == 1 for each in values.values())
    return dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))


def tokens_for(portal: Portal, browser: FlaskClient, **changes: str | None) -> dict[str, Any]:
    """A whole sign-in. Returns the token response."""
    back = answer_in(sign_in(browser, portal.ask(**changes)))
    response = portal.exchange(back["code"])
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json  # type: ignore[assignment]  # Werkzeug says Any or None
    return body


def silently(portal: Portal, browser: FlaskClient, **changes: str | None) -> dict[str, str]:
    """What the client hears at once, with nobody asked anything."""
    answer = browser.get(portal.ask(**changes))
    assert answer.status_code == 303, answer.text
    assert answer.location.startswith(portal.redirect_uri + "?"), answer.location
    return answer_in(answer.location)


def asks_to_sign_in(portal: Portal, browser: FlaskClient, **changes: str | None) -> bool:
    """Whether this request leads to the sign-in page."""
    return browser.get(portal.ask(**changes)).location.startswith("/sign-in?to=")


def claims_of(portal: Portal, answer: dict[str, str]) -> dict[str, Any]:
    """The claims of the ID token that this code leads to."""
    return portal.claims(portal.exchange(answer["code"]).json["id_token"])


def letters(app: Flask) -> list[OutboundMessage]:
    """What was mailed, the oldest first."""
    with app.app_context():
        return list(session().scalars(select(OutboundMessage).order_by(OutboundMessage.created_at)))


def link_in(app: Flask) -> str:
    """The path of the link in the newest letter."""
    found = re.search(r"http://localhost(/\S+)", letters(app)[-1].body)
    assert found
    return found[1]
