"""The gate: closed unless a page says otherwise; what was being sent is kept for the same person only."""

import io
from typing import Any

import pytest
from flask import Blueprint
from sqlalchemy import Engine, text

from portal.identity import guard
from portal.identity.assurance import Assurance
from tests.integration.identity.conftest import TOKEN, Browser, provider_settings, query_of
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider

HERE = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}


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


ODD = ["/paper/a%3Fb", "/paper/50%25", "/paper/50%2525?x=50%25&y=a%2Fb", "/paper/t%C5%B7?q=%3F", "/paper/a%20b/c;d=e"]


@pytest.mark.parametrize("page", ODD)
def test_the_way_leads_back_to_an_address_as_it_was_written(browser: Browser, page: str) -> None:
    ask = browser.client.get(page).headers["Location"]
    assert query_of(ask)["next"] == page
    assert browser.sign_in(query_of(ask)["next"]).headers["Location"] == page
    assert browser.client.get(page).status_code == 200


def test_a_quoted_slash_counts_as_one(browser: Browser) -> None:
    assert query_of(browser.client.get("/paper/a%2Fb").headers["Location"])["next"] == "/paper/a/b"


@pytest.mark.parametrize("page", ODD)
def test_what_was_sent_to_an_odd_address_comes_back_there(browser: Browser, at: Clock, page: str) -> None:
    token = expired(browser, at)
    ask = browser.client.post(page, data={"csrf_token": token, "note": "Dear council"}).headers["Location"]
    assert query_of(ask) == {"next": page, "why": "held"}
    browser.sign_in(page)
    assert "[Dear council]" in browser.client.get(page).text


def test_under_a_mount_what_was_held_is_found_by_the_path_that_signing_in_leads_to(
    browser: Browser, at: Clock, rows: Any
) -> None:
    mounted = {"base_url": "http://localhost/town"}
    token = expired(browser, at)
    ask = browser.client.post("/note", data={"csrf_token": token, "note": "x"}, **mounted).headers["Location"]
    assert query_of(ask)["next"] == "/town/note"
    assert rows("select path from portal.held_post") == [("/town/note",)]


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


def test_what_was_being_sent_comes_back_to_the_same_person_until_it_is_sent(
    browser: Browser, at: Clock, rows: Any
) -> None:
    browser.post("/letterbox", csrf_token=expired(browser, at), note="my words")
    assert browser.sign_in("/letterbox").headers["Location"] == "/letterbox"
    for headers in ({"Sec-Purpose": "prefetch"}, {}, {}):
        page = browser.client.get("/letterbox", headers=headers).text
        assert "[my words]" in page
        assert "What you were sending is in the form again" in page
    token = browser.token("/letterbox")
    assert browser.post("/letterbox", csrf_token=token, note="wrong").status_code == 200
    assert browser.client.head("/letterbox").status_code == 200
    assert "[my words]" in browser.client.get("/letterbox").text  # what was refused is nowhere else
    assert browser.post("/letterbox", csrf_token=token, note="my better words").status_code == 303
    page = browser.client.get("/letterbox").text
    assert "[]" in page
    assert "What you were sending" not in page
    assert rows("select 1 from portal.held_post") == []
    assert rows("select holds_post from portal.session where ended_at is null") == [(False,)]


def test_what_was_being_sent_can_be_thrown_away(browser: Browser, at: Clock, rows: Any) -> None:
    browser.post("/letterbox", csrf_token=expired(browser, at), note="my words")
    browser.sign_in("/letterbox")
    page = browser.client.get("/letterbox").text
    assert 'href="/empty-form?next=/letterbox"' in page
    asked = browser.client.get("/empty-form?next=/letterbox")
    assert "It has not been sent." in asked.text
    assert "[my words]" in browser.client.get("/letterbox").text
    answer = browser.post("/empty-form", csrf_token=browser.token("/letterbox"), next="/letterbox")
    assert answer.headers["Location"] == "/letterbox"
    assert "[]" in browser.client.get("/letterbox").text
    assert rows("select 1 from portal.held_post") == []


