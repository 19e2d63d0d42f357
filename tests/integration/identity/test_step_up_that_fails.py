"""More proof that no provider can give, that another one can, or that ended in an error."""

from typing import Any

import pytest

from portal.conformance.pages import Page, faults
from tests.integration.identity.conftest import TOKEN, Browser, provider_settings, query_of
from tests.integration.identity.more_proof import OPEN, asks_again, signed_in_for
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider


def test_where_no_provider_can_reach_the_level_the_page_says_what_to_do(make: Any, provider: HostileProvider) -> None:
    browser = make(provider, acr_levels={"checked": "medium"})
    browser.sign_in()
    page = asks_again(browser, "/extra")
    assert "No way of signing in here can do this yet" in page
    assert 'name="provider"' not in page
    token = TOKEN.search(page)[1]  # type: ignore[index]  # the way out is a form
    sent = {"csrf_token": token, "provider": "town", "next": "/extra"}
    assert browser.client.post("/confirm-it-is-you", data=sent).status_code == 404


def test_where_no_provider_can_be_asked_anew_signing_out_and_in_is_the_way(
    make: Any, provider: HostileProvider, at: Clock
) -> None:
    browser = make(provider, max_age=False, prompt_login=False)
    signed_in_for(browser, at, 11)
    page = asks_again(browser, "/letter")
    assert "Sign out, sign in again" in page
    browser.sign_in()
    assert browser.client.get("/letter").status_code == 200


def test_another_provider_that_can_do_it_is_offered_and_must_open_the_same_account(
    make_portal: Any, provider: HostileProvider, cleaning_engine: Any, rows: Any
) -> None:
    with HostileProvider(client_secret="another-secret") as second:
        both = {
            "town": provider_settings(provider, acr_levels={}),
            "county": provider_settings(second, title="County account"),
        }
        browser = Browser(make_portal(both).test_client(), provider)
        browser.sign_in()
        page = asks_again(browser, "/strict/page")
        assert "The way you signed in cannot do this" in page
        assert "Continue with County account" in page
        assert 'value="town"' not in page
        second.claims.update(acr="checked", sub="ada-there")
        left = browser.leave_to_prove("/strict/page", "county").headers["Location"]
        assert browser.come_back(second.authorize(left)).status_code == 403
        with cleaning_engine.begin() as connection:
            connection.exec_driver_sql(
                "insert into portal.identity select gen_random_uuid(), account_id, %s, %s, linked_at, last_used_at"
                " from portal.identity",
                (second.issuer, "ada-there"),
            )
        left = browser.leave_to_prove("/strict/page", "county").headers["Location"]
        assert browser.come_back(second.authorize(left)).status_code == 303
        assert browser.client.get("/strict/page").status_code == 200
        assert rows(f"select provider from portal.session where {OPEN}") == [("county",)]


def test_gov_26_login_required_after_asking_anew_ends_the_session(browser: Browser, at: Clock, rows: Any) -> None:
    signed_in_for(browser, at, 11)
    state = query_of(browser.leave_to_prove("/letter").headers["Location"])["state"]
    page = browser.client.get("/auth/town/callback", query_string={"error": "login_required", "state": state})
    assert page.status_code == 403
    assert "We have signed you out" in page.text
    assert faults(Page(page.text)) == []
    assert "Ada" not in page.text
    assert not browser.is_signed_in()
    assert rows(f"select 1 from portal.session where {OPEN}") == []


@pytest.mark.parametrize(
    ("error", "heading"),
    [
        ("access_denied", "You have not confirmed that it is you"),
        ("temporarily_unavailable", "We cannot confirm at the moment that it is you"),
        ("unmet_authentication_requirements", "We still need to be sure that it is you"),
        ("interaction_required", "We could not confirm that it is you"),
    ],
)
def test_gov_26_another_error_leaves_the_session_as_it_was(
    browser: Browser, at: Clock, error: str, heading: str
) -> None:
    signed_in_for(browser, at, 11)
    state = query_of(browser.leave_to_prove("/letter").headers["Location"])["state"]
    page = browser.client.get("/auth/town/callback", query_string={"error": error, "state": state})
    assert page.status_code in (400, 403, 503)
    assert f'<h1 class="govuk-heading-l">{heading}</h1>' in page.text
    assert "Try again" in page.text
    assert faults(Page(page.text)) == []
    assert browser.is_signed_in()
