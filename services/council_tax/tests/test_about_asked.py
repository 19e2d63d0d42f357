"""What is kept of a change that was asked for: shown to who asked, handed over, and forgotten."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.kit import Account, Case, session
from services.council_tax.backoffice.changes import Change, EndDiscount, MoveIn, SetEBilling
from services.council_tax.models import AskedChange
from services.council_tax.operations.asking import ask_change
from services.council_tax.operations.forgetting import claim, forget
from services.council_tax.queries.about import everything_about
from services.council_tax.queries.asked import case_facts
from services.council_tax.tests.told import REFERENCE, ToldSystem
from services.council_tax.workflow import CASE_TYPES
from tests.support.fixtures import Clock
from tests.support.nights import let_go
from tests.support.people import someone
from tests.support.residents import Resident
from tests.support.worker import work

PAPERLESS = SetEBilling(on=True)
MOVE_IN = MoveIn(uprn="1", moved_on=date(2026, 4, 1), names=("Fern Moss",), adults=2, tenure="tenant")
Ask = Callable[..., Case]


@pytest.fixture
def account(ada: Resident, context: Flask) -> Account:
    return ada.account


@pytest.fixture
def ask(account: Account) -> Ask:
    """Ask for something, as a page does. There is no system yet, so that it waits."""

    def asking(change: Change = PAPERLESS, **more: Any) -> Case:
        told: dict[str, Any] = {"reference": REFERENCE, "case_type": "e_billing", "change": change, "key": "draft-1"}
        case = ask_change(account, **(told | more))
        session().commit()
        return case

    return asking


def test_what_was_asked_is_in_the_data_file_and_forgotten_with_the_resident(ask: Ask, account: Account) -> None:
    case = ask()
    (told,) = everything_about(account)["changes_asked"]
    assert (told["case"], told["council_tax_account"], told["change"]["on"]) == (case.id, REFERENCE, True)
    forget(account)
    session().commit()
    assert everything_about(account)["changes_asked"] == []
    row = session().execute(select(AskedChange.reference, AskedChange.change)).one()
    assert row == ("", {})
    assert case_facts(case) == ()


def test_who_claims_what_staff_sent_for_them_has_it(ask: Ask, account: Account, context: Flask) -> None:
    ask()
    ben = someone(context, "Ben")
    claim(account.id, ben)
    session().commit()
    assert len(everything_about(ben)["changes_asked"]) == 1


def test_facts_say_what_was_asked_for(ask: Ask, account: Account) -> None:
    case = ask(MOVE_IN, reference="", case_type="move")
    facts = {str(fact.label): fact.value for fact in case_facts(case)}
    assert facts == {
        "Moved on": "1 April 2026",
        "Who pays": ["Fern Moss"],
        "Adults in the home": "2",
        "The home is": "Rented",
    }


def test_facts_name_a_discount_in_words(ask: Ask, account: Account) -> None:
    case = ask(EndDiscount(code="single_person", ended_on=date(2026, 6, 1)), case_type="discount")
    facts = {str(fact.label): fact.value for fact in case_facts(case)}
    assert facts["What you asked for"] == "Only one adult lives here"
    assert facts["Last day"] == "1 June 2026"


def test_every_kind_of_case_has_a_promise_and_a_way_to_each_end(context: Flask) -> None:
    for each in CASE_TYPES:
        assert each.promise is not None, each.slug
        assert each.first.code == "waiting"
        assert {move.target for move in each.moves} == {"with_officer", "done", "refused"}


def test_it_is_forgotten_six_years_after_its_end(ask: Ask, account: Account, told: ToldSystem, at: Clock) -> None:
    at.move_to("2026-11-22T09:00")
    ask()
    work()
    at.advance(days=6 * 365)
    let_go()
    assert len(everything_about(account)["changes_asked"]) == 1
    at.advance(seconds=1)
    let_go()
    assert everything_about(account)["changes_asked"] == []
