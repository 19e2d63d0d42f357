"""Sessions: their cookie, their limits, their cost, and the way out."""

import re
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from portal.db.session import db
from portal.identity import operations, views
from tests.integration.identity.conftest import TOKEN, Browser, query_of
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider


def session_cookie(answer: Any) -> str:
    return next(each for each in answer.headers.getlist("Set-Cookie") if "session=" in each)


def test_the_cookie_is_opaque_and_flagged_and_stored_as_a_hash(browser: Browser, rows: Any) -> None:
    cookie = session_cookie(browser.sign_in())
    assert cookie.startswith("moothall_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    value = cookie.partition("=")[2].partition(";")[0]
    assert len(value) >= 43
    assert rows("select cookie_hash from portal.session")[0][0] != value


def test_the_cookie_is_secure_and_bound_to_the_host_away_from_loopback(make: Any, provider: HostileProvider) -> None:
    # Nobody signs in here: the provider is on loopback, which such a portal never calls.
    browser = make(provider, {"public_url": "https://my.town.example"})
    here = "https://my.town.example"
    answer = browser.client.get("/sign-in", base_url=here)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-moothall_browser=")
    assert "Secure" in cookie
    token = TOKEN.search(answer.text)
    assert token
    page = browser.client.post("/sign-in/town", data={"csrf_token": token[1]}, base_url=here)
    assert page.status_code == 503
    assert provider.requests == []


def test_each_sign_in_has_a_new_id_and_ends_the_old_session(browser: Browser, rows: Any) -> None:
    browser.sign_in()
    old = browser.client.get_cookie("moothall_session")
    old_browser = browser.client.get_cookie("moothall_browser")
    browser.sign_in()
    assert old is not None
    assert old_browser is not None
    assert browser.client.get_cookie("moothall_session").value != old.value  # type: ignore[union-attr]  # it is there
    assert browser.client.get_cookie("moothall_browser").value != old_browser.value  # type: ignore[union-attr]  # too
    assert rows("select ended_why from portal.session order by created_at") == [("replaced",), (None,)]
    assert rows("select id_token is null from portal.session order by created_at") == [(True,), (False,)]
    browser.client.set_cookie("moothall_session", old.value)
    assert not browser.is_signed_in()


def test_a_planted_cookie_opens_nothing_and_does_not_survive_sign_in(browser: Browser) -> None:
    browser.client.set_cookie("moothall_session", "planted")
    assert not browser.is_signed_in()
    browser.sign_in()
    assert browser.client.get_cookie("moothall_session").value != "planted"  # type: ignore[union-attr]  # it is there


@pytest.mark.parametrize("value", ["", "x", "a" * 5000, "%00", "é", "'; drop table"])
def test_an_odd_cookie_is_a_stranger(browser: Browser, value: str) -> None:
    answer = browser.client.get("/home", headers={"Cookie": f"moothall_session={value}".encode().decode("latin-1")})
    assert answer.status_code == 303


def test_a_session_ends_when_it_is_idle(browser: Browser, at: Clock) -> None:
    browser.sign_in()
    for _ in range(3):
        at.advance(minutes=29)
        assert browser.is_signed_in()
    at.advance(minutes=31)
    answer = browser.client.get("/home?a=1")
    assert answer.headers["Location"] == "/sign-in?next=%2Fhome%3Fa%3D1&why=expired"
    assert "had not used the service" in browser.client.get(answer.headers["Location"]).text


def test_a_session_ends_at_its_absolute_limit(browser: Browser, at: Clock) -> None:
    browser.sign_in()
    for _ in range(12 * 3):
        assert browser.is_signed_in()
        at.advance(minutes=20)
    at.advance(minutes=1)
    assert not browser.is_signed_in()


def test_last_seen_is_written_at_most_once_a_minute(browser: Browser, at: Clock, rows: Any) -> None:
    browser.sign_in()
    query = "select last_seen_at from portal.session"
    before = rows(query)
    at.advance(seconds=59)
    browser.is_signed_in()
    assert rows(query) == before
    at.advance(seconds=2)
    browser.is_signed_in()
    assert rows(query) == [(at.moment,)]


def test_a_signed_in_request_costs_one_query(browser: Browser) -> None:
    browser.sign_in()
    seen: list[str] = []
    with browser.client.application.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *call: seen.append(call[2]))
    assert browser.is_signed_in()
    assert len(seen) == 1
    browser.client.get("/static/moothall.css").close()
    assert len(seen) == 1


def test_acr_is_mapped_and_kept(browser: Browser, rows: Any) -> None:
    browser.provider.claims["acr"] = "checked"
    browser.sign_in()
    assert rows("select assurance from portal.session") == [(2,)]


def test_signing_in_and_out_is_in_the_audit_trail(browser: Browser, rows: Any) -> None:
    browser.sign_in()
    browser.post("/sign-out", csrf_token=browser.token("/note"))
    acts = rows("select act from portal.audit_entry where act like 'identity%' order by id")
    assert acts == [("identity.signed_in",), ("identity.signed_out",)]


