"""A change that a resident asks for: kept, sent once, answered, told; whatever the council's system does."""

import json
import uuid
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.kit import (
    Account,
    Case,
    Conflict,
    NotFound,
    TooMany,
    cases_of,
    get_case,
    get_joined,
    join_record,
    move_case,
    session,
    timeline,
)
from services.council_tax.backoffice.changes import Change, EndDirectDebit, MoveIn, SetDirectDebit, SetEBilling
from services.council_tax.backoffice.values import ChangeAnswer
from services.council_tax.models import AskedChange
from services.council_tax.operations import settling
from services.council_tax.operations.asking import ask_change
from services.council_tax.queries.asked import case_facts, waiting_changes
from services.council_tax.tests.conftest import ACCOUNT
from services.council_tax.tests.connected import connected_to, in_another_process
from services.council_tax.tests.told import ADA, BEN, REFERENCE
from services.council_tax.workflow import OTHERWISE, REASONS
from tests.support.fixtures import Clock
from tests.support.office import FaultyOffice, office_running, says, sweep_deliveries
from tests.support.residents import Resident
from tests.support.worker import work

SORT_CODE, NUMBER = "309430", "31926819"
DEBIT = SetDirectDebit(payer_name="A Lark", sort_code=SORT_CODE, account_number=NUMBER, day=15)
PAPERLESS = SetEBilling(on=True)
MOVE_IN = MoveIn(uprn="1", moved_on=date(2026, 4, 1), names=("Fern Moss",), adults=2, tenure="tenant")
Ask = Callable[..., Case]


def answered(state: str = "accepted", kind: str = "e_billing", **more: Any) -> Any:
    return says({"id": "c1", "kind": kind, "state": state, **more})


AWAY = says({"code": "away"}, 503)


@pytest.fixture
def faulty(context: Flask) -> Iterator[FaultyOffice]:
    """The council's system, to which the settings lead."""
    with (
        office_running() as running,
        connected_to(context, running.url, job_waits_seconds=5.0, changes_a_day=5),
    ):
        running.does(answered())
        yield running


@pytest.fixture
def account(ada: Resident, faulty: FaultyOffice) -> Account:
    return ada.account


@pytest.fixture
def ask(account: Account) -> Ask:
    """Ask for something, as a page does."""

    def asking(change: Change = PAPERLESS, key: str = "draft-1", **more: Any) -> Case:
        told: dict[str, Any] = {"reference": REFERENCE, "case_type": "e_billing", "change": change, "key": key}
        case = ask_change(account, **(told | more))
        session().commit()
        return case

    return asking


def now(case: Case) -> Case:
    session().rollback()
    assert case.account_id is not None
    return get_case(case.account_id, case.id)


def notices(account: Account) -> list[str]:
    """What is in their inbox, oldest first."""
    found = text("select headline from portal.notice where account_id = :account order by told_at")
    return list(session().scalars(found, {"account": account.id}))


def test_it_waits_until_it_is_sent_and_the_resident_sees_that(ask: Ask, account: Account, faulty: FaultyOffice) -> None:
    case = ask()
    assert (case.status, faulty.asked) == ("waiting", [])
    (waiting,) = waiting_changes(account, REFERENCE)
    assert (waiting.case_id, waiting.reference, waiting.kind) == (case.id, REFERENCE, "e_billing")
    assert waiting_changes(account, "99999999") == []
    work()
    assert waiting_changes(account) == []
    _method, path, headers, body = faulty.asked[0]
    assert (path, headers["X-Person"]) == ("/v1/changes", ADA)
    assert json.loads(body) == {"reference": REFERENCE, "change": {"kind": "e_billing", "on": True}}


@pytest.mark.parametrize(
    ("state", "status"), [("accepted", "done"), ("with_officer", "with_officer"), ("refused", "refused")]
)
def test_the_case_follows_the_answer_and_the_resident_is_told(
    ask: Ask, account: Account, faulty: FaultyOffice, state: str, status: str
) -> None:
    faulty.does(answered(state, reason="nothing_owed" if state == "refused" else ""))
    case = ask()
    work()
    assert now(case).status == status
    assert len(notices(account)) == 1
    assert case.reference in notices(account)[0]


def test_a_refusal_says_why_in_the_residents_language(ask: Ask, account: Account, faulty: FaultyOffice) -> None:
    faulty.does(answered("refused", reason="nothing_owed"))
    case = ask()
    work()
    assert timeline(case.id)[0].reason == str(REASONS["nothing_owed"])


