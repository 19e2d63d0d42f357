"""A newcomer with the address of an account, held back until they prove that it is theirs."""

from typing import Any

import pytest
from sqlalchemy import Engine, text

from tests.integration.identity.conftest import Browser
from tests.integration.identity.two_providers import YOURS, Town, both, county, link_in

__all__ = ["both", "county"]


@pytest.fixture
def known(both: Town) -> Town:
    """Ada has an account, which the town's provider opens."""
    both.come(both.browser(), "town")
    return both


def arrive(both: Town, name: str = "county", *, browser: Browser | None = None, app: Any = None) -> Browser:
    """Come by that provider and be held back."""
    browser = browser or both.browser(app)
    answer = both.come(browser, name, "/note?from=county")
    assert (answer.status_code, answer.headers["Location"]) == (303, YOURS), answer.headers
    return browser


def change(engine: Engine, statement: str) -> None:
    """Change the database from outside."""
    with engine.begin() as connection:
        connection.execute(text(statement))


@pytest.fixture
def gone(known: Town) -> tuple[Town, Browser, str]:
    """The town's provider is no longer in the settings. A newcomer, held back, and the link in the account's mail."""
    browser = arrive(known, app=known.portal("county"))
    known.press(browser, YOURS, to=f"{YOURS}/email")
    (letter,) = known.letters("prove_by_link")
    assert letter.to_address == "ada@example.org"
    assert "Ada" not in letter.body.replace(link_in(letter), "")
    return known, browser, link_in(letter)