def test_signing_out_ends_our_session_and_goes_on_to_the_provider(browser: Browser, rows: Any) -> None:
    browser.sign_in()
    answer = browser.post("/sign-out", csrf_token=browser.token("/note"))
    address = answer.headers["Location"]
    assert address.startswith(f"{browser.provider.issuer}/logout?")
    assert len(address) < 2048
    sent = query_of(address)
    assert sent["client_id"] == "portal"
    assert sent["post_logout_redirect_uri"] == "http://localhost/signed-out"
    assert sent["id_token_hint"].count(".") == 2
    assert sent["state"]
    assert not browser.is_signed_in()
    assert rows("select ended_why, id_token from portal.session") == [("signed_out", None)]


def test_a_long_id_token_is_left_out_of_the_address(browser: Browser) -> None:
    browser.provider.claims["groups"] = ["x" * 50] * 100
    browser.sign_in()
    sent = query_of(browser.post("/sign-out", csrf_token=browser.token("/note")).headers["Location"])
    assert "id_token_hint" not in sent
    assert sent["client_id"] == "portal"


def test_signing_out_needs_no_provider(browser: Browser) -> None:
    browser.sign_in()
    browser.provider.__exit__()
    try:
        assert browser.post("/sign-out", csrf_token=browser.token("/note")).status_code == 303
        assert not browser.is_signed_in()
    finally:
        browser.provider.__enter__()


def test_signing_out_without_end_session_endpoint_stays_with_us(browser: Browser) -> None:
    browser.provider.metadata["end_session_endpoint"] = None
    browser.sign_in()
    assert browser.post("/sign-out", csrf_token=browser.token("/note")).headers["Location"] == "/signed-out"


def test_signing_out_twice_is_no_error_and_by_get_nothing_happens(browser: Browser) -> None:
    browser.sign_in()
    assert browser.client.get("/sign-out").status_code == 405
    assert browser.is_signed_in()
    browser.post("/sign-out", csrf_token=browser.token("/note"))
    again = browser.post("/sign-out", csrf_token=browser.token())
    assert again.headers["Location"] == "/signed-out"


@pytest.mark.parametrize("query", ["", "?state=other", "?state=", "?error=x", "?state=a&state=b"])
def test_the_end_says_signed_out_whatever_state(browser: Browser, query: str) -> None:
    page = browser.client.get(f"/signed-out{query}")
    assert page.status_code == 200
    assert "You are signed out" in page.text


def test_sign_in_by_a_forged_form_is_refused(browser: Browser) -> None:
    answer = browser.client.post("/sign-in/town", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 400
    assert browser.provider.requests == []


def test_the_sign_in_page_lets_its_form_lead_to_the_provider(browser: Browser) -> None:
    policy = browser.client.get("/sign-in").headers["Content-Security-Policy"]
    assert browser.provider.origin in policy


def test_the_page_speaks_the_accounts_language_unless_the_browser_was_told_another(
    browser: Browser, cleaning_engine: Engine
) -> None:
    browser.sign_in()
    with cleaning_engine.begin() as connection:
        connection.execute(text("update portal.account set language = 'cy'"))
    accepts = {"Accept-Language": "en-GB"}

    def language(path: str) -> str:
        found = re.search(r'<html[^>]* lang="(..)"', browser.client.get(path, headers=accepts).text)
        assert found
        return found[1]

    assert language("/help") == "cy"
    assert browser.client.get_cookie("moothall_language") is None
    assert language("/help?lang=en") == "en"
    assert language("/help") == "en"
    assert language("/help?lang=cy") == "cy"
    browser.client.delete_cookie("moothall_language")
    browser.client.delete_cookie("moothall_session")
    assert language("/help") == "en"


def test_signing_in_is_begun_so_often_from_one_address(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, rows: Any
) -> None:
    monkeypatch.setattr(views, "MOST_FROM_AN_ADDRESS", 2)
    token = browser.token()

    def begun(address: str) -> int:
        values = {"csrf_token": token, "next": "/home"}
        environ = {"REMOTE_ADDR": address}
        return browser.client.post("/sign-in/town", data=values, environ_overrides=environ).status_code

    assert [begun("192.0.2.1") for _ in range(4)] == [303, 303, 429, 429]
    assert begun("192.0.2.2") == 303
    assert rows("select count(*) from portal.sign_in_attempt") == [(3,)]


def test_the_tidying_job_deletes_what_ran_out(browser: Browser, at: Clock, rows: Any) -> None:
    browser.sign_in()
    browser.begin()
    with browser.client.application.app_context():
        operations.tidy()
        db.session.commit()
    assert rows("select (select count(*) from portal.sign_in_attempt), count(*) from portal.session") == [(2, 1)]
    at.advance(days=3)
    with browser.client.application.app_context():
        operations.tidy()
        db.session.commit()
    assert rows("select count(*) from portal.sign_in_attempt") == [(0,)]
    assert rows("select ended_why, id_token from portal.session") == [("ran_out", None)]
    at.advance(days=31)
    with browser.client.application.app_context():
        operations.tidy()
        db.session.commit()
    assert rows("select count(*) from portal.session") == [(0,)]
