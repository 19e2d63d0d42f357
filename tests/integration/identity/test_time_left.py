"""Until when somebody is signed in: what a page says, and what its script may ask."""

import re
from typing import Any

import pytest

from portal.settings.council import Sessions
from portal.web.time_left import css
from tests.integration.identity.conftest import Browser
from tests.integration.identity.control import second_browser
from tests.support.fixtures import Clock


@pytest.fixture
def ada(browser: Browser, at: Clock) -> Browser:
    """Signed in at nine."""
    at.move_to("2026-11-22T09:00")
    browser.sign_in()
    return browser


def left(browser: Browser) -> dict[str, Any]:
    answer = browser.client.get("/signed-in-until")
    assert answer.headers["Cache-Control"] == "no-store"
    return dict(answer.get_json())


def said(browser: Browser, path: str = "/sign-ins") -> tuple[str, int, int]:
    """What a page says: the time, the seconds for its script, the minutes for its stylesheet."""
    page = browser.client.get(path).text
    found = re.search(
        r'data-seconds="(\d+)".*?You are signed in until <span data-time-until>(.*?)</span>.*?moot-left-(\d+)',
        page,
        re.DOTALL,
    )
    assert found
    return found[2], int(found[1]), int(found[3])


def test_every_page_says_until_when(ada: Browser) -> None:
    assert said(ada) == ("9:30am", 1800, 25)
    assert said(ada, "/stay-signed-in") == ("9:30am", 1800, 25)


def test_a_page_within_the_minute_in_which_no_visit_is_written_does_not_promise_more(ada: Browser, at: Clock) -> None:
    at.advance(seconds=59)
    assert said(ada) == ("9:30am", 1741, 24)
    at.advance(minutes=29, seconds=2)  # what the promise was
    assert not ada.is_signed_in()


def test_a_later_page_moves_the_end(ada: Browser, at: Clock) -> None:
    at.advance(minutes=20)
    assert said(ada) == ("9:50am", 1800, 25)
    assert left(ada) == {"seconds": 1800, "can_stay": True, "until": "9:50am"}


def test_asking_does_not_move_it(ada: Browser, at: Clock) -> None:
    for _ in range(29):
        at.advance(minutes=1)
        left(ada)
    assert left(ada) == {"seconds": 60, "can_stay": True, "until": "9:30am"}
    at.advance(minutes=2)
    assert left(ada) == {"seconds": 0, "can_stay": False, "until": None}


def test_nobody_who_is_signed_in_hears_that_time_is_over(ada: Browser, at: Clock) -> None:
    # At 0 the page sends what is typed. While the session lives that would do it instead of keeping it.
    at.advance(minutes=29, seconds=59.5)
    assert left(ada)["seconds"] == 1
    at.advance(seconds=0.5)
    assert left(ada)["seconds"] == 1
    at.advance(seconds=0.1)
    assert left(ada)["seconds"] == 0


def test_nearing_the_longest_a_session_may_last_nobody_can_stay(ada: Browser, at: Clock) -> None:
    for _ in range(35):
        at.advance(minutes=20)
        assert ada.is_signed_in()
    at.advance(minutes=16)
    page = ada.client.get("/stay-signed-in").text
    assert "You will be signed out soon" in page
    assert "Nobody stays signed in for longer than 12 hours, so we will sign you out at 9:00pm." in page
    assert said(ada) == ("9:00pm", 240, 0)  # within the last minutes the warning waits for nothing
    assert left(ada) == {"seconds": 240, "can_stay": False, "until": "9:00pm"}


def test_strangers_are_told_nothing(browser: Browser) -> None:
    assert left(browser) == {"seconds": 0, "can_stay": False, "until": None}
    assert "data-time-left" not in browser.client.get("/sign-in").text
    assert browser.client.get("/stay-signed-in").headers["Location"].startswith("/sign-in?")


def test_the_mark_tells_sessions_apart_and_is_not_their_id(ada: Browser, rows: Any) -> None:
    other = second_browser(ada)
    other.sign_in()
    marks = {
        re.search(r'data-mark="(\w+)"', each.client.get("/sign-ins").text)[1]  # type: ignore[index]  # it is there
        for each in (ada, other)
    }
    assert len(marks) == 2
    for (id_,) in rows("select id from portal.session"):
        assert not any(mark in id_.hex for mark in marks)


def test_the_delays_come_from_the_settings() -> None:
    assert css(Sessions(idle_minutes=10, warn_minutes=8)) == (
        ".moot-left-0{animation-delay:0s!important}.moot-left-1{animation-delay:60s!important}"
        ".moot-left-2{animation-delay:120s!important}\n"
    )


def test_the_stylesheet_has_a_delay_for_every_page(make: Any, provider: Any, at: Clock) -> None:
    browser = make(provider, {"sessions": Sessions(idle_minutes=6, warn_minutes=60)})
    browser.sign_in()
    _time, _seconds, minutes = said(browser)
    assert minutes == 1  # the warning never lasts the whole time
    assert f".moot-left-{minutes}{{" in browser.client.get("/theme.css").text
