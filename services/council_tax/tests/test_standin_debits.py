"""Direct Debits, electronic bills and the number of payments at the stand-in."""

import pytest

from services.council_tax.tests.playing import Home, Playing

BANK = {"payer_name": "R Tester", "sort_code": "089999", "account_number": "66374958"}


def set_up(standin: Playing, home: Home, day: int, on: str) -> str:
    """The day of the first collection of an instruction given on a day."""
    standin.behave(today=on)
    said = standin.change(home, "direct_debit", day=day, **BANK)
    assert said["state"] == "accepted"
    return str(said["effective_on"])


@pytest.mark.parametrize(
    ("on", "day", "first_on"),
    [
        ("2026-11-23", 15, "2026-12-15"),
        ("2026-11-23", 5, "2027-01-05"),  # ten working days end on Monday 7 December
        ("2026-12-10", 25, "2026-12-29"),  # the tenth working day is Thursday 24th, and banks work again on the 29th
        ("2026-12-11", 25, "2027-01-25"),  # Christmas Day and the Monday after it are no working days
        ("2026-12-17", 5, "2027-01-05"),
        ("2026-12-18", 5, "2027-02-05"),
        ("2027-03-17", 1, "2027-05-04"),  # Good Friday, Easter Monday, and the first Monday of May
        ("2027-03-15", 1, "2027-04-01"),
    ],
)
def test_the_first_collection_leaves_ten_working_days(standin: Playing, on: str, day: int, first_on: str) -> None:
    assert set_up(standin, standin.opens(on=on), day, on) == first_on


def test_payments_to_come_move_to_the_days_of_collection(standin: Playing) -> None:
    home = standin.opens(on="2026-11-20")
    before = standin.account(home)
    set_up(standin, home, 15, "2026-11-23")
    after = standin.account(home)
    assert after["method"] == "direct_debit"
    assert after["direct_debit"]["state"] == "being_set_up"
    assert after["direct_debit"]["account_ending"] == "58"
    assert "66374958" not in str(after)
    assert [each["due_on"] for each in after["instalments"]] == ["2026-12-15", "2027-01-15", "2027-02-15"]
    assert sum(each["pence"] for each in after["instalments"]) == before["charge"]
    assert after["direct_debit"]["next_pence"] == after["instalments"][0]["pence"]


def test_a_new_bill_says_how_it_is_paid(standin: Playing) -> None:
    home = standin.opens(on="2026-11-20")
    said = standin.change(home, "direct_debit", day=15, **BANK)
    bill = standin.get(f"/bills/{said['bill_id']}", home.person)
    assert bill["method"] == "direct_debit"
    assert bill["instalments"][0]["due_on"] == "2026-12-15"


def test_what_is_due_is_collected_on_its_day_and_once(standin: Playing) -> None:
    home = standin.opens(on="2026-11-20")
    set_up(standin, home, 15, "2026-11-23")
    standin.behave(today="2027-01-20")
    first, again = standin.account(home), standin.account(home)
    assert [each["state"] for each in first["instalments"]] == ["paid", "paid", "future"]
    assert first["direct_debit"]["state"] == "active"
    assert first["direct_debit"]["next_on"] == "2027-02-15"
    assert again["paid"] == first["paid"] == sum(each["pence"] for each in first["instalments"][:2])


def test_another_bank_account_takes_the_place_of_the_first(standin: Playing) -> None:
    home = standin.opens(on="2026-11-20")
    set_up(standin, home, 15, "2026-11-23")
    other = BANK | {"account_number": "66374911"}
    assert standin.change(home, "direct_debit", day=25, **other)["effective_on"] == "2026-12-29"
    debit = standin.account(home)["direct_debit"]
    assert (debit["account_ending"], debit["day"]) == ("11", 25)


def test_a_cancelled_one_collects_no_more(standin: Playing) -> None:
    home = standin.opens(on="2026-11-20")
    set_up(standin, home, 15, "2026-11-23")
    assert standin.change(home, "direct_debit_end")["state"] == "accepted"
    standin.behave(today="2027-01-01")
    account = standin.account(home)
    assert (account["method"], account["direct_debit"]["state"], account["paid"]) == ("card", "cancelled", 0)


