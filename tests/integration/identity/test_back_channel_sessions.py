"""Back-channel logout: which sessions a token ends, those that are about to begin included."""

import multiprocessing
import threading
from typing import Any

import pytest

from portal.identity import operations
from portal.settings.providers import Provider
from tests.integration.identity.back_channel import another, is_refused, signed_in, tell, told
from tests.integration.identity.conftest import Browser, build, provider_settings
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider


@pytest.fixture
def browser(browser: Browser) -> Browser:
    """Somebody who is signed in, at the provider's session `s-1`."""
    return signed_in(browser, sid="s-1")


def test_bc_11_sid_alone_ends_that_session_only(browser: Browser) -> None:
    phone = another(browser, sid="s-2")
    assert told(browser, {"sub": None, "sid": "s-1"}).status_code == 200
    assert not browser.is_signed_in()
    assert phone.is_signed_in()


def test_bc_12_sub_alone_ends_all_of_that_person(browser: Browser) -> None:
    phone, somebody = another(browser, sid="s-2"), another(browser, sub="resident-2", sid="s-3")
    assert told(browser, {"sub": "resident-1"}).status_code == 200
    assert [each.is_signed_in() for each in (browser, phone, somebody)] == [False, False, True]


def test_bc_13_with_both_the_session_must_be_that_persons(browser: Browser) -> None:
    phone, somebody = another(browser, sid="s-2"), another(browser, sub="resident-2", sid="s-3")
    assert is_refused(browser, told(browser, {"sub": "resident-2", "sid": "s-1"}), "sid_of_another")
    assert somebody.is_signed_in()
    assert told(browser, {"sub": "resident-1", "sid": "s-1"}).status_code == 200
    assert [each.is_signed_in() for each in (browser, phone, somebody)] == [False, True, True]


def test_bc_13_with_both_a_session_whose_sid_we_were_never_told_may_be_meant(browser: Browser) -> None:
    nameless = another(browser, sid=None)
    assert told(browser, {"sub": "resident-1", "sid": "s-9"}).status_code == 200
    assert not nameless.is_signed_in()
    assert browser.is_signed_in()


def test_bc_18_an_unknown_person_is_no_error(browser: Browser) -> None:
    assert told(browser, {"sub": "nobody-1"}).status_code == 200
    assert told(browser, {"sub": None, "sid": "s-9"}).status_code == 200
    assert browser.is_signed_in()


def told_in_another_process(url: str, providers: dict[str, Provider], token: str, answers: Any) -> None:
    """What the other process does: it takes the provider's token, and knows nothing of this one's residents."""
    answers.put(tell(build(url, providers), token).status_code)


def test_bc_21_sessions_of_other_processes_end_as_well(
    browser: Browser, provider: HostileProvider, clean_database: str
) -> None:
    fork = multiprocessing.get_context("fork")
    answers, token = fork.Queue(), provider.logout_token()
    settings = {"town": provider_settings(provider)}
    assert browser.is_signed_in()
    other = fork.Process(target=told_in_another_process, args=(clean_database, settings, token, answers))
    other.start()
    assert answers.get(timeout=20) == 200
    other.join()
    assert not browser.is_signed_in()
    browser.sign_in()
    assert is_refused(browser, tell(browser.client.application, token), "replayed")


def test_bc_23_a_provider_ends_no_session_of_another(make_portal: Any, provider: HostileProvider) -> None:
    with HostileProvider() as other:
        app = make_portal({"town": provider_settings(provider), "shire": provider_settings(other)})
        browser = signed_in(Browser(app.test_client(), provider), sid="s-1")
        for claims in ({"sub": "resident-1"}, {"sub": None, "sid": "s-1"}, {"sid": "s-1"}):
            assert tell(app, other.logout_token(claims), "shire").status_code == 200
            assert is_refused(browser, tell(app, other.logout_token(claims), "town"), "iss")  # they share their keys
            assert is_refused(browser, tell(app, other.logout_token(claims | {"iss": provider.issuer}), "shire"), "iss")
        assert browser.is_signed_in()


def test_gov_28_one_logins_notification_is_taken_each_time(
    make: Any, provider: HostileProvider, at: Clock, rows: Any
) -> None:
    browser = signed_in(make(provider))
    phone = another(browser)
    notification = provider.logout_token(header={"typ": None})
    assert tell(browser.client.application, notification).status_code == 200
    assert [each.is_signed_in() for each in (browser, phone)] == [False, False]
    at.advance(seconds=1)
    browser.sign_in()
    assert is_refused(browser, tell(browser.client.application, notification), "replayed")
    at.advance(minutes=4)
    assert is_refused(browser, tell(browser.client.application, notification), "exp")


def test_bc_14_two_providers_may_use_the_same_jti(make_portal: Any, provider: HostileProvider) -> None:
    with HostileProvider() as other:
        app = make_portal({"town": provider_settings(provider), "shire": provider_settings(other)})
        assert tell(app, provider.logout_token({"jti": "j-1"})).status_code == 200
        assert tell(app, other.logout_token({"jti": "j-1"}), "shire").status_code == 200
        assert tell(app, other.logout_token({"jti": "j-1"}), "shire").status_code == 400


def test_bc_14_of_two_copies_at_once_one_is_taken(browser: Browser, rows: Any) -> None:
    token, app = browser.provider.logout_token(), browser.client.application
    together, answers = threading.Barrier(4), list[int]()

    def send() -> None:
        together.wait()
        answers.append(tell(app, token).status_code)

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [200, 400, 400, 400]


