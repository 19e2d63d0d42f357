"""Sign-ins that begin elsewhere."""

from typing import Any

import pytest

from portal.conformance.pages import Page, faults
from tests.integration.identity.conftest import TOKEN, Browser, query_of


def asked(browser: Browser, how: str, **fields: Any) -> Any:
    if how == "get":
        return browser.client.get("/auth/initiate", query_string=fields)
    answer = browser.client.post("/auth/initiate", data=fields, headers={"Origin": "https://id.example"})
    return browser.client.get(answer.headers["Location"]) if answer.status_code == 303 else answer


def begun(browser: Browser, page: Any) -> str:
    """Press the one button."""
    (form,) = (each for each in Page(page.text).forms() if each.action == "/sign-in/town")
    answer = browser.client.post("/sign-in/town", data=dict(form.values))
    return str(answer.headers["Location"])


@pytest.mark.parametrize("how", ["get", "post"])
def test_rp_24_a_configured_provider_may_ask_us_to_begin(browser: Browser, how: str) -> None:
    target = "http://localhost/home?a=1"
    page = asked(browser, how, iss=browser.provider.issuer, login_hint="ada@example.org", target_link_uri=target)
    assert page.status_code == 200
    assert faults(Page(page.text)) == []
    address = begun(browser, page)
    assert query_of(address)["login_hint"] == "ada@example.org"
    assert browser.come_back(browser.provider.authorize(address)).headers["Location"] == "/home?a=1"


@pytest.mark.parametrize("how", ["get", "post"])
@pytest.mark.parametrize("iss", ["https://evil.example", "", None, ["a", "b"]])
def test_rp_24_nobody_else_may(browser: Browser, rows: Any, how: str, iss: Any) -> None:
    fields = {} if iss is None else {"iss": iss}
    page = asked(browser, how, **fields)
    assert page.status_code == 400
    assert rows("select 1 from portal.sign_in_attempt") == []
    assert asked(browser, how, iss=browser.provider.issuer + "/").status_code == 400


@pytest.mark.parametrize("how", ["get", "post"])
@pytest.mark.parametrize("name", ["login_hint", "target_link_uri"])
def test_rp_24_over_long_and_doubled_fields_are_refused(browser: Browser, how: str, name: str) -> None:
    for value in ("/" + "x" * 3000, ["/a", "/b"]):
        assert asked(browser, how, iss=browser.provider.issuer, **{name: value}).status_code == 400


AWAY = [
    "https://evil.example/",
    "//evil.example",
    "http://localhost.evil.example/x",
    "http://localhost@evil.example/",
    "http://localhost//evil.example",
    "http://localhost:81/x",
    "https://localhost/x",
    "javascript:alert(1)",
    "http://localhost/\\evil.example",
    "",
]


@pytest.mark.parametrize("target", AWAY)
def test_rp_24_the_target_is_a_page_of_ours_or_the_front_page(browser: Browser, target: str) -> None:
    address = begun(browser, asked(browser, "get", iss=browser.provider.issuer, target_link_uri=target))
    assert browser.come_back(browser.provider.authorize(address)).headers["Location"] == "/"


def test_rp_24_nothing_begins_by_itself(browser: Browser, rows: Any) -> None:
    """Another site must not sign a resident in, or out of the session they have, by a link."""
    asked(browser, "get", iss=browser.provider.issuer)
    asked(browser, "post", iss=browser.provider.issuer)
    assert rows("select 1 from portal.sign_in_attempt") == []
    assert browser.provider.count("/authorize") == 0


def test_rp_24_who_is_signed_in_there_goes_straight_to_the_target(browser: Browser) -> None:
    browser.sign_in()
    answer = browser.client.get(f"/auth/initiate?iss={browser.provider.issuer}&target_link_uri=/note")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/note")


@pytest.mark.parametrize("hint", ["x" * 255, "a\nb", "", "a\0b"])
def test_an_odd_hint_is_left_out(browser: Browser, hint: str) -> None:
    page = asked(browser, "get", iss=browser.provider.issuer, login_hint=hint)
    assert "login_hint" not in query_of(begun(browser, page))
    sent = {"csrf_token": TOKEN.search(page.text)[1], "hint": hint}  # type: ignore[index]  # there is a form
    assert "login_hint" not in query_of(browser.client.post("/sign-in/town", data=sent).headers["Location"])
