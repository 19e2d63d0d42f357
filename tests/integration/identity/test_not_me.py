""" "This was not me": from the mail and from the page; what it ends and holds; and the way back."""

import re
from typing import Any

import pytest
from sqlalchemy import Engine, text

from portal.accounts import email_change
from portal.accounts.queries import get_account
from portal.db.session import session
from portal.errors import Forbidden, NotFound
from portal.identity import guard, hold, recovery
from tests.integration.identity.conftest import Browser
from tests.integration.identity.control import link_in, press, second_browser
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider

NEW_DEVICE = "select * from portal.outbound_message where template = 'identity/mail/new_device.txt' order by created_at"
HELD_LETTERS = (
    "select * from portal.outbound_message where template = 'identity/mail/account_held.txt' order by created_at"
)
HOLD = "select * from portal.account_hold"
OPEN = "select id from portal.session where ended_at is null"


@pytest.fixture
def owner(browser: Browser, at: Clock) -> Browser:
    """The owner, signed in at home for a week."""
    at.move_to("2026-11-22T09:00")
    browser.sign_in()
    at.advance(days=7)
    browser.sign_in()
    return browser


@pytest.fixture
def thief(owner: Browser, at: Clock) -> Browser:
    """Somebody who knows the owner's password, and reads nobody's mail."""
    at.advance(minutes=5)
    stranger = second_browser(owner)
    stranger.sign_in()
    return stranger


@pytest.fixture
def not_me(thief: Browser, rows: Any) -> str:
    """The link in the mail to the owner."""
    return link_in(rows(NEW_DEVICE)[0])


def report(owner: Browser, link: str) -> None:
    assert press(owner, link).headers["Location"] == "/not-me"


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


# --- The way back


def lift_link(rows: Any) -> str:
    return link_in(rows(HELD_LETTERS)[-1])


def test_the_owner_signs_in_afresh_and_opens_the_link(
    owner: Browser, thief: Browser, not_me: str, at: Clock, rows: Any
) -> None:
    report(second_browser(owner), not_me)
    at.advance(minutes=1)
    thief.sign_in()  # with the password that is not yet changed
    owner.sign_in()
    link = lift_link(rows)
    assert "This account is mine" in owner.client.get(link).text
    assert len(rows(HOLD)) == 1
    assert press(owner, link).headers["Location"] == "/sign-ins"
    assert rows(HOLD) == []
    assert owner.is_signed_in()
    assert not thief.is_signed_in()
    assert rows("select count(*) from portal.known_device") == [(1,)]
    assert [act for (act,) in rows("select act from portal.audit_entry where act like 'account.%' order by id")] == [
        "account.opened",
        "account.held",
        "account.released",
    ]
    thief.sign_in()
    assert len(rows(NEW_DEVICE)) == 4  # each time that the thief came, and of the owner's own while all are forgotten


def test_a_thief_who_signs_in_again_cannot_lift_the_hold_without_the_mailbox(
    owner: Browser, thief: Browser, not_me: str, at: Clock, rows: Any
) -> None:
    report(owner, not_me)
    at.advance(minutes=1)
    thief.sign_in()
    assert thief.client.get("/held/lift/guessed").status_code == 410
    assert thief.post("/held/lift/guessed", csrf_token=thief.token("/sign-ins")).status_code == 410
    assert press(thief, "/held", to="/held/send-link").status_code == 303
    assert {letter.to_address for letter in rows(HELD_LETTERS)} == {"ada@example.org"}
    assert len(rows(HOLD)) == 1


def test_the_mailbox_alone_lifts_nothing(owner: Browser, not_me: str, at: Clock, rows: Any) -> None:
    report(owner, not_me)
    link = lift_link(rows)
    reader = second_browser(owner)
    assert reader.client.get(link).headers["Location"].startswith("/sign-in?next=")
    owner.provider.claims["sub"] = "resident-2"
    owner.provider.userinfo = {"email": "bo@example.org"}
    at.advance(minutes=1)
    reader.sign_in()
    assert reader.client.get(link).status_code == 410
    assert len(rows(HOLD)) == 1


