"""A newcomer proves that an account is theirs by its mailbox, where the old way is gone."""

from sqlalchemy import Engine, text

from portal import clock
from portal.db.session import session
from portal.identity import recovery
from tests.integration.identity.conftest import Browser
from tests.integration.identity.newcomers import arrive, change, gone, known
from tests.integration.identity.two_providers import YOURS, Town, both, county, link_in
from tests.support.fixtures import Clock

__all__ = ["both", "county", "gone", "known"]


def test_gov_25_while_the_old_way_works_a_mailbox_alone_opens_nothing(known: Town) -> None:
    browser = arrive(known)
    known.press(browser, YOURS, to=f"{YOURS}/email")
    (letter,) = known.letters("how_to_prove")
    assert letter.to_address == "ada@example.org"
    assert "- Town account" in letter.body
    assert YOURS not in letter.body
    assert known.letters("prove_by_link") == []


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
