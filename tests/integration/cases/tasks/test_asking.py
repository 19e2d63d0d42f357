"""What a case asks of its resident: what may be asked for, of whom, and in which order it is shown."""

import io
import uuid
from datetime import date
from typing import Any

import pytest
from flask import Flask

from portal import clock
from portal.accounts.values import Account
from portal.cases import tasks
from portal.cases.moving import move_case
from portal.cases.queries import get_case, timeline
from portal.cases.task_files import add_file
from portal.cases.task_queries import get_task, open_tasks_of
from portal.cases.tasks import do_task, save_task, withdraw_task
from portal.cases.to_do import to_do
from portal.cases.values import Case
from portal.db.session import session
from portal.errors import Forbidden, NotFound, Refused
from tests.integration.cases.tasks.asking import PDF, WORKED_FOR, ask, saved, send
from tests.support.cases import RIGHTS, STAFF
from tests.support.fixtures import Clock
from tests.support.outbox import letters
from tests.support.people import someone
from tests.support.residents import statements
from tests.support.talk import ANSWERS


@pytest.mark.parametrize("kind", WORKED_FOR)
def test_each_kind_is_asked_for_once_told_and_the_residents_turn(sam: Account, case: Case, kind: str) -> None:
    task = ask(case, kind)
    assert ask(case, kind, title="Sent again") == task
    assert [each.id for each in to_do(sam.id)] == [task.id]
    assert (task.kind, task.state, task.reference) == (kind, "open", case.reference)
    now = get_case(sam.id, case.id)
    assert (now.waits_for, now.version) == ("resident", 2)
    assert (timeline(case.id)[0].kind, timeline(case.id)[0].visible) == ("task_set", True)
    (letter,) = letters(tasks.MAIL)
    assert (case.reference in letter.subject, "Tell us more" in letter.body) == (True, False)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        pytest.param({"form": "unknown"}, "no such form", id="form"),
        pytest.param({"form": ""}, "Choose which form", id="no form"),
        pytest.param({"title": " "}, "Say what", id="title"),
        pytest.param({"title": "x" * 121}, "Say what", id="long title"),
        pytest.param({"due_on": date(2020, 1, 1)}, "today or later", id="past"),
        pytest.param({"kind": "payment", "amount": 0}, "amount", id="nothing"),
        pytest.param({"kind": "payment", "amount": -1}, "amount", id="negative"),
        pytest.param({"kind": "payment", "pay_url": "javascript:alert(1)"}, "https", id="script"),
        pytest.param({"kind": "payment", "pay_url": "http://pay.example/"}, "https", id="plain"),
        pytest.param({"kind": "payment", "pay_url": "https://evil.example/"}, "pay.example", id="another host"),
        pytest.param({"kind": "payment", "pay_url": "https://pay.example.evil.example/"}, "pay.example", id="beneath"),
        pytest.param({"kind": "payment", "pay_url": "https://pay.example@evil.example/"}, "https", id="with a name"),
        pytest.param({"kind": "payment", "pay_url": "https://evil.example\\@pay.example/"}, "https", id="backslash"),
        pytest.param({"kind": "signature", "words": " "}, "statement", id="nothing to sign"),
    ],
)
def test_what_could_not_be_done_is_not_asked_for(case: Case, values: dict[str, Any], sentence: str) -> None:
    kind = values.pop("kind", "form")
    with pytest.raises(Refused, match=sentence):
        ask(case, kind, **values)


def test_nobody_asks_themselves_and_nothing_is_asked_on_a_closed_case(sam: Account, case: Case) -> None:
    with pytest.raises(Forbidden):
        ask(case, actor=f"account:{sam.id}")
    move_case(case.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS)
    with pytest.raises(Refused, match="closed"):
        ask(case)


def test_another_residents_task_does_not_exist(app: Flask, sam: Account, case: Case) -> None:
    task, robin = ask(case, "document"), someone(app, "Robin")
    for act in (
        lambda: get_task(robin.id, task.id),
        lambda: save_task(robin.id, task.id, landlord="x"),
        lambda: do_task(robin.id, task.id, version=task.version),
        lambda: add_file(robin.id, task.id, io.BytesIO(PDF)),
        lambda: withdraw_task(STAFF, uuid.uuid4()),
    ):
        with pytest.raises(NotFound):
            act()
    assert to_do(robin.id) == []


def test_what_is_most_urgent_comes_first_and_the_overdue_say_so(sam: Account, case: Case, at: Clock) -> None:
    at.move_to("2026-11-02T09:00")
    last, second, first = (
        ask(case, key="1"),
        ask(case, key="2", due_on=date(2026, 11, 9)),
        ask(case, key="3", due_on=date(2026, 11, 3)),
    )
    assert [each.id for each in to_do(sam.id)] == [first.id, second.id, last.id]
    assert [task.id for task in open_tasks_of(case.id)] == [first.id, second.id, last.id], "on the page of the case too"
    at.move_to("2026-11-04T09:00")
    assert [each.is_overdue(clock.today()) for each in to_do(sam.id)] == [True, False, False]
    assert send(sam, saved(sam, first, **ANSWERS)).state == "done", "late is better than never"


def test_what_is_to_do_costs_one_query_however_it_is_asked(app: Flask, sam: Account, case: Case) -> None:
    for n in range(5):
        ask(case, key=str(n))
    session().commit()
    with statements(app) as sent:
        assert len(to_do(sam.id)) == 5
    assert len(sent) == 1
