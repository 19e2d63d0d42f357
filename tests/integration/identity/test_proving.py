"""A resident comes by a new provider with an address that an account has: never merged, never sent away, but proven."""

import re
import threading
from typing import Any

import pytest
from sqlalchemy import Engine, text

from portal import clock
from portal.accounts import waiting
from portal.accounts.operations import account_for_identity
from portal.accounts.queries import everything_about
from portal.accounts.waiting import Newcomer
from portal.db.session import session
from portal.identity import recovery
from tests.integration.identity.conftest import Browser
from tests.integration.identity.two_providers import YOURS, Town, both, county, link_in
from tests.support.fixtures import Clock
from tests.support.pages import Page, faults

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
    with engine.begin() as connection:
        connection.execute(text(statement))


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


def test_an_answer_that_comes_after_the_hour_is_a_sign_in_like_any_other(known: Town, cleaning_engine: Engine) -> None:
    browser = arrive(known)
    begun = known.press(browser, YOURS, to=f"{YOURS}/sign-in/town")
    change(cleaning_engine, "update portal.waiting_identity set expires_at = now()")
    assert known.go(browser, begun, "town").headers["Location"] == "/note?from=county"
    assert len(known.identities()) == 1


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


def test_gov_25_while_the_old_way_works_a_mailbox_alone_opens_nothing(known: Town) -> None:
    browser = arrive(known)
    known.press(browser, YOURS, to=f"{YOURS}/email")
    (letter,) = known.letters("how_to_prove")
    assert letter.to_address == "ada@example.org"
    assert "- Town account" in letter.body
    assert YOURS not in letter.body
    assert known.letters("prove_by_link") == []


@pytest.fixture
def gone(known: Town) -> tuple[Town, Browser, str]:
    """The town's provider is no longer in the settings. A newcomer, held back, and the link in the account's mail."""
    browser = arrive(known, app=known.portal("county"))
    known.press(browser, YOURS, to=f"{YOURS}/email")
    (letter,) = known.letters("prove_by_link")
    assert letter.to_address == "ada@example.org"
    assert "Ada" not in letter.body.replace(link_in(letter), "")
    return known, browser, link_in(letter)


def test_gov_25_when_the_old_provider_is_gone_the_accounts_mailbox_is_proof(gone: tuple[Town, Browser, str]) -> None:
    both, browser, link = gone
    for _ in range(2):  # a mail scanner first
        page = browser.client.get(link)
        assert page.status_code == 200
        assert "Use County account for your account" in page.text
    assert len(both.identities()) == 1
    answer = both.go(browser, both.press(browser, link), "county")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/note?from=county")
    assert browser.is_signed_in()
    assert both.accounts() == 1
    assert len(both.identities()) == 2
    assert both.acts("identity.linked")[0].details["proven_by"] == "mail"
    assert browser.client.get(link).status_code == 410


def test_a_mailed_link_works_in_the_browser_in_which_it_was_asked_for(gone: tuple[Town, Browser, str]) -> None:
    both, browser, link = gone
    other = Browser(browser.client.application.test_client(), both.county)
    assert other.client.get(link).status_code == 410
    assert both.press(other, "/sign-in", to=link).status_code == 410
    assert len(both.identities()) == 1


def test_a_mailed_link_works_for_an_hour_and_until_the_next_one(gone: tuple[Town, Browser, str], at: Clock) -> None:
    both, browser, link = gone
    both.press(browser, YOURS, to=f"{YOURS}/email")
    later = {link_in(letter) for letter in both.letters("prove_by_link")} - {link}
    assert browser.client.get(link).status_code == 410
    at.advance(minutes=61)
    assert browser.client.get(later.pop()).status_code == 410


def test_a_guessed_link_opens_nothing(gone: tuple[Town, Browser, str]) -> None:
    _both, browser, link = gone
    for guess in (link[:-1], link + "x", link.rpartition("/")[0] + "/%00", link.rpartition("/")[0] + "/%ff"):
        assert browser.client.get(guess).status_code == 410


def test_nobodys_mailbox_is_flooded(known: Town) -> None:
    browser = arrive(known)
    token = browser.token(YOURS)
    statuses = [browser.post(f"{YOURS}/email", csrf_token=token).status_code for _ in range(7)]
    assert statuses == [303] * 5 + [429] * 2
    assert len(known.letters("how_to_prove")) == 5


