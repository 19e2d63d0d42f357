"""The pages of a form: questions are answered, checked and sent."""

import pytest
from flask import Flask

from portal.cases.task_forms import TaskField, TaskForm
from portal.cases.tasks import save_task
from portal.cases.values import Case
from portal.db.session import session
from tests.integration.home.tasks.asking import TYPED, ask, now
from tests.support.residents import Resident, resident
from tests.support.talk import ANSWERS, TENANCY


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
