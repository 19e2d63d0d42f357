"""Our provider on loopback, and what a resident does there when a peer sends them."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from flask import Flask

from portal.db.session import dispose, session
from portal.provider import operations
from portal.provider.app import create_provider
from portal.settings.own_provider import OwnProvider
from tests.peers.running import free_port, served
from tests.peers.values import AFTER_LOGOUT, CALLBACK, EMAIL, KEYS, PASSWORD, PLAIN_SECRET, SCOPES, SECRET, SUB
from tests.support.settings import settings_for


@pytest.fixture
def issuer(clean_database: str) -> Iterator[str]:
    """A provider that listens, with one person and a client for each way of proving who it is."""
    port = free_port()
    address = f"http://localhost:{port}"
    own = OwnProvider(issuer=address)
    app = create_provider(settings_for(clean_database, public_url=address, own_provider=own, providers={}))
    try:
        with app.app_context():
            _furnish(app)
        with served(app, port):
            yield address
    finally:
        with app.app_context():
            dispose()


def _furnish(app: Flask) -> None:
    known: dict[str, Any] = {
        "redirect_uris": [CALLBACK],
        "post_logout_redirect_uris": [AFTER_LOGOUT],
        "scopes": SCOPES,
        "title": "Peer",
    }
    operations.ensure_client("by-basic", secret=SECRET, **known)
    operations.ensure_client("by-plain", secret=PLAIN_SECRET, **known)
    operations.ensure_client("by-post", secret=SECRET, auth_method="client_secret_post", **known)
    for name, key in KEYS.items():
        operations.ensure_client(name, jwks={"keys": [key.as_dict(private=False)]}, **known)
    operations.register_person(
        sub=SUB, email=EMAIL, password=PASSWORD, given_name="Priya", family_name="Shah", verified=True
    )
    session().commit()


@pytest.fixture
def person_signs_in() -> Callable[[requests.Session, str], str]:
    """What the resident does in the browser. Gives where it ends: the client's callback and all that is in it."""

    def sign_in(browser: requests.Session, address: str) -> str:
        page = browser.get(address, timeout=20)
        assert page.status_code == 200, page.text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert token
        sent = {"csrf_token": token[1], "email": EMAIL, "password": PASSWORD}
        answer = browser.post(page.url, data=sent, allow_redirects=False, timeout=20)
        while not answer.headers["Location"].startswith(CALLBACK):
            assert answer.status_code == 303, answer.text
            onward = urljoin(answer.url, answer.headers["Location"])
            answer = browser.get(onward, allow_redirects=False, timeout=20)
        return answer.headers["Location"]

    return sign_in
