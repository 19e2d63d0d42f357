"""Whatever happens to an account, and in whatever order, its figures agree with one another."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from services.council_tax.tests.playing import Home, Playing

BANK = {"sort_code": "089999", "account_number": "66374958"}


def acts(standin: Playing, home: Home, draw: random.Random, today: date) -> list[Callable[[], object]]:
    """What somebody may do next; much of it will be refused."""
    recent = (today - timedelta(days=draw.randrange(8))).isoformat()
    soon = (today + timedelta(days=draw.randrange(-20, 40))).isoformat()
    changes: list[tuple[str, dict[str, Any]]] = [
        ("discount", {"code": "single_person", "since_on": recent}),
        ("discount_end", {"code": "single_person", "ended_on": recent}),
        ("band_reduction", {"code": "room", "since_on": recent}),
        ("reduction", {"since_on": recent, "answers": {}}),
        ("direct_debit", {"payer_name": "R", "day": draw.choice((1, 5, 15, 25)), **BANK}),
        ("direct_debit_end", {}),
        ("instalments", {"many": draw.choice((10, 12))}),
        ("arrangement", {"months": draw.randrange(2, 7), "day": 5}),
        ("refund", {"pence": draw.randrange(1, 20_000), "payee_name": "R", **BANK}),
        ("move_out", {"moved_on": soon, "forwarding": ["1 Far Away", "LS1 1AA"]}),
    ]
    kind, values = draw.choice(changes)
    return [
        lambda: standin.pay(home, draw.randrange(1, 60_000), on=today.isoformat()),
        lambda: standin.change(home, kind, **values),
        lambda: standin.change(home, kind, **values),
    ]


def check(standin: Playing, home: Home) -> None:
    """The figures of the account, its statement, its payments and its last bill."""
    account = standin.account(home)
    entries = standin.get(f"/accounts/{home.reference}/statement", home.person, limit=100)["items"]
    assert sum(each["pence"] for each in entries) == entries[0]["balance"] == account["balance"]
    owed = account["charge"] + account["arrears"] + account["costs"] - account["paid"]
    assert account["balance"] == owed
    planned = sum(each["pence"] for each in account["instalments"])
    arranged = sum(each["pence"] for each in entries if each["kind"] == "arrears")
    assert planned in (account["charge"], account["charge"] + arranged, account["charge"] + arranged + account["costs"])
    assert all(0 <= each["paid"] <= each["pence"] for each in account["instalments"])
    days = [date.fromisoformat(each["due_on"]) for each in account["instalments"]]
    assert days == sorted(days)
    last = standin.get(f"/accounts/{home.reference}/bills", home.person)[0]
    bill = standin.get(f"/bills/{last['id']}", home.person)
    assert bill["charge"] == account["charge"] == sum(each["pence"] for each in bill["periods"])


@pytest.mark.parametrize("seed", range(8))
def test_the_figures_of_an_account_always_agree(standin: Playing, seed: int) -> None:
    draw = random.Random(seed)
    today = date(2026, 4, 1)
    home = standin.opens(on=today.isoformat(), adults=draw.choice((1, 2)))
    for _ in range(5):
        today += timedelta(days=draw.randrange(45))
        standin.behave(today=today.isoformat(), officer_minutes=0)
        draw.choice(acts(standin, home, draw, today))()
        check(standin, home)
