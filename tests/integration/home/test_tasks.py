"""The pages of what is asked of a resident."""

import io
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from portal import clock
from portal.cases.documents import documents_of
from portal.cases.moving import move_case
from portal.cases.queries import timeline
from portal.cases.talk_models import TaskRow
from portal.cases.talk_values import Task
from portal.cases.task_forms import TaskField, TaskForm
from portal.cases.task_queries import get_task
from portal.cases.tasks import complete_task, save_task, set_task, withdraw_task
from portal.cases.values import Case
from portal.db.session import session
from portal.identity import recovery
from tests.support.cases import RIGHTS, STAFF
from tests.support.fixtures import Clock
from tests.support.photos import photo
from tests.support.residents import Resident, resident, statements
from tests.support.talk import ANSWERS, TENANCY, new_case, talking
from tests.support.worker import work

PDF = b"%PDF-1.7\n%%EOF\n"
TYPED = {
    "answer_landlord": "Ann Example",
    "answer_since-day": "1",
    "answer_since-month": "3",
    "answer_since-year": "2024",
    "answer_rooms": "3",
    "answer_heating": "gas",
}


@pytest.fixture(autouse=True)
def _types(app: Flask) -> Iterator[None]:
    with talking(app):
        yield


@pytest.fixture
def sam(app: Flask) -> Resident:
    return resident(app, "Sam")


@pytest.fixture
def case(app: Flask, sam: Resident) -> Case:
    with app.test_request_context("/"):
        return new_case(sam.account)


def ask(app: Flask, case: Case, kind: str = "form", key: str = "1", **values: Any) -> Task:
    known = {"title": "Tell us about your tenancy", "form": "tenancy" if kind == "form" else ""}
    with app.test_request_context("/"):
        made = set_task(case.id, kind=kind, actor=STAFF, key=key, **{**known, **values})  # type: ignore[arg-type]  # by name
        session().commit()
    return made


def now(app: Flask, sam: Resident, task: Task) -> Task:
    with app.test_request_context("/"):
        return get_task(sam.account.id, task.id)


def test_home_says_first_what_there_is_to_do(app: Flask, sam: Resident, case: Case) -> None:
    assert "You need to do" not in sam.get("/home")
    task = ask(app, case, due_on=clock.today())
    page = sam.get("/home")
    assert page.index("You need to do") < page.index("Problems in the street")
    assert sam.client.page.links()["Tell us about your tenancy"] == f"/tasks/{task.id}"
    assert "Tell us about your tenancy" in sam.get("/tasks")
    with statements(app) as sent:
        sam.get("/home")
    assert sum("case_cosigning" in each for each in sent) == 1, "all that there is to do in one query"


def test_what_is_overdue_says_so_and_can_still_be_done(app: Flask, sam: Resident, case: Case) -> None:
    task = ask(app, case, due_on=clock.today())
    assert "Overdue" not in sam.get("/tasks")
    with app.test_request_context("/"):
        session().execute(update(TaskRow).values(due_on=clock.today() - timedelta(days=1)))
        session().commit()
    page = sam.get("/tasks")
    assert "Overdue" in page
    assert "You can still do it" in page
    sam.post(f"/tasks/{task.id}", **TYPED)
    sam.post(f"/tasks/{task.id}/check", version=str(now(app, sam, task).version))
    assert now(app, sam, task).state == "done"


def test_nobody_signs_while_the_account_is_held(app: Flask, sam: Resident, case: Case) -> None:
    task = ask(app, case, "signature", words="All of this is true.")
    with app.test_request_context("/"):
        recovery.report(sam.account.id, doubted_since=clock.now(), actor="system:mail")
        session().commit()
    again = resident(app, "Sam")
    again.get(f"/tasks/{task.id}")
    again.post(f"/tasks/{task.id}", status=403, signed_as="Sam Tester", agrees="yes")
    assert now(app, sam, task).answers == {}


def test_questions_are_answered_checked_and_sent(app: Flask, sam: Resident, case: Case) -> None:
    task = ask(app, case)
    sam.get(f"/tasks/{task.id}")
    assert sam.post(f"/tasks/{task.id}", **TYPED).location == f"/tasks/{task.id}/check"
    page = sam.get(f"/tasks/{task.id}/check")
    for shown in ("Ann Example", "1 March 2024", "Gas", "Change"):
        assert shown in page
    assert now(app, sam, task).is_open, "looking at it sends nothing"
    answer = sam.client.submit(version=str(now(app, sam, task).version))
    assert answer.location == f"/tasks/{task.id}/done"
    assert "What happens next" in sam.get(f"/tasks/{task.id}/done")
    assert now(app, sam, task).answers == ANSWERS
    assert sam.client.get(f"/tasks/{task.id}").location == f"/tasks/{task.id}/done"
    assert sam.post(f"/tasks/{task.id}/check", version="1").location == f"/tasks/{task.id}/done", "pressed twice"


