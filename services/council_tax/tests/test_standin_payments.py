"""Paying the stand-in: the balance drops, payments become paid, and nothing is booked twice."""

import pytest
import requests

from services.council_tax.tests.playing import SECRET, Playing


def test_a_payment_lowers_the_balance_and_pays_the_first_instalment(standin: Playing) -> None:
    home = standin.opens(on="2026-11-20")
    before = standin.account(home)
    first = before["instalments"][0]
    answer = standin.pay(home, first["pence"])
    after = standin.account(home)
    assert answer["balance"] == after["balance"] == before["balance"] - first["pence"]
    assert [each["state"] for each in after["instalments"][:2]] == ["paid", "future"]


def test_a_part_of_a_payment_is_a_part(standin: Playing) -> None:
    home = standin.opens(on="2026-11-20")
    first = standin.account(home)["instalments"][0]
    standin.pay(home, 100)
    assert standin.account(home)["instalments"][0] == first | {"paid": 100, "state": "part_paid"}


def test_the_same_payment_sent_again_is_booked_once_and_answered_alike(standin: Playing) -> None:
    home, key = standin.opens(), standin.key()
    assert standin.pay(home, 5000, key=key) == standin.pay(home, 5000, key=key)
    items = standin.get(f"/accounts/{home.reference}/statement", home.person)["items"]
    assert [each["pence"] for each in items if each["kind"] == "payment"] == [-5000]


def test_a_key_of_another_payment_is_refused(standin: Playing) -> None:
    home, other, key = standin.opens(), standin.opens(), standin.key()
    standin.pay(home, 5000, key=key)
    paid = {"pence": 5000, "paid_on": "2026-11-23"}
    standin.post(f"/accounts/{other.reference}/payments", paid, key=key, status=409)
    standin.post(f"/accounts/{home.reference}/payments", paid | {"pence": 1}, key=key, status=409)
    assert standin.account(home)["paid"] == 5000


@pytest.mark.parametrize("pence", [0, -100, 10_000_001, 1.5, "much"])
def test_a_payment_of_no_sensible_amount_is_refused(standin: Playing, pence: object) -> None:
    home = standin.opens()
    standin.post(f"/accounts/{home.reference}/payments", {"pence": pence, "paid_on": "2026-11-23"}, status=422)
    assert standin.account(home)["paid"] == 0


def test_a_payment_of_tomorrow_is_refused(standin: Playing) -> None:
    home = standin.opens()
    standin.post(f"/accounts/{home.reference}/payments", {"pence": 1, "paid_on": "2026-11-24"}, status=422)


def test_a_payment_for_no_account_is_none(standin: Playing) -> None:
    standin.post("/accounts/99999999/payments", {"pence": 1, "paid_on": "2026-11-23"}, status=404)


def test_a_payment_without_a_key_is_refused(standin: Playing) -> None:
    home = standin.opens()
    answer = requests.post(
        f"{standin.url}/v1/accounts/{home.reference}/payments",
        json={"pence": 1, "paid_on": "2026-11-23"},
        headers={"Authorization": f"Bearer {SECRET}"},
        timeout=5,
    )
    assert answer.status_code == 422


def test_more_than_is_owed_becomes_a_credit(standin: Playing) -> None:
    home = standin.opens()
    balance = standin.account(home)["balance"]
    standin.pay(home, balance + 700)
    after = standin.account(home)
    assert after["balance"] == -700
    assert {each["state"] for each in after["instalments"]} == {"paid"}


def test_what_is_late_this_year_is_paid_before_older_debts(standin: Playing) -> None:
    home = standin.opens(on="2026-03-01")
    before = standin.account(home)
    late = sum(each["pence"] for each in before["instalments"] if each["state"] in ("late", "cancelled"))
    assert before["arrears"] > 0
    standin.pay(home, late + 100)
    after = standin.account(home)
    assert after["paid"] == late
    assert after["arrears"] == before["arrears"] - 100


def test_what_is_given_back_is_owed_again_and_booked_once(standin: Playing) -> None:
    home, key = standin.opens(on="2026-11-20"), standin.key()
    before = standin.account(home)
    standin.pay(home, before["instalments"][0]["pence"])
    back = {"pence": 100, "paid_on": "2026-11-23"}
    for _ in range(2):
        answer = standin.post(f"/accounts/{home.reference}/returned-payments", back, key=key)
    after = standin.account(home)
    assert answer["balance"] == after["balance"] == before["balance"] - before["instalments"][0]["pence"] + 100
    assert after["instalments"][0]["state"] == "part_paid"
    standin.post(f"/accounts/{home.reference}/payments", back, key=key, status=409)
