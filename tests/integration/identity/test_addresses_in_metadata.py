"""The addresses that a provider's metadata name: malformed ones, and those that change."""

from typing import Any

import pytest

from portal.identity import stored_documents as store
from tests.integration.identity.conftest import Browser
from tests.integration.identity.processes import DISCOVERY, process, town
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider

__all__ = ["process", "town"]

BAD = ["https://[bad", "http://127.0.0.1:99999/a", "http://127.0.0.1/\r\nX: y", "http://\udc80/"]
"""Of the kinds that break what only looks at the scheme; more of them in the unit tests of metadata."""


@pytest.mark.parametrize(("name", "bad"), [*zip(("authorization", "end_session", "jwks", "token"), BAD, strict=True)])
def test_ux_09_a_malformed_address_in_metadata_is_a_provider_that_is_down(
    browser: Browser, at: Clock, name: str, bad: str
) -> None:
    browser.provider.metadata["jwks_uri" if name == "jwks" else f"{name}_endpoint"] = bad
    token = browser.token()
    for _ in range(2):
        answer = browser.client.post("/sign-in/town", data={"csrf_token": token})
        assert (answer.status_code, "Sign in again" in answer.text) == (503, True)
    assert browser.client.get("/sign-in").status_code == 200
    browser.provider.metadata = {}
    at.advance(seconds=store.AFTER_FAILURE.total_seconds())  # the failure was noted, so nobody waits for its claim
    assert browser.sign_in().status_code == 303


@pytest.mark.parametrize("bad", BAD)
def test_gov_01_a_malformed_address_does_not_replace_a_good_copy(
    process: Any, provider: HostileProvider, at: Clock, bad: str
) -> None:
    process().metadata()
    provider.metadata["token_endpoint"] = bad
    at.advance(hours=2)
    assert process().metadata().token_endpoint == f"{provider.issuer}/token"
    assert provider.count(DISCOVERY) == 2


def test_bcp_09_endpoints_follow_the_metadata_when_it_changes(browser: Browser, at: Clock) -> None:
    provider = browser.provider
    assert browser.sign_in().status_code == 303
    provider.metadata["token_endpoint"] = f"{provider.issuer}/token-2"
    provider.aliases["/token-2"] = "/token"
    at.advance(hours=1)
    assert browser.sign_in().status_code == 303
    assert (provider.count("/token"), provider.count("/token-2")) == (1, 1)
