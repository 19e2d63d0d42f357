"""An owner, a thief who knows the password, and the owner's report that it was not them."""

from typing import Any

import pytest

from tests.integration.identity.conftest import Browser
from tests.integration.identity.control import link_in, press, second_browser
from tests.support.fixtures import Clock

NEW_DEVICE = "select * from portal.outbound_message where template = 'identity/mail/new_device.txt' order by created_at"
HELD_LETTERS = (
    "select * from portal.outbound_message where template = 'identity/mail/account_held.txt' order by created_at"
)
HOLD = "select * from portal.account_hold"
OPEN = "select id from portal.session where ended_at is null"


@pytest.fixture
def owner(browser: Browser, at: Clock) -> Browser:
    """The owner, signed in at home for a week."""
    at.move_to("2026-11-22T09:00")
    browser.sign_in()
    at.advance(days=7)
    browser.sign_in()
    return browser


@pytest.fixture
def thief(owner: Browser, at: Clock) -> Browser:
    """Somebody who knows the owner's password, and reads nobody's mail."""
    at.advance(minutes=5)
    stranger = second_browser(owner)
    stranger.sign_in()
    return stranger


@pytest.fixture
def not_me(thief: Browser, rows: Any) -> str:
    """The link in the mail to the owner."""
    return link_in(rows(NEW_DEVICE)[0])


def report(owner: Browser, link: str) -> None:
    """Press the button behind the link in the mail."""
    assert press(owner, link).headers["Location"] == "/not-me"


def lift_link(rows: Any) -> str:
    """The link in the newest mail that says how the account is freed."""
    return link_in(rows(HELD_LETTERS)[-1])
