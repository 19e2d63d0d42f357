"""A sign-in with a browser that the account has not been used with is told by mail, once and not too often."""

from typing import Any

import pytest
from sqlalchemy import Engine, text

from portal.db.session import db
from portal.identity import devices
from tests.integration.identity.conftest import Browser
from tests.integration.identity.control import link_in, second_browser
from tests.support.fixtures import Clock

LETTERS = "select * from portal.outbound_message where template = 'identity/mail/new_device.txt' order by created_at"
FIREFOX = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"}


def come(browser: Browser) -> None:
    callback = browser.provider.authorize(browser.begin()).removeprefix("http://localhost")
    assert browser.client.get(callback, headers=FIREFOX).status_code == 303


def test_the_first_sign_in_of_an_account_tells_nobody(browser: Browser, rows: Any) -> None:
    browser.sign_in()
    assert rows(LETTERS) == []
    assert rows("select count(*) from portal.known_device") == [(1,)]


def test_a_known_browser_tells_nobody(browser: Browser, rows: Any) -> None:
    browser.sign_in()
    browser.post("/sign-out", csrf_token=browser.token("/note"))
    browser.sign_in()
    assert rows(LETTERS) == []
    assert rows("select count(*) from portal.known_device") == [(1,)]


def test_a_new_browser_is_told_with_when_how_and_what_and_nothing_else(browser: Browser, rows: Any, at: Clock) -> None:
    at.move_to("2026-11-22T14:05")
    browser.sign_in()
    come(second_browser(browser))
    (letter,) = rows(LETTERS)
    assert letter.to_address == "ada@example.org"
    assert letter.subject == "Somebody signed in to your account with a new device"
    for words in ("22 November 2026 at 2:05pm", "Town account", "Firefox, Windows", "The link works for 7 days"):
        assert words in letter.body
    for personal in ("Ada", "ada@", "127.0.0.1"):
        assert personal not in letter.body
    assert link_in(letter).startswith("/not-me/")


def test_the_letter_speaks_the_accounts_language(browser: Browser, rows: Any, cleaning_engine: Engine) -> None:
    browser.sign_in()
    with cleaning_engine.begin() as connection:
        connection.execute(text("update portal.account set language = 'cy'"))
    come(second_browser(browser))
    assert rows(LETTERS)[0].language == "cy"


def test_the_new_browser_is_known_from_then_on(browser: Browser, rows: Any) -> None:
    browser.sign_in()
    other = second_browser(browser)
    come(other)
    come(other)
    assert len(rows(LETTERS)) == 1


def test_a_storm_of_sign_ins_is_told_a_few_times_and_the_rest_stay_unknown(
    browser: Browser, rows: Any, at: Clock
) -> None:
    browser.sign_in()
    others = [second_browser(browser) for _ in range(devices.MOST_LETTERS + 2)]
    for other in others:
        come(other)
    told = rows(LETTERS)
    assert len(told) == devices.MOST_LETTERS
    assert ["last of several" in letter.body for letter in told] == [False] * (devices.MOST_LETTERS - 1) + [True]
    at.advance(days=1, minutes=1)
    come(others[-1])  # the one that nobody was told of
    assert len(rows(LETTERS)) == devices.MOST_LETTERS + 1


def test_without_a_confirmed_address_nobody_is_told_and_signing_in_works(browser: Browser, rows: Any) -> None:
    browser.provider.userinfo = {"email_verified": False}
    browser.sign_in()
    other = second_browser(browser)
    come(other)
    assert other.is_signed_in()
    assert rows(LETTERS) == []


def test_two_residents_at_one_computer_leave_nothing_in_common(browser: Browser, rows: Any) -> None:
    browser.sign_in()
    browser.provider.claims["sub"] = "resident-2"
    browser.provider.userinfo = {"email": "bo@example.org"}
    browser.sign_in()
    digests = rows("select digest from portal.known_device")
    assert len(set(digests)) == 2
    assert browser.client.get_cookie("moothall_device").value not in str(digests)  # type: ignore[union-attr]  # it is there


@pytest.mark.parametrize("value", ["", "x", "a" * 2000, "%00"])
def test_an_odd_cookie_is_replaced(browser: Browser, value: str, rows: Any) -> None:
    browser.client.set_cookie("moothall_device", value)
    browser.sign_in()
    cookie = browser.client.get_cookie("moothall_device")
    assert cookie is not None
    assert len(cookie.value) == 43
    assert cookie.http_only


def test_an_account_knows_so_many_browsers_and_forgets_the_oldest(
    browser: Browser, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "MOST_LETTERS", 100)
    monkeypatch.setattr(devices, "_BEYOND", devices._BEYOND.offset(3))
    for _ in range(6):
        browser.client.delete_cookie("moothall_device")
        browser.sign_in()
    assert rows("select count(*) from portal.known_device") == [(3,)]


def test_browsers_are_forgotten_but_never_the_last_of_an_account(browser: Browser, rows: Any, at: Clock) -> None:
    browser.sign_in()
    at.advance(days=1)
    second = second_browser(browser)
    come(second)
    at.advance(days=500)
    with browser.client.application.app_context():
        devices.tidy_devices()
        db.session.commit()
    assert rows("select count(*) from portal.known_device") == [(1,)]
    assert rows("select count(*) from portal.sign_in_notice") == [(0,)]
    come(second_browser(browser))
    assert len(rows(LETTERS)) == 2
