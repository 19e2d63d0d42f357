"""A payment that a case asks for is paid through the basket, and done by that alone."""

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.cases.talk_values import Task
from portal.cases.task_queries import find_task
from portal.cases.tasks import complete_task, set_task, withdraw_task
from portal.db.session import session
from portal.errors import Refused
from portal.payments.baskets import PATH
from tests.support.cases import STAFF
from tests.support.paying_through import goes_to_pay, in_basket, loose_payments, succeeds
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident
from tests.support.talk import new_case, talking


@pytest.fixture
def task(pay_app: Flask, pat: Resident) -> Iterator[Task]:
    """Staff ask for £42.50, to be paid here."""
    with talking(pay_app):
        case = new_case(pat.account)
        asked = set_task(case.id, kind="payment", title="Pay the fee", amount=4250, actor=STAFF, key="1")
        session().commit()
        yield asked


def state(task: Task) -> str:
    session().rollback()
    found = find_task(task.id)
    assert found is not None
    return found.state


def test_the_task_leads_through_the_basket_and_is_done_once_it_is_paid(
    pat: Resident, gate: PlayedGateway, task: Task
) -> None:
    page = f"/tasks/{task.id}"
    assert "£42.50" in pat.get(page)
    assert pat.post(page).location == PATH
    assert f"Payment for case {task.reference}" in pat.get(PATH)
    reference = goes_to_pay(pat.account)
    assert state(task) == "open"
    succeeds(pat.account, gate, reference)
    assert state(task) == "done"
    assert loose_payments() == []


@pytest.mark.parametrize("end", [complete_task, withdraw_task], ids=["done at a counter", "withdrawn"])
def test_what_is_paid_for_nothing_waits_for_staff(pat: Resident, gate: PlayedGateway, task: Task, end: object) -> None:
    pat.get(f"/tasks/{task.id}")
    pat.post(f"/tasks/{task.id}")
    reference = goes_to_pay(pat.account)
    assert callable(end)
    end(STAFF, task.id)
    session().commit()
    succeeds(pat.account, gate, reference)
    assert loose_payments() == [reference]


def test_what_is_no_longer_asked_for_cannot_be_paid(pat: Resident, task: Task) -> None:
    pat.get(f"/tasks/{task.id}")
    pat.post(f"/tasks/{task.id}")
    withdraw_task(STAFF, task.id)
    session().commit()
    assert "This is no longer to be paid." in pat.get(PATH)
    assert in_basket(pat.account) == [0]


def test_less_than_a_card_can_pay_is_not_asked_for(pat: Resident, task: Task) -> None:
    with pytest.raises(Refused, match="least that can be paid by card"):
        set_task(task.case_id, kind="payment", title="Pay", amount=29, actor=STAFF, key="2")
