"""Gwen makes an account of her own, forgets her password and changes her address. Her letters are in the outbox."""

import re
import secrets
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.journeys.visitor import Visitor

FIRST, SECOND = "three random words", "another three good words"


@pytest.fixture
def address() -> str:
    """An address that nobody had before."""
    return f"gwen-{secrets.token_hex(4)}@post.example"


def test_gwen_registers_forgets_her_password_and_changes_her_address(
    arrive: Callable[..., Visitor], address: str
) -> None:
    gwen, scanner = arrive(), arrive()
    _registers(gwen, scanner, address)
    _leaves_and_comes_back(gwen, address, FIRST)
    _forgets_her_password(gwen, scanner, address)
    _leaves_and_comes_back(gwen, address, SECOND)
    _changes_her_address(gwen, scanner, address)


def _registers(gwen: Visitor, scanner: Visitor, address: str) -> None:
    gwen.go("/sign-in")
    gwen.press(re.compile("^Sign in with "))
    gwen.follow("Create an account")
    gwen.sees("Create your council account")
    gwen.fill(re.compile("E-?mail address", re.IGNORECASE), address)
    gwen.press("Send me a link")
    gwen.sees(re.compile("^Check your e-?mail$"))
    link = _link_for(gwen, address, "Create your council account")
    scanner.go(link)  # a mail scanner opens every link before she does
    gwen.go(link)
    gwen.sees("Your name and password")
    gwen.fill("First name", "Gwen")
    gwen.fill("Last name", "Invented")
    gwen.page.get_by_label("Create a password").fill("short")
    gwen.press("Create account")
    gwen.sees("Your name and password")
    gwen.reads("There is a problem")
    gwen.page.get_by_label("Create a password").fill(FIRST)
    gwen.press("Create account")
    gwen.sees("Your services")
    gwen.reads("Hello Gwen.")
    scanner.go(link)
    scanner.sees("This link no longer works")


def _forgets_her_password(gwen: Visitor, scanner: Visitor, address: str) -> None:
    _leaves(gwen)
    gwen.press(re.compile("^Sign in with "))
    gwen.fill(re.compile("E-?mail address", re.IGNORECASE), address)
    gwen.page.get_by_label("Password", exact=True).fill("not the right one")
    gwen.press("Sign in")
    gwen.sees("Sign in to your council account")
    gwen.reads("is not right")
    gwen.follow("I have forgotten my password")
    gwen.sees("Forgotten your password?")
    gwen.fill(re.compile("E-?mail address", re.IGNORECASE), address)
    gwen.press("Send me a link")
    link = _link_for(gwen, address, "Choose a new password")
    scanner.go(link)
    gwen.go(link)
    gwen.sees("Choose a new password")
    gwen.page.get_by_label("New password").fill(SECOND)
    gwen.press("Save new password")
    gwen.sees("Sign in to your council account")
    gwen.reads("Your password is changed")
    _gives(gwen, address, SECOND)
    gwen.sees("Your services")  # her way to the council was kept over all of it


def _changes_her_address(gwen: Visitor, scanner: Visitor, address: str) -> None:
    new = f"new-{address}"
    gwen.go("/profile/email")
    gwen.fill("What is your new email address?", "gwen at post.example")
    gwen.press("Send me a link")
    gwen.sees("What is your new email address?")
    gwen.fill("What is your new email address?", new)
    gwen.press("Send me a link")
    gwen.sees("Check your email")
    link = _link_for(gwen, new, "Confirm your email address")
    scanner.go(link)
    scanner.sees("Sign in")
    gwen.go("/profile")
    gwen.reads(address)
    gwen.go(link)
    gwen.sees("Confirm your email address")
    gwen.press("Confirm this address")
    gwen.sees("Your details")
    gwen.reads("Your email address has been changed")
    gwen.reads(new)
    gwen.go(link)
    gwen.sees("This link no longer works")
    told = _letter_for(gwen, address, "The email address of your account was changed")
    expect(told.page.locator("main")).to_contain_text("ring us at once")


def _leaves_and_comes_back(gwen: Visitor, address: str, password: str) -> None:
    _leaves(gwen)
    gwen.press(re.compile("^Sign in with "))
    _gives(gwen, address, password)
    gwen.sees("Your services")


def _leaves(gwen: Visitor) -> None:
    gwen.press("Sign out")
    gwen.sees("You are signed out")
    gwen.press("Sign in again")


def _gives(gwen: Visitor, address: str, password: str) -> None:
    gwen.fill(re.compile("E-?mail address", re.IGNORECASE), address)
    gwen.page.get_by_label("Password", exact=True).fill(password)
    gwen.press("Sign in")


def _letter_for(visitor: Visitor, address: str, subject: str) -> Visitor:
    """Open the newest letter to this address in the outbox."""
    if visitor.page.get_by_role("link", name="Outbox of the demo").count():
        visitor.follow("Outbox of the demo", within="main")
    else:
        visitor.go("/demo/outbox")
    visitor.sees("Outbox of the demo")
    line = visitor.page.locator("main li", has_text=f"To {address},").filter(has_text=subject)
    for _ in range(100):  # a worker sends it
        if line.count():
            break
        visitor.page.wait_for_timeout(100)
        visitor.page.reload()
    line.first.get_by_role("link").click()
    visitor.sees(subject)
    return visitor


def _link_for(visitor: Visitor, address: str, subject: str) -> str:
    """The link in that letter."""
    letter = _letter_for(visitor, address, subject)
    href = letter.page.locator("main p a").first.get_attribute("href")
    assert href is not None
    return href
