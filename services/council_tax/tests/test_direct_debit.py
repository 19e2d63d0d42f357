"""Direct Debit as a resident meets it: set up, changed, cancelled; the bank's digits shown and kept nowhere."""

import json
import re
import uuid
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from portal.kit import clock, session
from services.council_tax.backoffice.changes import EndDirectDebit, SetDirectDebit
from services.council_tax.rules.modulus import fits
from services.council_tax.tests.conftest import ACCOUNT, START, Works
from services.council_tax.tests.told import DUE, ToldSystem, account, debit
from services.council_tax.views import direct_debit as views
from tests.support.pdf import read_pdf
from tests.support.residents import Resident

PATH = f"{ACCOUNT}/direct-debit"
NUMBER, SORT_CODE = "66374958", "08-99-99"
ANSWERS: dict[str, dict[str, Any]] = {  # what a form is sent
    "authority": {"authority": "yes"},
    "payer": {"payer_name": "A Lark"},
    "sort-code": {"sort_code": SORT_CODE},
    "account-number": {"account_number": NUMBER},
    "day": {"day": "15"},
}
TODAY = date(2026, 4, 2)


@pytest.fixture(autouse=True)
def april(monkeypatch: pytest.MonkeyPatch) -> None:
    """The day of the account that the system tells of."""
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 4, 2, 9, tzinfo=UTC))


def begin(resident: Resident, path: str = PATH) -> str:
    """Start; the address that the questions stand under."""
    return str(resident.post(path).location).rpartition("/")[0]


def up_to(resident: Resident, step: str) -> str:
    """Answer every question before this one."""
    url = begin(resident)
    for name, values in ANSWERS.items():
        if name == step:
            break
        resident.post(f"{url}/{name}", **values)
    return url


def send(resident: Resident) -> str:
    """Answer and send everything; the address of the confirmation."""
    url = up_to(resident, "check")
    return str(resident.post(f"{url}/check", agreed="yes").location)


def test_a_direct_debit_is_set_up_question_by_question(ada: Resident, told: ToldSystem, works: Works) -> None:
    assert "You do not pay by Direct Debit" in ada.get(PATH)
    url = begin(ada)
    for step, after in zip(ANSWERS, [*list(ANSWERS)[1:], "check"], strict=True):
        ada.get(f"{url}/{step}")
        assert ada.post(f"{url}/{step}", **ANSWERS[step]).location == f"{url}/{after}"
    page = ada.get(f"{url}/check")
    for words in (
        "A Lark",
        "Ends in 58",
        "Ends in 99",
        "Friday 15 May 2026",
        "at least ten working days",
        "Instruct my bank",
    ):
        assert words in page
    confirmation = ada.get(ada.post(f"{url}/check", agreed="yes").location)
    assert "The first payment is" in confirmation
    assert "Friday 15 May 2026" in confirmation
    works()
    assert told.changes == [SetDirectDebit(payer_name="A Lark", sort_code="089999", account_number=NUMBER, day=15)]


