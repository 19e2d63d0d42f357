"""The portal and the stand-in, with HTTP between them: what is asked for is done there, once, whatever happens."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask

from portal.kit import Answer, Case, NotFound, Unavailable, ask_office, get_case, session, timeline
from services.council_tax.backoffice.changes import Change, ClaimExemption, MoveOut, SetEBilling
from services.council_tax.backoffice.client import system
from services.council_tax.backoffice.values import Account
from services.council_tax.operations import settling
from services.council_tax.operations.asking import ask_change
from services.council_tax.queries.asked import waiting_changes
from services.council_tax.queries.system_health import check
from services.council_tax.tests.conftest import Joins
from services.council_tax.tests.connected import connected_to, in_another_process
from services.council_tax.tests.playing import SECRET, TODAY, Home, Playing
from tests.support.fixtures import Clock
from tests.support.office import sweep_deliveries
from tests.support.residents import Resident
from tests.support.worker import work

PAPERLESS = SetEBilling(on=True)
LEAVES = MoveOut(moved_on=date(2026, 10, 31), forwarding=("1 Elsewhere", "AB1 2CD"))
TROUBLE = [
    pytest.param({"answers": "down"}, id="down"),
    pytest.param({"answers": "slow", "seconds": 1.5}, id="slow"),
    pytest.param({"answers": "wrong"}, id="wrong"),
    pytest.param({"answers": "busy"}, id="busy"),
]


@pytest.fixture
def connected(context: Flask, standin: Playing, at: Clock) -> Iterator[Playing]:
    """The stand-in, to which the portal's settings lead, on the day that it takes for today."""
    at.move_to(f"{TODAY}T09:00")
    with connected_to(context, standin.url, SECRET):
        yield standin


@pytest.fixture
def home(connected: Playing) -> Home:
    return connected.opens("Ada Tester", on="2026-09-01")


@pytest.fixture
def ada(joins: Joins, home: Home) -> Resident:
    """Who lives there."""
    return joins("Ada", home.person, home.reference)


def ask(who: Resident, home: Home, change: Change, case_type: str) -> Case:
    case = ask_change(who.account, reference=home.reference, change=change, case_type=case_type, key=change.kind)
    session().commit()
    return case


def status(who: Resident, case: Case) -> str:
    session().rollback()
    return get_case(who.account.id, case.id).status


def seen(who: Resident, home: Home) -> Answer[Account]:
    return ask_office(
        who.account.id,
        service="council_tax",
        key=f"account:{home.reference}",
        question=lambda: system().account(home.person, home.reference),
        kind=Account,
    )


def back_again(connected: Playing, at: Clock) -> None:
    """The system answers well again, and the next minute comes."""
    connected.behave()
    in_another_process()
    at.advance(minutes=2)
    sweep_deliveries()


def test_all_that_the_client_asks_is_understood_on_both_sides(connected: Playing, home: Home) -> None:
    asked = system()
    account = asked.account(home.person, home.reference)
    assert [person.id for person in account.people] == [home.person]
    assert [line.reference for line in asked.accounts(home.person).items] == [home.reference]
    assert asked.statement(home.person, home.reference, limit=5).items[0].balance == account.balance
    (line,) = asked.bills(home.person, home.reference)
    assert asked.bill(home.person, line.id).charge == account.charge
    assert asked.post_to(home.person, home.reference).postcode == account.property.postcode
    matched = asked.match(home.reference, "TESTER, Ada", account.property.postcode.lower(), {})
    assert matched.outcome in ("matched", "ask_more")
    assert asked.published(2026).charges[account.property.band] > 0
    assert account.property.uprn in {each.uprn for each in asked.dwellings(account.property.postcode)}
    assert asked.find_change("nobody-sent-this") is None
    assert check().ok


def test_pay_and_the_balance_drops_once(connected: Playing, home: Home) -> None:
    before = system().account(home.person, home.reference).balance
    paid = [system().pay(home.reference, 1000, date.fromisoformat(TODAY), "one-key") for _ in range(2)]
    assert {each.balance for each in paid} == {before - 1000}
    assert system().account(home.person, home.reference).balance == before - 1000


