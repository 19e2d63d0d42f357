"""Somebody who has left an account on which others stayed: what came after that day is none of theirs."""

from datetime import date
from functools import partial

import pytest
from flask import Flask

from portal.kit import NotFound, join_record, session
from services.council_tax.backoffice.values import Account, Person
from services.council_tax.queries.bills import ask_account
from services.council_tax.queries.cards import home_cards
from services.council_tax.tests.conftest import ACCOUNT, START, Joins, Works
from services.council_tax.tests.connected import connected_to
from services.council_tax.tests.playing import SECRET, TODAY, Home, Playing
from services.council_tax.tests.told import ADA, BEN, REFERENCE, ToldSystem, account, debit
from tests.support.fixtures import Clock
from tests.support.residents import Resident

GONE = "This council tax account is not open to you any more."
PAGES = ("", "/money", "/instalments", "/people", "/recovery", "/direct-debit", "/e-billing")


@pytest.fixture(autouse=True)
def spring(at: Clock) -> None:
    """The second day of the council tax year."""
    at.move_to("2026-04-02T09:00")


def left_on(day: date, closed_on: date | None = None) -> Account:
    """Ben has left; Ada has stayed, and somebody has come since."""
    people = (
        Person(id=ADA, name="Ada Lark", role="joint", since_on=date(2020, 1, 1)),
        Person(id=BEN, name="Ben Lark", role="joint", since_on=date(2020, 1, 1), until_on=day),
        Person(id="n", name="Nell Newcomer", role="joint", since_on=date(2026, 1, 1)),
    )
    return account(people=people, direct_debit=debit(), closed_on=closed_on)


@pytest.mark.parametrize("page", PAGES)
def test_who_left_sees_nothing_of_it_and_is_told_so(ben: Resident, told: ToldSystem, page: str) -> None:
    told.accounts_told[REFERENCE] = left_on(date(2025, 6, 1))
    shown = ben.get(f"{ACCOUNT}{page}", status=404)
    assert "Nell" not in shown
    assert GONE in shown


def test_who_left_cannot_cancel_the_direct_debit_of_who_stayed(
    ben: Resident, ada: Resident, told: ToldSystem, works: Works
) -> None:
    told.accounts_told[REFERENCE] = left_on(date(2025, 6, 1))
    ben.post(f"{ACCOUNT}/direct-debit/cancel", status=404)
    works()
    assert told.changes == []
    assert "Nell" in ada.get(f"{ACCOUNT}/people")


def test_what_was_kept_before_the_day_is_not_shown_after_it(
    ben: Resident, app: Flask, told: ToldSystem, at: Clock
) -> None:
    told.accounts_told[REFERENCE] = left_on(date(2026, 4, 5))
    assert "Nell" in ben.get(f"{ACCOUNT}/people")
    told.away = True
    at.move_to("2026-04-06T09:00")
    with app.app_context(), pytest.raises(NotFound):
        ask_account(ben.account, REFERENCE)


def test_an_account_that_was_closed_when_all_left_stays_open_to_them(ben: Resident, told: ToldSystem) -> None:
    told.accounts_told[REFERENCE] = left_on(date(2026, 3, 1), closed_on=date(2026, 3, 1))
    assert ben.get(ACCOUNT)


def test_home_says_so_and_shows_no_balance(ben: Resident, app: Flask, told: ToldSystem) -> None:
    told.accounts_told[REFERENCE] = left_on(date(2025, 6, 1))
    with app.app_context():
        (card,) = home_cards(ben.account)
    assert card.text == GONE


def one_leaves(standin: Playing, home: Home) -> str:
    """The second of the account's people, gone since last week; their id."""
    ben: str = standin.account(home)["people"][1]["id"]
    standin.behave(officer_minutes=0)
    standin.change(home, "move_out", person=ben, moved_on="2026-11-20", forwarding=(), everybody=False)
    return ben


def test_the_system_shows_and_changes_nothing_for_who_left(standin: Playing) -> None:
    home = standin.opens("Ada Alpha", "Ben Beta")
    bill = standin.get(f"/accounts/{home.reference}/bills", home.person)[0]["id"]
    ben = one_leaves(standin, home)
    assert standin.account(home)["people"][1]["until_on"] == "2026-11-20"
    path = f"/accounts/{home.reference}"
    for asked in (path, f"{path}/statement", f"{path}/bills"):
        assert standin.get(asked, ben, status=404)
    body = {"reference": home.reference, "change": {"kind": "direct_debit_end"}}
    assert standin.post("/changes", body, ben, status=404)
    assert standin.get(f"/bills/{bill}", ben), "the bill of a day on which they were on it"
    said = {"reference": home.reference, "name": "Ben Beta", "postcode": "SW1A 1AA", "facts": {}}
    assert standin.post("/matches", said) == standin.post("/matches", said | {"reference": "99999999"})


def test_it_is_in_no_list_of_who_left_but_for_an_account_that_ended_with_them(standin: Playing) -> None:
    home = standin.opens("Ada Alpha", "Ben Beta")
    ben = one_leaves(standin, home)
    assert standin.account(home)["people"][1]["until_on"] == "2026-11-20"
    assert standin.get(f"/people/{ben}/accounts", ben)["items"] == []
    standin.change(home, "move_out", moved_on="2026-11-21", forwarding=(), everybody=True)
    assert standin.get(f"/people/{ben}/accounts", ben)["items"] == [], "it ended after they had left"
    (line,) = standin.get(f"/people/{home.person}/accounts", home.person)["items"]
    assert line["closed_on"] == "2026-11-21"


def test_neither_the_list_nor_the_card_of_all_tells_who_left_what_is_owed(
    app: Flask, standin: Playing, at: Clock, joins: Joins
) -> None:
    at.move_to(f"{TODAY}T09:00")
    home, others = standin.opens("Ada Alpha", "Ben Beta"), [standin.opens() for _nth in range(3)]
    someone = joins("Ben", one_leaves(standin, home), home.reference)
    assert standin.account(home)["people"][1]["until_on"] == "2026-11-20"
    with app.app_context(), connected_to(app, standin.url, SECRET):
        add = partial(join_record, someone.account, service="council_tax", kind="account", role="liable")
        for other in others:
            add(key=other.reference, person_key=other.person)
        session().commit()
        (card,) = home_cards(someone.account)
        listed = someone.get(f"{START}/properties?of={home.reference}")
    assert "£" not in str(card.text), "nor a sum of the others, which would look like all"
    assert "£" not in listed