@pytest.mark.parametrize("file", [True, False])
def test_who_sent_a_file_is_told_that_it_was_not_kept(browser: Browser, at: Clock, file: bool) -> None:
    sent: dict[str, Any] = {"csrf_token": expired(browser, at), "note": "my words"}
    if file:
        sent["photo"] = (io.BytesIO(b"x"), "photo.jpg")
    answer = browser.client.post("/note", data=sent, content_type="multipart/form-data")
    page = browser.client.get(answer.headers["Location"]).text
    assert "What you were sending is kept" in page
    assert ("You will have to choose your file again" in page) is file


@pytest.mark.parametrize("file", [True, False])
def test_who_must_prove_more_is_told_that_a_file_was_not_kept(browser: Browser, at: Clock, file: bool) -> None:
    browser.sign_in()
    sent: dict[str, Any] = {"csrf_token": browser.token("/letter"), "note": "my words"}
    at.advance(minutes=11)
    if file:
        sent["photo"] = (io.BytesIO(b"x"), "photo.jpg")
    answer = browser.client.post("/letter", data=sent, content_type="multipart/form-data")
    page = browser.client.get(answer.headers["Location"]).text
    assert "What you typed is kept" in page
    assert ("You will have to choose your file again" in page) is file


MISSING = "You typed more than we can keep"


def test_what_is_too_long_to_keep_is_not_said_to_be_kept(browser: Browser, at: Clock) -> None:
    browser.sign_in()
    token, long = browser.token("/letter"), "w" * 120_000
    at.advance(minutes=11)
    assert MISSING in browser.post("/letter", csrf_token=token, note=long).text
    at.advance(minutes=31)
    assert MISSING in browser.post("/note", csrf_token=token, note=long).text
    assert MISSING not in browser.post("/note", csrf_token=token, note="w" * 70_000).text
    browser.sign_in()
    assert MISSING in browser.client.post("/note", data={"csrf_token": "old", "note": long}, headers=HERE).text


def test_a_form_that_answers_on_its_own_page_stays_held(browser: Browser, at: Clock, rows: Any) -> None:
    token = expired(browser, at)
    answer = browser.post("/note", csrf_token=token, note="Dear council <b>", password_hint="secret")
    assert answer.headers["Location"] == "/sign-in?next=%2Fnote&why=held"
    assert "What you were sending is kept" in browser.client.get(answer.headers["Location"]).text
    assert rows("select fields from portal.held_post") == [([["note", "Dear council <b>"]],)]
    assert browser.sign_in("/note").headers["Location"] == "/note"
    assert "[Dear council &lt;b&gt;]" in browser.client.get("/note").text
    assert len(rows("select 1 from portal.held_post")) == 1


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


def asks_to_sign_in_beside(answer: Any) -> str:
    """The page that itself keeps what was sent; the token in it."""
    assert answer.status_code == 400
    assert '<h1 class="govuk-heading-l">Sign in to go on</h1>' in answer.text
    assert 'href="/sign-in" target="_blank" rel="noopener"' in answer.text
    found = TOKEN.search(answer.text)
    assert found
    return found[1]


def test_when_nobody_is_known_the_page_itself_keeps_what_was_sent(browser: Browser, rows: Any) -> None:
    answer = browser.post("/note", csrf_token=browser.token(), note="my <words>", password="secret")
    token = asks_to_sign_in_beside(answer)
    assert '<input type="hidden" name="note" value="my &lt;words&gt;">' in answer.text
    assert "secret" not in answer.text
    assert rows("select 1 from portal.held_post") == []
    asks_to_sign_in_beside(browser.post("/note", csrf_token=token, note="my <words>"))  # not signed in yet


@pytest.mark.parametrize("gone", ["signed out", "cookies lost", "signed out elsewhere"])
def test_a_form_from_before_signing_out_arrives_after_signing_in(
    browser: Browser, rows: Any, cleaning_engine: Engine, gone: str
) -> None:
    browser.sign_in()
    token = browser.token("/note")
    if gone == "signed out":
        browser.post("/sign-out", csrf_token=token)
    elif gone == "cookies lost":
        browser.client.delete_cookie("moothall_session")
        browser.client.delete_cookie("moothall_browser")
    else:
        with cleaning_engine.begin() as connection:
            connection.execute(text("update portal.session set ended_at = now()"))
    answer = browser.client.post("/note", data={"csrf_token": token, "note": "my words"}, headers=HERE)
    token = asks_to_sign_in_beside(answer)
    assert rows("select 1 from portal.held_post") == []
    browser.sign_in("/")
    answer = browser.client.post("/note", data={"csrf_token": token, "note": "my words"}, headers=HERE)
    assert "Send your answers again" in answer.text  # the new session has made the token old, and names whose it is
    assert "You are signed in as" in answer.text
    found = TOKEN.findall(answer.text)
    answer = browser.client.post("/note", data={"csrf_token": found[-1], "note": "my words"}, headers=HERE)
    assert answer.text == "<h1>Taken: my words</h1>"


