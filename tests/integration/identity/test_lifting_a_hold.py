"""The way back into an account that is held: a fresh sign-in and the mailbox together, or the council."""

from typing import Any

import pytest
from sqlalchemy import Engine, text

from portal.db.session import session
from portal.errors import NotFound
from portal.identity import recovery
from tests.integration.identity.conftest import Browser
from tests.integration.identity.control import link_in, press, second_browser
from tests.integration.identity.reports import HELD_LETTERS, HOLD, NEW_DEVICE, lift_link, not_me, owner, report, thief
from tests.support.fixtures import Clock

__all__ = ["not_me", "owner", "thief"]


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
