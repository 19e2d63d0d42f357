"""Our relying party against `oidc-provider`, a certified one: sign in, refresh, sign out, be told of a sign-out."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from pydantic import SecretStr
from sqlalchemy import Engine, text

from portal.app import create_app
from portal.db.session import dispose
from portal.settings.providers import Provider
from tests.peers.resident import Resident
from tests.peers.running import Peer, free_port, node_script, served
from tests.support.fixtures import Clock
from tests.support.settings import settings_for

TOKEN = "select refresh_token from portal.session where ended_at is null"
SECRET = "a-secret-of-the-portal-for-tests-only-0123456789"


class Portal(Resident):
    """A resident of the portal that `peer` knows."""

    def __init__(self, address: str, peer: Peer) -> None:
        super().__init__(address)
        self.peer = peer

    def sign_in(self, name: str = "priya") -> requests.Response:
        """The whole way: our button, their page for the name, their page for consent where it asks, and back."""
        page = self.press(self.get("/sign-in?next=/profile"), "/sign-in/peer")
        assert "/interaction/" in page.url, page.text
        page = self.press(page, "/interaction/", login=name, password="any")
        return self.press(page, "/interaction/") if "/interaction/" in page.url else page


def portal_with(database: str, provider: dict[str, Any], client: dict[str, Any], **script: Any) -> Iterator[Portal]:
    """A provider and a portal that know each other."""
    at, peers_at = free_port(), free_port()
    address = f"http://localhost:{at}"
    known = {
        "client_id": "portal",
        "redirect_uris": [f"{address}/auth/peer/callback"],
        "post_logout_redirect_uris": [f"{address}/signed-out"],
        "backchannel_logout_uri": f"{address}/auth/peer/logout",
        "grant_types": ["authorization_code", "refresh_token"],
        **client,
    }
    relying = Provider(issuer=f"http://127.0.0.1:{peers_at}", client_id="portal", **provider)
    app = create_app(settings_for(database, public_url=address, providers={"peer": relying}))
    known = {
        name: value.replace("PORTAL", address) if isinstance(value, str) else value for name, value in known.items()
    }
    try:
        with (
            served(app, at),
            node_script("oidc_provider.mjs", {"port": peers_at, "clients": [known], **script}) as peer,
        ):
            yield Portal(address, peer)
    finally:
        with app.app_context():
            dispose()


@pytest.fixture
def portal(clean_database: str) -> Iterator[Portal]:
    """With a secret, and refresh tokens."""
    yield from portal_with(
        clean_database,
        {"client_secret": SecretStr(SECRET), "refresh_minutes": 1, "offline_access": "with_consent"},
        {"client_secret": SECRET, "token_endpoint_auth_method": "client_secret_basic"},
    )


def test_a_resident_signs_in_and_out(portal: Portal) -> None:
    page = portal.sign_in()
    assert page.url == f"{portal.address}/profile"
    assert "priya@example.org" in page.text
    assert any("code=" in each and "iss=" in each for each in portal.seen)

    page = portal.press(page, "/sign-out")
    sent = next(parse_qs(urlsplit(each).query) for each in portal.seen if "/session/end" in each)
    assert sent["post_logout_redirect_uri"] == [f"{portal.address}/signed-out"]
    assert not portal.is_signed_in()
    if "/session/end" in page.url:  # it asks whether to sign out there as well
        page = portal.press(page, "/session/end/confirm", logout="yes")
    assert urlsplit(page.url).path == "/signed-out"


def test_the_request_is_pushed_since_the_provider_offers_it(portal: Portal) -> None:
    portal.sign_in()
    asked = next(parse_qs(urlsplit(each).query) for each in portal.seen if "/auth?" in each)
    assert set(asked) == {"client_id", "request_uri"}


def test_a_private_key_authenticates_the_portal_by_its_published_keys(clean_database: str) -> None:
    for portal in portal_with(
        clean_database,
        {"client_auth": "private_key_jwt", "client_key_algorithm": "RS256", "request_object": True},
        {
            "token_endpoint_auth_method": "private_key_jwt",
            "jwks_uri": "PORTAL/auth/jwks",
            "request_object_signing_alg": "RS256",
        },
    ):
        assert portal.sign_in().url == f"{portal.address}/profile"


def test_a_session_is_refreshed(portal: Portal, cleaning_engine: Engine, at: Clock) -> None:
    portal.sign_in()
    with cleaning_engine.connect() as connection:
        first = connection.execute(text(TOKEN)).scalar_one()
        at.advance(minutes=2)
        assert portal.is_signed_in()
        portal.peer.wait_for("grant.success refresh_token")
        connection.rollback()
        assert connection.execute(text(TOKEN)).scalar_one() != first, "the one that came with it is kept"


def test_bc_01_the_provider_ends_the_portal_s_session(portal: Portal) -> None:
    """Signed out at the provider in another window: the portal is told behind the browser's back."""
    portal.sign_in()
    issuer = next(each for each in portal.seen if "/auth?" in each).partition("/auth?")[0]
    page = portal.browser.get(f"{issuer}/session/end", timeout=20)
    portal.press(page, "/session/end/confirm", logout="yes")
    portal.peer.wait_for("backchannel.success")
    assert not portal.is_signed_in()
