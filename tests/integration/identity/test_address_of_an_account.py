"""A resident comes by a new provider with an address that an account has: neither merged nor sent away."""

import re
import threading
from typing import Any

import pytest
from sqlalchemy import Engine, text

from portal.accounts import waiting
from portal.accounts.operations import account_for_identity
from portal.accounts.queries import everything_about
from portal.accounts.waiting import Newcomer
from portal.conformance.pages import Page, faults
from portal.db.session import session
from tests.integration.identity.conftest import Browser
from tests.integration.identity.newcomers import arrive, change, gone, known
from tests.integration.identity.two_providers import YOURS, Town, both, county
from tests.support.fixtures import Clock

__all__ = ["both", "county", "gone", "known"]


def test_gov_25_an_address_alone_neither_merges_nor_registers(known: Town) -> None:
    browser = arrive(known)
    page = browser.client.get(YOURS).text
    assert "You already have an account here" in page
    assert "You do not need to register again" in page
    assert not browser.is_signed_in()
    assert (known.accounts(), len(known.identities())) == (1, 1)
    assert [row.act for row in known.acts("identity.waits")] == ["identity.waits"]


@pytest.mark.parametrize("changes", [{"email_verified": False}, {"email_verified": "true"}, {"email": None}])
def test_gov_25_an_address_that_is_not_verified_means_nothing(known: Town, changes: dict[str, Any]) -> None:
    known.county.userinfo |= changes
    assert known.come(known.browser(), "county").headers["Location"] == "/home"
    assert known.accounts() == 2


def test_gov_25_an_address_that_the_account_has_not_confirmed_means_nothing(both: Town) -> None:
    both.town.userinfo["email_verified"] = False
    both.come(both.browser(), "town")
    both.come(both.browser(), "county")
    assert both.accounts() == 2


def test_gov_25_capitals_make_no_other_address(known: Town) -> None:
    known.county.userinfo["email"] = "Ada@Example.ORG"
    arrive(known)


def test_a_checked_person_with_another_date_of_birth_is_somebody_else(known: Town) -> None:
    known.town.claims |= {"acr": "documents", "birthdate": "1984-03-27"}
    known.come(known.browser(), "town")
    known.county.claims |= {"acr": "documents", "birthdate": "2001-01-01"}
    assert known.come(known.browser(), "county").headers["Location"] == "/home"
    assert known.accounts() == 2


def test_a_closed_account_holds_nobody_back(known: Town, cleaning_engine: Engine) -> None:
    change(cleaning_engine, "update portal.account set closed_at = now()")
    assert known.come(known.browser(), "county").headers["Location"] == "/home"
    assert known.accounts() == 2


def test_two_first_sign_ins_with_one_address_make_one_account_and_one_that_waits(both: Town) -> None:
    together, waited = threading.Barrier(2), []
    claims = {"email": "ada@example.org", "email_verified": True}

    def come(name: str) -> None:
        newcomer = Newcomer(name, f"https://{name}.example", "1", "low", "/", claims)
        with both.app.test_request_context("/"):
            session().execute(text("select 1"))
            together.wait()
            if waiting.hold_back(newcomer, browser_hash=name, usable=set()):
                waited.append(name)
            else:
                account_for_identity(issuer=newcomer.issuer, subject="1", claims=claims)
            session().commit()

    threads = [threading.Thread(target=come, args=(name,)) for name in ("one", "two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(waited), both.accounts()) == (1, 1)


def test_what_waits_is_bound_to_the_browser_and_to_an_hour(known: Town, at: Clock) -> None:
    browser, other = arrive(known), known.browser()
    for path in (YOURS, f"{YOURS}/email-sent", f"{YOURS}/new"):
        assert other.client.get(path).headers["Location"] == "/sign-in"
    for path in (f"{YOURS}/email", f"{YOURS}/new", f"{YOURS}/sign-in/town"):
        assert known.press(other, "/sign-in", to=path).headers["Location"] == "/sign-in"
    assert known.letters("how_to_prove") == []
    at.advance(minutes=61)
    assert browser.client.get(YOURS).headers["Location"] == "/sign-in"
    with known.app.app_context():
        waiting.tidy()
    assert known.look("select 1 from portal.waiting_identity") == []
    assert known.look("select 1 from portal.waiting_candidate") == []


def test_the_page_tells_nothing_of_how_the_account_is_opened(known: Town, cleaning_engine: Engine) -> None:
    browser = arrive(known)
    pages = []
    for issuer in (known.town.issuer, "https://gone.example", known.county.issuer):
        change(cleaning_engine, f"update portal.identity set issuer = '{issuer}', subject = 'old'")
        arrive(known, browser=browser)
        page = browser.client.get(YOURS).text
        sent = known.press(browser, YOURS, to=f"{YOURS}/email")
        page += browser.client.get(sent.headers["Location"]).text
        pages.append(re.sub(r'(csrf_token" value|nonce)="[^"]*"', "", page))
    assert pages[0] == pages[1] == pages[2]
    assert "ada@example.org" not in pages[0]


def test_who_wants_an_account_of_their_own_gets_one(known: Town) -> None:
    browser = arrive(known)
    answer = known.go(browser, known.press(browser, f"{YOURS}/new"), "county")
    assert answer.headers["Location"] == "/note?from=county"
    assert known.accounts() == 2
    accounts = {row[1]: row[0] for row in known.identities()}
    assert accounts["town"] != accounts["county"]
    assert known.come(known.browser(), "county").headers["Location"] == "/home"
    emails = known.look("select email from portal.profile")
    assert [row.email for row in emails] == ["ada@example.org"] * 2


def test_a_wish_for_an_own_account_holds_for_that_identity_alone(known: Town) -> None:
    browser = arrive(known)
    begun = known.press(browser, f"{YOURS}/new")
    known.county.claims["sub"] = "resident-5"
    known.county.userinfo["email"] = "ada@example.org"
    assert known.go(browser, begun, "county").headers["Location"] == YOURS
    assert known.accounts() == 1


def test_every_page_of_it_is_sound(gone: tuple[Town, Browser, str]) -> None:
    _both, browser, link = gone
    for path in (YOURS, f"{YOURS}?why=unknown", f"{YOURS}/email-sent", f"{YOURS}/new", link, link + "x"):
        page = browser.client.get(path)
        assert page.status_code in (200, 410)
        assert faults(Page(page.text)) == [], path


def test_a_copy_of_ones_data_tells_of_ways_and_of_who_waits(known: Town) -> None:
    arrive(known)
    with known.app.test_request_context("/"):
        (account_id,) = session().execute(text("select id from portal.account")).one()
        found = everything_about(account_id)
    assert [each["issuer"] for each in found["identities"]] == [known.town.issuer]
    (held,) = found["identities_waiting"]
    assert held["issuer"] == known.county.issuer
    assert "resident-1" not in str(held)  # who they are is theirs
