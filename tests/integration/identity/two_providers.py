"""A portal with two providers, and residents who come by either."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.identity.conftest import Browser, provider_settings
from tests.support.hostile_provider import HostileProvider

LINK = re.compile(r"http://localhost(/\S+)")
WAYS = "/ways-to-sign-in"
YOURS = "/sign-in/your-account"


class Town:
    """A portal that knows the town's and the county's provider. `look` asks the database from outside."""

    def __init__(self, make_portal: Any, look: Any, town: HostileProvider, county: HostileProvider) -> None:
        self.make_portal, self.look = make_portal, look
        self.town, self.county = town, county
        self.at = {"town": town, "county": county}
        self.app = self.portal("town", "county")

    def portal(self, *names: str) -> Any:
        """A portal with these providers in its settings."""
        titles = {"town": "Town account", "county": "County account"}
        return self.make_portal({name: provider_settings(self.at[name], title=titles[name]) for name in names})

    def browser(self, app: Any = None) -> Browser:
        """A browser that nobody has used."""
        return Browser((app or self.app).test_client(), self.town)

    def come(self, browser: Browser, name: str, next_path: str = "/home") -> Any:
        """Sign in by that provider; the answer to the callback."""
        return browser.come_back(self.at[name].authorize(browser.begin(next_path, name)))

    def press(self, browser: Browser, page: str, *, to: str | None = None) -> Any:
        """Fetch the page and press its button."""
        token = browser.token(page)
        return browser.client.post(to or page, data={"csrf_token": token}, headers={"Origin": "http://localhost"})

    def go(self, browser: Browser, answer: Any, name: str) -> Any:
        """Go where the portal has sent the browser, to that provider, and come back."""
        assert answer.status_code == 303, answer.text
        return browser.come_back(self.at[name].authorize(answer.headers["Location"]))

    def add(self, browser: Browser, name: str) -> Any:
        """Add that provider to the ways to sign in."""
        return self.go(browser, self.press(browser, f"{WAYS}/add/{name}"), name)

    def identities(self) -> list[tuple[str, str, str]]:
        """Account, issuer's name and subject of each."""
        names = {provider.issuer: name for name, provider in self.at.items()}
        found = self.look("select account_id::text, issuer, subject from portal.identity order by linked_at, subject")
        return [(row.account_id, names.get(row.issuer, row.issuer), row.subject) for row in found]

    def accounts(self) -> int:
        """How many there are."""
        return int(self.look("select count(*) from portal.account")[0][0])

    def letters(self, template: str) -> list[Any]:
        """What was written, oldest first."""
        return list(
            self.look(
                "select to_address, subject, body from portal.outbound_message"
                f" where template = 'accounts/mail/{template}.txt' order by created_at, body"
            )
        )

    def acts(self, act: str) -> list[Any]:
        """Audit rows of that act."""
        return list(self.look(f"select * from portal.audit_entry where act = '{act}' order by id"))


def link_in(letter: Any) -> str:
    """The path of the link in a letter."""
    found = LINK.search(letter.body)
    assert found, letter.body
    return found[1]


@pytest.fixture
def county() -> Iterator[HostileProvider]:
    """The second provider."""
    with HostileProvider() as running:
        yield running


@pytest.fixture
def both(make_portal: Any, rows: Any, provider: HostileProvider, county: HostileProvider) -> Town:
    """The portal with both."""
    return Town(make_portal, rows, provider, county)
