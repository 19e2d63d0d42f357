"""What the tests of sign-ins, new devices and reports share."""

import re
from typing import Any

from tests.integration.identity.conftest import Browser

LINK = re.compile(r"http://localhost(/\S+)")
IN_A_DAY = 86_400


def second_browser(first: Browser) -> Browser:
    """Another browser at the same portal."""
    return Browser(first.client.application.test_client(), first.provider)


def link_in(letter: Any) -> str:
    """The path of the one link in a letter."""
    (path,) = set(LINK.findall(letter.body))
    return str(path)


def press(browser: Browser, path: str, **fields: str) -> Any:
    """Fetch the page and send its form to where it leads."""
    return browser.post(path, csrf_token=browser.token(path), **fields)
