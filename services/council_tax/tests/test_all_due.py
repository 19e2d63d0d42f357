"""What is said where nothing is left to be paid by instalments, and where a Direct Debit ends."""

from datetime import date

import pytest
from flask import Flask

from services.council_tax.backoffice.values import Instalment, Recovery, RecoveryStep, Transaction
from services.council_tax.queries.cards import home_cards
from services.council_tax.queries.days import days_of
from services.council_tax.queries.debits import plan_of
from services.council_tax.tests.conftest import ACCOUNT
from services.council_tax.tests.told import DUE, REFERENCE, ToldSystem, account, debit
from services.council_tax.views.statement import about
from tests.support.fixtures import Clock
from tests.support.residents import Resident

LOST = tuple(one.model_copy(update={"state": "cancelled"}) for one in DUE)
AGENTS = Recovery(steps=(RecoveryStep(step="enforcement", on=date(2026, 9, 1), pence=104008),), pay_pence=104008)
SUMMONED = Recovery(
    steps=(), next_step="liability_order", next_on=date(2026, 9, 21), pay_pence=104008, pay_by_on=date(2026, 9, 20)
)


@pytest.fixture(autouse=True)
def autumn(at: Clock) -> None:
    """Some months into the year."""
    at.move_to("2026-09-01T09:00")


@pytest.mark.parametrize("instalments", [LOST, ()], ids=["instalments lost", "earlier years alone"])
def test_what_agents_collect_is_said_to_be_due_now(
    ada: Resident, told: ToldSystem, app: Flask, instalments: tuple[Instalment, ...]
) -> None:
    told.accounts_told[REFERENCE] = account(instalments=instalments, recovery=AGENTS)
    for page in (ada.get(ACCOUNT), ada.get(f"{ACCOUNT}/instalments")):
        assert "All of £1,040.08 is due now." in page
        assert "nothing more to pay" not in page
        assert "None this year" not in page
    with app.app_context():
        (card,) = home_cards(ada.account)
    assert (card.text, card.action_needed) == ("All of £1,040.08 is due now.", True)


def test_under_a_demand_the_next_payment_is_what_it_asks_for(ada: Resident, told: ToldSystem) -> None:
    told.accounts_told[REFERENCE] = account(instalments=LOST, recovery=SUMMONED)
    page = ada.get(ACCOUNT)
    assert "Pay £1,040.08 by 20 September 2026." in page
    assert "None this year" not in page


def test_the_last_collection_of_a_direct_debit_that_ends_is_not_asked_for_too(
    ada: Resident, told: ToldSystem, app: Flask
) -> None:
    day = date(2026, 9, 3)
    ends = debit(state="ending", next_on=day, next_pence=10400, last_on=day)
    coming = tuple(
        Instalment(number=number, due_on=on, pence=10400, state="future")
        for number, on in enumerate((day, date(2026, 10, 1)), 1)
    )
    told.accounts_told[REFERENCE] = account(balance=20800, instalments=coming, direct_debit=ends)
    assert "We collect £104 on 3 September 2026." in ada.get(ACCOUNT)
    assert "We collect £104 by Direct Debit on 3 September 2026" in ada.get(f"{ACCOUNT}/instalments")
    with app.app_context():
        (card,) = home_cards(ada.account)
        days = days_of(told.accounts_told[REFERENCE], date(2026, 9, 1))
    assert card.text == "You owe £208. We collect £104 on 3 September 2026."
    assert [(one.title, one.reminds) for one in days] == [
        ("Council tax: we collect £104", False),
        ("Council tax: pay £104", True),
    ]


def test_a_step_is_said_to_stop_for_its_own_bill_alone(ada: Resident, told: ToldSystem) -> None:
    step = Recovery(
        steps=(), next_step="reminder", next_on=date(2026, 9, 11), pay_pence=10400, pay_by_on=date(2026, 9, 11)
    )
    late = Instalment(number=1, due_on=date(2026, 8, 1), pence=10400, state="late")
    coming = Instalment(number=2, due_on=date(2026, 10, 1), pence=10400, state="future")
    told.accounts_told[REFERENCE] = account(instalments=(late, coming), balance=50800, arrears=30000, recovery=step)
    for page in (ada.get(ACCOUNT), ada.get(f"{ACCOUNT}/recovery")):
        assert "Pay £104 by 11 September 2026, so that no further step follows for that bill." in page
        assert "You owe £300 besides" in page
        assert "nothing more follows" not in page
    told.accounts_told[REFERENCE] = account(instalments=(late, coming), balance=20800, recovery=step)
    assert "Pay £104 by 11 September 2026 and nothing more follows." in ada.get(f"{ACCOUNT}/recovery")


