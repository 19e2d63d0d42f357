"""Refresh tokens of sessions that are over are given back to the provider."""

from typing import Any

import pytest

from portal.identity.revocation import revoke
from tests.integration.identity.conftest import Browser
from tests.integration.identity.refreshed import kept
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider
from tests.support.worker import work


def signed_out(make: Any, provider: HostileProvider, **settings: Any) -> Browser:
    """Somebody with a refresh token who has signed out."""
    provider.with_refresh = lambda asked: True
    browser: Browser = make(provider, refresh_minutes=10, **settings)
    assert browser.sign_in().status_code == 303
    browser.post("/sign-out", csrf_token=browser.token("/note"))
    return browser


def run_jobs(browser: Browser) -> None:
    with browser.client.application.app_context():
        assert work() == ["identity.revoke"]


@pytest.mark.parametrize("way", ["client_secret_basic", "client_secret_post"])
def test_we_say_who_we_are_by_secret(make: Any, provider: HostileProvider, way: str, rows: Any) -> None:
    run_jobs(signed_out(make, provider, client_auth=way))
    assert len(provider.revoked) == 1
    assert provider.refresh_tokens == {}
    assert kept(rows).refresh_token is None


def test_we_say_who_we_are_by_key(make: Any, provider: HostileProvider, rows: Any) -> None:
    run_jobs(signed_out(make, provider, client_auth="private_key_jwt", client_secret=None))
    (sent,) = provider.revoked
    assert sent["client_id"] == "portal"
    assert sent["client_assertion"].count(".") == 2
    assert kept(rows).refresh_token is None


def test_a_refresh_by_key_says_who_we_are(make: Any, provider: HostileProvider, at: Clock) -> None:
    provider.with_refresh = lambda asked: True
    browser = make(provider, refresh_minutes=10, client_auth="private_key_jwt", client_secret=None)
    browser.sign_in()
    at.advance(minutes=11)
    assert browser.is_signed_in()
    (sent,) = provider.refresh_requests
    assert sent["client_id"] == "portal"
    assert sent["client_assertion"].count(".") == 2


def test_a_provider_without_the_endpoint_is_told_nothing(make: Any, provider: HostileProvider, rows: Any) -> None:
    provider.metadata["revocation_endpoint"] = None
    run_jobs(signed_out(make, provider))
    assert provider.revoked == []
    assert kept(rows).refresh_token is None


def test_a_provider_that_refuses_is_not_asked_twice(make: Any, provider: HostileProvider, rows: Any) -> None:
    provider.revoke_status = 400
    run_jobs(signed_out(make, provider))
    assert len(provider.revoked) == 1
    assert kept(rows).refresh_token is None


def test_it_is_done_by_whichever_worker_and_once(make: Any, provider: HostileProvider, rows: Any) -> None:
    browser = signed_out(make, provider)
    run_jobs(browser)
    with browser.client.application.app_context():
        revoke(session_id=str(rows("select id from portal.session")[0][0]))
        revoke(session_id="00000000-0000-4000-8000-00000000abcd")
    assert len(provider.revoked) == 1
