"""What was checked for one person is never shown to another whose way in was linked without a check."""

from typing import Any

import pytest

from portal.conformance.pages import Page, faults
from tests.integration.identity.conftest import Browser
from tests.integration.identity.two_providers import YOURS, Town, both, county, link_in

__all__ = ["both", "county"]

BIRTHDATES = "select value, level from portal.verified_claim where name = 'birthdate'"


@pytest.fixture
def checked(both: Town) -> Town:
    """Ada has an account, and the town's provider has checked who she is."""
    both.town.claims |= {"acr": "documents", "birthdate": "1970-01-01"}
    both.come(both.browser(), "town")
    return both


@pytest.fixture
def reader(checked: Town) -> Browser:
    """Somebody who reads Ada's mail and has linked their own way in, now that the town's provider is gone."""
    browser = checked.browser(checked.portal("county"))
    checked.county.claims["sub"], checked.county.userinfo["email"] = "reader", "ada@example.org"
    checked.come(browser, "county")
    checked.press(browser, YOURS, to=f"{YOURS}/email")
    checked.go(browser, checked.press(browser, link_in(checked.letters("prove_by_link")[-1])), "county")
    assert browser.is_signed_in()
    checked.county.claims |= {"acr": "documents", "birthdate": "1999-09-09"}
    return browser


def refused(answer: Any) -> bool:
    assert answer.status_code == 403, answer.headers
    assert faults(Page(answer.text)) == []
    return "This account may be another person" in answer.text


def test_more_proof_with_another_date_of_birth_opens_nothing(checked: Town, reader: Browser) -> None:
    answer = checked.go(reader, reader.leave_to_prove("/extra", "county"), "county")
    assert refused(answer)
    assert "Ada" not in answer.text
    assert reader.client.get("/extra").status_code == 303
    assert checked.look(BIRTHDATES) == [("1970-01-01", "high")]
    (act,) = checked.acts("identity.other_person_refused")
    assert str(act.account_id) == checked.identities()[0][0]


def test_a_sign_in_with_another_date_of_birth_opens_nothing(checked: Town, reader: Browser) -> None:
    browser = checked.browser()
    assert refused(checked.come(browser, "county"))
    assert not browser.is_signed_in()
    assert checked.look(BIRTHDATES) == [("1970-01-01", "high")]


def test_the_same_date_of_birth_opens_the_page(checked: Town, reader: Browser) -> None:
    checked.county.claims["birthdate"] = "1970-01-01"
    checked.go(reader, reader.leave_to_prove("/extra", "county"), "county")
    assert reader.client.get("/extra").status_code == 200


def test_a_provider_may_put_its_own_mistake_right(checked: Town) -> None:
    checked.town.claims["birthdate"] = "1970-01-02"
    browser = checked.browser()
    checked.come(browser, "town")
    assert browser.is_signed_in()
    assert checked.look(BIRTHDATES) == [("1970-01-02", "high")]


def test_it_may_not_when_two_of_its_people_open_the_account(checked: Town) -> None:
    app = checked.portal("town")
    browser = checked.browser(app)
    checked.town.claims["sub"], checked.town.userinfo["email"] = "made-anew", "ada@example.org"
    del checked.town.claims["acr"]
    checked.come(browser, "town")
    checked.press(browser, YOURS, to=f"{YOURS}/email")
    checked.go(browser, checked.press(browser, link_in(checked.letters("prove_by_link")[-1])), "town")
    assert len(checked.identities()) == 2
    checked.town.claims |= {"acr": "documents", "birthdate": "1999-09-09"}
    assert refused(checked.come(browser, "town"))
    assert checked.look(BIRTHDATES) == [("1970-01-01", "high")]
