"""Residents for tests, signed in without the exchange with a provider where that is not the point."""

import uuid
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from portal import clock
from portal.accounts.operations import account_for_identity
from portal.accounts.values import Account
from portal.db.session import session
from portal.identity.assurance import Assurance
from portal.identity.operations import start_session
from portal.identity.relying_party import Proven
from portal.identity.secret_values import kept_as
from portal.web.cookies import cookie_name
from portal.web.csrf import SESSION_COOKIE
from tests.support.settings import ISSUER

BROWSER = "a-browser-of-the-tests-012345678"


def someone(app: Flask, name: str = "Sam", **claims: Any) -> Account:
    """A resident, known by a claim set that a provider could have sent."""
    subject = str(uuid.uuid5(uuid.NAMESPACE_URL, name))
    known = {
        "sub": subject,
        "given_name": name,
        "family_name": "Tester",
        "email": f"{name.lower()}@tests.example",
        "email_verified": True,
    }
    with app.test_request_context("/"):
        account = account_for_identity(issuer=ISSUER, subject=subject, claims=known | claims)
        session().commit()
    return account


def sign_in(app: Flask, client: FlaskClient, account: Account, assurance: Assurance = Assurance.LOW) -> None:
    """Give the client's browser a session of this resident, without the exchange with the provider."""
    with app.test_request_context("/"):
        subject = str(uuid.uuid5(uuid.NAMESPACE_URL, account.display_name))
        proven = Proven(
            provider="moothall",
            issuer=ISSUER,
            subject=subject,
            sid=None,
            auth_time=clock.now().timestamp(),
            assurance=assurance,
            id_token="not.a.token",
            claims={"sub": subject},
        )
        started = start_session(
            proven, old_cookie=None, old_browser_hash=kept_as(BROWSER), new_browser=BROWSER, device="Tests"
        )
        session().commit()
        names = cookie_name(SESSION_COOKIE), cookie_name("browser")
    client.set_cookie(names[0], started.cookie)
    client.set_cookie(names[1], BROWSER)