@pytest.mark.parametrize(
    "named", [{"sub": "resident-1"}, {"sub": None, "sid": "s-1"}, {"sub": "resident-1", "sid": "s-1"}]
)
@pytest.mark.parametrize("says_when", [True, False])
def test_bc_22_a_logout_overtakes_a_sign_in_between_its_tokens_and_its_session(
    make: Any, provider: HostileProvider, named: dict[str, Any], says_when: bool, rows: Any
) -> None:
    browser, outcome = make(provider), list[int]()
    provider.claims |= {"sid": "s-1"} | ({} if says_when else {"auth_time": None})

    def logged_out_meanwhile(name: str) -> str:
        outcome.append(told(browser, named).status_code)
        return name

    provider.userinfo["given_name"] = logged_out_meanwhile
    answer = browser.sign_in()
    assert outcome == [200]
    assert answer.status_code == 400
    assert "You need to sign in again" in answer.text
    assert not browser.is_signed_in()
    assert rows("select count(*) from portal.session") == [(0,)]
    assert rows("select details->>'code' from portal.audit_entry where act = 'identity.sign_in_failed'") == [
        ("logged_out_meanwhile",)
    ]
    del provider.userinfo["given_name"]
    assert browser.sign_in().status_code == 303, "a sign-in begun after the logout is let in"


@pytest.mark.parametrize(
    "named", [{"sub": "resident-2"}, {"sub": None, "sid": "s-2"}, {"sub": "resident-1", "sid": "s-2"}]
)
def test_bc_22_somebody_elses_logout_stops_no_sign_in(
    make: Any, provider: HostileProvider, named: dict[str, Any]
) -> None:
    browser = make(provider)
    provider.claims["sid"] = "s-1"
    provider.userinfo["given_name"] = lambda name: [told(browser, named), name][1]
    assert browser.sign_in().status_code == 303
    assert browser.is_signed_in()


def test_bc_22_who_signs_out_and_in_again_on_the_way_is_let_in(make: Any, provider: HostileProvider) -> None:
    browser = make(provider)
    address = browser.begin()
    assert told(browser).status_code == 200
    provider.claims["auth_time"] = lambda honest: honest + 30
    assert browser.come_back(provider.authorize(address)).status_code == 303
    assert browser.is_signed_in()


def test_bc_22_a_logout_waits_for_a_session_that_is_being_written(
    make: Any, provider: HostileProvider, monkeypatch: pytest.MonkeyPatch, rows: Any
) -> None:
    browser, answers = make(provider), list[int]()
    logout = threading.Thread(target=lambda: answers.append(told(browser).status_code))
    honest, waited = operations.audit.record, list[bool]()

    def record(act: str, **details: Any) -> None:
        honest(act, **details)
        if act == "identity.signed_in":  # written, and not committed yet
            logout.start()
            logout.join(0.2)
            waited.append(logout.is_alive())

    monkeypatch.setattr(operations.audit, "record", record)
    assert browser.sign_in().status_code == 303
    logout.join()
    assert waited == [True]
    assert answers == [200]
    assert not browser.is_signed_in()
    assert rows("select ended_why from portal.session") == [("logged_out",)]


def test_the_next_page_says_that_they_signed_out_elsewhere(browser: Browser, at: Clock) -> None:
    told(browser)
    answer = browser.client.get("/home?a=1")
    assert answer.headers["Location"] == "/sign-in?next=%2Fhome%3Fa%3D1&why=elsewhere"
    assert "because you signed out somewhere else" in browser.client.get(answer.headers["Location"]).text
    at.advance(hours=25)
    assert browser.client.get("/home").headers["Location"] == "/sign-in?next=%2Fhome"


def test_what_was_being_sent_is_for_the_same_person_alone(browser: Browser, rows: Any) -> None:
    token = browser.token("/note")
    told(browser)
    answer = browser.post("/note", csrf_token=token, note="for my eyes")
    assert answer.headers["Location"] == "/sign-in?next=%2Fnote&why=elsewhere_held"
    page = browser.client.get(answer.headers["Location"]).text
    assert "kept for one day" in page
    assert "for my eyes" not in page
    browser.provider.claims["sub"] = "resident-2"
    browser.sign_in("/note")
    assert "[]" in browser.client.get("/note").text
    assert rows("select count(*) from portal.held_post") == [(0,)]


def test_what_was_being_sent_comes_back_to_who_sent_it(browser: Browser) -> None:
    token = browser.token("/note")
    told(browser)
    browser.post("/note", csrf_token=token, note="for my eyes")
    browser.sign_in("/note")
    assert "[for my eyes]" in browser.client.get("/note").text


def test_the_providers_session_may_end_without_a_word_and_ours_goes_on(browser: Browser) -> None:
    browser.provider.answers["/authorize"] = (403, "text/plain", b"nobody is signed in")
    assert browser.is_signed_in(), "until the provider says so by the back channel"
    assert told(browser).status_code == 200
    assert not browser.is_signed_in()


def test_taken_tokens_are_forgotten_when_they_cannot_come_again(browser: Browser, at: Clock, rows: Any) -> None:
    told(browser)
    for minutes, left in ((50, 1), (11, 0)):
        at.advance(minutes=minutes)
        with browser.client.application.app_context():
            operations.tidy()
            operations.session().commit()
        assert rows("select count(*) from portal.logout_token") == [(left,)]
