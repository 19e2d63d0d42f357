"""A newcomer proves that an account is theirs by signing in the way that they did before."""

import pytest
from sqlalchemy import Engine

from tests.integration.identity.newcomers import arrive, change, known
from tests.integration.identity.two_providers import YOURS, Town, both, county

__all__ = ["both", "county", "known"]


def test_gov_25_who_signs_in_the_old_way_keeps_the_account_and_goes_on(known: Town) -> None:
    browser = arrive(known)
    answer = known.go(browser, known.press(browser, YOURS, to=f"{YOURS}/sign-in/town"), "town")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/note?from=county")
    assert browser.is_signed_in()
    assert known.accounts() == 1
    assert [row[1] for row in known.identities()] == ["town", "county"]
    assert known.acts("identity.linked")[0].details["proven_by"] == "old_way"
    assert len(known.letters("way_added")) == 1
    assert known.look("select 1 from portal.waiting_identity") == []
    assert known.come(known.browser(), "county").headers["Location"] == "/home"


def test_the_old_provider_is_asked_to_make_sure_of_the_person_anew(known: Town) -> None:
    browser = arrive(known)
    known.go(browser, known.press(browser, YOURS, to=f"{YOURS}/sign-in/town"), "town")
    assert known.town.authorizations[-1]["prompt"] == "login"


def test_gov_25_proving_another_account_links_nothing(known: Town) -> None:
    known.town.claims["sub"] = "resident-2"
    known.come(known.browser(), "town")
    browser = arrive(known)
    answer = known.go(browser, known.press(browser, YOURS, to=f"{YOURS}/sign-in/town"), "town")
    assert answer.headers["Location"] == "/note?from=county"
    assert browser.is_signed_in()
    assert "we have not connected County account" in browser.client.get("/sign-ins").text
    assert [row[1:] for row in known.identities()] == [("town", "resident-1"), ("town", "resident-2")]
    assert known.look("select 1 from portal.waiting_identity") == []


@pytest.mark.parametrize("name", ["town", "county"])
def test_gov_25_proving_what_nobody_knows_opens_no_account(known: Town, name: str) -> None:
    browser = arrive(known)
    if name == "town":
        known.town.claims["sub"] = "resident-7"  # otherwise the newcomer themselves, once more
    answer = known.go(browser, known.press(browser, YOURS, to=f"{YOURS}/sign-in/{name}"), name)
    assert answer.headers["Location"].startswith(YOURS)
    assert "There is no account here for that way" in browser.client.get(answer.headers["Location"]).text
    assert (known.accounts(), len(known.identities())) == (1, 1)


def test_another_person_who_signs_in_meanwhile_gets_nothing_that_waited(known: Town) -> None:
    browser = arrive(known)
    begun = known.press(browser, YOURS, to=f"{YOURS}/sign-in/town")
    known.town.claims["sub"] = "resident-2"
    known.come(browser, "town")
    known.town.claims["sub"] = "resident-1"
    known.go(browser, begun, "town")
    assert [row[1:] for row in known.identities()] == [("town", "resident-1"), ("town", "resident-2")]


def test_an_answer_that_comes_after_the_hour_is_a_sign_in_like_any_other(known: Town, cleaning_engine: Engine) -> None:
    browser = arrive(known)
    begun = known.press(browser, YOURS, to=f"{YOURS}/sign-in/town")
    change(cleaning_engine, "update portal.waiting_identity set expires_at = now()")
    assert known.go(browser, begun, "town").headers["Location"] == "/note?from=county"
    assert len(known.identities()) == 1
