"""Several ways to sign in to one account: each linked only after both sides are proven, none the last to go."""

import threading
import uuid
from typing import Any

import pytest
from sqlalchemy import Engine, text

from portal import clock
from portal.accounts import identities
from portal.accounts.queries import get_account
from portal.conformance.pages import Page, faults
from portal.db.session import session
from portal.errors import Refused
from portal.identity import recovery
from tests.integration.identity.conftest import Browser, provider_settings
from tests.integration.identity.two_providers import WAYS, Town, both, county
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider

__all__ = ["both", "county"]


@pytest.fixture
def ada(both: Town) -> Browser:
    """Ada's browser, signed in by the town's provider."""
    browser = both.browser()
    both.come(browser, "town")
    return browser


def way_ids(both: Town) -> list[str]:
    return [str(row.id) for row in both.look("select id from portal.identity order by linked_at, subject")]


def test_gov_25_a_second_provider_opens_the_same_account(both: Town, ada: Browser) -> None:
    page = ada.client.get(WAYS).text
    assert "Town account" in page
    assert "Add County account" in page
    answer = both.add(ada, "county")
    assert (answer.status_code, answer.headers["Location"]) == (303, WAYS)
    page = ada.client.get(WAYS).text
    assert "You can now sign in with County account too" in page
    assert "Add County account" not in page
    both.county.userinfo["email"] = "other@example.org"  # never looked at: the identity is the key
    assert both.come(both.browser(), "county").headers["Location"] == "/home"
    assert both.accounts() == 1
    assert [row[1:] for row in both.identities()] == [("town", "resident-1"), ("county", "resident-1")]


def test_gov_25_a_new_way_is_told_to_the_accounts_address_and_written_down(both: Town, ada: Browser) -> None:
    both.county.userinfo["email"] = "elsewhere@example.org"
    both.add(ada, "county")
    (letter,) = both.letters("way_added")
    assert letter.to_address == "ada@example.org"
    assert "County account" in letter.body
    (act,) = both.acts("identity.linked")
    assert act.details == {"issuer": both.county.issuer, "proven_by": "session"}
    assert str(act.account_id) == both.identities()[0][0]


def test_the_page_says_which_way_this_session_came_by(both: Town, ada: Browser) -> None:
    both.add(ada, "county")
    assert ada.client.get(WAYS).text.count("You are signed in with this one") == 1
    assert both.acts("identity.linked")


def test_the_other_provider_is_asked_to_make_sure_of_the_person_anew(both: Town, ada: Browser) -> None:
    both.add(ada, "county")
    asked = both.county.authorizations[-1]
    assert (asked["prompt"], asked["max_age"]) == ("login", "300")


def test_an_old_sign_in_at_the_other_provider_proves_nothing(both: Town, ada: Browser) -> None:
    both.county.claims["auth_time"] = 1_000_000_000  # it ignores what it was asked for
    both.add(ada, "county")
    assert [row[1] for row in both.identities()] == ["town"]


@pytest.mark.parametrize("page", ["add/county", "remove/{way}"])
def test_ways_are_changed_only_by_who_has_just_proven_the_account(
    both: Town, ada: Browser, at: Clock, page: str
) -> None:
    both.add(ada, "county")
    path = f"{WAYS}/{page.format(way=way_ids(both)[1])}"
    at.advance(minutes=16)
    answer = ada.client.get(path)
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, "/confirm-it-is-you")
    both.press(ada, WAYS.replace("ways-to-sign-in", "note"), to=path)
    assert len(both.identities()) == 2


def test_gov_25_an_identity_of_another_account_stays_there(both: Town, ada: Browser) -> None:
    both.county.userinfo["email"] = "bob@example.org"
    both.come(both.browser(), "county")
    before = both.identities()
    answer = both.add(ada, "county")
    assert answer.status_code == 409
    assert "opens another council account" in answer.text
    assert both.identities() == before
    assert both.letters("way_added") == []
    assert ada.is_signed_in()


