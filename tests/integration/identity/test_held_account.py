"""An account that is held: who is let in by which sign-in, and what is refused meanwhile."""

import re
from typing import Any

import pytest

from portal.errors import Forbidden
from portal.identity import guard, hold
from tests.integration.identity.conftest import Browser
from tests.integration.identity.control import press
from tests.integration.identity.reports import HOLD, OPEN, lift_link, not_me, owner, report, thief
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider

__all__ = ["not_me", "owner", "thief"]


# --- Coming in


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
