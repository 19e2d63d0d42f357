"""A stranger's own way in goes with the report, though an earlier letter was not acted upon."""

import uuid
from typing import Any

import pytest
from sqlalchemy import Engine, text

from portal.accounts import waiting
from portal.identity import queries
from tests.integration.identity.conftest import Browser
from tests.integration.identity.control import link_in, press
from tests.integration.identity.two_providers import Town, both, county
from tests.support.fixtures import Clock

__all__ = ["both", "county"]

LETTERS = "select * from portal.outbound_message where template = 'identity/mail/{}.txt' order by created_at"

MOVED = "select subject from portal.identity where moved_at is null order by subject"


def letters(both: Town, name: str) -> list[Any]:
    return list(both.look(LETTERS.format(name)))


@pytest.fixture
def owner(both: Town, at: Clock) -> Browser:
    """Ada, whose password somebody else knows: ten days after her they came, and added a way in of their own."""
    at.move_to("2026-11-01T09:00")
    browser = both.browser()
    both.come(browser, "town")
    at.advance(days=10)
    thief = both.browser()
    both.come(thief, "town")
    both.county.claims["sub"] = "thief"
    at.advance(minutes=1)
    assert both.add(thief, "county").status_code == 303
    at.advance(days=2)
    both.come(both.browser(), "town")
    return browser


@pytest.mark.parametrize("which", [0, 1])
def test_a_way_that_was_added_before_the_letter_acted_upon_goes(
    both: Town, owner: Browser, at: Clock, which: int
) -> None:
    press(both.browser(), link_in(letters(both, "new_device")[which]))
    at.advance(minutes=1)
    both.come(owner, "town")
    press(owner, link_in(letters(both, "account_held")[-1]))
    assert [name for _, name, _ in both.identities()] == ["town"]


def test_the_owners_way_leads_in_again_when_what_took_its_place_goes(
    both: Town, at: Clock, cleaning_engine: Engine
) -> None:
    """The council moves its people to the county, and the thief is the one who came there."""
    at.move_to("2026-11-01T09:00")
    owner = both.browser()
    both.come(owner, "town")
    with cleaning_engine.begin() as connection:
        connection.execute(text("update portal.identity set moved_to = :to"), {"to": both.county.issuer})
    at.advance(minutes=1)
    both.county.claims["sub"] = "thief"
    both.add(owner, "county")
    assert both.look(MOVED) == [("thief",)]
    at.advance(minutes=1)
    press(owner, "/sign-ins/not-me")
    at.advance(minutes=1)
    both.come(owner, "town")
    press(owner, link_in(letters(both, "account_held")[-1]))
    assert both.look(MOVED) == [("resident-1",)]
    assert [letter.to_address for letter in both.letters("way_removed")] == ["ada@example.org"]
    at.advance(days=365)
    with both.app.app_context():
        waiting.tidy()
    assert len(both.identities()) == 1


def test_the_first_way_stays_when_the_owner_comes_by_another_one(both: Town, at: Clock) -> None:
    at.move_to("2026-11-01T09:00")
    owner = both.browser()
    both.come(owner, "town")
    at.advance(minutes=1)
    both.add(owner, "county")
    at.advance(minutes=1)
    press(owner, "/sign-ins/not-me")
    at.advance(minutes=1)
    both.come(owner, "county")
    press(owner, link_in(letters(both, "account_held")[-1]))
    assert [name for _, name, _ in both.identities()] == ["town", "county"]


def test_a_copy_of_ones_data_tells_of_devices_letters_and_the_hold(both: Town, owner: Browser) -> None:
    press(both.browser(), link_in(letters(both, "new_device")[0]))
    account_id = uuid.UUID(both.identities()[0][0])
    with both.app.app_context():
        told, ended = queries.safety_of(account_id), queries.everything_about(account_id)
    assert told["devices"] == []
    assert [bool(letter["used_at"]) for letter in told["sign_in_letters"]] == [True, True]
    assert told["hold"]["held_at"].startswith("2026-11-13T09:01")
    assert {each["ended_why"] for each in ended} == {"not_me"}
    assert {each["assurance"] for each in ended} == {"low"}
