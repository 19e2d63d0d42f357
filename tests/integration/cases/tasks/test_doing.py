"""A task is done: a form is sent, words are signed, a payment has come."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.cases.queries import get_case, timeline
from portal.cases.talk_values import Task
from portal.cases.task_answers import SIGNED_AS, STATEMENT, shown_answers
from portal.cases.task_queries import get_task, tasks_of
from portal.cases.tasks import complete_task, do_task, withdraw_task
from portal.cases.to_do import to_do
from portal.cases.values import Case
from portal.db.session import session
from portal.errors import Conflict, Forbidden, Refused
from tests.integration.cases.tasks.asking import ask, saved, send
from tests.support.cases import STAFF
from tests.support.talk import ANSWERS, TENANCY


def test_a_form_is_saved_checked_and_sent(sam: Account, case: Case, heard: list[Task]) -> None:
    task = saved(sam, ask(case), **ANSWERS)
    assert task.answers == ANSWERS
    done = send(sam, task)
    assert (done.state, done.ended_by, done.answers) == ("done", f"account:{sam.id}", ANSWERS)
    assert get_case(sam.id, case.id).waits_for == "council"
    assert timeline(case.id)[0].kind == "task_done"
    assert heard == [done], "the service takes it up in the same transaction"
    assert to_do(sam.id) == []
    assert tasks_of(case.id) == [done]
    assert shown_answers(TENANCY, done.answers) == [
        ("Who is your landlord?", ["Ann Example"]),
        ("When did it begin?", ["1 March 2024"]),
        ("How many rooms are there?", ["3"]),
        ("How is it heated?", ["Gas"]),
    ]
    assert shown_answers(None, {"landlord": "Ann"}) == [("landlord", ["Ann"])]


def test_staff_see_no_answer_before_it_is_sent(sam: Account, case: Case) -> None:
    task = saved(sam, ask(case), **ANSWERS)
    assert tasks_of(case.id)[0].answers == {}
    withdraw_task(STAFF, task.id)
    assert tasks_of(case.id)[0].answers == {}


def test_what_is_missing_is_said_and_what_is_there_is_kept(sam: Account, case: Case) -> None:
    task = saved(sam, ask(case), landlord="Ann Example")
    with pytest.raises(Refused, match="not answered"):
        send(sam, task)
    session().rollback()
    assert get_task(sam.id, task.id).answers == {"landlord": "Ann Example"}


def test_what_was_changed_since_it_was_checked_is_not_sent_unseen(sam: Account, case: Case) -> None:
    checked = saved(sam, ask(case), **ANSWERS)
    saved(sam, checked, landlord="Somebody else")
    with pytest.raises(Conflict, match="another window"):
        send(sam, checked)
    assert send(sam, get_task(sam.id, checked.id)).answers["landlord"] == "Somebody else"


def test_the_button_pressed_twice_at_once_does_it_once(app: Flask, sam: Account, case: Case, heard: list[Task]) -> None:
    task = saved(sam, ask(case), **ANSWERS)

    def press(_turn: int) -> str:
        with app.test_request_context("/"):
            return send(sam, task).state

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(press, range(4))) == ["done"] * 4
    assert len(heard) == 1
    assert [event.kind for event in timeline(case.id)] == ["task_done", "task_set", "opened"]


def test_it_stays_the_residents_turn_until_the_last_is_done(sam: Account, case: Case) -> None:
    first, second = ask(case), ask(case, "signature", "2")
    send(sam, saved(sam, first, **ANSWERS))
    assert get_case(sam.id, case.id).waits_for == "resident"
    send(sam, saved(sam, second, **{SIGNED_AS: "Sam Tester", STATEMENT: second.words}))
    assert get_case(sam.id, case.id).waits_for == "council"


def test_a_signature_is_for_the_very_words_that_were_shown(sam: Account, case: Case) -> None:
    task = saved(sam, ask(case, "signature"), **{SIGNED_AS: "Sam", STATEMENT: "Other words"})
    with pytest.raises(Refused, match="not signed"):
        send(sam, task)


def test_staff_send_a_form_for_a_caller_and_sign_for_nobody(sam: Account, case: Case) -> None:
    form, signature = saved(sam, ask(case), **ANSWERS), ask(case, "signature", "2")
    done = do_task(sam.id, form.id, version=form.version, actor=STAFF, channel="telephone")
    assert (done.ended_by, timeline(case.id)[0].channel) == (STAFF, "telephone")
    signed = saved(sam, signature, **{SIGNED_AS: "Sam", STATEMENT: signature.words})
    with pytest.raises(Refused, match="themselves"):
        do_task(sam.id, signed.id, version=signed.version, actor=STAFF, channel="telephone")


def test_the_council_says_when_a_payment_has_come(sam: Account, case: Case, heard: list[Task]) -> None:
    task = ask(case, "payment")
    with pytest.raises(Refused, match="mark this as done ourselves"):
        send(sam, task)
    with pytest.raises(Forbidden):
        complete_task(f"account:{sam.id}", task.id)
    done = complete_task("system:reporting", task.id, channel="system")
    session().commit()
    assert complete_task(STAFF, task.id) == done
    assert (done.state, heard) == ("done", [done])
