"""The accounts that the stand-in keeps: what it says of them, to whom, and for how long back."""

from decimal import Decimal
from typing import Any

import pytest
import requests
from sqlalchemy import Engine, event

from services.council_tax.demo import JOINED, DemoJoin
from services.council_tax.standin.charging import parts_of
from services.council_tax.standin.store import SCHEMA
from services.council_tax.tests.playing import SECRET, Home, Playing

ADA_BEN, EDWIN, CARYS = (
    Home("71000101", "person-ada"),
    Home("71000303", "person-edwin"),
    Home("71000202", "person-carys"),
)


def everything(standin: Playing, path: str, person: str, limit: int) -> list[dict[str, Any]]:  # JSON
    """All pages of a list."""
    page = standin.get(path, person, limit=limit)
    found = [*page["items"]]
    while page["after"] is not None:
        page = standin.get(path, person, limit=limit, after=page["after"])
        found += page["items"]
    return found


def statements(standin: Playing, person: str) -> int:
    """How many a list of somebody's accounts takes."""
    seen: list[str] = []

    def note(_db: object, _cursor: object, statement: str, *_rest: object) -> None:
        if SCHEMA in statement:
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        standin.get(f"/people/{person}/accounts", person)
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    return len(seen)


@pytest.mark.parametrize("joined", JOINED, ids=lambda one: f"{one.person}-{one.reference}")
def test_the_demos_people_find_the_account_that_they_joined(standin: Playing, joined: DemoJoin) -> None:
    account = standin.account(Home(joined.reference, joined.person_key))
    mine = next(each for each in account["people"] if each["id"] == joined.person_key)
    assert (mine["role"], account["protected"]) == (joined.role, joined.protected)


@pytest.mark.parametrize("joined", JOINED, ids=lambda one: f"{one.person}-{one.reference}")
def test_payments_add_up_to_the_charge_and_the_statement_to_the_balance(standin: Playing, joined: DemoJoin) -> None:
    home = Home(joined.reference, joined.person_key)
    account = standin.account(home)
    assert sum(each["pence"] for each in account["instalments"]) == account["charge"]
    entries = everything(standin, f"/accounts/{home.reference}/statement", home.person, limit=10)
    assert sum(each["pence"] for each in entries) == entries[0]["balance"] == account["balance"]
    assert len({each["id"] for each in entries}) == len(entries)
    days = [each["on"] for each in entries]
    assert days == sorted(days, reverse=True), "newest first, so that what was owed after each fits its day"
    owed = account["charge"] + account["arrears"] + account["costs"] - account["paid"]
    assert account["balance"] == owed


def test_two_who_share_a_home_see_both_names_and_the_same_account(standin: Playing) -> None:
    of_ada, of_ben = standin.account(ADA_BEN), standin.account(ADA_BEN, "person-ben")
    assert [each["name"] for each in of_ada["people"]] == ["Ada Example", "Ben Sample"]
    assert {**of_ada, "as_of_at": ""} == {**of_ben, "as_of_at": ""}


def test_who_is_behind_has_arrears_a_discount_and_a_reminder(standin: Playing) -> None:
    account = standin.account(EDWIN)
    assert account["arrears"] > 0
    assert [(each["kind"], each["code"]) for each in account["adjustments"]] == [("discount", "single_person")]
    assert account["recovery"]["steps"][0]["step"] == "reminder"
    assert account["recovery"]["next_step"] is not None
    assert account["recovery"]["pay_pence"] > 0


