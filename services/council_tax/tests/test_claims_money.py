"""Refunds, arrangements and council tax reduction as a resident meets them."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from portal.kit import clock, get_case, session
from services.council_tax.backoffice.changes import AskArrangement, ClaimReduction, ClaimRefund
from services.council_tax.queries.asked import case_facts
from services.council_tax.tests.claiming import begin, lowers, on, send, up_to
from services.council_tax.tests.conftest import ACCOUNT, Works
from services.council_tax.tests.told import REFERENCE, ToldSystem, account
from tests.support.residents import Resident

NUMBER, SORT_CODE = "66374958", "08-99-99"
REFUND: dict[str, Any] = {
    "amount": {"pence": "£120.50"},
    "payee": {"payee_name": "A Lark"},
    "sort-code": {"sort_code": SORT_CODE},
    "account-number": {"account_number": NUMBER},
}
SPREAD: dict[str, Any] = {"months": {"months": "6"}, "day": {"day": "25"}, "afford": {"afford": "I am ill"}}
SINCE = date(2026, 5, 4)
WORKING: dict[str, Any] = {
    "age": {"pension_age": "no"},
    "partner": {"partner": "no"},
    "children": {"children": "1"},
    "others": {"others": "0"},
    "income": {"income": "250.50"},
    "savings": {"savings": "1,000"},
    "estimate": {},
    "since": on("since_on", SINCE),
    "evidence": {},
}
PENSIONER: dict[str, Any] = {
    "age": {"pension_age": "yes"},
    "guarantee": {"guarantee": "yes"},
    "partner": {"partner": "yes"},
    "children": {"children": "0"},
    "others": {"others": "0"},
    "estimate": {},
    "since": on("since_on", SINCE),
    "evidence": {},
}


@pytest.fixture(autouse=True)
def june(monkeypatch: pytest.MonkeyPatch) -> None:
    """Some weeks into the year."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 6, 10, 9, tzinfo=UTC))


@pytest.fixture
def credit(told: ToldSystem) -> ToldSystem:
    """The council owes them £150."""
    told.accounts_told[REFERENCE] = account(balance=-15000)
    return told


def test_a_credit_is_paid_back_question_by_question(
    app: Flask, ada: Resident, credit: ToldSystem, works: Works
) -> None:
    assert "We owe you £150" in ada.get(f"{ACCOUNT}/refund")
    url = begin(ada, "refund")
    assert 'value="150"' in ada.get(f"{url}/amount")
    for step, after in zip(REFUND, [*list(REFUND)[1:], "check"], strict=True):
        ada.get(f"{url}/{step}")
        assert ada.post(f"{url}/{step}", **REFUND[step]).location == f"{url}/{after}"
    page = ada.get(f"{url}/check")
    for words in ("£120.50", "A Lark", "Ends in 99", "Ends in 58"):
        assert words in page
    where = str(ada.post(f"{url}/check").location)
    assert "We pay it to the bank account" in ada.get(where)
    works()
    assert credit.changes == [ClaimRefund(pence=12050, sort_code="089999", account_number=NUMBER, payee_name="A Lark")]
    with app.app_context():
        noted = session().scalars(text("select act from portal.audit_entry where act like 'council_tax%'")).all()
        facts = {str(one.label): one.value for one in case_facts(get_case(ada.account.id, where.rpartition("/")[2]))}
    assert noted == ["council_tax.refund_asked"]
    assert facts["Amount"] == "£120.50"
    assert facts["Bank account"] == "The one that ends in 58"


def test_the_digits_are_shown_and_kept_nowhere(app: Flask, ada: Resident, credit: ToldSystem) -> None:
    url = up_to(ada, "refund", REFUND)
    with app.app_context():
        kept = json.dumps(session().scalar(text("select answers from portal.draft")))
    pages = [ada.get(f"{url}/{step}") for step in (*REFUND, "check")]
    where = str(ada.post(f"{url}/check").location)
    pages += [ada.get(where), ada.get(f"/cases/{where.rpartition('/')[2]}")]
    with app.app_context():
        kept += json.dumps(session().scalar(text("select change from council_tax.asked_change")))
    for page in (*pages, kept):
        assert NUMBER not in page
        assert "089999" not in page
        assert SORT_CODE not in page


@pytest.mark.parametrize(
    ("step", "values", "said"),
    [
        ("amount", {"pence": ""}, "Enter how much"),
        ("amount", {"pence": "-5"}, "must be an amount of money"),
        ("amount", {"pence": "0"}, "more than £0"),
        ("amount", {"pence": "150.01"}, "£150 or less, which is your credit"),
        ("amount", {"pence": "99999999999999999999"}, "must be"),
        ("amount", {"pence": "1e5"}, "must be an amount of money"),
        ("payee", {"payee_name": ""}, "Enter the name"),
        ("sort-code", {"sort_code": "08-99-9O"}, "numbers only"),
        ("account-number", {"account_number": "66374959"}, "does not go with the sort code"),
    ],
    ids=["none", "negative", "nothing", "too much", "absurd", "no sum", "name", "a letter", "modulus"],
)
def test_what_is_wrong_is_said_beside_its_field(
    ada: Resident, credit: ToldSystem, step: str, values: dict[str, Any], said: str
) -> None:
    url = up_to(ada, "refund", REFUND, step)
    assert said in ada.refused(f"{url}/{step}", **values)[0]
    assert ada.client.get(f"{url}/check").location == f"{url}/{step}"


