"""Those who share an account hear of what one of them changes for all of them."""

import uuid
from datetime import date
from typing import Any

import pytest
from flask import Flask

from portal.kit import cases_of, move_case, protect, session
from services.council_tax.backoffice.changes import Change, ClaimRefund, MoveOut, SetDirectDebit, SetEBilling
from services.council_tax.operations import settling
from services.council_tax.operations.asking import ask_change
from services.council_tax.tests.conftest import Joins, Works
from services.council_tax.tests.playing import Home, Playing
from tests.support.fixtures import Clock
from tests.support.residents import Resident

DEBIT = SetDirectDebit(payer_name="C Tester", sort_code="089999", account_number="66374958", day=15)
LEAVES = MoveOut(moved_on=date(2026, 11, 30), forwarding=("9 Secret Street", "LS1 1AA"))
REFUND = ClaimRefund(pence=100, sort_code="089999", account_number="66374958", payee_name="C Tester")
ALONE = LEAVES.model_copy(update={"everybody": False})
ASKED, CHANGED, NOT_DONE = "has asked for this", "has changed this", "was not done"


@pytest.fixture
def home(connected: Playing) -> Home:
    return connected.opens("Cleo Tester", "Dan Tester", on="2026-11-10")


@pytest.fixture
def cleo(joins: Joins, home: Home) -> Resident:
    return joins("Cleo", home.person, home.reference)


@pytest.fixture
def dan(joins: Joins, connected: Playing, home: Home) -> Resident:
    """Liable together with Cleo."""
    return joins("Dan", connected.account(home)["people"][1]["id"], home.reference)


def ask(app: Flask, who: Resident, home: Home, change: Change, case_type: str, works: Works) -> None:
    with app.app_context():
        ask_change(who.account, reference=home.reference, change=change, case_type=case_type, key=change.kind)
        session().commit()
    works()
    works()  # what that has deferred


def officer_decides(app: Flask, connected: Playing, at: Clock, works: Works) -> None:
    connected.behave(officer_minutes=0)
    at.advance(minutes=20)
    with app.app_context():
        settling.follow()
        session().commit()
    works()
    works()  # what that has deferred


def test_who_shares_an_account_is_told_of_a_direct_debit(
    app: Flask, home: Home, cleo: Resident, dan: Resident, works: Works
) -> None:
    ask(app, cleo, home, DEBIT, "direct_debit", works)
    assert CHANGED in dan.get("/inbox")
    assert CHANGED not in cleo.get("/inbox")


@pytest.mark.parametrize(("change", "case_type"), [(LEAVES, "move"), (REFUND, "refund")], ids=["move", "refund"])
def test_what_an_officer_has_is_told_before_it_is_done_and_then(
    app: Flask,
    connected: Playing,
    home: Home,
    cleo: Resident,
    dan: Resident,
    at: Clock,
    works: Works,
    change: Change,
    case_type: str,
) -> None:
    connected.pay(home, 500_000)
    ask(app, cleo, home, change, case_type, works)
    page = dan.get("/inbox")
    assert ASKED in page
    assert CHANGED not in page
    assert "Secret" not in page
    officer_decides(app, connected, at, works)
    assert CHANGED in dan.get("/inbox")


@pytest.mark.parametrize(("change", "case_type"), [(SetEBilling(on=True), "e_billing"), (ALONE, "move")])
def test_what_is_for_one_alone_is_told_to_nobody(
    app: Flask,
    connected: Playing,
    home: Home,
    cleo: Resident,
    dan: Resident,
    at: Clock,
    works: Works,
    change: Change,
    case_type: str,
) -> None:
    ask(app, cleo, home, change, case_type, works)
    assert ASKED not in dan.get("/inbox")
    officer_decides(app, connected, at, works)
    assert CHANGED not in dan.get("/inbox")


def test_what_an_officer_refuses_is_told_to_who_heard_that_it_was_asked(
    app: Flask, connected: Playing, home: Home, cleo: Resident, dan: Resident, works: Works
) -> None:
    connected.pay(home, 500_000)
    ask(app, cleo, home, REFUND, "refund", works)
    with app.app_context():
        (case,) = cases_of(cleo.account.id)
        told: dict[str, Any] = {"actor": f"staff:{uuid.uuid4()}", "channel": "desk", "rights": {"decide"}}
        move_case(case.id, to="refused", reason="It was paid for both of you.", **told)
        session().commit()
    works()
    assert NOT_DONE in dan.get("/inbox")
    assert NOT_DONE not in cleo.get("/inbox")


def test_what_is_refused_at_once_is_told_to_nobody_else(
    app: Flask, home: Home, cleo: Resident, dan: Resident, works: Works
) -> None:
    ask(app, cleo, home, REFUND, "refund", works)  # there is no credit
    with app.app_context():
        assert [case.status for case in cases_of(cleo.account.id)] == ["refused"]
    assert NOT_DONE not in dan.get("/inbox")


def test_who_has_left_hears_nothing_of_what_comes_after(
    app: Flask, connected: Playing, home: Home, cleo: Resident, dan: Resident, works: Works
) -> None:
    person = connected.account(home)["people"][1]["id"]
    connected.behave(officer_minutes=0)
    connected.change(home, "move_out", person=person, moved_on="2026-11-20", forwarding=[], everybody=False)
    assert connected.account(home)["people"][1]["until_on"] == "2026-11-20"
    ask(app, cleo, home, DEBIT, "direct_debit", works)
    assert CHANGED not in dan.get("/inbox")


def test_of_a_move_from_a_protected_address_nobody_is_told(
    app: Flask, home: Home, cleo: Resident, dan: Resident, works: Works
) -> None:
    with app.test_request_context("/"):
        protect("council_tax", "account", home.reference, protected=True, actor="system:tests")
        session().commit()
    ask(app, cleo, home, LEAVES, "move", works)
    assert ASKED not in dan.get("/inbox")
    ask(app, cleo, home, DEBIT, "direct_debit", works)
    assert CHANGED in dan.get("/inbox")