def test_change_and_a_new_bill_is_due(ada: Resident, home: Home) -> None:
    bills = len(system().bills(home.person, home.reference))
    case = ask(ada, home, LEAVES, "move")
    work()
    assert status(ada, case) == "done"
    account = system().account(home.person, home.reference)
    assert account.closed_on == LEAVES.moved_on
    assert len(system().bills(home.person, home.reference)) == bills + 1


@pytest.mark.parametrize("trouble", TROUBLE)
def test_in_trouble_the_last_good_account_is_shown_and_what_is_sent_waits(
    ada: Resident, home: Home, connected: Playing, context: Flask, at: Clock, trouble: dict[str, Any]
) -> None:
    good = seen(ada, home)
    assert good.fresh
    at.advance(minutes=10)
    connected.behave(**trouble)
    with connected_to(context, connected.url, SECRET, page_waits_seconds=0.3, job_waits_seconds=1):
        shown = seen(ada, home)
        assert (shown.value, shown.as_of_at, shown.fresh) == (good.value, good.as_of_at, False)
        case = ask(ada, home, PAPERLESS, "e_billing")
        work()
        assert status(ada, case) == "waiting"
        assert [each.case_id for each in waiting_changes(ada.account, home.reference)] == [case.id]
        assert not check().ok
    back_again(connected, at)
    assert status(ada, case) == "done"
    assert not waiting_changes(ada.account)
    assert seen(ada, home).value != good.value
    assert system().account(home.person, home.reference).people[0].e_billing


def test_a_change_whose_answer_was_lost_is_done_once(ada: Resident, home: Home, connected: Playing, at: Clock) -> None:
    bills = len(system().bills(home.person, home.reference))
    connected.behave(answers="unsaid")
    case = ask(ada, home, LEAVES, "move")
    work()
    assert status(ada, case) == "waiting"
    back_again(connected, at)
    assert status(ada, case) == "done"
    assert len(system().bills(home.person, home.reference)) == bills + 1


def test_two_people_who_move_the_same_account_make_one_move(
    ada: Resident, home: Home, joins: Joins, connected: Playing, at: Clock
) -> None:
    shared = connected.opens("Cleo Tester", "Dan Tester", on="2026-09-01")
    people = system().account(shared.person, shared.reference).people
    cleo, dan = (joins(name, person.id, shared.reference) for name, person in zip("CD", people, strict=True))
    first = ask(cleo, shared, LEAVES, "move")
    second = ask(dan, shared, LEAVES.model_copy(update={"moved_on": date(2026, 11, 2)}), "move")
    work()
    assert (status(cleo, first), status(dan, second)) == ("with_officer", "with_officer")
    connected.behave(officer_minutes=0)
    at.advance(minutes=20)
    settling.follow()
    session().commit()
    work()
    ends = {status(cleo, first): first, status(dan, second): second}
    assert set(ends) == {"done", "refused"}
    assert timeline(ends["refused"].id)[0].reason
    assert system().account(shared.person, shared.reference).closed_on


def test_what_an_officer_decides_reaches_the_resident(ada: Resident, home: Home, connected: Playing, at: Clock) -> None:
    case = ask(ada, home, ClaimExemption(code="N", since_on=date(2026, 10, 1)), "exemption")
    work()
    assert status(ada, case) == "with_officer"
    connected.behave(officer_minutes=0)
    at.advance(minutes=20)
    settling.follow()
    session().commit()
    work()
    assert status(ada, case) == "done"


def test_another_persons_account_does_not_exist(ada: Resident, home: Home, connected: Playing) -> None:
    other = connected.opens("Ben Tester")
    with pytest.raises(NotFound):
        system().account(home.person, other.reference)
    with pytest.raises(NotFound):
        system().account(home.person, "99999999")


def test_a_wrong_token_is_a_system_that_cannot_be_reached(connected: Playing, home: Home, context: Flask) -> None:
    with connected_to(context, connected.url, "another token, which is wrong"), pytest.raises(Unavailable):
        system().account(home.person, home.reference)
