"""Coming back wrong: state, replay, other tabs, errors of the provider, a provider that is down."""

import logging
from typing import Any
from urllib.parse import unquote

import pytest
from sqlalchemy import Engine, text

from portal.identity import attempts
from portal.identity.next_path import LONGEST
from tests.integration.identity.conftest import Browser, query_of
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider

HELPFUL = "You need to sign in again"


def callback(browser: Browser, query: str = "") -> Any:
    return browser.client.get(f"/auth/town/callback{query}")


@pytest.mark.parametrize(
    "query", ["?error=access_denied", "?error=access_denied&state=unknown", "?error=server_error&state="]
)
def test_rp_32_an_error_with_unknown_state_changes_nothing(browser: Browser, rows: Any, query: str) -> None:
    page = callback(browser, query)
    assert page.status_code == 400
    assert HELPFUL in page.text
    assert rows("select 1 from portal.audit_entry") == []


def test_rp_32_an_error_with_unknown_state_signs_nobody_out(browser: Browser) -> None:
    browser.sign_in()
    assert callback(browser, "?error=access_denied&state=unknown").headers["Location"] == "/"
    assert browser.is_signed_in()


def test_rp_33_the_provider_s_words_are_never_shown(browser: Browser) -> None:
    state = query_of(browser.begin())["state"]
    page = callback(browser, f"?error=access_denied&error_description=<script>alert(1)</script>Call+us&state={state}")
    assert "alert(1)" not in page.text
    assert "Call us" not in page.text


@pytest.mark.parametrize(
    ("error", "status", "heading"),
    [
        ("access_denied", 403, "You have not signed in"),
        ("temporarily_unavailable", 503, "You cannot sign in at the moment"),
        ("server_error", 503, "You cannot sign in at the moment"),
        ("unauthorized_client", 503, "You cannot use the service at the moment"),
        ("invalid_request", 503, "You cannot use the service at the moment"),
        ("invalid_scope", 503, "You cannot use the service at the moment"),
        ("unmet_authentication_requirements", 403, "We still need to be sure that it is you"),
        ("login_required", 400, HELPFUL),
        ("<b>", 400, HELPFUL),
        ("", 400, HELPFUL),
    ],
)
def test_gov_26_each_error_of_the_provider_has_its_page(
    browser: Browser, rows: Any, error: str, status: int, heading: str
) -> None:
    state = query_of(browser.begin("/home?step=2"))["state"]
    page = browser.client.get("/auth/town/callback", query_string={"error": error, "state": state})
    assert (page.status_code, heading in page.text) == (status, True)
    assert "/sign-in?next=/home?step%3D2" in page.text or "/sign-in?next=%2Fhome" in page.text
    assert rows("select act, actor from portal.audit_entry") == [("identity.sign_in_failed", "system:identity")]


@pytest.mark.parametrize("query", ["", "?code=x", "?state=", "?code=x&state=wrong", "?state=a&state=b&code=x"])
def test_rp_34_a_wrong_or_missing_state_is_refused(browser: Browser, query: str) -> None:
    browser.begin()
    page = callback(browser, query)
    assert (page.status_code, HELPFUL in page.text) == (400, True)
    assert browser.provider.count("/token") == 0


@pytest.mark.parametrize("rest", ["", "&code=", "&code=a&code=b", "&code=" + "x" * 3000, "&iss=a&iss=b&code=x"])
def test_rp_34_a_missing_or_odd_code_is_refused(browser: Browser, rest: str) -> None:
    page = callback(browser, f"?state={query_of(browser.begin())['state']}{rest}")
    assert (page.status_code, HELPFUL in page.text) == (400, True)
    assert browser.provider.count("/token") == 0


def test_rp_34_a_replayed_callback_is_refused_without_a_session(browser: Browser) -> None:
    back = browser.provider.authorize(browser.begin())
    browser.come_back(back)
    browser.client.delete_cookie("moothall_session")
    assert browser.come_back(back).status_code == 400
    assert browser.provider.count("/token") == 1


def cause(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage().split(",")[0] for each in caplog.records if each.name == "portal.identity.failures"]


def test_ux_01_the_cause_is_logged_and_the_page_leads_on(
    browser: Browser, make: Any, provider: HostileProvider, caplog: pytest.LogCaptureFixture, at: Clock
) -> None:
    caplog.set_level(logging.INFO)
    back = provider.authorize(browser.begin("/home?x=1"))
    stranger = make(provider)
    assert HELPFUL in stranger.come_back(back).text
    stranger.token()  # now it has a cookie of its own
    stranger.come_back(back)
    at.advance(minutes=61)
    late = browser.come_back(back)
    assert HELPFUL in late.text
    assert "next=" in late.text
    at.advance(minutes=-61)
    browser.come_back(back)
    browser.client.delete_cookie("moothall_session")
    browser.come_back(back)
    assert cause(caplog) == [
        f"Sign-in failed: {code}" for code in ("cookie_missing", "other_browser", "expired", "replayed")
    ]
    secrets = query_of(back)
    assert secrets["code"] not in caplog.text
    assert secrets["state"] not in caplog.text


def test_ux_02_fifty_unfinished_sign_ins_keep_the_cookie_small_and_all_finish(browser: Browser, rows: Any) -> None:
    addresses = [browser.begin(f"/home?n={number}") for number in range(50)]
    sent = sum(len(each.key) + len(each.value) + 3 for each in browser.client._cookies.values())
    assert sent < 1024
    for number in (0, 25, 49):
        answer = browser.come_back(browser.provider.authorize(addresses[number]))
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/home?n={number}")
    sent = sum(len(each.key) + len(each.value) + 3 for each in browser.client._cookies.values())
    assert sent < 1024
    assert rows("select count(*) from portal.session where ended_at is null") == [(1,)]