def test_a_landlord_has_a_home_an_empty_one_with_a_premium_and_a_credit(standin: Playing) -> None:
    page = standin.get("/people/person-gita/accounts", "person-gita")
    assert [each["role"] for each in page["items"]] == ["liable", *["landlord"] * 5]
    empty = standin.account(Home("71000405", "person-gita"))
    assert [(each["kind"], each["pence"]) for each in empty["adjustments"]] == [("premium", empty["charge"] // 2)]
    assert page["items"][-1]["closed_on"] is not None
    assert page["items"][-1]["balance"] < 0


def test_a_list_of_accounts_comes_some_at_a_time_and_each_once(standin: Playing) -> None:
    found = everything(standin, "/people/person-gita/accounts", "person-gita", limit=4)
    assert [each["reference"] for each in found] == [f"7100040{nth}" for nth in range(4, 10)]


def test_a_list_that_was_looked_at_today_takes_no_statement_for_each_account(standin: Playing) -> None:
    standin.get("/people/person-gita/accounts", "person-gita")
    standin.account(EDWIN)
    assert statements(standin, "person-gita") == statements(standin, EDWIN.person)


def test_every_bill_can_be_read_as_it_was_issued(standin: Playing) -> None:
    bills = standin.get(f"/accounts/{EDWIN.reference}/bills", EDWIN.person)
    assert [each["year"] for each in bills] == [2026, 2025, 2024, 2023]
    for line in bills:
        bill = standin.get(f"/bills/{line['id']}", EDWIN.person)
        assert bill["charge"] == line["pence"] == sum(each["pence"] for each in bill["periods"])
        assert sum(each["pence"] for each in bill["instalments"]) == bill["charge"]


@pytest.mark.parametrize("path", ["", "/statement", "/bills", "/address"])
def test_another_persons_account_looks_like_none(standin: Playing, path: str) -> None:
    theirs = standin.get(f"/accounts/{CARYS.reference}{path}", EDWIN.person, status=404)
    none = standin.get(f"/accounts/99999999{path}", EDWIN.person, status=404)
    assert theirs == none


def test_another_persons_bill_looks_like_none(standin: Playing) -> None:
    bill_id = standin.get(f"/accounts/{EDWIN.reference}/bills", EDWIN.person)[0]["id"]
    assert standin.get(f"/bills/{bill_id}", CARYS.person, status=404) == standin.get(
        "/bills/none", CARYS.person, status=404
    )


def test_another_persons_list_looks_like_none(standin: Playing) -> None:
    standin.get("/people/person-gita/accounts", EDWIN.person, status=404)


@pytest.mark.parametrize("header", ["", "Bearer", f"Basic {SECRET}", "Bearer another", "Bearer é"])
def test_nothing_is_said_without_the_token(standin: Playing, header: str) -> None:
    headers: dict[str, str | bytes] = {"Authorization": header.encode(), "X-Person": EDWIN.person}
    answer = requests.get(f"{standin.url}/v1/accounts/{EDWIN.reference}", headers=headers, timeout=5)
    assert answer.status_code == 401
    assert "balance" not in answer.text


@pytest.mark.parametrize("limit", ["0", "101", "-1", "x"])
def test_a_page_of_no_sensible_length_is_refused(standin: Playing, limit: str) -> None:
    standin.get(f"/accounts/{EDWIN.reference}/statement", EDWIN.person, status=422, limit=limit)


def test_what_was_published_adds_up(standin: Playing) -> None:
    published = standin.get("/published/2026")
    assert {band: sum(parts) for band, parts in published["by_part"].items()} == published["charges"]
    standin.get("/published/2011", status=404)


def test_the_valuation_list_names_nobody(standin: Playing) -> None:
    listed = standin.get("/dwellings", postcode="w69ju")
    assert len(listed) == 30
    assert set(listed[0]) == {"uprn", "lines", "postcode", "band"}
    assert standin.get("/dwellings", postcode="nowhere") == []


def test_letters_go_to_the_address_on_record(standin: Playing) -> None:
    address = standin.get("/accounts/71000405/address", "person-gita")
    assert (address["name"], address["postcode"]) == ("Gita Placeholder", "W6 9JX")


def test_a_new_year_brings_a_new_bill(standin: Playing) -> None:
    home = standin.opens()
    standin.behave(today="2027-04-01")
    account = standin.account(home)
    bills = standin.get(f"/accounts/{home.reference}/bills", home.person)
    assert account["year"] == 2027
    assert [(each["year"], each["kind"]) for each in bills] == [(2027, "annual"), (2026, "new_account")]
    assert account["arrears"] > 0


@pytest.mark.parametrize(
    ("year", "codes"),
    [(2024, ["borough", "adult_care", "precept"]), (2025, ["borough", "precept"]), (2026, ["borough", "precept"])],
)
def test_adult_social_care_is_a_line_of_its_own_until_2025(year: int, codes: list[str]) -> None:
    parts = parts_of(year, "D")
    assert [one.code for one in parts] == codes
    if year == 2025:  # £1,254.15 and £206.50, after £1,217.66 and £178.46: SI 2025/8
        assert parts[0].change_percent == Decimal("4.6")


def test_the_premium_of_the_demos_empty_home_begins_with_the_day_that_ends_a_year(standin: Playing) -> None:
    (premium,) = standin.account(Home("71000405", "person-gita"))["adjustments"]
    assert premium["since_on"].endswith("-06-30")  # empty since 1 July
