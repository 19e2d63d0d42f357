"""A sign-in, a refresh and a sign-out at providers of the shape of products that councils have."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from portal.errors import SetupError
from portal.settings.reading import load_settings
from tests.integration.identity.back_channel import tell
from tests.integration.identity.conftest import Browser
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider
from tests.support.product_shapes import TENANT, entra, keycloak, keycloaks_logout
from tests.support.settings import MAIL


@pytest.fixture
def at_keycloak() -> Iterator[HostileProvider]:
    with keycloak() as running:
        yield running


@pytest.fixture
def at_entra() -> Iterator[HostileProvider]:
    with entra() as running:
        yield running


def sign_out(browser: Browser) -> Any:
    """Press the button, go to the provider, and come back: the page that we are then on."""
    leaving = browser.post("/sign-out", csrf_token=browser.token("/note"))
    address = leaving.headers["Location"]
    assert len(address) < 2048
    assert not browser.is_signed_in()
    back = requests.get(address, allow_redirects=False, timeout=5)
    assert back.status_code == 302, back.text
    return browser.client.get(back.headers["Location"].removeprefix("http://localhost"))


def test_keycloak_signs_in_refreshes_and_signs_out(make: Any, at_keycloak: HostileProvider, at: Clock) -> None:
    browser = make(at_keycloak, refresh_minutes=10, offline_access="never")
    assert at_keycloak.issuer.endswith("/realms/marlowe")
    assert browser.sign_in().status_code == 303
    at.advance(minutes=11)
    assert browser.is_signed_in()
    assert len(at_keycloak.refresh_requests) == 1
    assert "You are signed out" in sign_out(browser).text
    (sent,) = at_keycloak.logouts
    assert sent.keys() == {"id_token_hint", "client_id", "post_logout_redirect_uri", "state"}


def test_keycloak_without_a_hint_is_told_the_client(make: Any, at_keycloak: HostileProvider) -> None:
    browser = make(at_keycloak, logout_hint=False)
    browser.sign_in()
    assert "You are signed out" in sign_out(browser).text
    (sent,) = at_keycloak.logouts
    assert sent.keys() == {"client_id", "post_logout_redirect_uri", "state"}


def test_keycloaks_logout_token_ends_the_session(make: Any, at_keycloak: HostileProvider) -> None:
    browser = make(at_keycloak)
    browser.sign_in()
    assert tell(browser.client.application, keycloaks_logout(at_keycloak)).status_code == 200
    assert not browser.is_signed_in()


def test_entra_signs_in_refreshes_and_signs_out(make: Any, at_entra: HostileProvider, at: Clock) -> None:
    browser = make(at_entra, refresh_minutes=10, required_claims={"tid": TENANT})
    assert browser.sign_in().status_code == 303
    assert at_entra.authorizations[0]["scope"].endswith(" offline_access")
    assert at_entra.authorizations[0]["code_challenge_method"] == "S256"
    at.advance(minutes=11)
    assert browser.is_signed_in()
    assert len(at_entra.refresh_requests) == 1
    assert "You are signed out" in sign_out(browser).text
    (sent,) = at_entra.logouts
    assert sent["logout_hint"] == "O.CiQ0YWJj"
    assert sent["post_logout_redirect_uri"] == "http://localhost/signed-out"


def test_ux_11_another_tenant_is_refused(make: Any, at_entra: HostileProvider) -> None:
    browser = make(at_entra, required_claims={"tid": "another"})
    assert browser.sign_in().status_code == 400
    assert not browser.is_signed_in()


@pytest.mark.parametrize(
    "issuer",
    [
        "https://login.microsoftonline.com/{tenantid}/v2.0",
        "https://login.microsoftonline.com/common/v2.0",
        "https://login.microsoftonline.com/organizations/v2.0",
    ],
)
def test_ux_11_an_issuer_of_many_tenants_is_no_issuer(issuer: str) -> None:
    providers = {"entra": {"issuer": issuer, "client_id": "portal", "client_secret": "s" * 32}}
    with pytest.raises(SetupError, match=r"MOOTHALL_PROVIDERS__ENTRA__?\S*ISSUER: must be one tenant's own"):
        load_settings({}, secret_key="s" * 32, public_url="http://localhost", mail=MAIL, providers=providers)


def test_entra_at_its_template_of_an_issuer_is_refused(make: Any, at_entra: HostileProvider) -> None:
    at_entra.metadata["issuer"] = at_entra.issuer.replace(TENANT, "{tenantid}")
    browser = make(at_entra)
    answer = browser.post("/sign-in/town", csrf_token=browser.token(), next="/home")
    assert answer.status_code == 503