def test_gov_25_a_subject_that_changed_at_the_same_provider_keeps_the_account(both: Town) -> None:
    app = both.portal("town")
    both.come(both.browser(app), "town")
    both.town.claims["sub"] = "made-anew"
    both.town.userinfo["email"] = "ada@example.org"
    browser = arrive(both, "town", app=app)
    both.press(browser, YOURS, to=f"{YOURS}/email")
    (letter,) = both.letters("prove_by_link")
    both.go(browser, both.press(browser, link_in(letter)), "town")
    assert browser.is_signed_in()
    assert both.accounts() == 1
    assert [row[2] for row in both.identities()] == ["resident-1", "made-anew"]


def test_gov_25_an_address_that_went_to_somebody_else_at_the_same_provider_opens_nothing(
    known: Town, cleaning_engine: Engine
) -> None:
    known.town.userinfo["email"] = "ada.new@example.org"  # she has changed it there, and not here
    known.come(known.browser(), "town")
    known.town.claims["sub"] = "heir-of-the-address"
    known.town.userinfo["email"] = "ada@example.org"
    browser = arrive(known, "town")
    known.press(browser, YOURS, to=f"{YOURS}/email")
    assert known.letters("prove_by_link") == []
    assert len(known.letters("how_to_prove")) == 1


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


def test_gov_25_residents_whom_the_council_moves_are_shown_the_mail_first(known: Town, cleaning_engine: Engine) -> None:
    browser = arrive(known)
    assert "The council has changed how people sign in" not in browser.client.get(YOURS).text
    change(cleaning_engine, f"update portal.identity set moved_to = '{known.county.issuer}'")
    arrive(known, browser=browser)
    page = browser.client.get(YOURS).text
    assert "The council has changed how people sign in" in page
    assert page.index("Send an email") < page.index("Sign in with Town account")
    known.press(browser, YOURS, to=f"{YOURS}/email")
    (letter,) = known.letters("prove_by_link")
    known.go(browser, known.press(browser, link_in(letter)), "county")
    moved = known.look("select issuer, moved_at is not null as moved from portal.identity order by linked_at")
    assert [tuple(row) for row in moved] == [(known.town.issuer, True), (known.county.issuer, False)]


def test_people_who_share_an_address_each_get_a_letter_that_names_them(both: Town, cleaning_engine: Engine) -> None:
    app = both.portal("county")
    for subject, name in (("one", "Ada"), ("two", "Bob")):
        both.town.claims |= {"sub": subject}
        both.town.userinfo |= {"given_name": name, "email": "ours@example.org", "email_verified": subject == "one"}
        both.come(both.browser(), "town")
    change(cleaning_engine, "update portal.profile set email = 'ours@example.org', email_confirmed_at = now()")
    both.county.userinfo["email"] = "ours@example.org"
    browser = arrive(both, app=app)
    both.press(browser, YOURS, to=f"{YOURS}/email")
    bobs = next(letter for letter in both.letters("prove_by_link") if "Hello Bob" in letter.body)
    both.go(browser, both.press(browser, link_in(bobs)), "county")
    assert "Bob" in browser.client.get("/home").text
    owners = {row[2]: row[0] for row in both.identities()}
    assert owners["resident-1"] == owners["two"] != owners["one"]


def test_a_checked_person_with_another_date_of_birth_is_somebody_else(known: Town) -> None:
    known.town.claims |= {"acr": "documents", "birthdate": "1984-03-27"}
    known.come(known.browser(), "town")
    known.county.claims |= {"acr": "documents", "birthdate": "2001-01-01"}
    assert known.come(known.browser(), "county").headers["Location"] == "/home"
    assert known.accounts() == 2


def test_nobody_is_let_in_by_a_new_way_while_the_account_is_held(gone: tuple[Town, Browser, str]) -> None:
    both, browser, link = gone
    with both.app.test_request_context("/"):
        (account_id,) = session().execute(text("select id from portal.account")).one()
        recovery.report(account_id, doubted_since=clock.now(), actor="system:tests")
        session().commit()
    assert both.press(browser, link).status_code == 403
    old = both.browser()
    arrive(both, browser=old)
    both.go(old, both.press(old, YOURS, to=f"{YOURS}/sign-in/town"), "town")
    assert len(both.identities()) == 1


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