def sent_again(browser: Browser, token: str) -> Any:
    return browser.client.post("/note", data={"csrf_token": token, "note": "my words"}, headers=HERE)


def refused_as_somebody_elses(answer: Any) -> None:
    assert answer.status_code == 400
    assert "These answers are from another account" in answer.text
    assert "my words" not in answer.text


def test_a_form_that_the_page_kept_is_not_taken_from_another_person(browser: Browser) -> None:
    browser.sign_in()
    first = browser.token("/note")
    browser.post("/sign-out", csrf_token=first)
    kept = asks_to_sign_in_beside(sent_again(browser, first))
    kept = asks_to_sign_in_beside(sent_again(browser, kept))  # pressed too early: the page is theirs as before
    browser.provider.claims["sub"] = "resident-2"
    browser.sign_in()
    refused_as_somebody_elses(sent_again(browser, kept))
    refused_as_somebody_elses(sent_again(browser, first))


def test_a_form_that_was_begun_by_nobody_is_kept_for_whoever_signs_in(browser: Browser) -> None:
    kept = asks_to_sign_in_beside(sent_again(browser, browser.token()))
    browser.sign_in()
    assert "my words" in sent_again(browser, kept).text


def test_a_stale_form_from_another_site_gets_nothing_back(browser: Browser) -> None:
    answer = browser.client.post("/note", data={"note": "private"}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 400
    assert "private" not in answer.text
    assert "Sign in to go on" not in answer.text


def test_a_stale_form_of_an_open_page_is_only_sent_again(browser: Browser) -> None:
    answer = browser.client.post("/sign-in/town", data={"csrf_token": "old", "next": "/note"}, headers=HERE)
    assert "Send your answers again" in answer.text
    assert "You are signed in as" not in answer.text


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
    assert answer.status_code == (303 if note == "" else 400)
    assert len(rows("select 1 from portal.held_post")) == (1 if note == "" else 0)


def test_a_form_without_a_page_of_its_own_is_not_held(browser: Browser, at: Clock, rows: Any) -> None:
    asks_to_sign_in_beside(browser.post("/only-post", csrf_token=expired(browser, at), note="x"))
    assert rows("select 1 from portal.held_post") == []


@pytest.mark.parametrize(
    ("acr", "strict", "extra"), [(None, 303, 303), ("checked", 200, 303), ("documents", 200, 200), ("odd", 303, 303)]
)
def test_a_page_may_demand_a_level(browser: Browser, acr: str | None, strict: int, extra: int) -> None:
    browser.provider.claims["acr"] = acr
    browser.sign_in()
    assert browser.client.get("/strict/page").status_code == strict
    assert browser.client.get("/extra").status_code == extra
    if extra == 303:
        page = browser.client.get(browser.client.get("/extra").headers["Location"]).text
        assert "Prove who you are to go on" in page
        assert "Sign out" in page


def test_what_an_outer_blueprint_demands_holds_for_the_pages_within(
    make_portal: Any, provider: HostileProvider
) -> None:
    """The gate and the page that asks for more proof say the same, or the browser would go to and fro for ever."""
    app = make_portal({"town": provider_settings(provider)})
    outer, inner = Blueprint("outer", __name__), Blueprint("inner", __name__)
    inner.get("/page")(lambda: "page within")
    outer.register_blueprint(inner)
    app.register_blueprint(outer, url_prefix="/outer")
    guard.demand(app, "outer", Assurance.MEDIUM)
    browser = Browser(app.test_client(), provider)
    browser.sign_in()
    browser.provider.claims["acr"] = "checked"
    assert browser.prove_more("/outer/page").headers["Location"] == "/outer/page"
    assert browser.client.get("/outer/page").text == "page within"
