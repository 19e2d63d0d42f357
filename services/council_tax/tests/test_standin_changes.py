"""Discounts and other claims at the stand-in: what is done at once, what an officer decides, what is refused."""

from typing import Any

import pytest
import requests

from services.council_tax.tests.playing import Home, Playing

SINGLE = {"code": "single_person", "since_on": "2026-11-01"}


def decide(standin: Playing, key: str, decision: str) -> None:
    """Press the officer's button."""
    answer = requests.post(f"{standin.url}/decisions", data={"key": key, "decision": decision}, timeout=5)
    assert answer.status_code == 200


def bills(standin: Playing, home: Home) -> list[str]:
    """The kinds of an account's bills, newest first."""
    return [each["kind"] for each in standin.get(f"/accounts/{home.reference}/bills", home.person)]


def test_a_single_person_discount_is_given_at_once_with_a_new_bill(standin: Playing) -> None:
    home = standin.opens()
    before = standin.account(home)
    said = standin.change(home, "discount", **SINGLE)
    after = standin.account(home)
    assert said["state"] == "accepted"
    assert said["balance"] == after["balance"] < before["balance"]
    assert bills(standin, home) == ["adjusted", "new_account"]
    assert standin.get(f"/bills/{said['bill_id']}", home.person)["charge"] == after["charge"]
    (given,) = after["adjustments"]
    assert given["days"] == 151  # 1 November to 31 March
    assert given["pence"] == after["charge"] - before["charge"]
    assert abs(given["pence"] + before["charge"] * 151 / 365 / 4) <= 1


def test_the_same_discount_is_not_given_twice(standin: Playing) -> None:
    home = standin.opens()
    standin.change(home, "discount", **SINGLE)
    said = standin.change(home, "discount", **SINGLE)
    assert (said["state"], said["reason"]) == ("refused", "already_has")


def test_the_same_change_under_its_key_is_done_once_and_answered_alike(standin: Playing) -> None:
    home, key = standin.opens(), standin.key()
    first = standin.change(home, "discount", key=key, **SINGLE)
    assert standin.change(home, "discount", key=key, **SINGLE) == first == standin.get(f"/changes/{key}")
    assert bills(standin, home) == ["adjusted", "new_account"]


def test_a_key_of_another_change_is_refused(standin: Playing) -> None:
    home, key = standin.opens(), standin.key()
    standin.change(home, "discount", key=key, **SINGLE)
    body = {"reference": home.reference, "change": {"kind": "e_billing", "on": True}}
    standin.post("/changes", body, home.person, key=key, status=409)


def test_a_key_that_never_came_is_unknown(standin: Playing) -> None:
    standin.get("/changes/never", status=404)


@pytest.mark.parametrize(("since_on", "reason"), [("2026-03-31", "before_account"), ("2028-01-01", "too_far_ahead")])
def test_a_day_that_cannot_be_is_refused(standin: Playing, since_on: str, reason: str) -> None:
    home = standin.opens()
    said = standin.change(home, "discount", code="single_person", since_on=since_on)
    assert (said["state"], said["reason"]) == ("refused", reason)
    assert bills(standin, home) == ["new_account"]


def test_days_out_of_order_are_refused(standin: Playing) -> None:
    said = standin.change(standin.opens(), "exemption", code="B", since_on="2026-06-01", until_on="2026-05-01")
    assert (said["state"], said["reason"]) == ("refused", "wrong_dates")


def test_somebody_elses_account_cannot_be_changed(standin: Playing) -> None:
    home, stranger = standin.opens(), standin.opens("Sam Stranger")
    body = {"reference": home.reference, "change": {"kind": "discount", **SINGLE}}
    theirs = standin.post("/changes", body, stranger.person, status=404)
    assert theirs == standin.post("/changes", body | {"reference": "99999999"}, stranger.person, status=404)
    assert bills(standin, home) == ["new_account"]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("discount", {"code": "student", "since_on": "2026-10-01"}),
        ("exemption", {"code": "N", "since_on": "2026-10-01"}),
        ("band_reduction", {"code": "room", "since_on": "2026-10-01"}),
        ("reduction", {"since_on": "2026-10-01", "answers": {"weekly_income": "9000"}}),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_needs_proof_waits_for_an_officer_who_accepts_it(
    standin: Playing,
    kind: str,
    values: dict[str, Any],  # a change as JSON
) -> None:
    home, key = standin.opens(), standin.key()
    before = standin.account(home)
    assert standin.change(home, kind, key=key, **values)["state"] == "with_officer"
    assert standin.account(home)["charge"] == before["charge"]
    decide(standin, key, "accept")
    said, after = standin.get(f"/changes/{key}"), standin.account(home)
    assert said["state"] == "accepted"
    assert said["balance"] == after["balance"]
    assert after["charge"] < before["charge"]
    assert [each["kind"] for each in after["adjustments"]] == [kind]
    assert bills(standin, home)[0] == "adjusted"


