"""Our relying party against canaille, a provider in use that is not certified: what it does oddly must not hurt us."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from pydantic import SecretStr
from sqlalchemy import Engine, text

from portal.app import create_app
from portal.db.session import dispose
from portal.settings.providers import Provider
from tests.peers.installing import HERE, canaille_python
from tests.peers.resident import Resident
from tests.peers.running import free_port, running, served
from tests.support.fixtures import Clock
from tests.support.settings import settings_for

SECRET = "a-secret-of-the-portal-for-tests-only-0123456789"
PASSWORD = "three random words"


def sign_in(resident: Resident) -> requests.Response:
    """Our button, their page for the name, their page for the password, and back."""
    page = resident.press(resident.get("/sign-in?next=/profile"), "/sign-in/peer")
    page = resident.press(page, "login", login="priya")
    page = resident.press(page, "password", password=PASSWORD)
    if "/oauth/authorize" in page.url:
        page = resident.press(page, "answer", answer="accept")
    return page


def resident_of(database: str, algorithm: str, **changes: Any) -> Iterator[Resident]:
    """A portal and a canaille that know each other."""
    at, peers_at = free_port(), free_port()
    address = f"http://localhost:{at}"
    client = {
        "client_id": "portal",
        "client_name": "Portal",
        "client_secret": SECRET,
        "client_uri": address,
        "redirect_uris": [f"{address}/auth/peer/callback"],
        "post_logout_redirect_uris": [f"{address}/signed-out"],
        "scope": ["openid", "profile", "email"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "client_secret_basic",
        "id_token_signed_response_alg": algorithm,
    }
    given = {"port": peers_at, "password": PASSWORD, "client": client}
    relying = Provider(
        issuer=f"http://127.0.0.1:{peers_at}",
        client_id="portal",
        client_secret=SecretStr(SECRET),
        **{"algorithms": (algorithm,), **changes},
    )
    app = create_app(settings_for(database, public_url=address, providers={"peer": relying}))
    command = [str(canaille_python()), str(HERE / "canaille" / "canaille_app.py")]
    try:
        with running(command, given, port=peers_at), served(app, at):
            yield Resident(address)
    finally:
        with app.app_context():
            dispose()


@pytest.fixture
def resident(clean_database: str) -> Iterator[Resident]:
    """With the signature algorithm that canaille prefers."""
    yield from resident_of(clean_database, "RS256")


def test_a_resident_signs_in_and_out(resident: Resident) -> None:
    page = sign_in(resident)
    assert page.url == f"{resident.address}/profile"
    assert "Priya" in page.text
    assert "priya@example.org" not in page.text  # canaille does not say that the address is verified
    page = resident.press(page, "/sign-out")
    assert page.url.partition("?")[0] == f"{resident.address}/signed-out"


def test_a_session_is_refreshed(clean_database: str, cleaning_engine: Engine, at: Clock) -> None:
    held = text("select refresh_token from portal.session where ended_at is null")
    for resident in resident_of(clean_database, "RS256", refresh_minutes=1):
        sign_in(resident)
        with cleaning_engine.connect() as connection:
            first = connection.execute(held).scalar_one()
            at.advance(minutes=2)
            assert resident.is_signed_in()
            connection.rollback()
            assert connection.execute(held).scalar_one() not in (None, first)


def test_rp_44_an_algorithm_that_is_listed_for_the_provider_is_taken(clean_database: str) -> None:
    for resident in resident_of(clean_database, "RS512"):
        assert sign_in(resident).url == f"{resident.address}/profile"


def test_rp_44_an_algorithm_that_is_not_listed_is_refused(clean_database: str) -> None:
    for resident in resident_of(clean_database, "RS512", algorithms=("ES256", "RS256", "PS256")):
        assert sign_in(resident).status_code == 400
        assert not resident.is_signed_in()