def test_a_pair_that_does_not_fit_is_not_sent_though_each_number_was_checked(
    ada: Resident, told: ToldSystem, works: Works, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = up_to(ada, "account-number")

    def changed_meanwhile(*pair: Any) -> bool:  # another tab sends another sort code while this number is checked
        monkeypatch.setattr(views, "fits", fits)
        ada.post(f"{url}/sort-code", sort_code="20-29-59")
        return fits(*pair)

    monkeypatch.setattr(views, "fits", changed_meanwhile)
    ada.post(f"{url}/account-number", account_number=NUMBER)
    ada.post(f"{url}/day", day="15")
    (refusal,) = ada.refused(f"{url}/check", agreed="yes")
    assert refusal.startswith("This account number does not go with the sort code")
    works()
    assert told.changes == []


def test_the_payments_shown_add_up_to_what_is_to_come(ada: Resident, told: ToldSystem) -> None:
    page = ada.get(f"{up_to(ada, 'check')}/check")
    sums = [int(float(each.replace(",", "")) * 100 + 0.5) for each in re.findall(r"numeric\">£([\d.,]+)<", page)]
    assert sum(sums) == sum(one.pence for one in DUE if one.due_on > TODAY)


def test_the_digits_are_shown_and_kept_nowhere(app: Flask, ada: Resident, told: ToldSystem) -> None:
    told.away = True
    url = up_to(ada, "check")
    pages = [ada.get(f"{url}/{step}") for step in (*ANSWERS, "check")]
    where = str(ada.post(f"{url}/check", agreed="yes").location)
    pages += [ada.get(where), ada.get(f"/cases/{where.rpartition('/')[2]}"), ada.get(PATH)]
    for page in pages:
        assert NUMBER not in page
        assert "089999" not in page
        assert SORT_CODE not in page
    with app.app_context():
        tables = session().scalars(
            text(
                "select format('%I.%I', table_schema, table_name) from information_schema.tables"
                " where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')"
            )
        )
        for table in tables.all():
            rows = session().scalars(text(f"select row_to_json(one)::text from {table} one"))
            for row in rows:
                assert NUMBER not in row, table
                assert "089999" not in row, table


def test_a_draft_keeps_only_what_is_sealed(app: Flask, ada: Resident, told: ToldSystem) -> None:
    up_to(ada, "check")
    with app.app_context():
        kept = json.dumps(session().scalar(text("select answers from portal.draft")))
    assert NUMBER not in kept
    assert "089999" not in kept
    assert "A Lark" in kept


@pytest.mark.parametrize(
    ("step", "values", "said"),
    [
        ("authority", {}, "Select whether you can set up"),
        ("payer", {"payer_name": " "}, "Enter the name on the bank account"),
        ("payer", {"payer_name": "<b>x</b>"}, "Enter the name as it stands on your bank card, in letters"),
        ("sort-code", {"sort_code": "00-00-00"}, "No bank has this number"),
        ("account-number", {"account_number": "00000000"}, "No bank has this number"),
        ("sort-code", {"sort_code": ""}, "Enter a sort code"),
        ("sort-code", {"sort_code": "08-99-9O"}, "numbers only"),
        ("sort-code", {"sort_code": "08999"}, "must have 6 numbers"),
        ("account-number", {"account_number": "12345"}, "6, 7 or 8 numbers"),
        ("account-number", {"account_number": "D/12345678-9"}, "building society"),
        ("account-number", {"account_number": "66374959"}, "does not go with the sort code"),
        ("day", {"day": "31"}, "Select the day"),
    ],
    ids=[
        "alone",
        "name",
        "no name",
        "noughts",
        "a number of noughts",
        "none",
        "a letter",
        "short",
        "short number",
        "roll number",
        "modulus",
        "day",
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    ada: Resident, told: ToldSystem, step: str, values: dict[str, Any], said: str
) -> None:
    url = up_to(ada, step)
    (sentence,) = ada.refused(f"{url}/{step}", **values)
    assert said in sentence
    assert ada.client.get(f"{url}/check").location == f"{url}/{step}"


def test_who_cannot_sign_alone_is_told_of_the_paper_form(ada: Resident, told: ToldSystem) -> None:
    url = begin(ada)
    where = ada.post(f"{url}/authority", authority="no").location
    assert "has to sign" in ada.get(where)
    assert ada.client.get(f"{url}/payer").location == f"{url}/authority"


def test_without_the_instruction_nothing_is_sent(ada: Resident, told: ToldSystem, works: Works) -> None:
    url = up_to(ada, "check")
    ada.refused(f"{url}/check")
    works()
    assert told.changes == []


def test_change_comes_straight_back_and_a_new_sort_code_asks_for_the_number_again(
    ada: Resident, told: ToldSystem
) -> None:
    url = up_to(ada, "check")
    assert ada.post(f"{url}/day", day="25").location == f"{url}/check"
    assert ada.post(f"{url}/sort-code", sort_code="107999").location == f"{url}/account-number"
    assert "does not go with" in ada.refused(f"{url}/account-number", account_number=NUMBER)[0]
    assert ada.post(f"{url}/account-number", account_number="88837491").location == f"{url}/check"


def test_digits_that_lay_for_an_hour_are_asked_for_again(
    ada: Resident, told: ToldSystem, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = up_to(ada, "check")
    monkeypatch.setattr("services.council_tax.operations.direct_debit.OPENED_WITHIN", timedelta(seconds=-1))
    assert ada.client.get(f"{url}/check").location == f"{url}/sort-code"


def test_sent_twice_it_is_one_instruction(ada: Resident, told: ToldSystem, works: Works) -> None:
    url = up_to(ada, "check")
    first, second = (ada.post(f"{url}/check", agreed="yes").location for _ in range(2))
    assert first == second
    works()
    assert len(told.changes) == 1
    assert ada.client.get(f"{url}/payer").location == first


def test_while_the_system_is_away_it_waits_and_is_sent_once(ada: Resident, told: ToldSystem, works: Works) -> None:
    told.away = True
    assert "You can still set up a Direct Debit" in ada.get(PATH)
    where = send(ada)
    works()
    assert told.changes == []
    assert "waits for our council tax system" in ada.get(PATH)
    page = ada.get(where)
    assert "the payments are not shown here" in page
    assert "nothing to collect" not in page


def test_an_active_one_is_shown_changed_and_cancelled(ada: Resident, told: ToldSystem, works: Works) -> None:
    told.accounts_told["40001234"] = account(direct_debit=debit(), method="direct_debit")
    page = ada.get(PATH)
    for words in ("The one that ends in 91", "£104 on 15 May 2026", "Change the bank account or the day"):
        assert words in page
    assert "takes the place of the Direct Debit from the account that ends in 91" in ada.get(
        f"{up_to(ada, 'check')}/check"
    )
    assert "Do you want to cancel" in ada.get(f"{PATH}/cancel")
    first, second = (ada.post(f"{PATH}/cancel").location for _ in range(2))
    assert first == second
    assert "You have cancelled the Direct Debit" in ada.get(first)
    works()
    assert told.changes == [EndDirectDebit()]
    ada.get(f"{first}/pdf", status=404)


def test_where_there_is_none_there_is_nothing_to_cancel(ada: Resident, told: ToldSystem) -> None:
    assert ada.client.get(f"{PATH}/cancel").location == PATH
    assert ada.post(f"{PATH}/cancel").location == PATH


def test_what_is_late_is_said_not_to_be_collected(ada: Resident, told: ToldSystem) -> None:
    late = DUE[0].model_copy(update={"state": "late"})
    told.accounts_told["40001234"] = account(instalments=(late, *DUE[1:]))
    assert "£104.08 is late already" in ada.get(PATH)


def test_who_has_lost_instalments_is_not_told_that_nothing_is_due(ada: Resident, told: ToldSystem) -> None:
    lost = tuple(one.model_copy(update={"state": "cancelled"}) for one in DUE)
    told.accounts_told["40001234"] = account(instalments=lost)
    for page in (ada.get(PATH), ada.get(f"{up_to(ada, 'check')}/check")):
        assert "All of £1,040.08 is due now" in page
        assert f'href="{ACCOUNT}/spread"' in page
        assert "nothing to collect" not in page


def test_one_that_the_bank_refused_is_said(ada: Resident, told: ToldSystem) -> None:
    told.accounts_told["40001234"] = account(direct_debit=debit(state="failed"))
    assert "Your bank turned down" in ada.get(PATH)


def test_the_notice_can_be_kept_as_a_tagged_pdf(ada: Resident, told: ToldSystem) -> None:
    answer = ada.client.get(f"{send(ada)}/pdf")
    look = read_pdf(answer.data)
    assert (look.title, look.conforms) == ("Advance notice of your Direct Debit", "ua-1")
    for words in ("ends in 58", "Friday 15 May 2026", "The Direct Debit Guarantee", "10 working days"):
        assert words in " ".join(look.text.split())
    assert NUMBER not in look.text


def test_the_guarantee_stands_before_and_after(ada: Resident, told: ToldSystem) -> None:
    url = up_to(ada, "check")
    for page in (ada.get(PATH), ada.get(f"{url}/check"), ada.get(send(ada))):
        assert "offered by all banks and building societies" in page
        assert "full and immediate refund" in page


def test_somebody_elses_looks_like_none(ada: Resident, ben: Resident, robin: Resident, told: ToldSystem) -> None:
    url, where = up_to(ada, "check"), send(ada)
    for stranger in (robin, ben):
        for path in (f"{url}/check", f"{url}/payer", where, f"{where}/pdf"):
            stranger.get(path, status=404)
    for path in (PATH, f"{PATH}/cancel", f"{PATH}/paper"):
        robin.get(path, status=404)
        robin.get(path.replace("40001234", "49999999"), status=404)
    ada.get(f"{PATH}/{uuid.uuid4()}/payer", status=404)
    ada.get(f"{START}/accounts/49999999/direct-debit", status=404)


def test_a_draft_of_another_account_is_none_of_this(ada: Resident, told: ToldSystem, joins: object) -> None:
    url = up_to(ada, "check")
    ada.get(url.replace("40001234", "40005678") + "/check", status=404)


def test_bank_details_want_a_recent_sign_in(app: Flask, ada: Resident, told: ToldSystem) -> None:
    url = up_to(ada, "check")
    with app.app_context():
        session().execute(text("update portal.session set authenticated_at = authenticated_at - interval '20 minutes'"))
        session().commit()
    for path in (f"{url}/sort-code", f"{url}/check", f"{PATH}/cancel"):
        assert ada.client.get(path).location.startswith("/confirm-it-is-you")


def test_a_new_start_drops_what_was_begun(ada: Resident, told: ToldSystem) -> None:
    first = up_to(ada, "day")
    begin(ada)
    ada.get(f"{first}/day", status=404)
