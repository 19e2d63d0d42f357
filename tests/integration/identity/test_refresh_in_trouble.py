"""Refreshes when things go wrong, and when many requests come at once."""

import multiprocessing
import threading
import time
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Engine, text

from portal import outbound
from portal.identity import exchange, refresh
from portal.settings.providers import Provider
from tests.integration.identity.back_channel import told
from tests.integration.identity.conftest import Browser, build, provider_settings
from tests.integration.identity.refreshed import kept
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider
from tests.support.residents import statements
from tests.support.worker import work


@pytest.fixture
def browser(make: Any, provider: HostileProvider, at: Clock) -> Browser:
    """Somebody signed in, whose session is to be refreshed every ten minutes."""
    provider.with_refresh = lambda asked: True
    made: Browser = make(provider, refresh_minutes=10)
    assert made.sign_in().status_code == 303
    return made


BAD = [
    (500, "text/html", b"<h1>oops</h1>"),
    (503, "application/json", b"{}"),
    (200, "application/json", b"[]"),
    (200, "text/html", b"<h1>maintenance</h1>"),
    (200, "application/json", b'{"token_type": "Bearer"}'),
    (302, "text/plain", b""),
    (401, "application/json", b'{"error": "invalid_client"}'),
    (400, "application/json", b'{"error": "invalid_scope"}'),
    (400, "text/plain", b"no"),
]


@pytest.mark.parametrize("bad", BAD, ids=lambda bad: f"{bad[0]} {bad[2][:12].decode()}")
def test_a_provider_in_trouble_ends_nothing_and_is_asked_later(
    browser: Browser, at: Clock, rows: Any, bad: tuple[int, str, bytes]
) -> None:
    browser.provider.refresh_answer = bad
    at.advance(minutes=11)
    waits = []
    for _ in range(7):
        assert browser.is_signed_in()
        waits.append((kept(rows).refresh_due_at - at.moment).total_seconds() / 60)
        at.advance(seconds=waits[-1] * 60 - 1 if waits[-1] < 30 else 29 * 60)
        asked = len(browser.provider.refresh_requests)
        assert browser.is_signed_in()
        assert len(browser.provider.refresh_requests) == asked, "not before it is time again"
        at.moment = kept(rows).refresh_due_at
    assert waits == [1, 2, 4, 8, 16, 30, 30]
    browser.provider.refresh_answer = None
    assert browser.is_signed_in()
    assert kept(rows).refresh_failures == 0


def test_a_provider_that_is_gone_ends_nothing_but_the_absolute_limit_does(browser: Browser, at: Clock) -> None:
    browser.provider.__exit__()
    try:
        for _ in range(12 * 3 + 1):
            at.advance(minutes=20)
            if not browser.is_signed_in():
                break
    finally:
        browser.provider.__enter__()
    assert browser.client.get("/home").headers["Location"].endswith("why=expired")


def test_keys_that_cannot_be_had_cost_the_new_refresh_token_nothing(browser: Browser, at: Clock, rows: Any) -> None:
    provider = browser.provider
    provider.signing_key = provider.other_rsa
    provider.answers["/jwks"] = (500, "text/plain", b"")
    at.advance(minutes=11)
    before = kept(rows).id_token
    assert browser.is_signed_in()
    (latest,) = provider.refresh_tokens
    assert (kept(rows).refresh_failures, kept(rows).id_token) == (1, before)
    at.advance(minutes=2)
    assert browser.is_signed_in()
    assert provider.refresh_requests[-1]["refresh_token"] == latest


def test_a_refresh_whose_process_died_is_taken_over_after_a_while(browser: Browser, at: Clock) -> None:
    class Killed(BaseException):
        """The process is no more."""

    def kill(*_arguments: Any, **_options: Any) -> None:
        raise Killed

    at.advance(minutes=11)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(refresh, "_ask", kill)
        with pytest.raises(Killed):
            browser.client.get("/home")
    at.advance(seconds=119)
    assert browser.is_signed_in()
    assert browser.provider.refresh_requests == []
    at.advance(seconds=1)
    assert browser.is_signed_in()
    assert len(browser.provider.refresh_requests) == 1


@pytest.mark.parametrize("before", [True, False])
def test_a_session_that_ends_while_it_is_refreshed_stays_ended(
    browser: Browser, at: Clock, rows: Any, before: bool
) -> None:
    def signed_out_and_revoked(honest: Any = None) -> Any:
        told(browser)
        with browser.client.application.app_context():
            work()
        return honest

    if before:  # so that the refresh itself is refused
        browser.provider.on_refresh = signed_out_and_revoked
    else:
        browser.provider.refresh_fields["expires_in"] = signed_out_and_revoked
    at.advance(minutes=11)
    assert not browser.is_signed_in()
    assert kept(rows)[-2:] == ("logged_out", None)
    with browser.client.application.app_context():
        work()
    assert browser.provider.refresh_tokens == {}, "what came back meanwhile is given back too"
    assert kept(rows).refresh_token is None


def test_a_signed_in_request_with_refreshes_costs_one_query(browser: Browser, at: Clock) -> None:
    at.advance(seconds=30)
    with statements(browser.client.application) as seen:
        assert browser.is_signed_in()
    assert len(seen) == 1


def test_no_connection_is_held_while_the_provider_thinks(browser: Browser, at: Clock, rows: Any) -> None:
    states: list[Any] = []
    query = "select count(*) from pg_stat_activity where state like 'idle in transaction%' and datname = 'moothall'"
    browser.provider.on_refresh = lambda: states.extend(rows(query))
    at.advance(minutes=11)
    assert browser.is_signed_in()
    assert states == [(0,)]


