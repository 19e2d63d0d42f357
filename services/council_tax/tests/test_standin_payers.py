"""Who counts as on an account at the stand-in: who pays still, not who left, nor who only acts for somebody."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from services.council_tax.backoffice.values import Person, PersonRole
from services.council_tax.standin import leaving, records
from services.council_tax.tests.playing import Playing

ENDED = date(2026, 6, 1)


def one(name: str, role: PersonRole = "liable", until_on: date | None = None) -> Person:
    return Person(id=name, name=name, role=role, since_on=date(2026, 4, 1), until_on=until_on)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> Callable[..., bool]:
    """Whether Ada is alone on an account of these people."""

    def ask(*people: Person, closed_on: date | None = None) -> bool:
        monkeypatch.setattr(records, "people", lambda _db, _reference: people)
        nothing: Any = None  # no connection is needed where the people are told
        row: Any = SimpleNamespace(reference="80000001", closed_on=closed_on)  # a row with what is asked of it
        return leaving.is_alone(nothing, row, "ada")

    return ask


def test_neither_an_agent_nor_who_left_pays_with_who_stayed(alone: Callable[..., bool]) -> None:
    assert alone(one("ada"), one("agent", "agent"), one("ben", "joint", until_on=date(2026, 5, 1)))
    assert alone(one("ada", until_on=ENDED), one("ben", until_on=date(2026, 5, 1)), closed_on=ENDED)


def test_who_stayed_to_the_end_pays_with_who_did_too(alone: Callable[..., bool]) -> None:
    assert not alone(one("ada", until_on=ENDED), one("ben", until_on=ENDED), closed_on=ENDED)


def test_an_agent_is_not_the_payer_and_what_nobody_has_is_nobodys(alone: Callable[..., bool]) -> None:
    assert not alone(one("ada", "agent"), one("ben"))
    assert not alone(one("ada", "agent"))
    assert not alone()


def test_who_was_left_alone_on_an_account_may_have_a_new_one_there(standin: Playing) -> None:
    home, key = standin.opens("Robin Tester", "Kim Tester"), standin.key()
    kim = standin.account(home)["people"][1]["id"]
    standin.behave(officer_minutes=0)
    standin.change(home, "move_out", person=kim, moved_on="2026-11-01", forwarding=[], everybody=False)
    account = standin.account(home)
    assert [each["until_on"] for each in account["people"]] == [None, "2026-11-01"]
    move = {"kind": "move_in", "uprn": account["property"]["uprn"], "moved_on": "2026-11-10", "adults": 1}
    change = move | {"names": ["Robin Tester"], "asker": "Robin Tester", "tenure": "tenant"}
    standin.post("/changes", {"reference": "", "change": change}, home.person, key=key)
    assert standin.get(f"/changes/{key}")["state"] == "accepted"
