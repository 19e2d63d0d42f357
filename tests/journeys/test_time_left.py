"""Before a session ends a page says so, with script and without; and what is typed is not lost when it has ended."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from portal.conformance.seen import look
from tests.journeys.running import Demo
from tests.journeys.visitor import PHONE, Visitor

EARLIER = """
update portal.session set {column} = {column} - make_interval(secs => :seconds)
where ended_at is null and account_id = (select account_id from portal.profile where given_name = :name)
"""
ALL_BUT_FOUR_MINUTES = 26 * 60
NEEDS = "Is there something we should know when we contact you? (optional)"


@pytest.fixture
def idle(demo: Demo) -> Callable[[str, int], None]:
    """Nobody has been there for so many seconds, as the server knows it."""

    def act(name: str, seconds: int) -> None:
        assert demo.change(EARLIER.format(column="last_seen_at"), name=name, seconds=seconds) >= 1

    return act


@pytest.fixture
def begun(demo: Demo) -> Callable[[str, int], None]:
    """They signed in so many seconds earlier."""

    def act(name: str, seconds: int) -> None:
        assert demo.change(EARLIER.format(column="created_at"), name=name, seconds=seconds) >= 1

    return act


def at_a_form(visitor: Visitor, name: str = "Edwin Specimen") -> Visitor:
    """Signed in, with the time of the page in our hands, something typed and the focus there."""
    visitor.page.clock.install()
    visitor.sign_in(name, to="/profile/contact")
    visitor.choose("Email")
    visitor.fill(NEEDS, "Large print")
    return visitor


def pass_time(visitor: Visitor, idle: Callable[[str, int], None], seconds: int, name: str = "Edwin") -> None:
    """Time passes here and there."""
    idle(name, seconds)
    visitor.page.clock.run_for(1000)
    visitor.page.clock.fast_forward(seconds * 1000)


def warning(page: Page) -> None:
    expect(page.get_by_role("dialog", name="You will be signed out soon")).to_be_visible()


def no_warning(page: Page) -> None:
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_warning_takes_the_focus_and_gives_it_back(visitor: Visitor, idle: Callable[[str, int], None]) -> None:
    edwin = at_a_form(visitor)
    no_warning(edwin.page)
    pass_time(edwin, idle, ALL_BUT_FOUR_MINUTES)
    warning(edwin.page)
    expect(edwin.page.get_by_role("button", name="Stay signed in")).to_be_focused()
    expect(edwin.page.locator("[data-time-clock]")).to_have_text(re.compile(r"[34]:\d\d"))
    expect(edwin.page.locator("[data-time-spoken]")).to_have_text("We will sign you out in 4 minutes.")
    look(edwin.page)
    edwin.page.clock.run_for(61_000)
    expect(edwin.page.locator("[data-time-spoken]")).to_have_text("We will sign you out in 3 minutes.")
    edwin.page.keyboard.press("Escape")
    no_warning(edwin.page)
    expect(edwin.page.get_by_label(NEEDS)).to_be_focused()
    expect(edwin.page.get_by_label(NEEDS)).to_have_value("Large print")
    edwin.page.clock.run_for(5 * 60_000)
    no_warning(edwin.page)  # the session was really prolonged
    edwin.press("Save")
    edwin.reads("How we contact you has been changed")


def test_the_keyboard_stays_within_the_warning_on_a_telephone_too(
    arrive: Callable[..., Visitor], idle: Callable[[str, int], None]
) -> None:
    edwin = at_a_form(arrive(viewport=PHONE))
    pass_time(edwin, idle, ALL_BUT_FOUR_MINUTES)
    warning(edwin.page)
    inside = "document.activeElement === document.body || document.activeElement.closest('dialog') !== null"
    for _ in range(5):
        edwin.page.keyboard.press("Tab")
        assert edwin.page.evaluate(inside)
    edwin.page.get_by_role("button", name="Stay signed in").click()
    no_warning(edwin.page)


def test_staying_in_one_tab_is_staying_in_all(visitor: Visitor, idle: Callable[[str, int], None]) -> None:
    edwin = at_a_form(visitor)
    second = edwin.context.new_page()
    second.clock.install()
    second.goto("/profile/history")
    idle("Edwin", ALL_BUT_FOUR_MINUTES)
    for page in (edwin.page, second):
        page.clock.run_for(1000)
        page.clock.fast_forward(ALL_BUT_FOUR_MINUTES * 1000)
        warning(page)
    edwin.page.get_by_role("button", name="Stay signed in").click()
    no_warning(edwin.page)
    no_warning(second)


def test_a_tab_that_was_away_asks_before_it_warns(visitor: Visitor) -> None:
    edwin = at_a_form(visitor)
    edwin.page.clock.run_for(1000)
    edwin.page.clock.fast_forward(ALL_BUT_FOUR_MINUTES * 1000)  # the server saw them a moment ago
    expect(edwin.page.locator("[data-time-until]")).to_be_visible()
    edwin.page.clock.run_for(3000)
    no_warning(edwin.page)


def test_asking_how_long_is_left_keeps_nobody_signed_in(
    visitor: Visitor, demo: Demo, idle: Callable[[str, int], None]
) -> None:
    edwin = at_a_form(visitor)
    idle("Edwin", 600)
    seen = "select max(last_seen_at) from portal.session"
    ((before,),) = demo.ask(seen)
    left = edwin.page.evaluate("fetch('/signed-in-until').then((answer) => answer.json())")
    assert 1100 < left["seconds"] <= 1200
    assert left["can_stay"]
    assert demo.ask(seen) == [(before,)]
    edwin.page.evaluate("fetch('/stay-signed-in').then((answer) => answer.text())")
    assert demo.ask(seen)[0][0] > before


def test_when_time_is_over_what_was_typed_is_kept_for_the_same_person(
    visitor: Visitor, idle: Callable[[str, int], None]
) -> None:
    edwin = at_a_form(visitor)
    pass_time(edwin, idle, 31 * 60)
    edwin.sees("Sign in")
    edwin.reads("What you were sending is kept for one day")
    edwin.press("Sign in with your council account")
    edwin.sign_in_at_provider("Edwin Specimen")
    edwin.sees("How we contact you")
    expect(edwin.page.get_by_role("radio", name="Email", exact=True)).to_be_checked()
    expect(edwin.page.get_by_label(NEEDS)).to_have_value("Large print")


def test_when_time_is_over_another_person_never_sees_it(visitor: Visitor, idle: Callable[[str, int], None]) -> None:
    edwin = at_a_form(visitor)
    pass_time(edwin, idle, 31 * 60)
    edwin.sees("Sign in")
    for cookie in edwin.context.cookies():
        if cookie["name"].startswith("moothall_id"):
            edwin.context.clear_cookies(name=cookie["name"])  # the provider has forgotten Edwin by now
    edwin.press("Sign in with your council account")
    edwin.sign_in_at_provider("Ada Example")
    edwin.sees("How we contact you")
    assert "Large print" not in edwin.page.content()


def test_when_time_is_over_a_page_that_was_only_read_is_covered(
    visitor: Visitor, idle: Callable[[str, int], None]
) -> None:
    visitor.page.clock.install()
    visitor.sign_in("Edwin Specimen", to="/profile/history")
    pass_time(visitor, idle, 31 * 60)
    visitor.sees("Sign in")
    visitor.at("/sign-in?next=%2Fprofile%2Fhistory&why=expired")


def test_the_longest_that_a_session_may_last_is_said_and_not_moved(
    visitor: Visitor, begun: Callable[[str, int], None]
) -> None:
    visitor.page.clock.install()
    visitor.sign_in("Edwin Specimen", to="/profile/contact")
    begun("Edwin", 12 * 3600 - 240)
    visitor.go("/profile/contact")
    warning(visitor.page)
    visitor.reads("Nobody stays signed in for longer than 12 hours")
    look(visitor.page)
    visitor.page.get_by_role("button", name="Go on", exact=True).click()
    no_warning(visitor.page)
    visitor.page.clock.run_for(60_000)
    no_warning(visitor.page)  # said once, and again in the last minute
    visitor.page.clock.run_for(150_000)
    warning(visitor.page)


# --- Without script: what CSS alone can do


def bar(visitor: Visitor) -> str:
    """Whether the bar can be seen."""
    found: str = visitor.page.evaluate("getComputedStyle(document.querySelector('[data-time-soon]')).visibility")
    return found


DELAY = "getComputedStyle(document.querySelector('[data-time-soon]')).animationDelay"
LET_TIME_PASS = "document.getAnimations().forEach((each) => { each.currentTime += %d; })"
PLACES = """[...document.querySelectorAll("main *, footer *")]
  .map((each) => JSON.stringify(each.getBoundingClientRect()))"""


@pytest.mark.parametrize("options", [{}, {"reduced_motion": "reduce"}], ids=["usual", "no motion"])
def test_without_script_a_bar_appears_in_time_and_nothing_moves(
    arrive: Callable[..., Visitor], options: dict[str, str]
) -> None:
    edwin = arrive(scripted=False, **options)
    edwin.sign_in("Edwin Specimen", to="/profile/contact")
    edwin.reads(re.compile(r"You are signed in until \d{1,2}:\d\d[ap]m"))
    look(edwin.page)
    assert bar(edwin) == "hidden"
    assert edwin.page.evaluate(DELAY) in ("1440s", "1500s")  # 25 of 30 minutes, to the minute
    before = edwin.page.evaluate(PLACES)
    edwin.page.evaluate(LET_TIME_PASS % (23 * 60_000))
    assert bar(edwin) == "hidden"
    edwin.page.evaluate(LET_TIME_PASS % (3 * 60_000))
    assert bar(edwin) == "visible"
    assert edwin.page.evaluate(PLACES) == before
    look(edwin.page)


def test_without_script_a_page_that_comes_late_warns_at_once(
    arrive: Callable[..., Visitor], begun: Callable[[str, int], None]
) -> None:
    edwin = arrive(scripted=False)
    edwin.sign_in("Edwin Specimen", to="/profile/contact")
    begun("Edwin", 12 * 3600 - 240)
    edwin.go("/profile/contact")
    edwin.page.wait_for_timeout(100)
    assert bar(edwin) == "visible"
    edwin.reads("Nobody stays signed in for longer than 12 hours")
    assert edwin.page.locator("[data-time-soon] a").count() == 0  # nothing to press where nothing helps


def test_without_script_staying_is_another_tab_and_what_is_typed_remains(
    arrive: Callable[..., Visitor], idle: Callable[[str, int], None], demo: Demo
) -> None:
    edwin = arrive(scripted=False)
    edwin.sign_in("Edwin Specimen", to="/profile/contact")
    edwin.fill(NEEDS, "Large print")
    idle("Edwin", ALL_BUT_FOUR_MINUTES)
    edwin.page.evaluate(LET_TIME_PASS % (26 * 60_000))
    with edwin.context.expect_page() as opened:
        edwin.follow("Stay signed in (opens in a new tab)")
    expect(opened.value.locator("h1")).to_have_text("You are still signed in")
    look(opened.value)
    expect(edwin.page.get_by_label(NEEDS)).to_have_value("Large print")
    (left,) = demo.ask("select now() - max(last_seen_at) < interval '1 minute' from portal.session")
    assert left[0]


def test_strangers_are_warned_of_nothing(visitor: Visitor) -> None:
    visitor.go("/help")
    assert visitor.page.locator("[data-time-left]").count() == 0