def test_the_session_that_the_provider_still_has_does_not_let_into_a_held_account(
    owner: Browser, thief: Browser, not_me: str, at: Clock, rows: Any
) -> None:
    report(owner, not_me)
    owner.provider.claims["auth_time"] = int(at.moment.timestamp()) - 10  # the provider still knows its own session
    at.advance(minutes=1)
    asked = thief.sign_in().headers["Location"]
    assert "prompt=login" in asked
    assert "max_age=60" in asked
    assert rows(OPEN) == []
    answer = thief.come_back(owner.provider.authorize(asked))  # and lets them in by it once more
    assert answer.status_code == 403
    assert "Sign in with your password again" in answer.text
    assert rows(OPEN) == []
    del owner.provider.claims["auth_time"]  # now it has asked
    at.advance(minutes=1)
    assert owner.sign_in("/home").headers["Location"] == "/home"
    press(owner, lift_link(rows))
    assert rows(HOLD) == []


@pytest.mark.parametrize("auth_time", ["old", "none"])
def test_a_provider_that_cannot_be_asked_anew_lets_nobody_into_a_held_account_by_an_old_session(
    make: Any, provider: HostileProvider, at: Clock, rows: Any, auth_time: str
) -> None:
    owner = make(provider, max_age=False, prompt_login=False)
    owner.sign_in()
    at.advance(minutes=5)
    press(owner, "/sign-ins/not-me")
    provider.claims["auth_time"] = int(at.moment.timestamp()) - 60 if auth_time == "old" else None
    at.advance(minutes=1)
    answer = owner.sign_in()
    assert answer.status_code == 403
    assert ("Sign in with your password again" in answer.text) is (auth_time == "old")
    assert ("Ring us to get your account back" in answer.text) is (auth_time == "none")
    assert rows(OPEN) == []


def test_whom_no_sign_in_can_help_is_given_the_council_s_telephone_and_a_reference(
    owner: Browser, at: Clock, rows: Any, caplog: pytest.LogCaptureFixture
) -> None:
    press(owner, "/sign-ins/not-me")
    owner.provider.claims["auth_time"] = None
    at.advance(minutes=1)
    again = owner.sign_in().headers["Location"]
    page = owner.come_back(owner.provider.authorize(again))
    assert page.status_code == 403
    assert re.search(r"Ring us on [0-9 ]{9,} and give us this reference", page.text)
    (reference,) = re.findall(r"this reference: <strong><span [^>]+>([^<]+)</span>", page.text)
    assert f"held_timeless_sign_in, provider town, reference {reference}" in caplog.text
    assert "Sign in again" not in page.text
    assert rows(OPEN) == []


def test_an_address_that_was_confirmed_since_then_lifts_nothing(
    owner: Browser, thief: Browser, not_me: str, at: Clock, rows: Any, cleaning_engine: Engine
) -> None:
    at.advance(hours=1)
    with cleaning_engine.begin() as connection:
        statement = text("update portal.profile set email = 'thief@example.org', email_confirmed_at = :now")
        connection.execute(statement, {"now": at.moment})
    report(second_browser(owner), not_me)
    assert rows(HELD_LETTERS) == []
    at.advance(minutes=1)
    thief.sign_in()
    page = thief.client.get("/held").text
    assert "no email address that was surely yours" in page
    assert press(thief, "/sign-ins", to="/held/send-link").status_code == 303
    assert rows(HELD_LETTERS) == []


def test_a_way_in_that_was_added_since_then_is_taken_away(
    owner: Browser, thief: Browser, not_me: str, at: Clock, rows: Any, cleaning_engine: Engine
) -> None:
    link_one = """
    insert into portal.identity
    select (jsonb_populate_record(cast(null as portal.identity), to_jsonb(one) || jsonb_build_object(
        'id', gen_random_uuid(), 'subject', 'thief', 'linked_at', cast(:now as timestamptz)))).*
    from (select * from portal.identity limit 1) as one
    """
    at.advance(minutes=1)
    with cleaning_engine.begin() as connection:
        connection.execute(text(link_one), {"now": at.moment})
    report(second_browser(owner), not_me)
    at.advance(minutes=1)
    owner.sign_in()
    press(owner, lift_link(rows))
    assert rows("select subject from portal.identity") == [("resident-1",)]
    assert "Ways to sign in here that were added since " in owner.client.get("/sign-ins").text