def test_what_is_wrong_is_said_beside_the_field_and_nothing_typed_is_lost(
    app: Flask, sam: Resident, case: Case
) -> None:
    task = ask(app, case)
    sentences = sam.refused(f"/tasks/{task.id}", **{**TYPED, "answer_rooms": "three", "answer_heating": "wood"})
    assert sentences[0] == "Your answer must be a number, like 12"
    assert 'value="Ann Example"' in sam.client.page.html
    assert 'value="2024"' in sam.client.page.html
    assert sam.refused(f"/tasks/{task.id}")[:2] == [
        "Enter an answer to “Who is your landlord?”",
        "Enter an answer to “When did it begin?”",
    ]
    assert now(app, sam, task).answers == {}


def test_answers_wait_in_the_account_for_another_day(app: Flask, sam: Resident, case: Case) -> None:
    task = ask(app, case)
    sam.post(f"/tasks/{task.id}", **TYPED)
    elsewhere = resident(app, "Sam")
    page = elsewhere.get(f"/tasks/{task.id}")
    assert 'value="Ann Example"' in page
    assert 'value="2024"' in page


def test_answers_changed_in_another_window_are_shown_before_they_are_sent(
    app: Flask, sam: Resident, case: Case
) -> None:
    task = ask(app, case)
    sam.post(f"/tasks/{task.id}", **TYPED)
    seen = now(app, sam, task).version
    with app.test_request_context("/"):
        save_task(sam.account.id, task.id, landlord="Somebody else")
        session().commit()
    assert "another window" in sam.refused(f"/tasks/{task.id}/check", version=str(seen))[0]
    assert "Somebody else" in sam.client.page.html
    assert sam.client.submit(version=str(now(app, sam, task).version)).status_code == 303
    assert now(app, sam, task).state == "done"


@pytest.mark.parametrize("version", ["", "x", "-1", "9" * 30, "\u0663"])
def test_a_version_that_nobody_saw_sends_nothing(app: Flask, sam: Resident, case: Case, version: str) -> None:
    task = ask(app, case)
    sam.post(f"/tasks/{task.id}", **TYPED)
    sam.refused(f"/tasks/{task.id}/check", version=version)
    assert now(app, sam, task).is_open


def test_files_are_uploaded_one_by_one_removed_and_sent(app: Flask, sam: Resident, case: Case) -> None:
    task = ask(app, case, "document", title="Send your tenancy agreement")
    for name, data in (("a.pdf", PDF), ("b.jpg", photo())):
        sam.post(f"/tasks/{task.id}", file=(io.BytesIO(data), name))
    page = sam.get(f"/tasks/{task.id}")
    assert "File 1: PDF" in page
    assert "getting it ready" in page
    first = now(app, sam, task).file_ids[0]
    sam.post(f"/tasks/{task.id}/files/{first}/remove")
    sam.post(f"/tasks/{task.id}/files/{first}/remove")
    with app.test_request_context("/"):
        work()
    page = sam.get(f"/tasks/{task.id}/check")
    assert "File 1: photo" in page
    sam.post(f"/tasks/{task.id}/check", version=str(now(app, sam, task).version))
    with app.test_request_context("/"):
        (document,) = documents_of(case.id)
        assert (document.title, document.is_ready) == ("Send your tenancy agreement", True)


def test_a_file_that_is_none_is_refused_and_the_others_stay(app: Flask, sam: Resident, case: Case) -> None:
    task = ask(app, case, "document")
    sam.post(f"/tasks/{task.id}", file=(io.BytesIO(PDF), "x.pdf"))
    sam.post(f"/tasks/{task.id}", status=200, file=(io.BytesIO(b"MZ a program"), "x.pdf"))
    assert sam.client.page.errors == [("#file", "The file must be a PDF or a photo (JPEG, PNG or WebP).")]
    assert "File 1: PDF" in sam.client.page.html
    assert sam.refused(f"/tasks/{task.id}") == ["Choose a file"]
    assert len(now(app, sam, task).file_ids) == 1


