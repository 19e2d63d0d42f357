"""The pages of signing in, as HTML; and what happens at once."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from portal.conformance.pages import Page, faults
from tests.integration.identity.conftest import Browser, provider_settings, query_of
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider

PAGES = {
    "sign in": "/sign-in",
    "held": "/sign-in?why=held",
    "expired": "/sign-in?why=expired&next=/home",
    "odd reason": "/sign-in?why=<b>&next=//evil.example",
    "signed out": "/signed-out",
    "no state": "/auth/town/callback",
    "declined": "/auth/town/callback?error=access_denied&state=%s",
    "down": "/auth/town/callback?error=temporarily_unavailable&state=%s",
}


def check_page(html: str) -> None:
    assert faults(Page(html)) == []


@pytest.mark.parametrize("name", PAGES)
def test_each_page_has_one_heading_and_a_title_that_starts_with_it(browser: Browser, name: str) -> None:
    address = PAGES[name]
    if "%s" in address:
        address %= query_of(browser.begin())["state"]
    page = browser.client.get(address)
    check_page(page.text)
    if page.status_code != 200:
        assert "/sign-in" in page.text
        assert page.headers["X-Request-Id"] in page.text


def test_the_page_that_wants_more_proof_is_whole(browser: Browser) -> None:
    browser.sign_in()
    check_page(browser.client.get(browser.client.get("/extra").headers["Location"]).text)


def test_there_is_a_button_for_each_provider(make_portal: Any, provider: HostileProvider) -> None:
    both = {name: provider_settings(provider, title=f"Account <{name}>") for name in ("a", "b")}
    page = make_portal(both).test_client().get("/sign-in").text
    assert re.findall(r'action="(/sign-in/\w)"', page) == ["/sign-in/a", "/sign-in/b"]
    assert "Sign in with Account &lt;b&gt;" in page


def test_without_providers_the_page_says_so(make_portal: Any) -> None:
    page = make_portal({}).test_client().get("/sign-in")
    assert page.status_code == 200
    assert "has not been set up" in page.text


def test_a_provider_on_two_hosts_is_reached_by_a_page_that_moves_on(browser: Browser) -> None:
    browser.provider.metadata["authorization_endpoint"] = "https://login.example/authorize?a=1"
    browser.provider.metadata["end_session_endpoint"] = "https://login.example/logout?a=1"
    page = browser.client.post("/sign-in/town", data={"csrf_token": browser.token()})
    assert page.status_code == 200
    check_page(page.text)
    assert page.headers["Refresh"].startswith("0; url=https://login.example/authorize?a=1&response_type=code&")
    assert 'href="https://login.example/authorize?a=1&amp;' in page.text


def test_the_menu_offers_signing_in_or_out(browser: Browser) -> None:
    assert 'href="/sign-in"' in browser.client.get("/signed-out").text
    browser.sign_in()
    page = browser.client.get("/letterbox").text
    assert 'action="/sign-out"' in page
    assert "Ada" in page


def test_coming_back_to_a_held_form_says_what_to_do(browser: Browser, at: Clock) -> None:
    browser.sign_in()
    token = browser.token("/letterbox")
    at.advance(minutes=31)
    browser.post("/letterbox", csrf_token=token, note="Dear council")
    browser.sign_in("/letterbox")
    assert "is in the form again" in browser.client.get("/letterbox").text


def test_copies_of_a_callback_at_the_same_moment_sign_in_once(browser: Browser, rows: Any) -> None:
    back = browser.provider.authorize(browser.begin()).removeprefix("http://localhost")
    cookie = browser.client.get_cookie("moothall_browser")
    assert cookie is not None

    def copy(_number: int) -> int:
        client = browser.client.application.test_client()
        client.set_cookie("moothall_browser", cookie.value)
        return int(client.get(back).status_code)

    with ThreadPoolExecutor(4) as pool:
        answers = sorted(pool.map(copy, range(4)))
    assert answers == [303, 400, 400, 400]
    assert browser.provider.count("/token") == 1
    assert rows("select count(*) from portal.session") == [(1,)]
