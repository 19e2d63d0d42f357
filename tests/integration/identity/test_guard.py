"""The gate: closed unless a page says otherwise; what was being sent is kept for the same person only."""

from typing import Any

import pytest

from tests.integration.identity.conftest import Browser
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider


def expired(browser: Browser, at: Clock) -> str:
    """Sign in, open a form, let the session run out. The form's token."""
    browser.sign_in()
    token = browser.token("/note")
    at.advance(minutes=31)
    return token


def test_a_page_that_says_nothing_is_closed(browser: Browser) -> None:
    answer = browser.client.get("/home?a=1&b=2")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=%2Fhome%3Fa%3D1%26b%3D2")
    assert browser.client.head("/home").status_code == 303
    assert browser.client.get("/").status_code == 200


def test_an_unknown_address_is_not_found_and_not_a_sign_in(browser: Browser) -> None:
    assert browser.client.get("/no-such-page").status_code == 404
    assert browser.client.put("/home").status_code == 405


def test_the_way_leads_back_to_where_it_was(browser: Browser) -> None:
    assert browser.sign_in("/note").headers["Location"] == "/note"
    assert browser.client.get("/sign-in?next=/note").headers["Location"] == "/note"


@pytest.mark.parametrize("wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "/%2fevil.example"])
def test_no_next_leads_away(browser: Browser, wanted: str) -> None:
    assert browser.sign_in(wanted).headers["Location"] == "/"
    assert browser.client.get("/sign-in", query_string={"next": wanted}).headers["Location"] == "/"


def test_what_was_being_sent_comes_back_once_to_the_same_person(browser: Browser, at: Clock, rows: Any) -> None:
    token = expired(browser, at)
    answer = browser.post("/note", csrf_token=token, note="Dear council <b>", password_hint="secret")
    assert answer.headers["Location"] == "/sign-in?next=%2Fnote&why=held"
    assert "What you were sending is kept" in browser.client.get(answer.headers["Location"]).text
    assert rows("select fields from portal.held_post") == [([["note", "Dear council <b>"]],)]
    assert browser.sign_in("/note").headers["Location"] == "/note"
    assert "[Dear council &lt;b&gt;]" in browser.client.get("/note").text
    assert "[]" in browser.client.get("/note").text
    assert rows("select 1 from portal.held_post") == []
    assert rows("select holds_post from portal.session where ended_at is null") == [(False,)]


def test_another_person_never_sees_it(browser: Browser, at: Clock, rows: Any) -> None:
    browser.post("/note", csrf_token=expired(browser, at), note="private")
    browser.provider.claims["sub"] = "resident-2"
    browser.sign_in("/note")
    assert "private" not in browser.client.get("/note").text
    assert rows("select 1 from portal.held_post") == []


def test_another_browser_of_the_same_person_does_not_get_it(
    browser: Browser, make: Any, provider: HostileProvider, at: Clock
) -> None:
    browser.post("/note", csrf_token=expired(browser, at), note="private")
    other = make(provider)
    other.sign_in()
    assert "private" not in other.client.get("/note").text


def test_nothing_is_kept_when_nobody_is_known(browser: Browser, rows: Any) -> None:
    answer = browser.post("/note", csrf_token=browser.token(), note="private")
    assert answer.headers["Location"] == "/sign-in?next=%2Fnote"
    assert rows("select 1 from portal.held_post") == []


def test_nothing_is_kept_after_signing_out(browser: Browser, at: Clock, rows: Any) -> None:
    browser.post("/note", csrf_token=expired(browser, at), note="private")
    browser.sign_in()
    browser.post("/sign-out", csrf_token=browser.token("/extra"))
    assert rows("select 1 from portal.held_post") == []


def test_it_is_kept_for_a_day_and_no_longer(browser: Browser, at: Clock) -> None:
    browser.post("/note", csrf_token=expired(browser, at), note="old")
    at.advance(hours=25)
    browser.sign_in()
    assert "[]" in browser.client.get("/note").text


@pytest.mark.parametrize("note", ["x" * 70_000, "a\0b", ""])
def test_what_cannot_be_kept_is_left_out_without_a_fault(browser: Browser, at: Clock, rows: Any, note: str) -> None:
    answer = browser.post("/note", csrf_token=expired(browser, at), note=note)
    assert answer.status_code == 303
    assert len(rows("select 1 from portal.held_post")) == (1 if note == "" else 0)


def test_a_form_without_a_page_of_its_own_is_not_held(browser: Browser, at: Clock, rows: Any) -> None:
    answer = browser.post("/only-post", csrf_token=expired(browser, at), note="x")
    assert answer.headers["Location"] == "/sign-in?why=expired"
    assert rows("select 1 from portal.held_post") == []


@pytest.mark.parametrize(
    ("acr", "strict", "extra"), [(None, 403, 403), ("checked", 200, 403), ("documents", 200, 200), ("odd", 403, 403)]
)
def test_a_page_may_demand_a_level(browser: Browser, acr: str | None, strict: int, extra: int) -> None:
    browser.provider.claims["acr"] = acr
    browser.sign_in()
    assert browser.client.get("/strict/page").status_code == strict
    assert browser.client.get("/extra").status_code == extra
    if extra == 403:
        page = browser.client.get("/extra").text
        assert "You need to prove who you are" in page
        assert "Sign out" in page
