"""What a case asks of its resident."""

import io
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from portal import clock
from portal.accounts.values import Account
from portal.cases import tasks
from portal.cases.documents import add_document, documents_of, remove_document
from portal.cases.merging import merge_case
from portal.cases.messages import send_message
from portal.cases.moving import move_case
from portal.cases.queries import get_case, get_case_for_staff, recent_events_page, timeline, whole_timeline
from portal.cases.talk_values import Task
from portal.cases.task_answers import SIGNED_AS, STATEMENT, shown_answers
from portal.cases.task_files import MOST_FILES, add_file, files_of, remove_file
from portal.cases.task_queries import get_task, open_tasks, open_tasks_left, open_tasks_of, tasks_of
from portal.cases.tasks import complete_task, do_task, save_task, set_task, withdraw_task
from portal.cases.to_do import to_do
from portal.cases.values import Case
from portal.db.session import session
from portal.errors import Conflict, Forbidden, NotFound, Refused
from portal.files.models import StoredFileRow
from tests.support.cases import RIGHTS, STAFF
from tests.support.fixtures import Clock
from tests.support.outbox import letters
from tests.support.people import someone
from tests.support.photos import photo
from tests.support.residents import statements
from tests.support.talk import ANSWERS, TENANCY, new_case, talking

PDF = b"%PDF-1.7\n%%EOF\n"
WORKED_FOR: dict[str, dict[str, Any]] = {
    "form": {"form": "tenancy"},
    "document": {},
    "payment": {"amount": 4_250, "pay_url": "https://pay.example/licence"},
    "signature": {"words": "I have told the truth."},
    "cosign": {"words": "I live there too."},
}


@pytest.fixture(autouse=True)
def heard(app: Flask) -> Iterator[list[Task]]:
    with talking(app) as heard, app.test_request_context("/"):
        yield heard


@pytest.fixture
def case(sam: Account) -> Case:
    return new_case(sam)


def ask(case: Case, kind: str = "form", key: str = "1", **values: Any) -> Task:
    made = set_task(
        case.id,
        kind=kind,  # type: ignore[arg-type]  # also wrong ones
        **{"title": "Tell us more", "actor": STAFF, "key": key} | WORKED_FOR.get(kind, {}) | values,
    )
    session().commit()
    return made


def send(account: Account, task: Task) -> Task:
    done = do_task(account.id, task.id, version=task.version)
    session().commit()
    return done


def saved(account: Account, task: Task, **answers: Any) -> Task:
    kept = save_task(account.id, task.id, **answers)
    session().commit()
    return kept


@pytest.mark.parametrize("kind", WORKED_FOR)
def test_each_kind_is_asked_for_once_told_and_the_residents_turn(sam: Account, case: Case, kind: str) -> None:
    task = ask(case, kind)
    assert ask(case, kind, title="Sent again") == task
    assert open_tasks(sam.id) == [task]
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


def test_a_form_is_saved_checked_and_sent(sam: Account, case: Case, heard: list[Task]) -> None:
    task = saved(sam, ask(case), **ANSWERS)
    assert task.answers == ANSWERS
    done = send(sam, task)
    assert (done.state, done.ended_by, done.answers) == ("done", f"account:{sam.id}", ANSWERS)
    assert get_case(sam.id, case.id).waits_for == "council"
    assert timeline(case.id)[0].kind == "task_done"
    assert heard == [done], "the service takes it up in the same transaction"
    assert open_tasks(sam.id) == []
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


def test_a_task_that_is_withdrawn_while_its_page_is_open_is_refused(sam: Account, case: Case) -> None:
    task = saved(sam, ask(case), **ANSWERS)
    withdrawn = withdraw_task(STAFF, task.id, reason="We found it.")
    session().commit()
    assert withdraw_task(STAFF, task.id) == withdrawn
    assert get_case(sam.id, case.id).waits_for == "council"
    assert timeline(case.id)[0].reason == "We found it."
    for act in (lambda: send(sam, task), lambda: saved(sam, task, landlord="x")):
        with pytest.raises(Conflict, match="no longer asked for"):
            act()


