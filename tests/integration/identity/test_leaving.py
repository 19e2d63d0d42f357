"""Signing out: of ours first, then of the provider's, whatever either of them does."""

from typing import Any

import pytest
from sqlalchemy import Engine, text

from portal.identity.documents import Documents
from portal.identity.leaving import LONGEST
from tests.integration.identity.conftest import Browser, provider_settings, query_of
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider


def leave(browser: Browser) -> Any:
    return browser.post("/sign-out", csrf_token=browser.token("/note"))


def in_another_process(browser: Browser, make_portal: Any, provider: HostileProvider) -> Browser:
    """The same browser at a portal that has read nothing yet: nothing is shared but the database."""
    fresh = Browser(make_portal({"town": provider_settings(provider)}).test_client(), provider)
    for name in ("moothall_session", "moothall_browser"):
        cookie = browser.client.get_cookie(name)
        assert cookie is not None
        fresh.client.set_cookie(name, cookie.value)
    return fresh


def test_gov_27_the_browser_goes_on_to_the_provider_after_our_session_has_ended(browser: Browser, rows: Any) -> None:
    browser.sign_in()
    address = leave(browser).headers["Location"]
    assert rows("select ended_why, id_token from portal.session") == [("signed_out", None)]
    assert address.startswith(f"{browser.provider.issuer}/logout?")
    sent = query_of(address)
    assert sent["post_logout_redirect_uri"] == "http://localhost/signed-out"
    assert sent["id_token_hint"].count(".") == 2
    assert len(sent["state"]) >= 22
    assert sent.keys() == {"id_token_hint", "client_id", "post_logout_redirect_uri", "state"}


def test_gov_27_each_sign_out_has_a_state_of_its_own(browser: Browser) -> None:
    states = set()
    for _ in range(2):
        browser.sign_in()
        states.add(query_of(leave(browser).headers["Location"])["state"])
    assert len(states) == 2


def test_gov_27_a_session_that_has_run_out_is_ended_at_the_provider_too(browser: Browser, at: Clock, rows: Any) -> None:
    browser.sign_in()
    token = browser.token("/note")
    at.advance(minutes=45)
    address = browser.post("/sign-out", csrf_token=token).headers["Location"]
    assert query_of(address)["id_token_hint"].count(".") == 2
    assert rows("select ended_why from portal.session") == [("signed_out",)]


def test_signing_out_forgets_what_was_held_though_the_session_has_run_out(
    browser: Browser, at: Clock, rows: Any
) -> None:
    browser.sign_in()
    token = browser.token("/note")
    at.advance(minutes=45)
    browser.post("/note", csrf_token=token, note="half a page")
    assert rows("select count(*) from portal.held_post") == [(1,)]
    browser.post("/sign-out", csrf_token=token)
    assert rows("select count(*) from portal.held_post") == [(0,)]


def test_ux_10_the_id_token_is_kept_on_the_server_and_sealed(
    browser: Browser, rows: Any, cleaning_engine: Engine
) -> None:
    answer = browser.sign_in()
    stored = rows("select id_token from portal.session")[0][0]
    assert stored.count(".") == 0
    cookies = "".join(answer.headers.getlist("Set-Cookie"))
    assert len(cookies) < 1024
    hint = query_of(leave(browser).headers["Location"])["id_token_hint"]
    assert hint not in cookies
    assert hint not in stored


def test_ux_10_without_the_id_token_the_client_id_still_leads_back(browser: Browser, cleaning_engine: Engine) -> None:
    for lost in ("null", "'gibberish'"):
        browser.sign_in()
        with cleaning_engine.begin() as connection:
            connection.execute(text(f"update portal.session set id_token = {lost} where ended_at is null"))
        sent = query_of(leave(browser).headers["Location"])
        assert sent.keys() == {"client_id", "post_logout_redirect_uri", "state"}


def test_ux_10_the_address_is_never_too_long(browser: Browser) -> None:
    for groups in range(0, 40, 4):
        browser.provider.claims["groups"] = ["x" * 40] * groups
        browser.sign_in()
        address = leave(browser).headers["Location"]
        assert len(address) < LONGEST
        assert ("id_token_hint" in query_of(address)) or groups
    assert "id_token_hint" not in query_of(address)
    assert query_of(address)["client_id"] == "portal"


def test_ux_10_settings_may_leave_the_hint_out(make: Any, provider: HostileProvider) -> None:
    browser = make(provider, logout_hint=False)
    browser.sign_in()
    assert query_of(leave(browser).headers["Location"]).keys() == {"client_id", "post_logout_redirect_uri", "state"}


def test_an_endpoint_with_a_query_of_its_own_keeps_it(browser: Browser) -> None:
    browser.provider.metadata["end_session_endpoint"] = f"{browser.provider.issuer}/logout?p=policy"
    browser.sign_in()
    sent = query_of(leave(browser).headers["Location"])
    assert (sent["p"], sent["client_id"]) == ("policy", "portal")


@pytest.mark.parametrize("hint", [None, "", 1, "x" * 300, "a\nb", ["a"]])
def test_an_odd_login_hint_is_left_out(browser: Browser, hint: Any) -> None:
    browser.provider.claims["login_hint"] = hint
    browser.sign_in()
    assert "logout_hint" not in query_of(leave(browser).headers["Location"])


