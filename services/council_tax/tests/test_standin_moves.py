"""Moving at the stand-in: one account ends, another begins, and nobody moves the same account twice."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from services.council_tax.tests.playing import Home, Playing

OUT: dict[str, Any] = {"moved_on": "2026-11-30", "forwarding": ["1 Far Away", "Leeds", "LS1 1AA"]}  # a change as JSON


def within(standin: Playing, **other: Any) -> dict[str, Any]:  # a change as JSON
    """A move to a home that is free."""
    move = {
        "uprn": next(standin.homes).uprn,
        "left_on": "2026-11-15",
        "moved_on": "2026-11-15",
        "names": ["Robin Tester"],
        "adults": 2,
        "tenure": "owner",
    }
    return move | other


def test_who_moves_in_has_an_account_a_bill_and_an_id(standin: Playing) -> None:
    home = standin.opens("Fern Newcomer", "Kim Newcomer", on="2026-11-10")
    account = standin.account(home)
    assert [each["name"] for each in account["people"]] == ["Fern Newcomer", "Kim Newcomer"]
    assert account["opened_on"] == "2026-11-10"
    bill = standin.get(f"/bills/{home.bill_id}", home.person)
    (period,) = bill["periods"]
    assert (bill["kind"], period["days"]) == ("new_account", 142)  # the day of the move counts: LGFA 1992 s2


def test_who_lives_alone_gets_the_discount_with_the_first_bill(standin: Playing) -> None:
    account = standin.account(standin.opens(adults=1))
    assert [each["code"] for each in account["adjustments"]] == ["single_person"]


def test_who_moves_out_is_charged_up_to_the_day_before(standin: Playing) -> None:
    home = standin.opens()
    said = standin.change(home, "move_out", **OUT)
    account, bill = standin.account(home), standin.get(f"/bills/{said['bill_id']}", home.person)
    assert account["closed_on"] == "2026-11-30"
    assert bill["kind"] == "final"
    assert bill["periods"][-1]["until_on"] == "2026-11-29"
    assert bill["send_to"] == OUT["forwarding"]
    assert sum(each["pence"] for each in account["instalments"]) == account["charge"]


def test_the_same_account_is_not_moved_twice_by_two_people(standin: Playing) -> None:
    home = standin.opens("Robin Tester", "Kim Tester")
    other = standin.account(home)["people"][1]["id"]
    assert standin.change(home, "move_out", **OUT)["state"] == "with_officer"
    standin.behave(officer_minutes=0)
    balance = standin.account(home)["balance"]
    second = standin.change(home, "move_out", person=other, **OUT | {"moved_on": "2026-12-05"})
    third = standin.change(home, "move_within", person=other, **within(standin))
    assert (second["state"], second["reason"]) == (third["state"], third["reason"]) == ("refused", "already_moved")
    assert standin.account(home)["balance"] == balance


def test_two_who_move_the_same_account_at_once_are_one_after_the_other(standin: Playing) -> None:
    home = standin.opens("Robin Tester", "Kim Tester")
    people, keys = [each["id"] for each in standin.account(home)["people"]], [standin.key(), standin.key()]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda who, key: standin.change(home, "move_out", person=who, key=key, **OUT), people, keys))
    standin.behave(officer_minutes=0)
    standin.account(home)
    assert sorted(standin.get(f"/changes/{key}")["state"] for key in keys) == ["accepted", "refused"]


@pytest.mark.parametrize("kind", ["move_out", "move_within"])
def test_what_one_of_two_asks_for_both_is_for_an_officer(standin: Playing, kind: str) -> None:
    home = standin.opens("Robin Tester", "Kim Tester")
    move = OUT | {"everybody": True} if kind == "move_out" else within(standin, names=["Robin Tester", "Kim Tester"])
    assert standin.change(home, kind, **move)["state"] == "with_officer"
    assert standin.account(home)["closed_on"] is None


def test_two_cannot_move_into_the_same_home_on_the_same_day(standin: Playing) -> None:
    move = {"kind": "move_in", "uprn": next(standin.homes).uprn, "moved_on": "2026-11-10", "tenure": "tenant"}
    body = {"reference": "", "change": move | {"names": ["One Tester"], "asker": "One Tester", "adults": 1}}
    first = standin.post("/changes", body)
    second = standin.post("/changes", body)
    assert (first["state"], second["state"], second["reason"]) == ("accepted", "refused", "already_moved")


def test_moving_into_a_home_with_somebody_in_it_waits_until_they_have_left(standin: Playing) -> None:
    home, key = standin.opens(), standin.key()
    said = standin.post("/changes", into(standin, home), key=key)
    assert said["state"] == "with_officer"
    standin.behave(officer_minutes=0)
    assert standin.get(f"/changes/{key}")["state"] == "with_officer"
    assert standin.account(home)["closed_on"] is None
    standin.change(home, "move_out", moved_on="2026-11-10", forwarding=[])
    assert standin.get(f"/changes/{key}")["state"] == "accepted"


@pytest.mark.parametrize("who", [None, Home("71000202", "person-carys"), Home("71000101", "person-ada")])
def test_no_acceptance_ends_the_account_of_who_lives_there(standin: Playing, who: Home | None) -> None:
    home, key = who or standin.opens(), standin.key()
    before = standin.account(home)["closed_on"]
    standin.post("/changes", into(standin, home), key=key)
    standin.web.post(f"{standin.url}/decisions", data={"key": key, "decision": "accept"}, timeout=10)
    said = standin.get(f"/changes/{key}")
    assert (said["state"], said["reason"]) == ("refused", "occupied")
    assert standin.account(home)["closed_on"] == before


def into(standin: Playing, home: Home) -> dict[str, Any]:  # a request as JSON
    """A stranger says that they moved in there."""
    uprn = standin.account(home)["property"]["uprn"]
    move = {"kind": "move_in", "uprn": uprn, "moved_on": "2026-11-10", "names": ["Next Tester"], "adults": 1}
    return {"reference": "", "change": move | {"asker": "Next Tester", "tenure": "tenant"}}


@pytest.mark.parametrize("asker", ["", "Devi Stranger", "Devi"])
def test_an_account_in_another_name_is_for_an_officer_and_not_of_who_asks(standin: Playing, asker: str) -> None:
    dwelling, key = next(standin.homes), standin.key()
    move = {"kind": "move_in", "uprn": dwelling.uprn, "moved_on": "2026-11-10", "names": ["Somebody Else"], "adults": 1}
    body = {"reference": "", "change": move | {"asker": asker, "tenure": "tenant"}}
    assert standin.post("/changes", body, key=key)["state"] == "with_officer"
    standin.behave(officer_minutes=0)
    said = standin.get(f"/changes/{key}")
    assert (said["state"], said["person_id"]) == ("accepted", "")


def test_who_asks_is_the_one_of_that_name_wherever_it_stands(standin: Playing) -> None:
    move = {"uprn": next(standin.homes).uprn, "moved_on": "2026-11-10", "names": ["Kim Tester", "Robin Tester"]}
    change = {"kind": "move_in", **move, "adults": 2, "tenure": "tenant", "asker": "robin tester"}
    said = standin.post("/changes", {"reference": "", "change": change})
    account = standin.account(Home(said["reference"], said["person_id"]))
    assert [each["id"] == said["person_id"] for each in account["people"]] == [False, True]


def test_a_second_home_of_ones_own_is_for_an_officer(standin: Playing) -> None:
    home = standin.opens(adults=1)
    move = {"uprn": next(standin.homes).uprn, "moved_on": "2026-11-10", "names": ["Robin Tester"]}
    change = {"kind": "move_in", **move, "adults": 1, "tenure": "tenant", "asker": "Robin Tester"}
    assert standin.post("/changes", {"reference": "", "change": change}, home.person)["state"] == "with_officer"
    standin.change(home, "move_out", moved_on="2026-11-10", forwarding=[])
    said = standin.post("/changes", {"reference": "", "change": change}, home.person)
    assert (said["state"], said["person_id"]) == ("accepted", home.person)


def test_who_moves_within_has_two_accounts_and_is_charged_for_no_day_twice(standin: Playing) -> None:
    home = standin.opens()
    said = standin.change(home, "move_within", **within(standin))
    new = Home(said["reference"], said["person_id"])
    former, now = standin.account(home), standin.account(new)
    assert said["person_id"] == home.person
    assert former["closed_on"] == now["opened_on"] == "2026-11-15"
    lines = standin.get(f"/people/{home.person}/accounts", home.person)["items"]
    assert [each["reference"] for each in lines] == [new.reference, home.reference]  # open ones first
    days = [
        standin.get(f"/bills/{standin.get(f'/accounts/{each.reference}/bills', each.person)[0]['id']}", each.person)
        for each in (home, new)
    ]
    assert sum(period["days"] for bill in days for period in bill["periods"]) == 365


def test_a_credit_goes_with_who_moves_within(standin: Playing) -> None:
    home = standin.opens()
    standin.pay(home, standin.account(home)["balance"])
    said = standin.change(home, "move_within", **within(standin))
    new = standin.account(Home(said["reference"], home.person))
    assert standin.account(home)["balance"] == 0
    assert new["paid"] > 0
    assert new["balance"] == new["charge"] - new["paid"] == said["balance"]


def test_a_direct_debit_goes_with_who_moves_within(standin: Playing) -> None:
    home = standin.opens(on="2026-11-10")
    standin.change(home, "direct_debit", payer_name="R", sort_code="089999", account_number="66374958", day=15)
    said = standin.change(home, "move_within", **within(standin))
    new = standin.account(Home(said["reference"], home.person))
    assert (new["method"], new["direct_debit"]["first_on"]) == ("direct_debit", "2026-12-15")
    assert standin.account(home)["direct_debit"]["state"] == "cancelled"


def test_an_address_that_is_kept_from_others_stays_so_after_a_move(standin: Playing) -> None:
    home = standin.opens()
    standin.protect(home)
    said = standin.change(home, "move_within", **within(standin))
    assert standin.account(Home(said["reference"], home.person))["protected"]


def test_one_of_two_who_leaves_is_for_an_officer(standin: Playing) -> None:
    home = standin.opens("Robin Tester", "Kim Tester")
    assert standin.change(home, "move_out", **OUT, everybody=False)["state"] == "with_officer"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"moved_on": "2026-04-01"}, "before_account"),
        ({"moved_on": "2025-01-01"}, "before_account"),
        ({"moved_on": "2062-11-30"}, "too_far_ahead"),
    ],
    ids=lambda one: one if isinstance(one, str) else one["moved_on"],
)
def test_a_day_of_moving_out_that_cannot_be_is_refused(standin: Playing, change: dict[str, str], reason: str) -> None:
    home = standin.opens()
    said = standin.change(home, "move_out", **OUT | change)
    assert (said["state"], said["reason"]) == ("refused", reason)
    assert standin.account(home)["closed_on"] is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"uprn": "1"}, "unknown_property"),
        ({"names": []}, "nobody_named"),
        ({"adults": 0}, "nobody_named"),
        ({"moved_on": "2019-03-31"}, "too_long_ago"),
        ({"moved_on": "2027-11-30"}, "too_far_ahead"),
    ],
    ids=lambda one: one if isinstance(one, str) else next(iter(one)),
)
def test_a_move_in_that_cannot_be_is_refused(standin: Playing, change: dict[str, object], reason: str) -> None:
    move = within(standin) | {"kind": "move_in"} | change
    del move["left_on"]
    said = standin.post("/changes", {"reference": "", "change": move})
    assert (said["state"], said["reason"]) == ("refused", reason)


def test_moving_to_where_one_lives_is_refused(standin: Playing) -> None:
    home = standin.opens()
    uprn = standin.account(home)["property"]["uprn"]
    said = standin.change(home, "move_within", **within(standin, uprn=uprn))
    assert (said["state"], said["reason"]) == ("refused", "same_property")