def test_one_that_is_with_the_bank_is_still_collected(standin: Playing) -> None:
    home = standin.opens(on="2026-11-20")
    set_up(standin, home, 15, "2026-11-23")
    standin.behave(today="2026-12-14")
    assert standin.change(home, "direct_debit_end")["effective_on"] == "2026-12-15"
    assert standin.account(home)["direct_debit"]["state"] == "ending"
    standin.behave(today="2027-01-20")
    account = standin.account(home)
    assert account["direct_debit"]["state"] == "cancelled"
    assert account["paid"] == account["instalments"][0]["pence"]


def test_none_can_be_cancelled_where_there_is_none(standin: Playing) -> None:
    said = standin.change(standin.opens(), "direct_debit_end")
    assert (said["state"], said["reason"]) == ("refused", "no_direct_debit")


@pytest.mark.parametrize(
    "wrong", [{"sort_code": "08999x"}, {"account_number": "6637495"}, {"day": 31}, {"payer_name": None}], ids=str
)
def test_what_is_no_bank_account_is_refused(standin: Playing, wrong: dict[str, object]) -> None:
    home = standin.opens()
    change = {"kind": "direct_debit", "day": 15, **BANK, **wrong}
    standin.post("/changes", {"reference": home.reference, "change": change}, home.person, status=422)
    assert standin.account(home)["direct_debit"] is None


def test_electronic_bills_are_each_persons_own(standin: Playing) -> None:
    home = standin.opens("Robin Tester", "Kim Tester")
    standin.change(home, "e_billing", on=True)
    assert [each["e_billing"] for each in standin.account(home)["people"]] == [True, False]


def test_twelve_payments_spread_what_is_left_over_more_months(standin: Playing) -> None:
    home = standin.opens(on="2026-04-01")
    standin.behave(today="2026-04-02")
    many = len(standin.account(home)["instalments"])
    said = standin.change(home, "instalments", many=12)
    after = standin.account(home)
    assert said["bill_id"]
    assert len(after["instalments"]) > many
    assert after["instalments"][-1]["due_on"] == "2027-03-01"
    assert sum(each["pence"] for each in after["instalments"]) == after["charge"]


def test_everything_is_collected_on_a_working_day(standin: Playing) -> None:
    home = standin.opens(on="2026-11-20")
    set_up(standin, home, 5, "2026-11-20")  # 5 December is a Saturday
    account = standin.account(home)
    assert account["direct_debit"]["next_on"] == "2026-12-07"
    assert [each["due_on"] for each in account["instalments"]] == ["2026-12-07", "2027-01-05", "2027-02-05"]
    standin.behave(today="2027-04-06")
    assert "2027-06-07" in [each["due_on"] for each in standin.account(home)["instalments"]]


@pytest.mark.parametrize("cancelled_before", [True, False], ids=["after it was cancelled", "in its place"])
def test_a_new_one_leaves_to_the_bank_what_it_has_of_the_former(standin: Playing, cancelled_before: bool) -> None:
    home = standin.opens(on="2026-11-20")
    set_up(standin, home, 15, "2026-11-23")
    standin.behave(today="2026-12-14")
    if cancelled_before:
        standin.change(home, "direct_debit_end")
    standin.change(home, "direct_debit", day=5, **BANK | {"account_number": "66374911"})
    account = standin.account(home)
    assert [each["due_on"] for each in account["instalments"]] == ["2026-12-15", "2027-01-05", "2027-02-05"]
    assert account["direct_debit"]["next_on"] == "2027-01-05"
    standin.behave(today="2026-12-16")
    account = standin.account(home)
    assert account["paid"] == account["instalments"][0]["pence"]
    standin.behave(today="2027-01-06")
    account = standin.account(home)
    assert [each["state"] for each in account["instalments"][:2]] == ["paid", "paid"]