def test_another_worker_that_has_asked_the_provider_nothing_yet_leads_there_too(
    browser: Browser, make_portal: Any, provider: HostileProvider
) -> None:
    browser.sign_in()
    fresh = in_another_process(browser, make_portal, provider)
    asked = len(provider.requests)
    assert leave(fresh).headers["Location"].startswith(f"{provider.issuer}/logout?")
    assert len(provider.requests) == asked, "signing out waits for no network"


def test_gov_27_our_session_ends_though_the_way_to_the_provider_fails(
    browser: Browser, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.sign_in()
    token = browser.token("/note")
    browser.client.application.testing = False  # so that the error becomes a page, as for a resident

    def fail(_self: Documents) -> None:
        raise ValueError("nobody has thought of this")

    with monkeypatch.context() as patch:
        patch.setattr(Documents, "known_metadata", fail)
        assert browser.post("/sign-out", csrf_token=token).status_code == 500
    assert rows("select ended_why, id_token from portal.session") == [("signed_out", None)]
    assert not browser.is_signed_in()


@pytest.mark.parametrize("bad", ["https://[bad", "http://127.0.0.1:99999/out", "http://127.0.0.1/\r\nX: y"])
def test_gov_27_a_kept_address_that_no_longer_passes_is_not_led_to(
    browser: Browser, make_portal: Any, provider: HostileProvider, cleaning_engine: Engine, bad: str
) -> None:
    """The copy in the database may be older than the rule that refuses it."""
    browser.sign_in()
    with cleaning_engine.begin() as connection:
        body = "(body::jsonb || jsonb_build_object('end_session_endpoint', cast(:bad as text)))::text"
        changed = (
            f"update portal.provider_document set body = {body}, version = version + 1 where url like '%-configuration'"
        )
        assert connection.execute(text(changed), {"bad": bad}).rowcount == 1
    fresh = in_another_process(browser, make_portal, provider)
    assert leave(fresh).headers["Location"] == "/signed-out"
    assert not fresh.is_signed_in()


def test_pressed_in_two_tabs_both_say_signed_out(browser: Browser, rows: Any) -> None:
    browser.sign_in()
    token = browser.token("/note")
    first = browser.post("/sign-out", csrf_token=token)
    assert "/logout?" in first.headers["Location"]
    same_origin = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    second = browser.client.post("/sign-out", data={"csrf_token": token}, headers=same_origin)
    assert (second.status_code, second.headers["Location"]) == (303, "/signed-out")
    assert "You are signed out" in browser.client.get("/signed-out").text
    assert rows("select count(*) from portal.audit_entry where act = 'identity.signed_out'") == [(1,)]


def test_pressed_in_an_old_tab_after_signing_in_again_it_asks_first(browser: Browser) -> None:
    browser.sign_in()
    token = browser.token("/note")
    browser.post("/sign-out", csrf_token=token)
    browser.sign_in()
    same_origin = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
    assert browser.client.post("/sign-out", data={"csrf_token": token}, headers=same_origin).status_code == 400
    assert browser.is_signed_in()


@pytest.mark.parametrize(
    "query", ["", "?state=other", "?state=", "?state=a&state=b", "?state=" + "x" * 3000, "?error=x", "?id_token=x"]
)
def test_rp_23_the_end_says_signed_out_whatever_state(browser: Browser, query: str) -> None:
    browser.sign_in()
    right = query_of(leave(browser).headers["Location"])["state"]
    for each in (query, f"?state={right}"):
        page = browser.client.get(f"/signed-out{each}")
        assert page.status_code == 200
        assert "You are signed out" in page.text


def test_rp_23_whoever_has_signed_in_again_meanwhile_is_not_told_otherwise(browser: Browser) -> None:
    browser.sign_in()
    answer = browser.client.get("/signed-out?state=x")
    assert answer.headers["Location"] == "/"
    assert browser.is_signed_in()


def test_a_session_cannot_be_planted(browser: Browser) -> None:
    """Fixation: whatever cookies a browser brings to its sign-in, it leaves with new ones, and the old open nothing."""
    thief = Browser(browser.client.application.test_client(), browser.provider)
    thief.sign_in()
    for name in ("moothall_session", "moothall_browser"):
        cookie = thief.client.get_cookie(name)
        assert cookie is not None
        browser.client.set_cookie(name, cookie.value)
    browser.provider.claims["sub"] = "resident-2"
    browser.sign_in()
    new = {name: browser.client.get_cookie(name) for name in ("moothall_session", "moothall_browser")}
    for name, cookie in new.items():
        old = thief.client.get_cookie(name)
        assert old is not None
        assert cookie is not None
        assert old.value != cookie.value
    assert not thief.is_signed_in(), "the session that the cookie opened has ended"


def test_a_provider_taken_out_of_the_settings_is_not_led_to(
    browser: Browser, make_portal: Any, provider: HostileProvider
) -> None:
    browser.sign_in()
    without = Browser(make_portal({"shire": provider_settings(provider)}).test_client(), provider)
    for name in ("moothall_session", "moothall_browser"):
        cookie = browser.client.get_cookie(name)
        assert cookie is not None
        without.client.set_cookie(name, cookie.value)
    assert leave(without).headers["Location"] == "/signed-out"
    assert not without.is_signed_in()
