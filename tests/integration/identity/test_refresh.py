"""Asking the provider again whether a sign-in still counts."""

import json
from typing import Any

import pytest

from portal.db.session import session
from portal.identity.exchange import SignInFailed
from portal.identity.revocation import revoke
from tests.integration.identity.conftest import Browser
from tests.integration.identity.refreshed import kept
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider
from tests.support.worker import work


@pytest.fixture
def browser(make: Any, provider: HostileProvider, at: Clock) -> Browser:
    """Somebody signed in, whose session is to be refreshed every ten minutes."""
    provider.with_refresh = lambda asked: True
    made: Browser = make(provider, refresh_minutes=10)
    assert made.sign_in().status_code == 303
    return made


def test_a_session_is_refreshed_when_it_is_due_and_not_before(browser: Browser, at: Clock, rows: Any) -> None:
    provider, before = browser.provider, kept(rows)
    assert next(iter(provider.refresh_tokens)) not in before.refresh_token, "sealed"
    at.advance(minutes=9)
    assert browser.is_signed_in()
    assert provider.refresh_requests == []
    at.advance(minutes=2)
    assert browser.is_signed_in()
    sent = provider.refresh_requests[0]
    assert sent["grant_type"] == "refresh_token"
    assert sent.keys() == {"grant_type", "refresh_token"}
    after = kept(rows)
    assert after.refresh_token != before.refresh_token
    assert (after.refresh_due_at - at.moment).total_seconds() == 600
    assert after.id_token not in (None, before.id_token)
    assert browser.is_signed_in()
    assert len(provider.refresh_requests) == 1


def test_the_refresh_token_in_use_is_always_the_latest(browser: Browser, at: Clock) -> None:
    for _ in range(3):
        at.advance(minutes=11)
        assert browser.is_signed_in()
    used = [each["refresh_token"] for each in browser.provider.refresh_requests]
    assert len(set(used)) == 3


def test_a_refresh_token_that_is_not_replaced_goes_on_counting(browser: Browser, at: Clock) -> None:
    browser.provider.rotates = False
    for _ in range(3):
        at.advance(minutes=11)
        assert browser.is_signed_in()
    assert len({each["refresh_token"] for each in browser.provider.refresh_requests}) == 1


def test_open_pages_and_files_ask_nobody(browser: Browser, at: Clock) -> None:
    at.advance(minutes=11)
    for path in ("/", "/help", "/static/moothall.css"):
        browser.client.get(path).close()
    assert browser.provider.refresh_requests == []


def test_without_the_setting_no_refresh_token_is_asked_for_or_kept(
    make: Any, provider: HostileProvider, at: Clock, rows: Any
) -> None:
    provider.with_refresh = lambda asked: True
    provider.metadata["scopes_supported"] = ["openid", "offline_access"]
    browser = make(provider)
    browser.sign_in()
    assert "offline_access" not in provider.authorizations[0]["scope"]
    assert kept(rows).refresh_token is None
    at.advance(minutes=29)
    assert browser.is_signed_in()
    assert provider.refresh_requests == []


@pytest.mark.parametrize(
    ("offered", "how", "scope", "prompt"),
    [
        (["openid", "offline_access"], "when_offered", "openid email profile offline_access", None),
        (["openid"], "when_offered", "openid email profile", None),
        (None, "when_offered", "openid email profile", None),
        (["openid", "offline_access"], "with_consent", "openid email profile offline_access", "consent"),
        (["openid", "offline_access"], "never", "openid email profile", None),
    ],
)
def test_offline_access_is_asked_for_where_it_is_offered(
    make: Any, provider: HostileProvider, offered: Any, how: str, scope: str, prompt: str | None
) -> None:
    provider.metadata["scopes_supported"] = offered
    make(provider, refresh_minutes=10, offline_access=how).sign_in()
    sent = provider.authorizations[0]
    assert (sent["scope"], sent.get("prompt")) == (scope, prompt)


def test_a_provider_that_gives_no_refresh_token_is_never_asked(
    make: Any, provider: HostileProvider, at: Clock, rows: Any
) -> None:
    browser = make(provider, refresh_minutes=10)
    browser.sign_in()
    at.advance(minutes=11)
    assert browser.is_signed_in()
    assert provider.refresh_requests == []


def test_a_refresh_that_is_refused_ends_the_session_with_a_plain_word(browser: Browser, at: Clock, rows: Any) -> None:
    browser.provider.refresh_tokens.clear()
    at.advance(minutes=11)
    answer = browser.client.get("/home?a=1")
    assert answer.headers["Location"] == "/sign-in?next=%2Fhome%3Fa%3D1&why=stopped"
    assert "asks you to sign in again" in browser.client.get(answer.headers["Location"]).text
    assert kept(rows)[-2:] == ("not_renewed", None)
    assert kept(rows).refresh_token is None
    acts = rows("select details->>'code' from portal.audit_entry where act = 'identity.not_renewed'")
    assert acts == [("refresh_invalid_grant",)]
    assert not browser.is_signed_in()
    assert len(browser.provider.refresh_requests) == 1


