"""The session ends while somebody is in the middle of something."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.running import Demo
from tests.journeys.visitor import Visitor

WORDS = "A lamp that flickers.\nIt swings."
EXPIRE = """
update portal.session set last_seen_at = last_seen_at - interval '3 hours'
where ended_at is null and account_id = (select account_id from portal.profile where given_name = :name)
"""


@pytest.fixture
def expire(demo: Demo) -> Callable[[str], None]:
    """Let the sessions of whoever has this first name run out."""

    def act(name: str) -> None:
        assert demo.change(EXPIRE, name=name) >= 1

    return act


def _describes(visitor: Visitor) -> str:
    visitor.page.goto("/services/reporting/")
    visitor.press(re.compile("^(Start now|Start another report)$"))
    visitor.sees("What is wrong?")
    visitor.fill("What is wrong?", WORDS)
    return visitor.path


def test_the_same_person_finds_step_and_words_again(
    arrive: Callable[..., Visitor], expire: Callable[[str], None]
) -> None:
    edwin = arrive()
    edwin.sign_in("Edwin Specimen")
    step = _describes(edwin)
    expire("Edwin")
    edwin.press("Continue")
    edwin.sees("Sign in")
    edwin.reads("What you were sending is kept for one day")
    edwin.press("Sign in with your council account")
    edwin.sign_in_at_provider("Edwin Specimen")
    edwin.at(step)
    edwin.sees("What is wrong?")
    edwin.reads("What you were sending is in the form again")
    expect(edwin.page.get_by_label("What is wrong?")).to_have_value(WORDS)
    edwin.press("Continue")
    edwin.choose_kind("Street light")
    edwin.place_by_street("Wharf Street", "By the steps")
    edwin.sees("Do you have photos?")
    edwin.press("Continue")
    edwin.sees("Check your answers")
    for words in ("Street light", "Wharf Street: By the steps", "It swings."):
        edwin.reads(words)
    edwin.send()


def test_a_profile_answer_is_kept_too(arrive: Callable[..., Visitor], expire: Callable[[str], None]) -> None:
    edwin = arrive()
    edwin.sign_in("Edwin Specimen", to="/profile/contact")
    edwin.choose("Email")
    edwin.fill("Is there something we should know when we contact you? (optional)", "Large print")
    expire("Edwin")
    edwin.press("Save")
    edwin.sees("Sign in")
    edwin.press("Sign in with your council account")
    edwin.sign_in_at_provider("Edwin Specimen")
    edwin.sees("How we contact you")
    expect(edwin.page.get_by_role("radio", name="Email", exact=True)).to_be_checked()
    edwin.reads("Large print")
    edwin.press("Save")
    edwin.reads("How we contact you has been changed")


def test_another_person_at_the_same_browser_sees_nothing(
    arrive: Callable[..., Visitor], expire: Callable[[str], None]
) -> None:
    edwin = arrive()
    edwin.sign_in("Edwin Specimen")
    step = _describes(edwin)
    expire("Edwin")
    edwin.press("Continue")
    edwin.sees("Sign in")
    edwin.context.clear_cookies(name="moothall_id_login")
    for cookie in edwin.context.cookies():
        if cookie["name"].startswith("moothall_id"):
            edwin.context.clear_cookies(name=cookie["name"])  # the provider has forgotten Edwin by now
    ada = edwin
    ada.press("Sign in with your council account")
    ada.sign_in_at_provider("Ada Example")
    ada.at(step)
    ada.sees("Page not found")
    assert "It swings" not in ada.page.content()
    ada.go("/services/reporting/")
    assert "It swings" not in ada.page.content()


def test_a_page_that_was_only_read_comes_back(arrive: Callable[..., Visitor], expire: Callable[[str], None]) -> None:
    edwin = arrive()
    edwin.sign_in("Edwin Specimen", to="/profile/history")
    expire("Edwin")
    edwin.page.reload()
    edwin.sees("Sign in")
    edwin.reads("Sign in to carry on")
    edwin.press("Sign in with your council account")
    edwin.sign_in_at_provider("Edwin Specimen")
    edwin.sees("What happened on your record")
