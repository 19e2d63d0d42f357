"""The account at a glance and the pages behind it."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from portal.kit import join_record, joined_records, session
from services.council_tax.backoffice.values import Instalment, Property, Recovery, RecoveryStep, Transaction
from services.council_tax.tests.conftest import ACCOUNT, START, Joins
from services.council_tax.tests.told import ADA, OTHER, REFERENCE, ToldSystem, account, debit
from tests.support.fixtures import Clock
from tests.support.residents import Resident

PAGES = ("", "/money", "/instalments", "/people", "/statement", "/recovery")


def due(number: int, state: Any, paid: int = 0, pence: int = 10400) -> Instalment:  # one of the states
    """A payment of the year."""
    return Instalment(number=number, due_on=date(2026, 3 + number, 1), pence=pence, paid=paid, state=state)


@pytest.fixture(autouse=True)
def spring(at: Clock) -> None:
    """The second day of the council tax year."""
    at.move_to("2026-04-02T09:00")


def test_without_a_joined_account_the_way_to_join_one_is_shown(robin: Resident, told: ToldSystem) -> None:
    assert "/join/council_tax/account" in robin.get(f"{START}/")


def test_with_one_joined_account_the_way_in_leads_to_it(ada: Resident, told: ToldSystem) -> None:
    assert ada.client.get(f"{START}/").location.endswith(f"/accounts/{REFERENCE}")


def test_the_account_says_what_is_owed_next_and_how_it_is_paid(ada: Resident, told: ToldSystem) -> None:
    page = ada.get(ACCOUNT)
    for words in ("You owe £1,040.08", "1 Larkspur Lane, Marlowe, W6 9JU", "£104.08 on", "Card, online or by phone"):
        assert words in page
    assert "should have been paid already" not in page


def test_a_direct_debit_means_that_nothing_need_be_done(ada: Resident, told: ToldSystem) -> None:
    told.accounts_told[REFERENCE] = account(method="direct_debit", direct_debit=debit())
    page = ada.get(ACCOUNT)
    assert "£104 on 15 May 2026" in page
    assert "you need do nothing" in page
    assert "How to pay" not in page


@pytest.mark.parametrize(
    ("balance", "words"), [(0, "You owe nothing"), (-1234, "We owe you £12.34")], ids=["settled", "credit"]
)
def test_nothing_owed_and_a_credit_are_said(ada: Resident, told: ToldSystem, balance: int, words: str) -> None:
    told.accounts_told[REFERENCE] = account(balance=balance, instalments=())
    page = ada.get(ACCOUNT)
    assert words in page
    assert "How to pay" not in page


def test_what_is_late_is_said_first_in_pence(ada: Resident, told: ToldSystem) -> None:
    told.accounts_told[REFERENCE] = account(instalments=(due(1, "late", 400), due(2, "future")))
    assert "£100 should have been paid already" in ada.get(ACCOUNT)
    page = ada.get(f"{ACCOUNT}/instalments")
    assert "£100 is late. Pay it now" in page
    assert "£4 paid" in page


@pytest.mark.parametrize("state", ["paid", "part_paid", "due", "late", "future", "cancelled"])
def test_each_state_of_a_payment_has_its_word(ada: Resident, told: ToldSystem, state: str) -> None:
    words = {"paid": "Paid", "part_paid": "Part paid", "due": "Due", "late": "Late", "future": "To come"}
    told.accounts_told[REFERENCE] = account(instalments=(due(1, state),))
    page = ada.get(f"{ACCOUNT}/instalments")
    assert f"{words.get(state, 'Cancelled')}</strong>" in page


def test_where_the_money_goes_shows_each_part_and_what_changes_the_charge(ada: Resident, told: ToldSystem) -> None:
    page = ada.get(f"{ACCOUNT}/money")
    for words in ("£915.50", "+4.9%", "−1.25%", "£1,386.77", "Only one adult lives here", "−£346.69", "£1,040.08"):
        assert words in page


def test_joint_liability_is_explained_and_everybody_is_named(ada: Resident, told: ToldSystem) -> None:
    page = ada.get(f"{ACCOUNT}/people")
    for words in ("Ada Lark (you)", "Ben Lark", "responsible for the whole bill", "On paper"):
        assert words in page


def test_the_statement_goes_back_page_by_page(ada: Resident, told: ToldSystem) -> None:
    told.lines_told = tuple(
        Transaction(id=str(n), on=date(2026, 4, 1) - timedelta(days=n), year=2026, kind="payment", pence=-n, balance=n)
        for n in range(30)
    )
    page = ada.get(f"{ACCOUNT}/statement")
    assert page.count("Payment, thank you") == 25
    assert ada.get(f"{ACCOUNT}/statement?after=more").count("Payment, thank you") == 5
    ada.get(f"{ACCOUNT}/statement?after=%00%27")


def test_recovery_shows_each_step_the_next_one_and_what_to_do(ada: Resident, told: ToldSystem) -> None:
    steps = (
        RecoveryStep(step="reminder", on=date(2026, 2, 1), pence=10400),
        RecoveryStep(step="summons", on=date(2026, 3, 1), pence=50000, costs=9500),
    )
    told.accounts_told[REFERENCE] = account(
        recovery=Recovery(
            steps=steps, next_step="liability_order", next_on=date(2026, 4, 20), pay_pence=59500,
            pay_by_on=date(2026, 4, 19),
        )
    )  # fmt: skip
    page = ada.get(f"{ACCOUNT}/recovery")
    for words in ("Reminder", "£95 of costs", "Pay £595 by 19 April 2026", "Liability order", "from 20 April 2026"):
        assert words in page
    assert page.index("Reminder") < page.index("Summons") < page.index("Liability order")
    assert "Pay £595 by 19 April 2026" in ada.get(ACCOUNT)


def test_who_is_not_behind_is_told_so(ada: Resident, told: ToldSystem) -> None:
    assert "You are not behind" in ada.get(f"{ACCOUNT}/recovery")


@pytest.mark.parametrize("page", PAGES, ids=[page or "account" for page in PAGES])
def test_somebody_elses_account_looks_like_none(robin: Resident, ada: Resident, told: ToldSystem, page: str) -> None:
    robin.get(f"{ACCOUNT}{page}", status=404)
    ada.get(f"{START}/accounts/{OTHER}{page}", status=404)


@pytest.mark.parametrize("page", PAGES, ids=[page or "account" for page in PAGES])
def test_while_the_system_is_away_the_last_answer_is_shown_with_its_time(
    ada: Resident, told: ToldSystem, page: str
) -> None:
    before = ada.get(f"{ACCOUNT}{page}")
    told.away = True
    after = ada.get(f"{ACCOUNT}{page}")
    assert "This is what it told us on 2 April 2026" in after
    assert "This is what it told us" not in before


@pytest.mark.parametrize("page", PAGES, ids=[page or "account" for page in PAGES])
def test_a_system_that_was_never_reached_leaves_no_false_zero(ada: Resident, told: ToldSystem, page: str) -> None:
    told.away = True
    shown = ada.get(f"{ACCOUNT}{page}")
    assert "We cannot reach our council tax system at the moment" in shown
    assert "£0" not in shown


def test_a_landlord_adds_the_other_properties_at_once(joins: Joins, told: ToldSystem, app: Any) -> None:
    gita = joins("Gita", ADA)
    told.accounts_told[OTHER] = account(OTHER, balance=500)
    page = gita.get(f"{START}/properties")
    assert "1 of these is not in your account here yet" in page
    gita.get(f"{START}/accounts/{OTHER}", status=404)
    gita.post(f"{START}/properties", of=REFERENCE)
    assert "We have added 1 more" in gita.get(f"{START}/properties")
    gita.get(f"{START}/accounts/{OTHER}")
    with app.app_context():
        assert {one.how for one in joined_records(gita.account, "council_tax")} == {"answers", "person"}
        session().rollback()
    assert "Our own records say that it is yours" in gita.get("/join")
    gita.post(f"{START}/properties", of=REFERENCE)
    assert "There is nothing to add" in gita.get(f"{START}/properties")


def test_a_protected_account_takes_facts_and_is_not_listed_before(joins: Joins, told: ToldSystem) -> None:
    gita = joins("Gita", ADA)
    hidden = Property(
        uprn="9", lines=("9 Hidden Lane", "Marlowe"), postcode="W6 9JU", band="D", listed_on=date(1993, 4, 1)
    )
    told.accounts_told[OTHER] = account(OTHER, balance=500, protected=True, property=hidden)
    page = gita.get(f"{START}/properties")
    assert OTHER not in page
    assert "Hidden Lane" not in page
    assert "not in your account here yet" not in page
    gita.post(f"{START}/properties", of=REFERENCE)
    gita.get(f"{START}/accounts/{OTHER}", status=404)


def test_nobody_adds_properties_of_somebody_else(robin: Resident, ada: Resident, told: ToldSystem) -> None:
    robin.post(f"{START}/properties", status=404, of=REFERENCE)


def test_properties_are_not_added_on_an_old_answer(ada: Resident, told: ToldSystem) -> None:
    told.accounts_told[OTHER] = account(OTHER)
    ada.get(f"{START}/properties")
    told.away = True
    ada.post(f"{START}/properties", status=503, of=REFERENCE)
    ada.get(f"{START}/accounts/{OTHER}", status=404)


def test_another_account_of_the_same_person_joined_elsewhere_stays_there(
    ada: Resident, robin: Resident, told: ToldSystem, app: Any
) -> None:
    told.accounts_told[OTHER] = account(OTHER)
    with app.app_context():
        join_record(robin.account, service="council_tax", kind="account", key=OTHER, person_key=ADA)
        session().commit()
    ada.post(f"{START}/properties", of=REFERENCE)
    ada.get(f"{START}/accounts/{OTHER}", status=404)


def test_further_pages_are_not_kept_whatever_their_address_says(ada: Resident, told: ToldSystem, app: Flask) -> None:
    for page in (f"{ACCOUNT}/statement", f"{START}/properties"):
        for mark in ("", "?after=1", "?after=2"):
            ada.get(f"{page}{mark}")
    with app.app_context():
        kept = session().scalars(text("select key from portal.last_answer where key ~ '^(statement|properties)'")).all()
    assert len(kept) == 2


def test_an_account_that_has_ended_offers_only_what_settles_it(ada: Resident, told: ToldSystem) -> None:
    told.accounts_told[REFERENCE] = account(closed_on=date(2026, 4, 1))
    ada.get(ACCOUNT)
    links = ada.client.page.links().values()
    assert not any(link.endswith(("/moving/out", "/discounts")) for link in links)
    assert any(link.endswith("/refund") for link in links)


def test_a_part_of_a_year_adds_up(ada: Resident, told: ToldSystem) -> None:
    told.accounts_told[REFERENCE] = account(opened_on=date(2026, 10, 1), charge=50000)
    assert "That makes it £540.08 less." in ada.get(f"{ACCOUNT}/money")
    told.accounts_told[REFERENCE] = account()
    assert "part of the year" not in ada.get(f"{ACCOUNT}/money")