def test_what_was_being_sent_then_is_held(browser: Browser, at: Clock) -> None:
    token = browser.token("/note")
    browser.provider.refresh_tokens.clear()
    at.advance(minutes=11)
    answer = browser.post("/note", csrf_token=token, note="half a page")
    assert answer.headers["Location"] == "/sign-in?next=%2Fnote&why=stopped_held"
    browser.sign_in("/note")
    assert "[half a page]" in browser.client.get("/note").text


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"iss": "https://other.example"}, "iss"),
        ({"sub": "resident-2"}, "sub"),
        ({"sub": None}, "sub"),
        ({"aud": "other"}, "aud"),
        ({"aud": ["portal", "other"]}, "azp"),
        ({"azp": "other"}, "azp"),
        ({"auth_time": lambda honest: honest + 120}, "auth_time"),
        ({"nonce": "another"}, "nonce"),
        ({"exp": 1}, "exp"),
        ({"at_hash": "wrong"}, "at_hash"),
    ],
)
def test_rp_25_an_id_token_of_another_sign_in_ends_the_session(
    browser: Browser, at: Clock, rows: Any, claims: dict[str, Any], code: str
) -> None:
    browser.provider.refresh_claims = claims
    at.advance(minutes=11)
    assert not browser.is_signed_in()
    acts = rows("select details->>'code' from portal.audit_entry where act = 'identity.not_renewed'")
    assert acts == [(f"refresh_id_token_{code}",)]
    with browser.client.application.app_context():
        assert "identity.revoke" in work()
    assert browser.provider.refresh_tokens == {}, "the token that came with it is given back"


def test_rp_25_the_same_sign_in_told_again_is_fine(browser: Browser, at: Clock) -> None:
    nonce = browser.provider.authorizations[0]["nonce"]
    earlier = int(at.moment.timestamp()) - 3600
    for claims in ({"nonce": nonce}, {"auth_time": None}, {"at_hash": None}, {"auth_time": earlier}):
        browser.provider.refresh_claims = claims
        at.advance(minutes=11)
        assert browser.is_signed_in(), claims
    browser.provider.refresh_fields = {"id_token": None}
    at.advance(minutes=11)
    assert browser.is_signed_in(), "an ID token may be left out"


def test_rp_25_a_claim_that_the_settings_demand_is_demanded_again(
    make: Any, provider: HostileProvider, at: Clock
) -> None:
    provider.with_refresh = lambda asked: True
    provider.claims["tid"] = "tenant-1"
    browser = make(provider, refresh_minutes=10, required_claims={"tid": "tenant-1"})
    browser.sign_in()
    provider.refresh_claims = {"tid": "tenant-2"}
    at.advance(minutes=11)
    assert not browser.is_signed_in()


def test_ending_a_session_revokes_its_refresh_token(browser: Browser, rows: Any) -> None:
    (token,) = browser.provider.refresh_tokens
    browser.post("/sign-out", csrf_token=browser.token("/note"))
    assert browser.provider.revoked == [], "by a job: signing out waits for no network"
    with browser.client.application.app_context():
        assert work() == ["identity.revoke"]
    (sent,) = browser.provider.revoked
    assert (sent["token"], sent["token_type_hint"]) == (token, "refresh_token")
    assert kept(rows).refresh_token is None
    assert json.dumps(rows("select args from jobs.procrastinate_jobs")[0][0]).count(token) == 0


def test_a_revocation_that_fails_is_tried_again_for_an_hour(browser: Browser, at: Clock, rows: Any) -> None:
    browser.provider.revoke_status = 503
    browser.post("/sign-out", csrf_token=browser.token("/note"))
    session_id = str(rows("select id from portal.session")[0][0])
    with browser.client.application.app_context():
        with pytest.raises(SignInFailed):
            revoke(session_id=session_id)
        session().rollback()
        assert kept(rows).refresh_token is not None
        at.advance(minutes=61)
        revoke(session_id=session_id)
        session().commit()
    assert kept(rows).refresh_token is None


def test_signing_in_again_as_the_same_person_revokes_nothing(browser: Browser) -> None:
    browser.sign_in()
    with browser.client.application.app_context():
        assert work() == []
    browser.provider.claims["sub"] = "resident-2"
    browser.sign_in()
    with browser.client.application.app_context():
        assert work() == ["identity.revoke"]
