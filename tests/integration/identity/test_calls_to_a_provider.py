"""Every call to a provider: under our name, given up in time, and with nothing of the database held."""

from functools import partial
from typing import Any

import pytest

from portal import outbound
from tests.integration.identity.conftest import Browser
from tests.integration.identity.processes import DISCOVERY


def test_gov_14_every_call_has_a_user_agent(browser: Browser) -> None:
    browser.sign_in()
    provider = browser.provider
    ours = [said for path, said in provider.user_agents if path != "/authorize"]  # there the browser goes
    assert {path for path, _said in provider.user_agents} >= {DISCOVERY, "/jwks", "/token", "/userinfo"}
    assert len(ours) == 4
    assert all(said.startswith("Moothall/") for said in ours)


@pytest.mark.parametrize("path", [DISCOVERY, "/jwks", "/token", "/userinfo"])
def test_rp_47_every_call_is_given_up_in_time(browser: Browser, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(outbound, "READ_SECONDS", 0.1)
    browser.provider.delays[path] = 0.4
    if path == DISCOVERY:
        answer = browser.client.post("/sign-in/town", data={"csrf_token": browser.token()})
    else:
        answer = browser.sign_in()
    assert answer.status_code == 503
    assert "Sign in again" in answer.text
    assert not browser.is_signed_in()


def test_rp_47_nothing_of_the_database_is_held_during_any_call(browser: Browser, rows: Any) -> None:
    """Asked while each call is under way: a slow provider must not use up the connections of all the other pages."""
    held: dict[str, Any] = {}
    waiting = "state like 'idle in transaction%' and datname = current_database()"

    def look(path: str) -> None:
        held[path] = rows(f"select query from pg_stat_activity where {waiting}")

    for path in (DISCOVERY, "/token", "/jwks", "/userinfo"):
        browser.provider.during[path] = partial(look, path)
    assert browser.sign_in().status_code == 303
    assert held == {DISCOVERY: [], "/token": [], "/jwks": [], "/userinfo": []}
