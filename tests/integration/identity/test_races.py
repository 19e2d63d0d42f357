"""A sign-in that is on its way in the very moment when somebody else ends, reports or changes something."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from portal.accounts import waiting
from portal.db.session import session
from portal.identity import arrival, not_me, operations
from portal.identity.ending import EVERYWHERE
from tests.integration.identity.conftest import Browser
from tests.integration.identity.control import link_in, press, second_browser
from tests.integration.identity.test_meanwhile import meanwhile, report, whose
from tests.integration.identity.two_providers import WAYS, Town, both, county
from tests.support.fixtures import Clock

__all__ = ["both", "county"]

NEW_DEVICE = "select * from portal.outbound_message where template = 'identity/mail/new_device.txt'"
LETTERS = "select * from portal.outbound_message where template = 'identity/mail/account_held.txt' order by created_at"
OF_THE_THIEF = "select id from portal.session where ended_at is null and subject = 'thief'"


class Rival:
    """Somebody else's request, sent at one moment of the callback. It may be done there, or wait until that is over."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, where: Any, name: str) -> None:
        self.monkeypatch, self.where, self.name = monkeypatch, where, name
        self.sent: list[threading.Thread] = []

    def sends(self, act: Callable[[], object]) -> None:
        whole = getattr(self.where, self.name)

        def at_this_moment(*values: Any, **named: Any) -> Any:
            if not self.sent:
                self.sent.append(threading.Thread(target=act))
                self.sent[0].start()
                self.sent[0].join(0.3)
            return whole(*values, **named)

        self.monkeypatch.setattr(self.where, self.name, at_this_moment)

    def join(self) -> None:
        """It was sent, and is answered now."""
        self.sent[0].join(10)
        assert not self.sent[0].is_alive()


def within(app: Any, act: Callable[[], object]) -> Callable[[], None]:
    """The act in a transaction of its own."""

    def acting() -> None:
        with app.test_request_context("/"):
            act()
            session().commit()

    return acting


MOMENTS = [(arrival.proving, "hold_back"), (operations.accounts, "account_for_identity"), (operations.refresh, "first")]


@pytest.mark.parametrize(("where", "name"), MOMENTS, ids=lambda each: str(getattr(each, "__name__", each)))
def test_a_report_ends_a_sign_in_on_its_way(
    browser: Browser, rows: Any, monkeypatch: pytest.MonkeyPatch, where: Any, name: str
) -> None:
    browser.sign_in()
    thief = second_browser(browser)
    callback = browser.provider.authorize(thief.begin())
    rival = Rival(monkeypatch, where, name)
    rival.sends(within(browser.client.application, lambda: report(whose(rows))))
    thief.come_back(callback)
    rival.join()
    assert not thief.is_signed_in()
    assert rows("select 1 from portal.session where ended_at is null") == []


@pytest.mark.parametrize(("where", "name"), MOMENTS, ids=lambda each: str(getattr(each, "__name__", each)))
def test_a_way_that_is_removed_lets_nobody_in_any_more(
    both: Town, rows: Any, monkeypatch: pytest.MonkeyPatch, where: Any, name: str
) -> None:
    owner = both.browser()
    both.come(owner, "town")
    both.county.claims["sub"] = "thief"
    both.add(owner, "county")
    ((way_id,),) = rows("select id from portal.identity where subject = 'thief'")
    path = f"{WAYS}/remove/{way_id}"
    sent = {"csrf_token": owner.token(path)}
    thief = both.browser()
    callback = both.county.authorize(thief.begin("/home", "county"))
    rival = Rival(monkeypatch, where, name)
    rival.sends(lambda: owner.client.post(path, data=sent))
    thief.come_back(callback)
    rival.join()
    assert rows(OF_THE_THIEF) == []
    assert [name for _, name, _ in both.identities()] == ["town"]