def test_ux_02_tokens_with_many_groups_never_reach_the_cookie(browser: Browser) -> None:
    browser.provider.claims["groups"] = [f"group-{number:04}" for number in range(200)]
    assert browser.sign_in().status_code == 303
    assert sum(len(each.value) for each in browser.client._cookies.values()) < 1024


def test_the_token_of_a_link_from_a_mail_is_kept_by_no_unfinished_sign_in(
    browser: Browser, rows: Any, make: Any, provider: HostileProvider
) -> None:
    """We keep it as a hash alone; a sign-in on the way to its page must not write it down beside that."""
    token = "a-token-that-opens-much"
    state = query_of(browser.begin(f"/paper/{token}"))["state"]
    assert token not in str(rows("select * from portal.sign_in_attempt"))
    callback_address = browser.provider.authorize(browser.begin(f"/paper/{token}?a=1"))
    assert browser.come_back(callback_address).headers["Location"] == f"/paper/{token}?a=1"
    again = make(provider)
    again.client.set_cookie("moothall_browser", browser.client.get_cookie("moothall_browser").value)
    page = callback(again, f"?error=access_denied&state={state}")
    assert f"/paper/{token}" in unquote(page.text), "who gives up at the provider is led on to the page as well"


def test_a_path_that_no_secret_key_opens_any_more_leads_to_the_front(
    browser: Browser, make: Any, provider: HostileProvider
) -> None:
    """A sign-in from before the key was changed, or before paths were sealed."""
    callback_address = browser.provider.authorize(browser.begin("/home?a=1"))
    later = make(provider, {"secret_key": "c" * 32})
    later.client.set_cookie("moothall_browser", browser.client.get_cookie("moothall_browser").value)
    assert later.come_back(callback_address).headers["Location"] == "/"


def test_the_longest_path_that_we_lead_to_is_kept_whole(browser: Browser) -> None:
    longest = "/paper/" + "x" * (LONGEST - len("/paper/"))
    assert browser.sign_in(longest).headers["Location"] == longest


def test_the_oldest_unfinished_sign_ins_are_dropped(
    browser: Browser, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attempts, "MOST_FOR_A_BROWSER", 3)
    addresses = [browser.begin() for _ in range(5)]
    assert rows("select count(*) from portal.sign_in_attempt") == [(3,)]
    assert browser.come_back(browser.provider.authorize(addresses[0])).status_code == 400
    assert browser.come_back(browser.provider.authorize(addresses[4])).status_code == 303


def test_ux_05_both_tabs_finish(browser: Browser) -> None:
    first, second = browser.begin("/home?tab=1"), browser.begin("/home?tab=2")
    for address, tab in ((second, 2), (first, 1)):
        answer = browser.come_back(browser.provider.authorize(address))
        assert answer.headers["Location"] == f"/home?tab={tab}"
    assert browser.is_signed_in()


def test_ux_05_the_second_tab_may_be_somebody_else(browser: Browser) -> None:
    first, second = browser.begin(), browser.begin()
    browser.come_back(browser.provider.authorize(first))
    browser.provider.claims["sub"] = "resident-2"
    browser.provider.userinfo.update(given_name="Grace", email="grace@example.org")
    browser.come_back(browser.provider.authorize(second))
    assert "Grace" in browser.client.get("/home").text


def test_ux_05_another_tab_finishes_though_the_first_was_refused_at_the_last_step(
    browser: Browser, cleaning_engine: Engine
) -> None:
    browser.sign_in()
    browser.client.delete_cookie("moothall_session")
    first, second = browser.begin(), browser.begin()
    with cleaning_engine.begin() as connection:
        connection.execute(text("update portal.account set closed_at = now()"))
    assert browser.come_back(browser.provider.authorize(first)).status_code == 403
    with cleaning_engine.begin() as connection:
        connection.execute(text("update portal.account set closed_at = null"))
    assert browser.come_back(browser.provider.authorize(second)).status_code == 303


def test_ux_05_a_replayed_callback_with_a_live_session_goes_home(browser: Browser) -> None:
    back = browser.provider.authorize(browser.begin())
    browser.come_back(back)
    again = browser.come_back(back)
    assert (again.status_code, again.headers["Location"]) == (302, "/")
    assert browser.is_signed_in()


def test_the_language_link_of_a_failed_callback_repeats_neither_code_nor_state(browser: Browser) -> None:
    page = browser.client.get("/auth/town/callback?code=the-code&state=the-state&iss=x&error=y").text
    assert 'href="?lang=cy"' in page
    assert "the-code" not in page
    assert "the-state" not in page


def test_bcp_07_the_callback_tells_no_other_page_its_address(browser: Browser) -> None:
    assert browser.sign_in().headers["Referrer-Policy"] == "no-referrer"
    assert callback(browser).headers["Cache-Control"] == "no-store"


def test_public_pages_work_and_sign_in_says_so_while_the_provider_is_down(make: Any, provider: HostileProvider) -> None:
    browser = make(provider, issuer="http://127.0.0.1:9/id")
    assert browser.client.get("/").status_code == 200
    assert browser.client.get("/sign-in").status_code == 200
    assert browser.client.get("/home").status_code == 303
    page = browser.client.post("/sign-in/town", data={"csrf_token": browser.token()})
    assert (page.status_code, page.headers["Retry-After"]) == (503, "60")
    assert "The rest of this website works" in page.text


def test_who_is_signed_in_stays_so_while_the_provider_is_down(browser: Browser) -> None:
    browser.sign_in()
    browser.provider.answers = dict.fromkeys(("/token", "/jwks", "/userinfo"), (500, "text/plain", b"down"))
    assert browser.is_signed_in()
