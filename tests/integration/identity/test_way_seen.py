"""A provider that cannot be asked for a fresh sign-in may bring back a neighbour: nothing is linked unseen."""

import re
from typing import Any

import pytest

from tests.integration.identity.conftest import Browser, provider_settings
from tests.integration.identity.two_providers import WAYS, Town, county
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider

__all__ = ["county"]

SEEN = re.compile(r'name="seen" value="([^"]+)"')
CONFIRM = f"{WAYS}/add/county/confirm"


@pytest.fixture
def town(make_portal: Any, rows: Any, provider: HostileProvider, county: HostileProvider) -> Town:
    """A portal whose county can be asked for nothing."""
    never = {"max_age": False, "prompt_login": False}
    providers = {
        "town": provider_settings(provider, title="Town account"),
        "county": provider_settings(county, title="County account", **never),
    }
    county.claims |= {"sub": "neighbour", "auth_time": None}
    county.userinfo |= {"email": "neighbour@example.org", "given_name": "<b>Ned</b>"}
    return Town(lambda _: make_portal(providers), rows, provider, county)


@pytest.fixture
def ada(town: Town) -> Browser:
    """Signed in by the town."""
    browser = town.browser()
    town.come(browser, "town")
    return browser


def agree(browser: Browser, seen: str) -> Any:
    return browser.post(CONFIRM, csrf_token=browser.token(WAYS), seen=seen)


def seen_by(town: Town, browser: Browser) -> str:
    return SEEN.findall(town.add(browser, "county").text)[0]


def test_whoever_came_back_is_shown_and_nothing_is_linked(town: Town, ada: Browser) -> None:
    page = town.add(ada, "county")
    assert page.status_code == 200
    assert "County account says that you are <strong>neighbour@example.org</strong>." in page.text
    assert f'href="{town.county.issuer}/logout?' in page.text
    assert [name for _, name, _ in town.identities()] == ["town"]
    assert town.letters("way_added") == []


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ({"email": None, "name": "Ned <Neighbour>"}, "<strong>Ned &lt;Neighbour&gt;</strong>"),
        ({"email": None, "given_name": "<b>Ned</b>"}, "<strong>&lt;b&gt;Ned&lt;/b&gt;</strong>"),
        ({"email": None, "given_name": None}, "It does not tell us who."),
    ],
)
def test_who_it_is_is_said_as_the_provider_says_it(town: Town, ada: Browser, told: dict[str, Any], shown: str) -> None:
    town.county.userinfo |= {"name": None} | told
    assert shown in town.add(ada, "county").text


def test_the_button_links_it_once(town: Town, ada: Browser) -> None:
    seen = seen_by(town, ada)
    for _ in range(2):
        assert agree(ada, seen).headers["Location"] == WAYS
    assert [name for _, name, _ in town.identities()] == ["town", "county"]
    assert len(town.letters("way_added")) == 1
    assert len({account for account, _, _ in town.identities()}) == 1


def test_what_was_seen_is_of_use_to_this_session_alone_and_not_for_long(town: Town, ada: Browser, at: Clock) -> None:
    seen = seen_by(town, ada)
    other = town.browser()
    town.town.claims["sub"] = "resident-2"
    town.town.userinfo["email"] = "two@example.org"
    town.come(other, "town")
    for browser, sent in ((other, seen), (ada, ""), (ada, seen[:-4]), (ada, "é")):
        assert agree(browser, sent).status_code == 403
    at.advance(minutes=16)
    assert agree(ada, seen).status_code == 403
    assert [name for _, name, _ in town.identities()] == ["town", "town"]


def test_where_they_were_going_is_sealed_while_they_wait(town: Town, ada: Browser) -> None:
    town.county.userinfo["email"] = "ada@example.org"
    newcomer = town.browser()
    assert town.come(newcomer, "county", "/note?token=secret").headers["Location"] == "/sign-in/your-account"
    ((kept,),) = town.look("select next_path from portal.waiting_identity")
    assert "secret" not in kept
    begun = town.press(newcomer, "/sign-in/your-account", to="/sign-in/your-account/sign-in/town")
    assert town.go(newcomer, begun, "town").headers["Location"] == "/note?token=secret"