def test_what_is_done_is_neither_withdrawn_nor_changed(sam: Account, case: Case) -> None:
    done = send(sam, saved(sam, ask(case), **ANSWERS))
    with pytest.raises(Conflict, match="has done this"):
        withdraw_task(STAFF, done.id)
    with pytest.raises(Conflict, match="sent this already"):
        saved(sam, done, landlord="x")
    assert send(sam, done) == done


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


def test_files_are_kept_one_by_one_and_become_the_cases(sam: Account, case: Case) -> None:
    task = ask(case, "document")
    with pytest.raises(Refused, match="Choose a file"):
        send(sam, task)
    session().rollback()
    for _ in range(3):
        task = add_file(sam.id, task.id, io.BytesIO(PDF))
        session().commit()
    task = remove_file(sam.id, task.id, task.file_ids[1])
    session().commit()
    assert remove_file(sam.id, task.id, uuid.uuid4()) == task
    assert [file.id for file in files_of(task)] == task.file_ids
    assert documents_of(case.id) == []
    assert session().scalars(select(StoredFileRow.delete_on)).all() == [clock.today() + timedelta(days=90)] * 2
    send(sam, task)
    assert {document.file_id for document in documents_of(case.id)} == set(task.file_ids)
    assert session().scalars(select(StoredFileRow.delete_on)).all() == [None, None], "kept as long as the case"


def test_a_file_that_turned_out_to_be_none_is_not_sent(sam: Account, case: Case) -> None:
    task = ask(case, "document")
    for data in (PDF, photo()):
        task = add_file(sam.id, task.id, io.BytesIO(data))
        session().commit()
    session().execute(update(StoredFileRow).where(StoredFileRow.id == task.file_ids[1]).values(state="refused"))
    with pytest.raises(Refused, match="cannot be used"):
        send(sam, task)
    session().rollback()
    assert get_task(sam.id, task.id).is_open
    assert documents_of(case.id) == []


def test_files_that_waited_too_long_are_asked_for_again(sam: Account, case: Case) -> None:
    task = add_file(sam.id, ask(case, "document").id, io.BytesIO(PDF))
    session().execute(delete(StoredFileRow))
    session().commit()
    with pytest.raises(Refused, match="Choose them again"):
        send(sam, task)


def test_only_so_many_files_and_only_where_files_are_asked_for(sam: Account, case: Case) -> None:
    task = ask(case, "document")
    for _ in range(MOST_FILES):
        add_file(sam.id, task.id, io.BytesIO(PDF))
        session().commit()
    with pytest.raises(Refused, match="10 files at most"):
        add_file(sam.id, task.id, io.BytesIO(PDF))
    with pytest.raises(Refused):
        add_file(sam.id, ask(case, key="2").id, io.BytesIO(PDF))
    session().rollback()
    assert session().execute(select(func.count()).select_from(StoredFileRow)).scalar_one() == MOST_FILES


def test_two_windows_that_add_a_file_lose_none(app: Flask, sam: Account, case: Case) -> None:
    task = ask(case, "document")

    def add(_window: int) -> None:
        with app.test_request_context("/"):
            add_file(sam.id, task.id, io.BytesIO(PDF))
            session().commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(4)))
    assert len(get_task(sam.id, task.id).file_ids) == 4


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
    assert open_tasks(robin.id) == []


def test_what_is_most_urgent_comes_first_and_the_overdue_say_so(sam: Account, case: Case, at: Clock) -> None:
    at.move_to("2026-11-02T09:00")
    last, second, first = (
        ask(case, key="1"),
        ask(case, key="2", due_on=date(2026, 11, 9)),
        ask(case, key="3", due_on=date(2026, 11, 3)),
    )
    assert [task.id for task in open_tasks(sam.id)] == [first.id, second.id, last.id]
    assert open_tasks_of(case.id) == open_tasks(sam.id), "on the page of the case in the same order"
    at.move_to("2026-11-04T09:00")
    assert [task.is_overdue(clock.today()) for task in open_tasks(sam.id)] == [True, False, False]
    assert send(sam, saved(sam, first, **ANSWERS)).state == "done", "late is better than never"