def test_another_person_who_signs_in_meanwhile_is_not_linked(both: Town, ada: Browser) -> None:
    begun = both.press(ada, f"{WAYS}/add/county")
    both.town.claims["sub"] = "resident-2"
    both.town.claims["given_name"] = "Robin"
    # Another tab of the same browser: the guard leads who is signed in away from the page, so it is sent by hand.
    both.come(ada, "town")
    assert "Robin" in ada.client.get("/home").text
    answer = both.go(ada, begun, "county")
    assert answer.status_code == 403
    assert "was not added" in answer.text
    assert "Robin" not in answer.text
    assert [row[1:] for row in both.identities()] == [("town", "resident-1"), ("town", "resident-2")]


def test_a_way_is_not_added_once_the_session_is_over(both: Town, ada: Browser, at: Clock) -> None:
    begun = both.press(ada, f"{WAYS}/add/county")
    at.advance(minutes=45)
    answer = both.go(ada, begun, "county")
    assert answer.status_code == 403
    assert len(both.identities()) == 1
    assert both.accounts() == 1


def test_a_way_is_not_added_in_another_browser(both: Town, ada: Browser) -> None:
    begun = both.press(ada, f"{WAYS}/add/county")
    assert both.go(both.browser(), begun, "county").status_code == 400
    assert len(both.identities()) == 1


def test_a_person_with_another_checked_date_of_birth_is_not_linked(both: Town, ada: Browser) -> None:
    both.town.claims |= {"acr": "documents", "birthdate": "1984-03-27"}
    both.come(ada, "town")
    both.county.claims |= {"acr": "documents", "birthdate": "1991-01-02"}
    answer = both.add(ada, "county")
    assert answer.status_code == 409
    assert "date of birth" in answer.text
    assert len(both.identities()) == 1
    both.county.claims["birthdate"] = "1984-03-27"
    assert both.add(ada, "county").status_code == 303


def test_each_way_leads_to_where_its_password_is_changed(make_portal: Any, provider: HostileProvider) -> None:
    there = "https://town.example/account"
    app = make_portal({"town": provider_settings(provider, account_url=there, title="your Town account")})
    browser = Browser(app.test_client(), provider)
    browser.sign_in()
    page = browser.client.get(WAYS).text
    assert f'href="{there}"' in page
    assert '<h2 class="govuk-heading-m">Your Town account</h2>' in page
    assert "at your Town account" in page


def test_a_way_that_is_there_is_not_added_again(both: Town, ada: Browser) -> None:
    assert ada.client.get(f"{WAYS}/add/town").headers["Location"] == WAYS
    assert ada.client.get(f"{WAYS}/add/nobody").status_code == 404


def test_removing_a_way_ends_its_sessions_and_is_told(both: Town, ada: Browser) -> None:
    both.add(ada, "county")
    other = both.browser()
    both.come(other, "county")
    answer = both.press(ada, f"{WAYS}/remove/{way_ids(both)[1]}")
    assert (answer.status_code, answer.headers["Location"]) == (303, WAYS)
    assert [row[1] for row in both.identities()] == ["town"]
    assert not other.is_signed_in()
    assert ada.is_signed_in()
    (letter,) = both.letters("way_removed")
    assert letter.to_address == "ada@example.org"
    assert len(both.acts("identity.unlinked")) == 1
    issuers = both.look("select distinct issuer from portal.verified_claim")
    assert [row.issuer for row in issuers] == [both.town.issuer]


def test_removing_the_way_that_one_came_by_signs_out(both: Town, ada: Browser) -> None:
    both.add(ada, "county")
    way = way_ids(both)[0]
    assert "signed out here too" in ada.client.get(f"{WAYS}/remove/{way}").text
    answer = both.press(ada, f"{WAYS}/remove/{way}")
    assert answer.headers["Location"] == "/signed-out"
    assert not ada.is_signed_in()
    assert both.come(ada, "county").headers["Location"] == "/home"