def test_old_secret_keys_still_open_what_they_have_sealed(
    make: Any, provider: HostileProvider, at: Clock, rows: Any
) -> None:
    provider.with_refresh = lambda asked: True
    browser = make(provider, refresh_minutes=10)
    browser.sign_in()
    new = {"secret_key": "b" * 32, "previous_secret_keys": (SecretStr("tests-tests-tests-tests-tests-tests"),)}
    later = make(provider, new, refresh_minutes=10)
    later.client.set_cookie("moothall_session", browser.client.get_cookie("moothall_session").value)
    at.advance(minutes=11)
    assert later.is_signed_in()
    forgotten = make(provider, {"secret_key": "c" * 32}, refresh_minutes=10)
    forgotten.client.set_cookie("moothall_session", browser.client.get_cookie("moothall_session").value)
    at.advance(minutes=11)
    assert not forgotten.is_signed_in(), "nothing is left to ask with"


def ten_requests(url: str, providers: dict[str, Provider], cookie: str, answers: Any) -> None:
    """What one process does: ten requests of one resident at once."""
    app = build(url, providers)

    def one() -> None:
        client = app.test_client()
        client.set_cookie("moothall_session", cookie)
        answers.put(client.get("/home").status_code)

    threads = [threading.Thread(target=one) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_ux_08_twenty_requests_at_once_in_two_processes_make_one_refresh(
    make: Any, provider: HostileProvider, clean_database: str, cleaning_engine: Engine
) -> None:
    provider.with_refresh = lambda asked: True
    browser = make(provider, refresh_minutes=10)
    browser.sign_in()
    with cleaning_engine.begin() as connection:
        connection.execute(text("update portal.session set refresh_due_at = now() - interval '1 second'"))
    others_are_done = threading.Event()
    waited: list[bool] = []
    provider.on_refresh = lambda: waited.append(others_are_done.wait(20))
    fork = multiprocessing.get_context("fork")
    answers, cookie = fork.Queue(), browser.client.get_cookie("moothall_session").value
    settings = {"town": provider_settings(provider, refresh_minutes=10)}
    processes = [fork.Process(target=ten_requests, args=(clean_database, settings, cookie, answers)) for _ in range(2)]
    for process in processes:
        process.start()
    statuses = [answers.get(timeout=20) for _ in range(19)]
    others_are_done.set()
    statuses.append(answers.get(timeout=20))
    for process in processes:
        process.join()
    assert statuses == [200] * 20
    assert waited == [True], "one request asked, and the others did not wait for it"
    assert len(provider.refresh_requests) == 1


def others_of(browser: Browser, count: int) -> list[Browser]:
    """More browsers with sessions of the same portal, whose refreshes are due at the same time."""
    made = [Browser(browser.client.application.test_client(), browser.provider) for _ in range(count)]
    for each in made:
        assert each.sign_in().status_code == 303
    return made


def test_a_provider_that_does_not_answer_is_waited_for_by_one_resident_a_minute(
    browser: Browser, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    everybody = [browser, *others_of(browser, 3)]
    at.advance(minutes=11)
    asked: list[str] = []

    def hang() -> None:
        asked.append("")
        time.sleep(0.3)

    browser.provider.during["/token"] = hang
    with monkeypatch.context() as impatient:  # for the answers that come, we have the usual patience
        impatient.setattr(outbound, "READ_SECONDS", 0.1)
        for each in everybody:
            assert each.is_signed_in()
    assert len(asked) == 1
    at.advance(seconds=61)
    browser.provider.during["/token"] = lambda: asked.append("")
    for each in everybody:
        assert each.is_signed_in()
    assert len(asked) == 5


def test_a_refusal_of_one_session_s_token_puts_nobody_else_off(browser: Browser, at: Clock) -> None:
    (other,) = others_of(browser, 1)
    at.advance(minutes=11)
    browser.provider.refresh_answer = (400, "application/json", b'{"error": "invalid_scope"}')
    assert browser.is_signed_in()
    browser.provider.refresh_answer = None
    assert other.is_signed_in()
    assert len(browser.provider.refresh_requests) == 2


def test_no_more_threads_than_two_wait_for_refreshes(browser: Browser, at: Clock) -> None:
    everybody = [browser, *others_of(browser, 4)]
    at.advance(minutes=11)
    browser.provider.delays["/token"] = 0.4
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda each=each: answers.append(each.client.get("/home").status_code))
        for each in everybody
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 5
    assert len(browser.provider.refresh_requests) == 2


def test_who_comes_back_when_all_places_are_taken_is_told_to_try_again(
    make: Any, provider: HostileProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "MOST_WAITING", 1)
    first: Browser = make(provider)
    second = Browser(first.client.application.test_client(), provider)
    callbacks = [provider.authorize(each.begin()) for each in (first, second)]
    asked, answers = threading.Event(), threading.Event()

    def hang() -> None:
        asked.set()
        answers.wait(5)

    provider.during["/token"] = hang
    waiting = threading.Thread(target=lambda: first.come_back(callbacks[0]))
    waiting.start()
    assert asked.wait(5)
    answer = second.come_back(callbacks[1])
    answers.set()
    waiting.join()
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "60")
    assert "You cannot sign in at the moment" in answer.text
    assert first.is_signed_in()