def test_what_is_with_an_officer_is_seen_until_it_is_decided(
    ask: Ask, account: Account, ada: Resident, faulty: FaultyOffice
) -> None:
    faulty.does(answered("with_officer"))
    case = ask(DEBIT, case_type="direct_debit")
    work()
    (waiting,) = waiting_changes(account, REFERENCE)
    assert (waiting.case_id, waiting.with_officer) == (case.id, True)
    session().rollback()
    for page in ("", "/direct-debit"):
        assert "A council tax officer has what you sent us on" in ada.get(f"{ACCOUNT}{page}")
    move_case(case.id, to="done", actor="system:council_tax", channel="system")
    session().commit()
    assert waiting_changes(account) == []


def test_the_same_is_not_asked_twice_while_the_first_is_open(ask: Ask, account: Account) -> None:
    case = ask(DEBIT, "draft-1", case_type="direct_debit")
    with pytest.raises(Conflict, match=case.reference):
        ask(DEBIT, "draft-2", case_type="direct_debit")
    session().rollback()
    assert [each.id for each in cases_of(account.id)] == [case.id]
    ask(EndDirectDebit(), "draft-3", case_type="direct_debit")
    ask(DEBIT, "draft-4", case_type="direct_debit")
    work()
    ask(DEBIT, "draft-5", case_type="direct_debit")


@pytest.mark.parametrize("status", [409, 422])
def test_what_the_system_will_not_even_take_is_refused_in_general_words(
    ask: Ask, faulty: FaultyOffice, status: int
) -> None:
    faulty.does(says({"code": "something_new"}, status))
    case = ask()
    work()
    assert now(case).status == "refused"
    assert timeline(case.id)[0].reason == str(OTHERWISE)


def test_while_the_system_is_away_it_waits_and_is_done_once_when_it_is_back(
    ask: Ask, account: Account, faulty: FaultyOffice, at: Clock
) -> None:
    at.move_to("2026-11-22T09:00")
    faulty.does(AWAY)
    case = ask()
    work()
    assert now(case).status == "waiting"
    assert [each.case_id for each in waiting_changes(account)] == [case.id]
    faulty.does(answered())
    at.advance(minutes=2)
    in_another_process()
    sweep_deliveries()
    assert now(case).status == "done"
    assert len(set(faulty.keys)) == 1
    assert len(notices(account)) == 1


def test_an_answer_that_was_lost_on_its_way_is_asked_for_under_the_same_key(
    ask: Ask, account: Account, faulty: FaultyOffice
) -> None:
    faulty.does(says("cut short", 500), answered())
    case = ask()
    work()
    assert now(case).status == "done"
    assert len(faulty.keys) == 2
    assert len(set(faulty.keys)) == 1


def test_two_tabs_that_press_twice_make_one(ask: Ask, account: Account, faulty: FaultyOffice) -> None:
    first, second = ask(), ask(SetEBilling(on=False))
    assert first.id == second.id
    work()
    assert len(faulty.asked) == 1
    assert len(cases_of(account.id)) == 1
    assert session().scalar(select(AskedChange.change)) == {"kind": "e_billing", "on": True}


def test_a_page_that_fails_leaves_nothing(account: Account, faulty: FaultyOffice) -> None:
    ask_change(account, reference=REFERENCE, change=PAPERLESS, case_type="e_billing", key="draft-1")
    session().rollback()
    assert work() == []
    assert cases_of(account.id) == []
    assert session().scalar(select(AskedChange.case_id)) is None


@pytest.mark.parametrize("reference", ["49999999", "40009999"], ids=["nobody's", "somebody else's"])
def test_an_account_that_is_not_theirs_cannot_be_changed(
    account: Account, faulty: FaultyOffice, reference: str
) -> None:
    with pytest.raises(NotFound):
        ask_change(account, reference=reference, change=PAPERLESS, case_type="e_billing", key="draft-1")
    session().commit()
    assert work() == []
    assert cases_of(account.id) == []


def test_there_is_a_limit_for_one_day(ask: Ask, account: Account) -> None:
    for number in range(5):
        ask(SetEBilling(on=number % 2 == 0), key=f"draft-{number}")
    ask(key="draft-0")  # the same again does not count
    with pytest.raises(TooMany):
        ask(SetEBilling(on=False), key="draft-6")
    session().rollback()
    assert len(cases_of(account.id)) == 5


