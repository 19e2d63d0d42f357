"""Browsers are used in odd ways: two tabs, the back button, old links, fifty tries."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Request, expect

from portal.conformance.seen import look
from tests.journeys.running import Demo
from tests.journeys.visitor import Visitor

WITH = re.compile("^Sign in with ")


def test_two_tabs_sign_in_at_once_and_both_end_well(arrive: Callable[..., Visitor]) -> None:
    ada = arrive()
    first, second = ada.page, ada.context.new_page()
    for page, to in ((first, "/profile"), (second, "/activity")):
        page.goto(f"/sign-in?next={to}")
        page.get_by_role("button", name=WITH).click()
        expect(page.locator("h1")).to_have_text("Sign in to your council account")
    for page, heading in ((first, "Your details"), (second, "Your activity")):
        page.get_by_role("button", name="Sign in as Ada Example").click()
        expect(page.locator("h1")).to_have_text(heading)
        look(page)
    first.reload()
    expect(first.locator("h1")).to_have_text("Your details")
    first.get_by_role("link", name="Change your name").click()
    first.get_by_role("button", name="Save").click()
    expect(first.locator("h1")).to_have_text("Your details")


def test_a_form_that_was_open_before_another_sign_in_is_kept(arrive: Callable[..., Visitor]) -> None:
    ada = arrive()
    ada.sign_in("Ada Example", to="/profile/phone")
    ada.fill("What is your telephone number?", "020 7946 0019")
    other = ada.context.new_page()
    other.goto("/home")
    other.get_by_role("button", name="Sign out").click()
    expect(other.locator("h1")).to_have_text("You are signed out")
    ada.press("Save")
    ada.sees("Sign in to go on")
    with ada.context.expect_page() as opened:
        ada.follow("Sign in (opens in a new tab)")
    beside = opened.value
    beside.get_by_role("button", name=WITH).click()
    beside.get_by_role("button", name="Sign in as Ada Example").click()
    expect(beside.locator("h1")).to_have_text("Your services")
    ada.press("Continue")
    ada.sees("Send your answers again")
    ada.reads("You are signed in as Ada")
    ada.press("Send again")
    ada.sees("Your details")
    ada.reads("020 7946 0019")


def test_what_one_person_typed_is_neither_shown_to_the_next_nor_taken_from_them(arrive: Callable[..., Visitor]) -> None:
    ada = arrive()
    ada.sign_in("Ada Example", to="/profile/phone")
    ada.fill("What is your telephone number?", "020 7946 0077")
    other = ada.context.new_page()
    other.goto("/home")
    other.get_by_role("button", name="Sign out").click()
    expect(other.locator("h1")).to_have_text("You are signed out")
    ada.press("Save")
    ada.sees("Sign in to go on")
    other.goto("/sign-in")
    other.get_by_role("button", name=WITH).click()
    other.get_by_role("button", name="Sign in as Fern Newcomer").click()
    expect(other.locator("h1")).to_have_text("Your services")
    ada.press("Continue")
    ada.sees("These answers are from another account")
    assert "020 7946 0077" not in ada.page.content()
    other.goto("/profile")
    assert "020 7946 0077" not in other.content()


def test_the_back_button_after_signing_in_leads_on(arrive: Callable[..., Visitor]) -> None:
    ada = arrive()
    ada.go("/")
    ada.press("Sign in or create an account")
    ada.press("Sign in as Ada Example")
    ada.sees("Your services")
    ada.page.go_back()
    look(ada.page)  # the provider's page, or what took its place
    ada.page.go_back()
    ada.page.reload()
    ada.sees("Your services")  # the sign-in page knows that she is signed in


def test_a_callback_that_is_replayed_ends_on_a_page_that_helps(arrive: Callable[..., Visitor]) -> None:
    ada, thief = arrive(), arrive()
    callbacks: list[str] = []

    def note(request: Request) -> None:
        if "/auth/moothall/callback" in request.url:
            callbacks.append(request.url)

    ada.context.on("request", note)
    ada.sign_in("Ada Example")
    assert len(callbacks) == 1
    ada.page.goto(callbacks[0])
    ada.sees("Your services")
    thief.page.goto(callbacks[0])
    thief.sees("You need to sign in again")
    thief.press("Sign in again")
    thief.sees("Sign in")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "state=nonsense&code=nonsense",
        "state=a&state=b&code=c",
        "error=access_denied",
        "error=%3Cscript%3Ealert(1)%3C/script%3E&state=x",
        "state=" + "x" * 3000,
        "state=%00&code=%ff",
    ],
)
def test_a_callback_with_nonsense_ends_on_a_page_that_helps(visitor: Visitor, query: str) -> None:
    answer = visitor.page.goto(f"/auth/moothall/callback?{query}")
    assert answer is not None
    assert 400 <= answer.status < 500
    visitor.sees("You need to sign in again")
    assert "alert(1)" not in visitor.page.content()


def test_after_fifty_unfinished_sign_ins_one_still_works(arrive: Callable[..., Visitor], demo: Demo) -> None:
    ada = arrive()
    ada.go("/sign-in")
    token = ada.page.locator("main [name=csrf_token]").first.input_value()
    for _ in range(50):
        answer = ada.context.request.post(
            "/sign-in/moothall",
            form={"csrf_token": token, "next": "/profile"},
            headers={"Origin": demo.url},
            max_redirects=0,
        )
        assert answer.status == 303
    # Pushed beforehand (RFC 9126): nothing of the request stands in the browser's history.
    assert set(parse_qs(urlsplit(answer.headers["location"]).query)) == {"client_id", "request_uri"}
    ada.sign_in("Ada Example", to="/profile")
    ada.sees("Your details")
    assert sum(len(each["value"]) for each in ada.context.cookies()) < 1000