def test_without_a_credit_there_is_nothing_to_ask_for(ada: Resident, told: ToldSystem) -> None:
    assert "There is no credit on this account" in ada.get(f"{ACCOUNT}/refund")
    assert "no credit" in ada.refused(f"{begin(ada, 'refund')}/amount", pence="1")[0]


def test_a_credit_that_shrank_meanwhile_is_not_paid_back(ada: Resident, credit: ToldSystem, works: Works) -> None:
    url = up_to(ada, "refund", REFUND)
    credit.accounts_told[REFERENCE] = account(balance=-5000)
    assert "£50 or less" in ada.refused(f"{url}/check")[0]
    works()
    assert credit.changes == []


def test_a_refund_is_asked_for_once(ada: Resident, credit: ToldSystem, works: Works) -> None:
    url = up_to(ada, "refund", REFUND)
    first, second = (ada.post(f"{url}/check").location for _ in range(2))
    assert first == second
    assert first.rpartition("/")[2] in ada.refused(f"{begin(ada, 'refund')}/amount", pence="1")[0]
    works()
    assert len(credit.changes) == 1


def test_digits_that_lay_for_an_hour_are_asked_for_again(
    ada: Resident, credit: ToldSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = up_to(ada, "refund", REFUND)
    monkeypatch.setattr("services.council_tax.operations.claiming.OPENED_WITHIN", timedelta(seconds=-1))
    assert ada.client.get(f"{url}/check").location == f"{url}/sort-code"


def test_a_new_sort_code_asks_for_the_number_again(ada: Resident, credit: ToldSystem) -> None:
    url = up_to(ada, "refund", REFUND)
    assert ada.post(f"{url}/sort-code", sort_code="107999").location == f"{url}/account-number"
    assert "does not go with" in ada.refused(f"{url}/account-number", account_number=NUMBER)[0]


def test_bank_details_want_a_recent_sign_in(app: Flask, ada: Resident, credit: ToldSystem) -> None:
    url = up_to(ada, "refund", REFUND)
    with app.app_context():
        session().execute(text("update portal.session set authenticated_at = authenticated_at - interval '20 minutes'"))
        session().commit()
    for path in (f"{url}/sort-code", f"{url}/check"):
        assert ada.client.get(path).location.startswith("/confirm-it-is-you")
    ada.get(f"{ACCOUNT}/refund")


def test_what_is_owed_is_spread_with_each_payment_shown(ada: Resident, told: ToldSystem, works: Works) -> None:
    page = ada.get(f"{ACCOUNT}/spread")
    for words in ("You owe £1,040.08", "no more reminders", "Costs that were added already stay", "MoneyHelper"):
        assert words in page
    url = begin(ada, "spread")
    page = ada.get(f"{url}/months")
    assert "£175.08 first, then £173 a month" in page
    assert "24 months" in page
    for step in SPREAD:
        ada.post(f"{url}/{step}", **SPREAD[step])
    page = ada.get(f"{url}/check")
    for words in ("25 June 2026", "£175.08", "25 November 2026", "£173", "I am ill"):
        assert words in page
    assert "more than six months" in ada.get(ada.post(f"{url}/check").location)
    works()
    assert told.changes == [AskArrangement(months=6, day=25, answers={"afford": "I am ill"})]


@pytest.mark.parametrize("owed", [0, -5000], ids=["nothing", "a credit"])
def test_where_nothing_is_owed_nothing_is_spread(ada: Resident, told: ToldSystem, owed: int) -> None:
    told.accounts_told[REFERENCE] = account(balance=owed)
    page = ada.get(f"{ACCOUNT}/spread")
    assert "You owe nothing at the moment" in page
    assert "Ask to spread" not in page
    assert ada.client.get(f"{begin(ada, 'spread')}/months").location == f"{ACCOUNT}/spread"


def test_no_payment_is_below_five_pounds(ada: Resident, told: ToldSystem) -> None:
    told.accounts_told[REFERENCE] = account(balance=3100)
    page = ada.get(f"{begin(ada, 'spread')}/months")
    assert 'value="6"' in page
    assert 'value="9"' not in page
    told.accounts_told[REFERENCE] = account(balance=900)
    assert "too little to spread" in ada.get(f"{ACCOUNT}/spread")


@pytest.mark.parametrize(
    ("step", "values", "said"),
    [
        ("months", {"months": "-3"}, "Select over how many"),
        ("months", {"months": "600"}, "Select over how many"),
        ("day", {"day": "31"}, "Select the day"),
        ("afford", {"afford": "x" * 1001}, "1,000 characters"),
    ],
    ids=["negative", "absurd", "day", "long"],
)
def test_what_is_wrong_with_an_arrangement_is_said(
    ada: Resident, told: ToldSystem, step: str, values: dict[str, Any], said: str
) -> None:
    url = up_to(ada, "spread", SPREAD, step)
    assert said in ada.refused(f"{url}/{step}", **values)[0]


def test_what_was_paid_meanwhile_is_seen_before_it_is_sent(ada: Resident, told: ToldSystem, works: Works) -> None:
    url = up_to(ada, "spread", SPREAD)
    for balance, said in ((0, "owe nothing"), (2000, "below £5")):
        told.accounts_told[REFERENCE] = account(balance=balance)
        assert said in ada.refused(f"{url}/check")[0]
    works()
    assert told.changes == []


def test_while_the_system_is_away_months_can_be_asked_for(ada: Resident, told: ToldSystem, works: Works) -> None:
    told.away = True
    ada.get(f"{ACCOUNT}/spread")
    url = up_to(ada, "spread", SPREAD)
    assert "We cannot reach our council tax system" in ada.get(f"{url}/check")
    ada.get(ada.post(f"{url}/check").location)
    told.away = False


def test_reduction_is_estimated_before_anything_is_sent(ada: Resident, told: ToldSystem, works: Works) -> None:
    assert "is no decision" in ada.get(f"{ACCOUNT}/reduction")
    url = up_to(ada, "reduction", WORKING, "estimate")
    page = ada.get(f"{url}/estimate")
    # £1,040.08 is £19.95 a week; one child and £250.50 is in the band of three quarters.
    for words in ("about £14.96 a week", "£19.95 a week would then be about £4.99", "Demo council’s scheme"):
        assert words in page
    works()
    assert told.changes == []


def test_reduction_is_applied_for(app: Flask, ada: Resident, told: ToldSystem, works: Works) -> None:
    where = send(ada, "reduction", WORKING)
    works()
    (change,) = told.changes
    assert isinstance(change, ClaimReduction)
    assert change.since_on == SINCE
    assert change.answers == {
        "pension_age": "no", "partner": "no", "children": "1", "others": "0", "income": "25050", "savings": "100000",
        "estimate": "1496",
    }  # fmt: skip
    with app.app_context():
        facts = {str(one.label): one.value for one in case_facts(get_case(ada.account.id, where.rpartition("/")[2]))}
    assert facts["Income a week"] == "£250.50"
    assert facts["Lives with a partner"] == "No"


def test_who_gets_guarantee_credit_is_not_asked_what_they_have(ada: Resident, told: ToldSystem, works: Works) -> None:
    url = up_to(ada, "reduction", PENSIONER, "estimate")
    assert "You may get about £19.95 a week" in ada.get(f"{url}/estimate")
    for step in ("estimate", "since", "evidence"):
        ada.post(f"{url}/{step}", **PENSIONER[step])
    ada.post(f"{url}/check")
    works()
    (change,) = told.changes
    assert isinstance(change, ClaimReduction)
    assert not {"income", "savings", "older"} & change.answers.keys()


def test_another_answer_is_estimated_anew(ada: Resident, told: ToldSystem) -> None:
    url = up_to(ada, "reduction", WORKING)
    assert ada.post(f"{url}/income", income="2000").location == f"{url}/estimate"
    page = ada.get(f"{url}/estimate")
    assert "your income is too high" in page
    assert "You can still apply" in page


@pytest.mark.parametrize(
    ("step", "values", "said"),
    [
        ("age", {}, "Select yes if you or your partner"),
        ("children", {"children": "-1"}, "Select how many children"),
        ("income", {"income": "-200"}, "must be an amount of money"),
        ("income", {"income": "26000"}, "not a year"),
        ("savings", {"savings": "lots"}, "must be an amount of money"),
        ("since", on("since_on", date(2062, 5, 4)), "Check the year"),
    ],
    ids=["none", "negative", "below nothing", "a year's", "words", "wrong year"],
)
def test_what_is_wrong_with_an_application_is_said(
    ada: Resident, told: ToldSystem, step: str, values: dict[str, Any], said: str
) -> None:
    url = up_to(ada, "reduction", WORKING, step)
    assert said in ada.refused(f"{url}/{step}", **values)[0]


def test_who_has_reduction_does_not_apply_again(ada: Resident, told: ToldSystem) -> None:
    told.accounts_told[REFERENCE] = account(adjustments=(lowers("reduction", "reduction"),))
    assert "has this already" in ada.refused(f"{begin(ada, 'reduction')}/age", pension_age="no")[0]
