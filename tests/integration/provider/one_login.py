"""Our provider in the shape of GOV.UK One Login, a relying party and Priya, who is signed in."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey
from sqlalchemy import select

from portal import clock
from portal.db.session import session
from portal.provider import authenticator, one_login_identity, operations, sign_ins
from portal.provider.app import create_provider
from portal.provider.models import Person
from portal.provider.one_login_identity import Outcome
from portal.provider.state import KEY
from portal.settings.own_provider import OwnProvider
from portal.settings.portal import Settings
from tests.integration.provider.flows import VERIFIER, Portal, add_portal, answer_in, close
from tests.support.settings import settings_for

ISSUER = "http://localhost/"
OURS = ECKey.generate_key("P-256", {"kid": "ours", "alg": "ES256"}, private=True)
VOCABULARY = "https://vocab.account.gov.uk/v1/"
CORE, ADDRESS, CODE = (f"{VOCABULARY}{name}" for name in ("coreIdentityJWT", "address", "returnCode"))
P2 = '["Cl.Cm.P2"]'


def one_login_settings(database_url: str) -> Settings:
    """Settings of a provider of that shape in a demo."""
    own = OwnProvider(issuer=ISSUER, shape="one_login")
    return settings_for(database_url, demo=True, own_provider=own, providers={})


@pytest.fixture(scope="module")
def built(database_url: str) -> Iterator[Flask]:
    """The application, made once for a file of tests."""
    app = create_provider(one_login_settings(database_url))
    app.testing = True
    yield app
    close(app)


@pytest.fixture
def app(built: Flask, clean_database: str) -> Flask:
    """The application, which remembers no keys of an earlier test."""
    for ring in (built.extensions[KEY].ring, built.extensions[one_login_identity.KEY]):
        ring._keys = None
    return built


@pytest.fixture
def portal(app: Flask) -> Portal:
    """A relying party that may ask for identities."""
    return add_portal(
        app,
        secret=None,
        jwks={"keys": [OURS.as_dict(private=False)]},
        scopes=("openid", "email", "phone"),
        identity=True,
        subject_type="pairwise",
    )


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """Priya's, signed in with both factors."""
    browser = app.test_client()
    settings = app.extensions[KEY].settings
    with app.app_context():
        sub = operations.register_person(
            email="priya@demo.example",
            password=None,
            given_name="Priya Ann",
            family_name="Shah",
            phone="07700900123",
            verified=True,
            demo=True,
            settings=settings,
        )
        authenticator.give_to_demo_person(sub, settings)
        person = session().get_one(Person, sub)
        secret = sign_ins.start_login(person, amr=["demo", "otp", "mfa"], settings=settings)
        session().commit()
    browser.set_cookie("moothall_id_login", secret)
    return browser


def ask(portal: Portal, **changes: str | None) -> str:
    """The address of an authorization request that asks for no more than it must."""
    values: dict[str, str | None] = {"scope": "openid email", "vtr": None}
    return portal.ask(**(values | changes))


def refused(browser: FlaskClient, address: str) -> tuple[str, str]:
    """The error and its description, which come without `iss`."""
    answer = browser.get(address)
    assert answer.status_code == 303, answer.text
    said = answer_in(answer.location)
    assert "iss" not in said
    return said["error"], said["error_description"]


def assertion(**changes: Any) -> str:
    """By which the relying party proves who it is."""
    now = int(clock.now().timestamp())
    said = {"iss": "portal", "sub": "portal", "aud": f"{ISSUER}token", "exp": now + 60, "jti": str(now)} | changes
    return jwt.encode({"alg": "ES256", "kid": "ours"}, said, OURS)


def tokens(portal: Portal, browser: FlaskClient, address: str) -> dict[str, Any]:
    """What the code that this address leads to is exchanged for."""
    code = answer_in(browser.get(address).location)["code"]
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": portal.redirect_uri,
        "code_verifier": VERIFIER,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion(),
    }
    answer = portal.app.test_client().post("/token", data=sent)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = json.loads(answer.text)
    return body


def prove(app: Flask, outcome: Outcome) -> None:
    """Let proving an identity have come out so for the only person."""
    with app.app_context():
        one_login_identity.keep(session().scalars(select(Person.id)).one(), outcome)
        session().commit()