def test_a_lift_keeps_nobody_who_is_on_their_way(
    both: Town, rows: Any, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at.move_to("2026-11-01T09:00")
    owner, thief = both.browser(), both.browser()
    both.come(owner, "town")
    at.advance(minutes=1)
    both.come(thief, "town")
    both.county.claims["sub"] = "thief"
    both.add(thief, "county")
    at.advance(minutes=1)
    press(owner, "/sign-ins/not-me")
    at.advance(minutes=1)
    both.come(owner, "town")
    path = link_in(rows(LETTERS)[-1])
    sent = {"csrf_token": owner.token(path)}
    callback = both.county.authorize(thief.begin("/home", "county"))
    rival = Rival(monkeypatch, operations.refresh, "first")
    rival.sends(lambda: owner.client.post(path, data=sent))
    thief.come_back(callback)
    rival.join()
    assert rows("select 1 from portal.account_hold") == []
    assert rows(OF_THE_THIEF) == []
    assert owner.is_signed_in()


def test_a_way_that_was_removed_while_the_lock_was_waited_for_is_none(
    both: Town, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = both.browser()
    both.come(owner, "town")
    both.add(owner, "county")
    other = both.browser()
    callback = both.county.authorize(other.begin("/home", "county"))
    ((way_id,),) = rows(f"select id from portal.identity where issuer = '{both.county.issuer}'")
    path = f"{WAYS}/remove/{way_id}"
    sent = {"csrf_token": owner.token(path)}
    rival = Rival(monkeypatch, operations.accounts, "lock")
    rival.sends(lambda: owner.client.post(path, data=sent))
    answer = other.come_back(callback)
    rival.join()
    assert answer.status_code == 400
    assert "You need to sign in again" in answer.text
    assert "way_removed_meanwhile" in str(rows("select details from portal.audit_entry"))
    assert both.accounts() == 1


def test_signing_out_everywhere_stops_sign_ins_on_their_way(browser: Browser, rows: Any) -> None:
    browser.sign_in()
    other = second_browser(browser)
    callback = browser.provider.authorize(other.begin())
    end = lambda: operations.end_sessions(whose(rows), why=EVERYWHERE)  # noqa: E731  # one line, used once
    meanwhile(browser.client.application, browser.provider, end)
    assert other.come_back(callback).status_code == 400
    assert not other.is_signed_in()
    browser.provider.raw_id_token = None
    other.sign_in()
    assert other.is_signed_in()


def test_signing_out_stops_a_sign_in_on_its_way_in_another_tab(browser: Browser) -> None:
    waits = browser.provider.authorize(browser.begin("/note"))
    browser.sign_in()
    tab = browser.client.application.test_client()
    for name in ("moothall_session", "moothall_browser"):
        cookie = browser.client.get_cookie(name)
        assert cookie
        tab.set_cookie(name, cookie.value)
    sent, left = {"csrf_token": browser.token("/note")}, []

    def sign_out(token: Any) -> Any:
        left.append(tab.post("/sign-out", data=sent).status_code)
        return token

    browser.provider.raw_id_token = sign_out
    answer = browser.come_back(waits)
    assert left == [303]
    assert answer.status_code == 400
    assert not browser.is_signed_in()


def test_ux_05_both_tabs_finish_though_the_second_left_with_the_old_id(browser: Browser, at: Clock) -> None:
    first, second, third = (browser.begin(path) for path in ("/home", "/note", "/home"))
    callbacks = [browser.provider.authorize(each) for each in (first, second, third)]
    tabs = [browser.client.application.test_client() for _ in range(2)]
    cookie = browser.client.get_cookie("moothall_browser")
    assert cookie
    for tab in tabs:
        tab.set_cookie("moothall_browser", cookie.value)
    assert browser.come_back(callbacks[0]).status_code == 303
    at.advance(seconds=50)
    answer = tabs[0].get(callbacks[1].removeprefix("http://localhost"))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/note")
    at.advance(seconds=70)
    assert tabs[1].get(callbacks[2].removeprefix("http://localhost")).status_code == 400


def test_the_buttons_of_two_letters_may_be_pressed_at_once(
    both: Town, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        both.come(both.browser(), "town")
    links = [link_in(letter) for letter in rows(NEW_DEVICE)]
    browsers = [both.browser() for _ in links]
    sent = [{"csrf_token": browser.token(link)} for browser, link in zip(browsers, links, strict=True)]
    answers = []
    rival = Rival(monkeypatch, not_me.recovery, "report")
    rival.sends(lambda: answers.append(browsers[1].client.post(links[1], data=sent[1])))
    answers.append(browsers[0].client.post(links[0], data=sent[0]))
    rival.join()
    assert [answer.status_code for answer in answers] == [303, 200]
    assert "This is done already" in answers[1].text
    assert len(rows("select 1 from portal.audit_entry where act = 'account.held'")) == 1


def test_two_tabs_that_come_back_with_different_addresses_are_both_answered(
    both: Town, rows: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    both.come(both.browser(), "town")
    both.town.claims["sub"] = "resident-9"
    both.town.userinfo["email"] = "nine@example.org"
    both.come(both.browser(), "town")
    both.town.claims["sub"], both.county.claims["sub"] = "new-at-town", "new-at-county"
    both.county.userinfo["email"] = "ada@example.org"
    newcomer, answers = both.browser(), []
    callbacks = [
        both.at[name].authorize(newcomer.begin(name=name)).removeprefix("http://localhost")
        for name in ("county", "town")
    ]
    tab = both.app.test_client()
    cookie = newcomer.client.get_cookie("moothall_browser")
    assert cookie
    tab.set_cookie("moothall_browser", cookie.value)
    rival = Rival(monkeypatch, waiting.audit, "record")
    rival.sends(lambda: answers.append(tab.get(callbacks[1])))
    answers.append(newcomer.client.get(callbacks[0]))
    rival.join()
    assert [answer.headers["Location"] for answer in answers] == ["/sign-in/your-account"] * 2
    assert len(rows("select 1 from portal.waiting_identity")) == 1


@pytest.mark.parametrize("address", ["/sign-out", "/sign-ins/end-all", "/sign-ins/not-me"])
@pytest.mark.parametrize(("where", "name"), MOMENTS, ids=lambda each: str(getattr(each, "__name__", each)))
def test_signing_out_and_coming_back_never_wait_for_each_other(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, address: str, where: Any, name: str
) -> None:
    waits = browser.provider.authorize(browser.begin("/note"))
    browser.sign_in()
    tab = browser.client.application.test_client()
    for cookie_name in ("moothall_session", "moothall_browser"):
        cookie = browser.client.get_cookie(cookie_name)
        assert cookie
        tab.set_cookie(cookie_name, cookie.value)
    sent, answers = {"csrf_token": browser.token("/note")}, []
    rival = Rival(monkeypatch, where, name)
    rival.sends(lambda: answers.append(tab.post(address, data=sent)))
    answers.append(browser.come_back(waits))
    rival.join()
    assert [answer.status_code for answer in answers] == [303, 303]
