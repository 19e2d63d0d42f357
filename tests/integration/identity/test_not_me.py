""" "This was not me": from the mail and from the page, and what it ends."""

from typing import Any

import pytest
from sqlalchemy import Engine, text

from portal.accounts import email_change
from portal.accounts.queries import get_account
from portal.db.session import session
from tests.integration.identity.conftest import Browser
from tests.integration.identity.control import link_in, press, second_browser
from tests.integration.identity.reports import HELD_LETTERS, HOLD, NEW_DEVICE, OPEN, not_me, owner, report, thief
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider

__all__ = ["not_me", "owner", "thief"]


def test_opening_the_link_changes_nothing(owner: Browser, thief: Browser, not_me: str, rows: Any) -> None:
    scanner = second_browser(owner).client
    for _ in range(3):
        assert scanner.head(not_me).status_code == 200
        assert "Was this not you?" in scanner.get(not_me).text
    assert owner.is_signed_in()
    assert thief.is_signed_in()
    assert rows(HOLD) == []
    assert rows("select used_at from portal.sign_in_notice") == [(None,)]


def test_the_button_ends_every_session_and_holds(owner: Browser, thief: Browser, not_me: str, rows: Any) -> None:
    report(second_browser(owner), not_me)  # who was locked out need not be signed in
    assert not owner.is_signed_in()
    assert not thief.is_signed_in()
    assert rows(OPEN) == []
    assert rows("select distinct id_token from portal.session") == [(None,)]
    assert rows("select count(*) from portal.known_device") == [(0,)]
    assert len(rows(HOLD)) == 1
    assert rows("select actor from portal.audit_entry where act = 'account.held'") == [("system:mail",)]


def test_only_who_has_reported_is_told_what_was_done(owner: Browser, not_me: str) -> None:
    anybody = second_browser(owner)
    assert anybody.client.get("/not-me").headers["Location"] == "/sign-ins"
    assert owner.client.get("/not-me").headers["Location"] == "/sign-ins"
    anybody.client.set_cookie("moothall_reported", "reported")
    assert anybody.client.get("/not-me").headers["Location"] == "/sign-ins"
    report(anybody, not_me)
    for _ in range(2):  # fetched again, it still says what to do
        assert "We have signed everybody out of this website" in anybody.client.get("/not-me").text


def test_the_page_of_the_hold_says_what_is_left_and_gives_a_reference(
    make: Any, provider: HostileProvider, at: Clock, rows: Any
) -> None:
    owner = make(provider, account_url="https://town.example/mine", recovery_url="https://town.example/lost")
    owner.sign_in()
    at.advance(minutes=1)
    done = owner.client.get(press(owner, "/sign-ins/not-me").headers["Location"]).text
    assert "Change the password that you sign in with" in done
    assert "https://town.example/lost" in done
    assert "https://town.example/mine" in done
    at.advance(minutes=1)
    owner.sign_in()
    held = owner.client.get("/held").text
    assert "Change the password that you sign in with" not in held  # done, or said above the list
    assert "https://town.example/mine" in held
    assert "See what to do next" not in held
    ((account_id,),) = rows("select id from portal.account")
    assert f">{account_id.hex[:4]} {account_id.hex[4:8]}<" in held


def test_the_button_a_second_time_says_that_it_is_done(owner: Browser, not_me: str, rows: Any) -> None:
    anybody = second_browser(owner)
    token = anybody.token(not_me)
    anybody.post(not_me, csrf_token=token)
    held = rows(HOLD)
    again = anybody.post(not_me, csrf_token=token)
    assert again.status_code == 200
    assert "This is done already" in again.text
    assert "This is done already" in anybody.client.get(not_me).text
    assert rows(HOLD) == held
    assert len(rows(HELD_LETTERS)) == 1


def test_an_old_button_does_not_hold_anew_what_was_settled(
    owner: Browser, thief: Browser, at: Clock, rows: Any
) -> None:
    second_browser(owner).sign_in()
    first, second = (link_in(letter) for letter in rows(NEW_DEVICE))
    report(owner, first)
    assert "This is done already" in owner.client.get(second).text


@pytest.mark.parametrize("link", ["/not-me/x", "/not-me/" + "a" * 3000, "/not-me/%00"])
def test_an_unknown_link_is_dead_and_tells_nothing(owner: Browser, link: str) -> None:
    answer = owner.client.get(link)
    assert answer.status_code in (404, 410)
    assert owner.is_signed_in()


def test_the_link_works_for_seven_days(owner: Browser, not_me: str, at: Clock, rows: Any) -> None:
    at.advance(days=7, minutes=1)
    assert owner.client.get(not_me).status_code == 410
    assert owner.post(not_me, csrf_token=owner.token()).status_code == 410
    assert rows(HOLD) == []


def test_a_forged_form_does_not_report(owner: Browser, not_me: str, rows: Any) -> None:
    token = owner.token(not_me)
    answer = owner.client.post(not_me, data={"csrf_token": token}, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 400
    assert rows(HOLD) == []


def test_the_pages_say_nothing_of_whose_account_it_is(owner: Browser, not_me: str) -> None:
    anybody = second_browser(owner)
    for path in (not_me, "/not-me"):
        page = anybody.client.get(path).text
        assert "Ada" not in page
        assert "ada@" not in page
    report(anybody, not_me)
    assert "Ada" not in anybody.client.get(not_me).text


def test_the_page_of_sign_ins_reports_too_after_asking(owner: Browser, thief: Browser, rows: Any) -> None:
    assert "Was this not you?" in owner.client.get("/sign-ins/not-me").text
    assert owner.is_signed_in()
    assert press(owner, "/sign-ins/not-me").headers["Location"] == "/not-me"
    assert not owner.is_signed_in()
    assert not thief.is_signed_in()
    assert len(rows(HOLD)) == 1
    assert len(rows(HELD_LETTERS)) == 1


def test_a_pending_change_of_address_and_what_was_begun_at_a_provider_are_cancelled(
    owner: Browser, thief: Browser, not_me: str, rows: Any, cleaning_engine: Engine
) -> None:
    ((account_id,),) = rows("select id from portal.account")
    with owner.client.application.test_request_context("/"):
        email_change.ask(get_account(account_id), email="thief@example.org", link=lambda token: token)
        session().commit()
    thief.begin()
    with cleaning_engine.begin() as connection:
        connection.execute(text("update portal.sign_in_attempt set account_id = :id"), {"id": account_id})
    report(second_browser(owner), not_me)
    assert rows("select * from portal.email_change") == []
    assert rows("select * from portal.sign_in_attempt where account_id is not null") == []
