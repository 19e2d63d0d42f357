"""A resident who is asked for more proof than their session has."""

from portal.conformance.pages import Page, faults
from tests.integration.identity.conftest import Browser
from tests.support.fixtures import Clock

OPEN = "ended_at is null"


def signed_in_for(browser: Browser, at: Clock, minutes: int) -> None:
    """Sign in, and let so many minutes pass."""
    browser.sign_in()
    at.advance(minutes=minutes)
    assert browser.is_signed_in()


def cookie(browser: Browser) -> str:
    """The id of the browser's session."""
    found = browser.client.get_cookie("moothall_session")
    assert found
    return found.value


def asks_again(browser: Browser, page: str) -> str:
    """The page that asks for more proof, in place of `page`."""
    answer = browser.client.get(page)
    assert answer.status_code == 303, answer.text
    assert answer.headers["Location"].startswith("/confirm-it-is-you?next=")
    shown = browser.client.get(answer.headers["Location"])
    assert shown.status_code == 200
    assert faults(Page(shown.text)) == []
    return shown.text