def close(case: Case, version: int | None = None) -> Case:
    closed = move_case(
        case.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS, reason="Done.", expected_version=version
    )
    session().commit()
    return closed


def test_a_case_that_is_closed_withdraws_what_it_asked_for_and_says_so(sam: Account, case: Case) -> None:
    form = saved(sam, ask(case), **ANSWERS)
    pay = ask(case, "payment", "2", title="Pay the fee")
    assert open_tasks_left(case.id) == 2, "what staff are told before they close it"
    closed = close(case)
    assert [event.kind for event in timeline(case.id)[:3]] == ["moved", "task_withdrawn", "task_withdrawn"]
    assert [event.details["task"] for event in timeline(case.id)[1:3]] == [str(pay.id), str(form.id)]
    assert (closed.waits_for, closed.version) == ("nobody", 6)
    assert open_tasks(sam.id) == to_do(sam.id) == []
    ended = get_task(sam.id, pay.id)
    assert (ended.state, ended.ended_by) == ("withdrawn", STAFF)
    with pytest.raises(Conflict, match="no longer asked for"):
        send(sam, form)


def test_what_ended_with_a_case_does_not_come_back_with_it(sam: Account, case: Case) -> None:
    ask(case)
    close(case)
    move_case(case.id, to="in_progress", actor=STAFF, channel="desk", rights=RIGHTS)
    session().commit()
    assert open_tasks(sam.id) == []
    assert get_case(sam.id, case.id).waits_for == "council"


def test_closing_it_twice_from_one_page_is_closing_it_once(case: Case) -> None:
    ask(case)
    seen = get_case_for_staff(case.id).version
    assert close(case, seen) == close(case, seen)
    assert [event.kind for event in timeline(case.id)] == ["moved", "task_withdrawn", "task_set", "opened"]


def test_a_duplicate_asks_for_nothing(sam: Account, case: Case) -> None:
    task, other = ask(case), new_case(sam, "other")
    merge_case(case.id, into=other.id, actor=STAFF)
    session().commit()
    assert open_tasks(sam.id) == []
    assert get_task(sam.id, task.id).state == "withdrawn"
    assert [event.kind for event in timeline(case.id)[:2]] == ["merged", "task_withdrawn"]


def test_what_is_to_do_costs_one_query_however_it_is_asked(app: Flask, sam: Account, case: Case) -> None:
    for n in range(5):
        ask(case, key=str(n))
    session().commit()
    with statements(app) as sent:
        assert [each.id for each in to_do(sam.id)] == [each.id for each in open_tasks(sam.id)]
    assert len(sent) == 2


def test_the_timeline_names_what_it_is_about_with_one_query_more(app: Flask, sam: Account, case: Case) -> None:
    send(sam, saved(sam, ask(case, title="Tell us of your tenancy"), **ANSWERS))
    photo_of = ask(case, "document", "2", title="Send a photo")
    withdraw_task(STAFF, photo_of.id)
    session().commit()
    add_document(f"account:{sam.id}", case.id, io.BytesIO(PDF), title="Tenancy agreement", key="1")
    send_message(STAFF, case.id, "We come tomorrow.\nEarly.", key="1")
    session().commit()
    with statements(app) as sent:
        seen = [event.what for event in timeline(case.id)]
    assert len(sent) == 2
    assert seen == [
        "We wrote to you",
        "You added a document: Tenancy agreement",
        "You no longer need to do this: Send a photo",
        "We asked you: Send a photo",
        "You have done this: Tell us of your tenancy",
        "We asked you: Tell us of your tenancy",
        "Received",
    ]
    assert recent_events_page(sam.id)[0][0].title == "Licence: We wrote to you: We come tomorrow.…"
    assert [event.desk_what for event in whole_timeline(case.id)][2] == "Task withdrawn: Send a photo"


def test_the_timeline_outlives_what_it_named(sam: Account, case: Case) -> None:
    made = add_document(f"account:{sam.id}", case.id, io.BytesIO(PDF), title="Tenancy agreement", key="1")
    session().commit()
    remove_document(STAFF, case.id, made.id, reason="Sent by mistake.")
    session().commit()
    assert [event.what for event in timeline(case.id)][:2] == ["We removed a document", "You added a document"]
