"""What the tests of sign-ins, new devices and reports share."""

import re
from typing import Any

from tests.integration.identity.conftest import Browser

LINK = re.compile(r"http://localhost(/\S+)")


def second_browser(first: Browser) -> Browser:
    """Another browser at the same portal."""
    return Browser(first.client.application.test_client(), first.provider)


def link_in(letter: Any) -> str:
    """The path of the one link in a letter."""
    (path,) = set(LINK.findall(letter.body))
    return str(path)


def press(browser: Browser, page: str, *, to: str | None = None) -> Any:
    """Fetch the page and press its button, which leads to the page itself or to another address."""
    return browser.post(to or page, csrf_token=browser.token(page))