def test_nothing_is_promised_for_what_agents_have(ada: Resident, told: ToldSystem) -> None:
    told.accounts_told[REFERENCE] = account(
        instalments=LOST, recovery=AGENTS.model_copy(update={"pay_by_on": date(2026, 9, 1)})
    )
    for page in (ada.get(ACCOUNT), ada.get(f"{ACCOUNT}/recovery")):
        assert "All of £1,040.08 is due now." in page
        assert "nothing more follows" not in page


def test_a_new_plan_leaves_out_what_the_bank_has_already() -> None:
    coming = tuple(
        Instalment(number=number, due_on=on, pence=10400, state="future")
        for number, on in enumerate((date(2026, 9, 3), date(2026, 10, 1)), 1)
    )
    ends = debit(state="ending", last_on=date(2026, 9, 3))
    (only,) = plan_of(account(instalments=coming, direct_debit=ends), date(2026, 9, 1), 15)
    assert (only.due_on, only.pence) == (date(2026, 9, 15), 10400)
    assert sum(one.pence for one in plan_of(account(instalments=coming), date(2026, 9, 1), 15)) == 20800


@pytest.mark.parametrize(("balance", "offered"), [(104008, True), (0, False), (-500, False)])
def test_only_who_owes_is_asked_whether_they_can_pay(
    ada: Resident, told: ToldSystem, balance: int, offered: bool
) -> None:
    told.accounts_told[REFERENCE] = account(balance=balance)
    assert ("You cannot pay this?" in ada.get(f"{ACCOUNT}/instalments")) is offered


def test_a_reduction_for_a_disability_is_no_exemption_on_the_statement() -> None:
    assert about("adjustment", "disabled") == "Reduction for a disability"
    assert (about("charge", "", 100), about("charge", "", -83454)) == ("Council tax charged", "Charge changed")
    assert about("adjustment", "B") == "Exemption: Class B"


def test_a_minus_stays_with_its_amount(ada: Resident, told: ToldSystem) -> None:
    told.lines_told = (Transaction(id="1", on=date(2026, 8, 1), year=2026, kind="payment", pence=-400, balance=-400),)
    assert ada.get(f"{ACCOUNT}/statement").count('moot-nowrap govuk-table__cell--numeric">−£4<') == 2
    assert 'moot-nowrap govuk-table__cell--numeric">−£346.69<' in ada.get(f"{ACCOUNT}/bills/b-1")


def test_who_has_an_arrangement_is_told_to_keep_to_it(ada: Resident, told: ToldSystem) -> None:
    agreed = Recovery(steps=(RecoveryStep(step="arrangement", on=date(2026, 11, 1), pence=91600),))
    coming = [
        Instalment(number=each, due_on=date(2026 + each // 12, each % 12 + 1, 25), pence=4200, state="future")
        for each in range(11, 30)
    ]
    told.accounts_told[REFERENCE] = account(instalments=tuple(coming), balance=91600, recovery=agreed)
    page = ada.get(f"{ACCOUNT}/recovery")
    assert "Pay £42 on 25 December 2026, as we agreed" in page
    assert "Ask to spread what you owe" not in page
    assert "Payments from 2026 on" in ada.get(f"{ACCOUNT}/instalments")


def test_nobody_is_led_to_a_direct_debit_that_helps_nothing(ada: Resident, told: ToldSystem) -> None:
    told.accounts_told[REFERENCE] = account(instalments=LOST, recovery=SUMMONED)
    page = ada.get(f"{ACCOUNT}/recovery")
    assert "A Direct Debit does not change that." in page
    assert not any(link.endswith("/direct-debit") for link in ada.client.page.links().values())
