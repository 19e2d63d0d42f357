"""Asking a provider to make sure of somebody anew, when it would rather not."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.identity.conftest import provider_settings
from tests.integration.identity.control import press, second_browser
from tests.integration.identity.two_providers import WAYS, Town, county
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider

__all__ = ["county"]


def asks_only_whom_it_is_told(provider: HostileProvider) -> Callable[[int], int]:
    """What One Login does: its session of an hour ago answers unless the request names somebody."""
    return lambda honest: honest if "id_token_hint" in provider.authorizations[-1] else honest - 3600


@pytest.fixture
def town(make_portal: Any, rows: Any, provider: HostileProvider, county: HostileProvider) -> Any:
    """A portal whose county knows no `max_age` and takes pushed requests."""

    def portal() -> Town:
        return Town(
            lambda _: make_portal(
                {
                    "town": provider_settings(provider, title="Town account"),
                    "county": provider_settings(county, title="County account", max_age=False),
                }
            ),
            rows,
            provider,
            county,
        )

    county.offer_pushed()
    county.claims["auth_time"] = asks_only_whom_it_is_told(county)
    return portal()


def test_gov_10_a_way_is_added_by_a_provider_that_asks_only_whom_it_is_told(town: Town) -> None:
    ada = town.browser()
    town.come(ada, "town")
    again = town.add(ada, "county")
    assert town.go(ada, again, "county").headers["Location"].startswith(WAYS)
    first, second = town.county.authorizations
    assert "id_token_hint" not in first
    assert (second["prompt"], second["id_token_hint"].count(".")) == ("login", 2)


def test_gov_10_who_comes_back_to_a_held_account_is_asked_anew_by_name(town: Town, at: Clock) -> None:
    ada = town.browser()
    town.county.claims["auth_time"] = lambda honest: honest
    town.come(ada, "county")
    at.advance(minutes=5)
    press(ada, "/sign-ins/not-me")
    at.advance(minutes=5)
    town.county.claims["auth_time"] = asks_only_whom_it_is_told(town.county)
    again = town.come(ada, "county")
    assert town.go(ada, again, "county").headers["Location"] == "/home"
    assert "id_token_hint" in town.county.authorizations[-1]


def test_a_provider_that_never_asks_is_to_be_signed_out_of_first(town: Town) -> None:
    ada = town.browser()
    town.come(ada, "town")
    town.county.claims["auth_time"] = lambda honest: honest - 3600
    page = town.go(ada, town.add(ada, "county"), "county")
    assert page.status_code == 403
    assert "Sign out of County account first" in page.text
    assert re.search(rf'href="{re.escape(town.county.issuer)}/logout\?[^"]*id_token_hint=', page.text)
    assert len(town.identities()) == 1


def test_who_is_not_the_one_that_is_signed_in_there_is_told_to_sign_out_there(town: Town) -> None:
    ada = town.browser()
    town.come(ada, "town")
    again = town.add(ada, "county")
    town.county.callback = {"code": None, "error": "login_required"}
    assert "Sign out of County account first" in town.go(ada, again, "county").text


def test_a_page_without_a_way_out_names_the_provider_s_website(make: Any, provider: HostileProvider, at: Clock) -> None:
    provider.metadata["end_session_endpoint"] = None
    browser = make(provider, max_age=False)
    browser.sign_in()
    at.advance(minutes=11)
    provider.claims["auth_time"] = lambda honest: honest - 3600
    page = browser.come_back(provider.authorize(browser.prove_more("/letter").headers["Location"]))
    assert "Sign out of Town account on its own website." in page.text
    assert second_browser(browser).sign_in().status_code == 303
