"""Claims over HTTP with the stand-in: what is granted is on the account, what waits for an officer is said to."""

from collections.abc import Iterator
from datetime import date

import pytest
from flask import Flask

from portal.kit import get_case, session
from services.council_tax.queries import published
from services.council_tax.tests import claiming
from services.council_tax.tests.claiming import on, send, up_to
from services.council_tax.tests.conftest import START, Joins, Works
from services.council_tax.tests.connected import connected_to
from services.council_tax.tests.playing import SECRET, TODAY, Home, Playing
from tests.support.fixtures import Clock
from tests.support.residents import Resident

SINCE = date(2026, 10, 1)


@pytest.fixture
def connected(context: Flask, standin: Playing, at: Clock) -> Iterator[Playing]:
    """The stand-in, to which the portal's settings lead, on the day that it takes for today."""
    at.move_to(f"{TODAY}T09:00")
    published._kept.clear()
    with connected_to(context, standin.url, SECRET):
        yield standin
    published._kept.clear()


@pytest.fixture
def home(connected: Playing, monkeypatch: pytest.MonkeyPatch) -> Home:
    opened = connected.opens("Ada Tester", on="2026-09-01")
    monkeypatch.setattr(claiming, "ACCOUNT", f"{START}/accounts/{opened.reference}")
    return opened


@pytest.fixture
def ada(joins: Joins, home: Home) -> Resident:
    """Who lives there alone."""
    return joins("Ada", home.person, home.reference)


def status(who: Resident, where: str) -> str:
    session().rollback()
    return get_case(who.account.id, where.rpartition("/")[2]).status


def test_a_discount_is_granted_shown_and_ended_again(
    connected: Playing, home: Home, ada: Resident, works: Works
) -> None:
    before = connected.account(home)["charge"]
    where = send(ada, "discounts", {"what": {"what": "single_person"}, "since": on("since_on", SINCE)})
    works()
    assert status(ada, where) == "done"
    assert connected.account(home)["charge"] < before
    page = ada.get(f"{START}/accounts/{home.reference}/discounts")
    assert "Only one adult lives here" in page
    (held,) = connected.account(home)["adjustments"]
    ended = {"which": {"which": held["id"]}, "last-day": on("ended_on", date(2026, 11, 30))}
    url = up_to(ada, "discounts/ended", ended)
    assert "goes up by about £" in ada.get(f"{url}/check")
    where = str(ada.post(f"{url}/check").location)
    works()
    assert status(ada, where) == "done"
    (held,) = connected.account(home)["adjustments"]
    assert held["until_on"] == "2026-11-30"


def test_what_needs_an_officer_is_with_one(connected: Playing, home: Home, ada: Resident, works: Works) -> None:
    room = {"ground": {"ground": "room"}, "since": on("since_on", SINCE), "evidence": {}}
    url = up_to(ada, "band-reduction", room)
    assert "If we agree, a whole year costs about £" in ada.get(f"{url}/check")
    where = str(ada.post(f"{url}/check").location)
    works()
    assert status(ada, where) == "with_officer"
    again = up_to(ada, "band-reduction", room, "ground")
    assert "asked for this already" in ada.refused(f"{again}/ground", ground="room")[0]


def test_what_is_owed_is_spread_as_it_was_shown(connected: Playing, home: Home, ada: Resident, works: Works) -> None:
    steps = {"months": {"months": "6"}, "day": {"day": "15"}, "afford": {}}
    url = up_to(ada, "spread", steps)
    assert "15 December 2026" in ada.get(f"{url}/check")
    where = str(ada.post(f"{url}/check").location)
    works()
    assert status(ada, where) == "done"
    due = [one["due_on"] for one in connected.account(home)["instalments"] if one["state"] == "future"]
    assert due[0] == "2026-12-15"
    assert len(due) == 6


def test_what_was_paid_too_much_comes_back(connected: Playing, home: Home, ada: Resident, works: Works) -> None:
    owed = connected.account(home)["balance"]
    connected.pay(home, owed + 5000)
    refund = {
        "amount": {"pence": "50"},
        "payee": {"payee_name": "A Tester"},
        "sort-code": {"sort_code": "08-99-99"},
        "account-number": {"account_number": "66374958"},
    }
    where = send(ada, "refund", refund)
    works()
    assert status(ada, where) == "done"
    assert connected.account(home)["balance"] == 0
