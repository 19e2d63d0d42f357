"""GOV.UK One Login as a provider by settings alone: the identity in a second request, and the way on without one."""

import json
from typing import Any

import pytest

from tests.integration.identity.conftest import Browser
from tests.integration.identity.core_identity import (
    CORE,
    PAGE,
    VOCABULARY,
    OneLogin,
    Refused,
    browser,
    one_login,
    proof,
    refused,
    settings,
)
from tests.support.hostile_provider import HostileProvider

__all__ = ["browser", "one_login", "refused"]


def test_gov_06_the_identity_takes_a_second_request_with_claims(browser: Browser, provider: HostileProvider) -> None:
    assert proof(browser).headers["Location"] == PAGE
    assert browser.client.get(PAGE).status_code == 200
    first, second = provider.authorizations
    assert (json.loads(first["vtr"]), "claims" in first) == (["Cl.Cm"], False)
    assert json.loads(second["vtr"]) == ["Cl.Cm.P2"]
    assert set(json.loads(second["claims"])) == {"userinfo"}
    assert CORE in json.loads(second["claims"])["userinfo"]


def test_gov_18_a_vot_with_the_identity_in_it_is_refused(browser: Browser, provider: HostileProvider) -> None:
    browser.sign_in()
    provider.claims["vot"] = "Cl.Cm.P2"
    assert browser.prove_more(PAGE).status_code == 403


def test_gov_24_a_code_without_an_identity_leads_onward(
    refused: Refused, one_login: OneLogin, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    one_login.provider.userinfo |= {CORE: None, f"{VOCABULARY}returnCode": [{"code": "N"}, {"code": "B"}]}
    page = refused("asked_identity_missing").text
    assert "Try again" in page
    assert "Return codes BN" in caplog.text


@pytest.mark.parametrize("codes", [[{"code": "B"}], [{"code": 7}, {}], "B", None])
def test_gov_24_a_code_beside_a_proven_identity_changes_nothing(
    browser: Browser, one_login: OneLogin, codes: object
) -> None:
    one_login.provider.userinfo[f"{VOCABULARY}returnCode"] = codes
    assert proof(browser).headers["Location"] == PAGE


def test_gov_29_whoever_comes_back_from_a_counter_signs_in_and_then_proves_it(
    browser: Browser, provider: HostileProvider
) -> None:
    asked = browser.client.get("/prove-your-identity")
    assert asked.status_code == 303
    browser.sign_in("/prove-your-identity")
    page = browser.client.get("/prove-your-identity")
    assert f'href="{PAGE}"' in page.text
    assert browser.prove_more(PAGE).headers["Location"] == PAGE
    assert "You have proved who you are" in browser.client.get("/prove-your-identity").text
    assert [json.loads(each["vtr"]) for each in provider.authorizations] == [["Cl.Cm"], ["Cl.Cm.P2"]]


def test_gov_30_each_environment_is_a_configuration_of_its_own(
    make: Any, provider: HostileProvider, one_login: OneLogin
) -> None:
    """It is made of the public address and the provider's name; nothing in a request counts."""
    for origin in ("http://localhost:8000", "http://localhost:9000"):
        browser: Browser = make(provider, {"public_url": origin}, **settings(provider))
        asked = browser.client.post(
            "/sign-in/town",
            base_url=origin,
            data={"csrf_token": _token(browser, origin), "next": "/"},
            headers={"Origin": origin, "X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http"},
        )
        assert f"redirect_uri={_quoted(origin)}%2Fauth%2Ftown%2Fcallback&" in asked.headers["Location"] + "&"


def _token(browser: Browser, origin: str) -> str:
    page = browser.client.get("/sign-in", base_url=origin).text
    return page.split('name="csrf_token" value="')[1].split('"')[0]


def _quoted(origin: str) -> str:
    return origin.replace(":", "%3A").replace("/", "%2F")
