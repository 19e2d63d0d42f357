"""The page of sign-ins and open sessions, and signing out from there."""

import re
import uuid
from typing import Any

import pytest
from sqlalchemy import Engine, text

from portal.identity import queries
from tests.integration.identity.conftest import Browser, query_of
from tests.integration.identity.control import press, second_browser
from tests.support.fixtures import Clock

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 Version/18.0 Mobile/1 Safari/604.1"
OPEN = "select id from portal.session where ended_at is null order by created_at"


@pytest.fixture
def two(browser: Browser, at: Clock) -> tuple[Browser, Browser]:
    """One resident at two browsers, the second a telephone."""
    at.move_to("2026-11-22T09:00")
    browser.sign_in()
    at.advance(minutes=5)
    phone = second_browser(browser)
    phone.client.environ_base["HTTP_USER_AGENT"] = IPHONE
    phone.sign_in()
    return browser, phone


def words(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def test_the_page_says_when_how_and_with_what_and_which_one_is_here(two: tuple[Browser, Browser], at: Clock) -> None:
    _browser, phone = two
    at.advance(minutes=10)
    page = words(phone.client.get("/sign-ins").text)
    assert "Safari, iPhone This device" in page
    assert "22 November 2026 at 9:05am" in page
    assert "22 November 2026 at 9:00am" in page
    assert "With Town account" in page
    assert "There were no others" in page
    assert page.count("This device") == 1
    assert page.index("iPhone") < page.index("A device we could not tell")  # the last used is first


def test_the_level_is_told_in_plain_words(browser: Browser) -> None:
    browser.provider.claims["acr"] = "documents"
    browser.sign_in()
    assert "With Town account, with your identity proven" in words(browser.client.get("/sign-ins").text)
    browser.post("/sign-out", csrf_token=browser.token("/sign-ins"))
    browser.provider.claims["acr"] = "checked"
    browser.sign_in()
    page = words(browser.client.get("/sign-ins").text)
    assert "With Town account, in two steps " in page
    assert "identity checked" not in page


def test_signing_out_everywhere_stands_above_the_list_and_with_one_session_too(browser: Browser, at: Clock) -> None:
    browser.sign_in()
    page = words(browser.client.get("/sign-ins").text)
    assert "Sign out all other devices" not in page
    assert page.index("Sign out everywhere, here too") < page.index("This device")
    second_browser(browser).sign_in()
    page = words(browser.client.get("/sign-ins").text)
    assert page.index("Sign out all other devices") < page.index("This device")


def test_one_other_is_signed_out_and_this_one_is_not(two: tuple[Browser, Browser], rows: Any) -> None:
    browser, phone = two
    (first, _second) = rows(OPEN)
    answer = phone.post(f"/sign-ins/{first.id}/end", csrf_token=phone.token("/sign-ins"))
    assert answer.headers["Location"] == "/sign-ins"
    assert not browser.is_signed_in()
    assert phone.is_signed_in()
    assert rows("select ended_why, id_token from portal.session where ended_at is not null") == [("elsewhere", None)]
    page = words(phone.client.get("/sign-ins").text)
    assert "That device has been signed out" in page
    assert "You signed it out from another device" in page
    acts = rows("select act, subject from portal.audit_entry where act like 'identity.session%'")
    assert acts == [("identity.session_ended", f"session:{first.id}")]


def test_this_one_goes_the_whole_way_out(two: tuple[Browser, Browser], rows: Any) -> None:
    browser, phone = two
    mine = rows(OPEN)[1]
    answer = phone.post(f"/sign-ins/{mine.id}/end", csrf_token=phone.token("/sign-ins"))
    assert query_of(answer.headers["Location"])["post_logout_redirect_uri"] == "http://localhost/signed-out"
    assert not phone.is_signed_in()
    assert browser.is_signed_in()


def test_all_others_are_signed_out(two: tuple[Browser, Browser], rows: Any) -> None:
    browser, phone = two
    assert press(browser, "/sign-ins", to="/sign-ins/end-others").headers["Location"] == "/sign-ins"
    assert browser.is_signed_in()
    assert not phone.is_signed_in()
    assert "1 other device has been signed out" in browser.client.get("/sign-ins").text


def test_everything_is_signed_out_and_the_provider_hears_of_this_one(two: tuple[Browser, Browser], rows: Any) -> None:
    browser, phone = two
    answer = press(browser, "/sign-ins", to="/sign-ins/end-all")
    assert answer.headers["Location"].startswith(f"{browser.provider.issuer}/logout?")
    assert not browser.is_signed_in()
    assert not phone.is_signed_in()
    assert rows(OPEN) == []


def test_signing_out_all_needs_no_provider_that_can_be_told(browser: Browser) -> None:
    browser.provider.metadata["end_session_endpoint"] = None
    browser.sign_in()
    assert press(browser, "/sign-ins", to="/sign-ins/end-all").headers["Location"] == "/signed-out"


def test_another_persons_session_looks_like_none(browser: Browser, rows: Any) -> None:
    browser.sign_in()
    (theirs,) = rows(OPEN)
    browser.provider.claims["sub"] = "resident-2"
    browser.provider.userinfo = {"email": "bo@example.org"}
    other = second_browser(browser)
    other.sign_in()
    token = other.token("/sign-ins")
    theirs_page = other.post(f"/sign-ins/{theirs.id}/end", csrf_token=token)
    nobodys_page = other.post(f"/sign-ins/{uuid.uuid4()}/end", csrf_token=token)
    assert theirs_page.status_code == nobodys_page.status_code == 404
    assert words(theirs_page.text) == words(nobodys_page.text)
    assert browser.is_signed_in()


def test_one_that_has_ended_meanwhile_is_told_so(two: tuple[Browser, Browser], rows: Any) -> None:
    _browser, phone = two
    (first, _second) = rows(OPEN)
    token = phone.token("/sign-ins")
    assert phone.post(f"/sign-ins/{first.id}/end", csrf_token=token).status_code == 303
    again = phone.post(f"/sign-ins/{first.id}/end", csrf_token=token)
    assert "may have ended meanwhile" in again.text


def test_a_session_that_ran_out_is_shown_as_over_before_anybody_has_ended_it(
    two: tuple[Browser, Browser], at: Clock, rows: Any
) -> None:
    _browser, phone = two
    at.advance(minutes=29)
    phone.is_signed_in()
    at.advance(minutes=10)
    page = words(phone.client.get("/sign-ins").text)
    assert len(rows(OPEN)) == 2
    assert "It ran out because nobody was there" in page
    assert "Ended 22 November 2026 at 9:30am" in page


def test_the_lists_are_bounded_ordered_and_of_the_last_30_days(
    two: tuple[Browser, Browser], cleaning_engine: Engine
) -> None:
    browser, _phone = two
    copies = """
    insert into portal.session
    select (jsonb_populate_record(cast(null as portal.session), to_jsonb(one) || jsonb_build_object(
        'id', gen_random_uuid(), 'cookie_hash', md5(n::text), 'device', 'Copy ' || n,
        'created_at', created_at - make_interval(days => n), 'ended_at', created_at, 'ended_why', 'signed_out'))).*
    from (select * from portal.session limit 1) as one, generate_series(1, 40) as n
    """
    with cleaning_engine.begin() as connection:
        connection.execute(text(copies))
    page = words(browser.client.get("/sign-ins").text)
    assert "Copy 29" in page
    assert "Copy 31" not in page
    assert page.index("Copy 2 ") < page.index("Copy 3 ")
    assert queries._OPEN._limit_clause is not None
    assert queries._ENDED._limit_clause is not None


def test_the_page_is_closed_to_strangers_and_forms_need_their_token(browser: Browser) -> None:
    assert browser.client.get("/sign-ins").headers["Location"].startswith("/sign-in?next=")
    browser.sign_in()
    for path in ("end-others", "end-all", "not-me", f"{uuid.uuid4()}/end"):
        assert browser.post(f"/sign-ins/{path}").status_code == 400
    assert browser.is_signed_in()
