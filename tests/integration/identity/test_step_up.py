"""More proof for a page that demands it: a level or a fresh sign-in, asked for and checked."""

from typing import Any

import pytest

from portal.conformance.pages import Page, faults
from tests.integration.identity.conftest import Browser
from tests.integration.identity.more_proof import OPEN, asks_again, cookie, signed_in_for
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider


def test_a_level_is_asked_for_and_the_resident_comes_back(browser: Browser, rows: Any) -> None:
    browser.sign_in()
    assert "Prove who you are to go on" in asks_again(browser, "/strict/page?a=1")
    browser.provider.claims["acr"] = "documents"
    answer = browser.prove_more("/strict/page?a=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/strict/page?a=1")
    assert browser.client.get("/strict/page?a=1").text == "strict page"
    assert browser.provider.authorizations[-1]["acr_values"] == "checked documents"
    assert rows("select act from portal.audit_entry where act like 'identity%' order by id") == [
        ("identity.signed_in",),
        ("identity.stepped_up",),
    ]


def test_only_the_values_that_are_enough_are_asked_for(browser: Browser) -> None:
    browser.sign_in()
    assert "acr_values" not in browser.provider.authorizations[-1]
    browser.leave_to_prove("/extra")
    browser.provider.claims["acr"] = "documents"
    browser.prove_more("/extra")
    assert browser.provider.authorizations[-1]["acr_values"] == "documents"


@pytest.mark.parametrize("acr", [None, "odd", "checked", 7, ["documents"]])
def test_rp_48_a_weaker_acr_than_was_asked_for_is_refused(browser: Browser, acr: Any) -> None:
    browser.sign_in()
    before = cookie(browser)
    browser.provider.claims["acr"] = acr
    answer = browser.prove_more("/extra")
    assert answer.status_code == 403
    assert "We still need to be sure that it is you" in answer.text
    assert faults(Page(answer.text)) == []
    assert browser.client.get("/extra").status_code == 303
    assert cookie(browser) == before
    assert browser.is_signed_in()


def test_a_fresh_page_is_open_at_first_and_asks_later(browser: Browser, at: Clock) -> None:
    browser.sign_in()
    assert browser.client.get("/letter").status_code == 200
    at.advance(minutes=10, seconds=1)
    page = asks_again(browser, "/letter")
    assert "Confirm that it is you" in page
    assert "within the last 10 minutes" in page
    answer = browser.prove_more("/letter")
    assert answer.headers["Location"] == "/letter"
    assert browser.client.get("/letter").status_code == 200
    asked = browser.provider.authorizations[-1]
    assert (asked["max_age"], asked["prompt"]) == ("600", "login")


def test_a_provider_that_does_not_say_when_it_made_sure_of_somebody_proves_nothing_fresh(browser: Browser) -> None:
    browser.provider.claims["auth_time"] = None
    browser.sign_in()
    assert browser.client.get("/letter").status_code == 303


@pytest.mark.parametrize(("max_age", "prompt"), [(True, False), (False, True)])
def test_gov_09_max_age_and_prompt_are_sent_only_where_they_are_allowed(
    make: Any, provider: HostileProvider, at: Clock, max_age: bool, prompt: bool
) -> None:
    browser = make(provider, max_age=max_age, prompt_login=prompt)
    signed_in_for(browser, at, 11)
    assert browser.prove_more("/letter").status_code == 303
    asked = provider.authorizations[-1]
    assert (("max_age" in asked), ("prompt" in asked)) == (max_age, prompt)
    assert {"max_age", "prompt"}.isdisjoint(provider.authorizations[0])


@pytest.mark.parametrize("order", [None, lambda honest: honest + 3600])
def test_gov_09_an_auth_time_that_proves_nothing_is_refused(browser: Browser, at: Clock, order: Any) -> None:
    signed_in_for(browser, at, 11)
    browser.provider.claims["auth_time"] = order
    assert browser.prove_more("/letter").status_code == 403
    assert browser.client.get("/letter").status_code == 303


def test_gov_09_ux_03_an_old_auth_time_starts_over_once_and_then_ends_on_a_page(browser: Browser, at: Clock) -> None:
    signed_in_for(browser, at, 11)
    browser.provider.claims["auth_time"] = lambda honest: honest - 3600
    address, redirects = browser.leave_to_prove("/letter").headers["Location"], 0
    while True:
        answer = browser.come_back(browser.provider.authorize(address))
        if answer.status_code != 303:
            break
        address, redirects = answer.headers["Location"], redirects + 1
        assert redirects <= 2
    assert (redirects, answer.status_code) == (1, 403)
    assert "Sign out of Town account first" in answer.text
    assert browser.provider.authorizations[-1]["max_age"] == "600"


def test_gov_09_starting_over_helps_when_the_provider_then_asks(browser: Browser, at: Clock) -> None:
    signed_in_for(browser, at, 11)
    browser.provider.claims["auth_time"] = lambda honest: honest - 3600
    again = browser.come_back(browser.provider.authorize(browser.leave_to_prove("/letter").headers["Location"]))
    del browser.provider.claims["auth_time"]
    answer = browser.come_back(browser.provider.authorize(again.headers["Location"]))
    assert (answer.status_code, answer.headers["Location"]) == (303, "/letter")
    assert browser.client.get("/letter").status_code == 200


def test_the_id_is_renewed_and_the_absolute_limit_stays(browser: Browser, at: Clock, rows: Any) -> None:
    signed_in_for(browser, at, 11)
    old = cookie(browser)
    browser.prove_more("/letter")
    assert cookie(browser) != old
    assert rows("select ended_why from portal.session order by ended_at nulls last") == [("replaced",), (None,)]
    for _ in range(35):
        at.advance(minutes=20)
        assert browser.is_signed_in()
    at.advance(minutes=10)
    assert not browser.is_signed_in()
    browser.client.set_cookie("moothall_session", old)
    assert not browser.is_signed_in()


def test_a_fresh_sign_in_keeps_the_level_that_the_session_had(browser: Browser, at: Clock, rows: Any) -> None:
    browser.provider.claims["acr"] = "checked"
    signed_in_for(browser, at, 11)
    del browser.provider.claims["acr"]
    assert browser.prove_more("/letter").status_code == 403  # it would have lost the level
    browser.provider.claims["acr"] = "checked"
    assert browser.prove_more("/letter").status_code == 303
    assert browser.provider.authorizations[-1]["acr_values"] == "checked documents"
    assert rows(f"select assurance from portal.session where {OPEN}") == [(2,)]