def test_no_file_nothing_to_send(app: Flask, sam: Resident, case: Case) -> None:
    task = ask(app, case, "document")
    assert "not uploaded" in sam.get(f"/tasks/{task.id}/check")
    assert sam.refused(f"/tasks/{task.id}/check", version="1") == ["Choose a file first."]


def test_a_payment_leads_to_the_councils_page_and_is_not_for_the_resident_to_tick_off(
    app: Flask, sam: Resident, case: Case
) -> None:
    task = ask(app, case, "payment", amount=4250, pay_url="https://pay.example/x?a=1&b=2")
    page = sam.get(f"/tasks/{task.id}")
    assert "£42.50" in page
    assert "Until then it stays under “To do”" in page
    assert sam.client.page.links()["Go to the payment page"] == "https://pay.example/x?a=1&b=2"
    sam.post(f"/tasks/{task.id}", status=200)
    assert sam.post(f"/tasks/{task.id}/check", version="1").location == f"/tasks/{task.id}"
    assert now(app, sam, task).is_open
    with app.test_request_context("/"):
        complete_task(STAFF, task.id)
        session().commit()
    assert "What happens next" in sam.client.follow(sam.client.get(f"/tasks/{task.id}")).get_data(as_text=True)


def test_signing_needs_the_name_and_the_tick(app: Flask, sam: Resident, case: Case) -> None:
    task = ask(app, case, "signature", words="All of this is true.")
    assert "All of this is true." in sam.get(f"/tasks/{task.id}")
    assert sam.refused(f"/tasks/{task.id}", signed_as="Sam Tester") == ["Tick the box if you want to sign"]
    assert 'value="Sam Tester"' in sam.client.page.html
    assert now(app, sam, task).is_open
    assert sam.post(f"/tasks/{task.id}", signed_as="Sam Tester", agrees="yes").location == f"/tasks/{task.id}/done"
    assert now(app, sam, task).answers == {"signed_as": "Sam Tester", "statement": "All of this is true."}


@pytest.mark.parametrize("ended", ["withdrawn", "closed"])
def test_what_is_no_longer_asked_for_says_so_also_to_who_has_the_page_open(
    app: Flask, sam: Resident, case: Case, ended: str
) -> None:
    task = ask(app, case)
    sam.post(f"/tasks/{task.id}", **TYPED)
    with app.test_request_context("/"):
        if ended == "withdrawn":
            withdraw_task(STAFF, task.id)
        else:
            move_case(case.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS)
        session().commit()
    for path in (f"/tasks/{task.id}", f"/tasks/{task.id}/check"):
        assert "no longer asked for" in sam.get(path)
        sam.post(path, status=200, version="2", **TYPED)
        assert "no longer asked for" in sam.client.page.html
    assert "Nothing" in sam.get("/tasks")
    with app.test_request_context("/"):
        assert "task_done" not in [event.kind for event in timeline(case.id)]


def test_a_form_that_the_service_has_given_up_asks_nothing(app: Flask, sam: Resident, case: Case) -> None:
    task = ask(app, case)
    known = app.extensions["moothall.case_types"]
    given_up = known["reporting", "silent"]
    known["reporting", "talking"], kept = given_up, known["reporting", "talking"]
    object.__setattr__(given_up, "forms", {})
    try:
        assert "no longer asked for" in sam.get(f"/tasks/{task.id}")
    finally:
        known["reporting", "talking"] = kept
        object.__setattr__(given_up, "forms", {"tenancy": TENANCY})


def test_another_residents_task_looks_like_none(app: Flask, case: Case) -> None:
    task, robin = ask(app, case), resident(app, "Robin")
    for path in ("", "/check", "/done"):
        robin.get(f"/tasks/{task.id}{path}", status=404)
        robin.get(f"/tasks/{uuid.uuid4()}{path}", status=404)
    for path in ("", "/check", f"/files/{uuid.uuid4()}/remove", "/invitation/withdraw"):
        robin.post(f"/tasks/{task.id}{path}", status=404, version="1", **TYPED)