def test_the_last_way_is_never_removed(both: Town, ada: Browser, cleaning_engine: Engine) -> None:
    (way,) = way_ids(both)
    for linked in (False, True):
        if linked:  # another one, whose provider is gone, leads nowhere
            with cleaning_engine.begin() as connection:
                connection.execute(
                    text(
                        "insert into portal.identity (id, account_id, issuer, subject, linked_at, last_used_at)"
                        " select gen_random_uuid(), account_id, 'https://gone.example', 'x', now(), now()"
                        " from portal.identity"
                    )
                )
        assert f"remove/{way}" not in ada.client.get(WAYS).text
        assert "only way to sign in" in ada.client.get(f"{WAYS}/remove/{way}").text
        answer = both.press(ada, "/note", to=f"{WAYS}/remove/{way}")
        assert (answer.status_code, "only way to sign in" in answer.text) == (409, True)
        assert way in way_ids(both)
    (gone,) = set(way_ids(both)) - {way}
    both.press(ada, f"{WAYS}/remove/{gone}")
    assert way_ids(both) == [way]


def test_two_removals_at_the_same_moment_leave_one_way(both: Town, ada: Browser) -> None:
    both.add(ada, "county")
    account_id = uuid.UUID(both.identities()[0][0])
    together, refused = threading.Barrier(2), []

    def remove(way: str) -> None:
        with both.app.test_request_context("/"):
            account = get_account(account_id)
            together.wait()
            try:
                usable = {both.town.issuer, both.county.issuer}
                identities.unlink(account, uuid.UUID(way), usable=usable, title="It")
                session().commit()
            except Refused:
                refused.append(way)

    threads = [threading.Thread(target=remove, args=(way,)) for way in way_ids(both)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(refused), len(way_ids(both))) == (1, 1)


def test_every_page_of_it_is_sound(both: Town, ada: Browser) -> None:
    last = f"{WAYS}/remove/{way_ids(both)[0]}"
    pages = [ada.client.get(path) for path in (WAYS, f"{WAYS}/add/county", last)]
    begun = both.press(ada, f"{WAYS}/add/county")
    pages.append(both.go(both.browser(), begun, "county"))
    both.add(ada, "county")
    pages += [ada.client.get(path) for path in (WAYS, last)]
    for page in pages:
        assert faults(Page(page.text)) == []


def test_another_residents_way_looks_like_none(both: Town, ada: Browser) -> None:
    both.add(ada, "county")
    way = way_ids(both)[1]
    other = both.browser()
    both.town.claims["sub"] = "resident-2"
    both.come(other, "town")
    for path in (f"{WAYS}/remove/{way}", f"{WAYS}/remove/{uuid.uuid4()}"):
        assert other.client.get(path).status_code == 404
        assert both.press(other, "/note", to=path).status_code == 404
    assert way in way_ids(both)


def test_no_way_is_changed_while_the_account_is_held(both: Town, ada: Browser, at: Clock) -> None:
    both.add(ada, "county")
    account_id = uuid.UUID(both.identities()[0][0])
    removal = f"{WAYS}/remove/{way_ids(both)[1]}"
    with both.app.test_request_context("/"):
        recovery.report(account_id, doubted_since=clock.now(), actor="system:tests")
        session().commit()
    at.advance(minutes=1)
    both.come(ada, "town")
    for path in (removal, f"{WAYS}/add/county"):
        assert ada.client.get(path).status_code == 403
        assert both.press(ada, "/note", to=path).status_code == 403
    assert len(both.identities()) == 2


def test_a_hold_that_comes_while_somebody_is_at_the_provider_counts(
    both: Town, ada: Browser, cleaning_engine: Engine
) -> None:
    begun = both.press(ada, f"{WAYS}/add/county")
    with cleaning_engine.begin() as connection:
        connection.execute(
            text(
                "insert into portal.account_hold (account_id, held_at, doubted_since)"
                " select account_id, now(), now() from portal.identity"
            )
        )
    assert both.go(ada, begun, "county").status_code == 403
    assert len(both.identities()) == 1