def test_the_link_is_sent_so_often_in_a_day_and_the_last_one_works(
    owner: Browser, not_me: str, at: Clock, rows: Any
) -> None:
    report(owner, not_me)
    at.advance(minutes=1)
    owner.sign_in()
    answers = [press(owner, "/held", to="/held/send-link").status_code for _ in range(recovery.MOST_LETTERS)]
    assert answers == [303] * (recovery.MOST_LETTERS - 1) + [429]
    assert len(rows(HELD_LETTERS)) == recovery.MOST_LETTERS
    assert owner.client.get(link_in(rows(HELD_LETTERS)[0])).status_code == 410
    assert press(owner, lift_link(rows)).status_code == 303
    assert rows(HOLD) == []


def test_reporting_again_and_again_fills_no_mailbox_and_keeps_the_link(
    owner: Browser, not_me: str, at: Clock, rows: Any
) -> None:
    report(owner, not_me)
    for _ in range(recovery.MOST_LETTERS + 2):
        at.advance(minutes=1)
        owner.sign_in()
        press(owner, "/sign-ins/not-me")
    assert len(rows(HELD_LETTERS)) == recovery.MOST_LETTERS
    at.advance(minutes=1)
    owner.sign_in()
    assert press(owner, lift_link(rows)).status_code == 303


def test_the_council_releases_with_an_audit_row(owner: Browser, not_me: str, rows: Any) -> None:
    report(owner, not_me)
    ((account_id,),) = rows("select id from portal.account")
    with owner.client.application.app_context():
        recovery.release(account_id, actor="system:command")
        session().commit()
        with pytest.raises(NotFound):
            recovery.release(account_id, actor="system:command")
    assert rows(HOLD) == []
    assert rows("select actor from portal.audit_entry where act = 'account.released'") == [("system:command",)]


def test_who_comes_after_the_release_is_told_of(owner: Browser, not_me: str, at: Clock, rows: Any) -> None:
    report(owner, not_me)
    ((account_id,),) = rows("select id from portal.account")
    with owner.client.application.app_context():
        recovery.release(account_id, actor="system:command")
        session().commit()
    second_browser(owner).sign_in()
    assert len(rows(NEW_DEVICE)) == 2
    with owner.client.application.app_context():
        session().execute(text("delete from portal.known_device"))
        session().execute(text("delete from portal.session"))  # as the job does after a month
        session().commit()
    at.advance(days=31)
    second_browser(owner).sign_in()
    assert len(rows(NEW_DEVICE)) == 3


# --- What is held


def test_what_is_sensitive_is_refused_while_held_and_every_page_says_so(
    owner: Browser, not_me: str, at: Clock, rows: Any
) -> None:
    app = owner.client.application
    assert owner.client.get("/note").status_code == 200
    app.view_functions["pages.note"].__dict__["sensitive"] = True
    try:
        report(owner, not_me)
        at.advance(minutes=1)
        owner.sign_in()
        for answer in (owner.client.get("/note"), owner.post("/note", csrf_token=owner.token("/held"), note="x")):
            assert answer.status_code == 403
            assert "This cannot be changed at the moment" in answer.text
            assert "some changes are held" not in answer.text  # once is enough
        page = owner.client.get("/sign-ins").text
        assert "some changes are held" in page
        assert 'href="/held"' in page
        press(owner, lift_link(rows))
        assert owner.client.get("/note").status_code == 200
        assert "some changes are held" not in owner.client.get("/sign-ins").text
    finally:
        del app.view_functions["pages.note"].__dict__["sensitive"]


def test_an_act_that_is_no_page_can_ask(owner: Browser, not_me: str, at: Clock) -> None:
    def asks() -> None:
        with owner.client.application.test_request_context("/home"):
            guard.check()
            hold.refuse_while_held()

    asks()  # a stranger has nothing that is held
    report(owner, not_me)
    at.advance(minutes=1)
    owner.sign_in()
    cookie = owner.client.get_cookie("moothall_session")
    assert cookie is not None
    with owner.client.application.test_request_context("/home", headers={"Cookie": f"moothall_session={cookie.value}"}):
        guard.check()
        with pytest.raises(Forbidden):
            hold.refuse_while_held()