def test_every_kind_of_question_can_be_asked(app: Flask, sam: Resident, case: Case) -> None:
    choices = (("a", "Apples"), ("b", "Pears"))
    kinds = ("text", "long_text", "number", "date", "choice", "choices", "email", "telephone", "confirm")
    fields = tuple(
        TaskField(name=kind, label=f"About {kind}", kind=kind, choices=choices if kind.startswith("choice") else ())  # type: ignore[arg-type]  # from a list
        for kind in kinds
    )
    kind_of_case = app.extensions["moothall.case_types"]["reporting", "talking"]
    forms = dict(kind_of_case.forms)
    object.__setattr__(kind_of_case, "forms", {**forms, "all": TaskForm(title="All", fields=fields)})
    try:
        task = ask(app, case, form="all")
        sam.get(f"/tasks/{task.id}")
        assert len(sam.refused(f"/tasks/{task.id}")) == len(kinds)
        typed = {
            "answer_text": "One",
            "answer_long_text": "Two\r\nlines",
            "answer_number": "2.5",
            "answer_date-day": "2",
            "answer_date-month": "1",
            "answer_date-year": "2026",
            "answer_choice": "a",
            "answer_choices": ["a", "b"],
            "answer_email": "a@b.example",
            "answer_telephone": "0161 496 0000",
            "answer_confirm": "yes",
        }
        sam.post(f"/tasks/{task.id}", **typed)
        page = sam.get(f"/tasks/{task.id}/check")
        for shown in ("One", "Two<br>lines", "2.5", "2 January 2026", "Apples<br>Pears", "a@b.example", "Yes"):
            assert shown in page, shown
        sam.get(f"/tasks/{task.id}")
        sam.post(f"/tasks/{task.id}/check", version=str(now(app, sam, task).version))
    finally:
        object.__setattr__(kind_of_case, "forms", forms)


def test_what_is_done_can_be_looked_up(app: Flask, sam: Resident, case: Case) -> None:
    assert ">Done<" not in sam.get("/tasks")
    form, pay = ask(app, case), ask(app, case, "payment", "2", title="Pay", amount=100, pay_url="https://pay.example/")
    signature = ask(app, case, "signature", "3", title="Sign it", words="All of this is true.")
    files = ask(app, case, "document", "4", title="Send a photo")
    sam.post(f"/tasks/{form.id}", **TYPED)
    sam.post(f"/tasks/{form.id}/check", version=str(now(app, sam, form).version))
    sam.post(f"/tasks/{signature.id}", signed_as="Sam Tester", agrees="yes")
    sam.post(f"/tasks/{files.id}", file=(io.BytesIO(PDF), "a.pdf"))
    sam.post(f"/tasks/{files.id}/check", version=str(now(app, sam, files).version))
    with app.test_request_context("/"):
        complete_task(STAFF, pay.id)
        session().commit()
    page = sam.get("/tasks")
    said = ["We noted your payment", "1 file, sent", "Signed as Sam Tester", "Your answers, sent by you"]
    assert [page.index(each) for each in said] == sorted(page.index(each) for each in said), "the latest first"
    assert "All of this is true." in sam.get(sam.client.page.links()["Sign it"])
    assert "Ann Example" in sam.get(f"/tasks/{form.id}/done")
    assert "File 1: PDF" in sam.get(f"/tasks/{files.id}/done")
    assert "Signed as" not in resident(app, "Robin").get("/tasks")


def test_what_is_done_is_paged(app: Flask, sam: Resident, case: Case, at: Clock) -> None:
    for each in range(22):
        task = ask(app, case, "document", str(each), title=f"Thing {each}.")
        at.advance(seconds=1)
        with app.test_request_context("/"):
            complete_task(STAFF, task.id)
            session().commit()
    first = sam.get("/tasks")
    assert ("Thing 21." in first, "Thing 2." in first, "Thing 1." in first) == (True, True, False)
    older = sam.get(sam.client.page.links()["Show older ones"])
    assert ("Thing 2." in older, "Thing 1." in older, "Thing 0." in older) == (False, True, True)
    assert "Thing 21." in sam.get("/tasks?before=nonsense")


def test_each_page_says_which_kind_of_case_asks(app: Flask, sam: Resident, case: Case) -> None:
    task = ask(app, case)
    for path in ("", "/check"):
        assert f'Licence <span class="moot-nowrap">{case.reference}' in sam.get(f"/tasks/{task.id}{path}")


def test_a_pdf_that_is_not_whole_says_what_to_do(app: Flask, sam: Resident, case: Case) -> None:
    task = ask(app, case, "document")
    sam.post(f"/tasks/{task.id}", status=200, file=(io.BytesIO(b"%PDF-1.7\nhalf of it"), "x.pdf"))
    sentence = "We could not read this file. Save it as a PDF again, or send a photo of it."
    assert sam.client.page.errors == [("#file", sentence)]