def test_a_refusal_has_a_reason_and_changes_nothing(standin: Playing) -> None:
    home, key = standin.opens(), standin.key()
    standin.change(home, "exemption", key=key, code="N", since_on="2026-10-01")
    decide(standin, key, "refuse")
    decide(standin, key, "accept")  # what was decided stays decided
    said = standin.get(f"/changes/{key}")
    assert (said["state"], said["reason"]) == ("refused", "not_entitled")
    assert bills(standin, home) == ["new_account"]


def test_an_officer_may_decide_by_himself_after_some_minutes(standin: Playing) -> None:
    home, key = standin.opens(), standin.key()
    standin.change(home, "exemption", key=key, code="N", since_on="2026-10-01")
    standin.behave(officer_minutes=60)
    assert standin.get(f"/changes/{key}")["state"] == "with_officer"
    standin.behave(officer_minutes=0)
    assert standin.get(f"/changes/{key}")["state"] == "accepted"


def test_a_discount_that_ends_brings_a_new_bill(standin: Playing) -> None:
    home = standin.opens(adults=1)
    before = standin.account(home)
    said = standin.change(home, "discount_end", code="single_person", ended_on="2026-10-31")
    after = standin.account(home)
    assert said["state"] == "accepted"
    assert after["charge"] > before["charge"]
    assert after["adjustments"][0]["days"] == 214  # 1 April to 31 October
    assert bills(standin, home) == ["adjusted", "new_account"]


def test_none_can_end_where_there_is_none(standin: Playing) -> None:
    said = standin.change(standin.opens(), "discount_end", code="student", ended_on="2026-10-31")
    assert (said["state"], said["reason"]) == ("refused", "no_such_discount")


def test_a_credit_is_given_back_and_no_more_than_that(standin: Playing) -> None:
    home = standin.opens(on="2026-11-20")
    standin.pay(home, standin.account(home)["balance"] + 5000)
    bank = {"sort_code": "089999", "account_number": "66374958", "payee_name": "R Tester"}
    more = standin.change(home, "refund", pence=5001, **bank)
    assert (more["state"], more["reason"]) == ("refused", "more_than_credit")
    assert standin.change(home, "refund", pence=5000, **bank)["balance"] == 0
    again = standin.change(home, "refund", pence=5000, **bank)
    assert (again["state"], again["reason"]) == ("refused", "no_credit")
    account = standin.account(home)
    assert (account["balance"], account["paid"]) == (0, account["charge"])


def test_a_large_refund_waits_for_an_officer(standin: Playing) -> None:
    home, key = standin.opens(), standin.key()
    standin.pay(home, standin.account(home)["balance"] + 90_000)
    bank = {"sort_code": "089999", "account_number": "66374958", "payee_name": "R Tester"}
    assert standin.change(home, "refund", key=key, pence=90_000, **bank)["state"] == "with_officer"
    decide(standin, key, "accept")
    assert standin.account(home)["balance"] == 0


def test_a_credit_that_two_have_is_given_to_neither_without_an_officer(standin: Playing) -> None:
    home = standin.opens("Robin Tester", "Kim Tester", on="2026-11-20")
    standin.pay(home, standin.account(home)["balance"] + 9000)
    bank = {"sort_code": "089999", "account_number": "66374958", "payee_name": "R Tester"}
    assert standin.change(home, "refund", pence=10, **bank)["state"] == "with_officer"
    standin.change(home, "move_out", moved_on="2026-11-30", forwarding=[])
    standin.behave(officer_minutes=0)
    assert standin.account(home)["closed_on"] == "2026-11-30"
    standin.behave()
    assert standin.change(home, "refund", pence=20, **bank)["state"] == "with_officer", "when it has ended, too"


def test_a_change_of_who_lost_the_right_to_instalments_leaves_it_lost(standin: Playing) -> None:
    home = standin.opens()
    assert {each["state"] for each in standin.account(home)["instalments"]} == {"cancelled"}
    standin.change(home, "discount", **SINGLE)
    account = standin.account(home)
    assert {each["state"] for each in account["instalments"]} == {"cancelled"}
    assert sum(each["pence"] for each in account["instalments"]) == account["charge"]


def test_twelve_payments_are_spread_over_the_months_that_are_left(standin: Playing) -> None:
    home = standin.opens(on="2026-11-16")
    before = standin.account(home)
    answer = standin.change(home, "instalments", many=12)
    after = standin.account(home)
    assert answer["state"] == "accepted"
    assert after["charge"] == before["charge"] == sum(each["pence"] for each in after["instalments"])
    assert after["instalments"][-1]["due_on"] == "2027-03-01"  # of ten, the last would be in February
    assert before["instalments"][-1]["due_on"] == "2027-02-01"
    assert standin.change(home, "instalments", many=12)["reason"] == "already_has"


def test_who_lost_the_right_to_instalments_is_given_it_back_by_an_officer_alone(standin: Playing) -> None:
    home = standin.opens()
    assert standin.change(home, "instalments", many=12)["state"] == "with_officer"
    assert {each["state"] for each in standin.account(home)["instalments"]} == {"cancelled"}