def test_the_digits_of_a_bank_account_lie_open_nowhere(ask: Ask, account: Account, faulty: FaultyOffice) -> None:
    case = ask(DEBIT, case_type="direct_debit")
    tables = session().execute(
        text("select schemaname || '.\"' || tablename || '\"' from pg_tables where schemaname !~ '^(pg_|information)'")
    )
    everything = "".join(
        str(row) for name in tables.scalars().all() for row in session().execute(text(f"select t::text from {name} t"))
    )
    assert NUMBER not in everything
    assert SORT_CODE not in everything
    facts = {str(fact.label): fact.value for fact in case_facts(case)}
    assert facts["Bank account"] == "The one that ends in 19"
    work()
    assert json.loads(faulty.asked[0][3])["change"]["account_number"] == NUMBER


def test_who_moves_in_gets_the_new_account_joined(account: Account, ask: Ask, faulty: FaultyOffice) -> None:
    faulty.does(answered(kind="move_in", reference="40005555", person_id="p9"))
    case = ask(MOVE_IN, reference="", case_type="move")
    work()
    assert now(case).status == "done"
    assert get_joined(account, "council_tax", "40005555").person_key == "p9"


@pytest.mark.parametrize(("other", "sent"), [(ADA, ADA), (BEN, "")], ids=["the same", "a relative's"])
def test_who_moves_in_is_sent_as_whom_all_their_accounts_name(
    account: Account, ask: Ask, faulty: FaultyOffice, other: str, sent: str
) -> None:
    join_record(account, service="council_tax", kind="account", key="40007777", person_key=other, role="liable")
    session().commit()
    faulty.does(answered("with_officer", kind="move_in"))
    ask(MOVE_IN, reference="", case_type="move")
    work()
    assert faulty.asked[0][2].get("X-Person", "") == sent


def test_what_an_officer_has_is_followed_until_it_is_decided(
    ask: Ask, account: Account, faulty: FaultyOffice, at: Clock
) -> None:
    at.move_to("2026-11-22T09:00")
    faulty.does(answered("with_officer"))
    case = ask()
    work()
    settling.follow()
    assert work() == [], "it was asked a moment ago"
    at.advance(minutes=20)
    faulty.does(AWAY)
    settling.follow()
    session().commit()
    work()
    assert now(case).status == "with_officer"
    at.advance(minutes=20)
    in_another_process()
    faulty.does(answered())
    settling.follow()
    session().commit()
    work()
    assert now(case).status == "done"
    assert faulty.asked[-1][1] == f"/v1/changes/{faulty.keys[0]}"
    at.advance(minutes=20)
    settling.follow()
    assert work() == [], "what is decided is asked for no more"
    assert len(notices(account)) == 2


def test_what_no_worker_has_come_to_is_not_asked_for_again_each_minute(
    ask: Ask, faulty: FaultyOffice, at: Clock
) -> None:
    at.move_to("2026-11-22T09:00")
    faulty.does(answered("with_officer"))
    ask()
    work()
    at.advance(minutes=20)
    for _minute in range(3):
        settling.follow()
        session().commit()
        at.advance(minutes=1)
    assert len(work()) == 1


@pytest.mark.parametrize(("minutes", "jobs"), [(30, 0), (300, 1)])
def test_what_has_waited_long_is_asked_for_less_often(
    ask: Ask, faulty: FaultyOffice, at: Clock, minutes: int, jobs: int
) -> None:
    at.move_to("2026-11-02T09:00")
    faulty.does(answered("with_officer"))
    ask()
    work()
    at.advance(days=14)
    settling.follow()
    session().commit()
    assert len(work()) == 1
    at.advance(minutes=minutes)
    settling.follow()
    session().commit()
    assert len(work()) == jobs


def test_staff_may_decide_what_an_officer_has_and_the_system_changes_nothing_after_that(
    ask: Ask, faulty: FaultyOffice, at: Clock
) -> None:
    at.move_to("2026-11-22T09:00")
    faulty.does(answered("with_officer"))
    case = ask()
    work()
    told: dict[str, Any] = {"to": "refused", "actor": f"staff:{uuid.uuid4()}", "channel": "desk", "rights": {"decide"}}
    move_case(case.id, **told, reason="We need the tenancy agreement.")
    session().commit()
    assert session().execute(select(AskedChange.with_officer, AskedChange.closed_at)).one().closed_at == at.moment
    settling.settle(
        case.account_id or uuid.UUID(int=0), case.id, ChangeAnswer(id="c", kind="e_billing", state="accepted")
    )
    session().commit()
    assert now(case).status == "refused"
