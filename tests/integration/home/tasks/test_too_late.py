"""What a resident sends for a task that staff have ended meanwhile: they see what they typed."""

import pytest
from flask import Flask

from portal.cases.tasks import complete_task, save_task, withdraw_task
from portal.cases.values import Case
from portal.db.session import session
from tests.integration.home.tasks.asking import TYPED, ask, now
from tests.support.cases import STAFF
from tests.support.residents import Resident


@pytest.mark.parametrize("end", [withdraw_task, complete_task], ids=["withdrawn", "done"])
@pytest.mark.parametrize("late", [False, True], ids=["before", "between"])
def test_answers_to_what_staff_have_ended_are_shown(
    app: Flask, sam: Resident, case: Case, end: object, late: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = ask(app, case)
    sam.get(f"/tasks/{task.id}")

    def ended() -> None:
        end(STAFF, task.id)  # type: ignore[operator]  # one of the two
        session().commit()

    if late:  # after the page has been begun and before it saves
        real = save_task

        def saves(*arguments: object, **answers: object) -> object:
            ended()
            return real(*arguments, **answers)  # type: ignore[arg-type]  # as they came

        monkeypatch.setattr("portal.home.tasks.save_task", saves)
    else:
        with app.test_request_context("/"):
            ended()
    sam.post(f"/tasks/{task.id}", 200, **TYPED)
    page = sam.client.page.main
    assert "What you typed, which was not sent" in page
    for words in ("Who is your landlord?", "Ann Example", "1 March 2024", "Gas"):
        assert words in page, words
    assert now(app, sam, task).answers == {}


def test_words_that_are_no_answer_are_shown_as_they_were_typed(app: Flask, sam: Resident, case: Case) -> None:
    task = ask(app, case)
    with app.test_request_context("/"):
        withdraw_task(STAFF, task.id)
        session().commit()
    sam.post(f"/tasks/{task.id}", 200, **{**TYPED, "answer_since-month": "Smarch"})
    assert "1 Smarch 2024" in sam.client.page.main


def test_a_name_and_an_address_are_shown_too(app: Flask, sam: Resident, case: Case) -> None:
    for kind, typed in (("signature", {"signed_as": "Sam Tester"}), ("cosign", {"email": "robin@tests.example"})):
        task = ask(app, case, kind, key=kind, words="All of this is true.")
        with app.test_request_context("/"):
            complete_task(STAFF, task.id)
            session().commit()
        sam.post(f"/tasks/{task.id}", 200, **typed)
        assert next(iter(typed.values())) in sam.client.page.main


def test_a_page_sent_again_after_it_was_done_leads_to_what_was_done(app: Flask, sam: Resident, case: Case) -> None:
    task = ask(app, case)
    sam.post(f"/tasks/{task.id}", **TYPED)
    sam.get(f"/tasks/{task.id}/check")
    sam.client.submit()
    assert sam.post(f"/tasks/{task.id}", **TYPED).location == f"/tasks/{task.id}/done"
    sam.post(f"/tasks/{task.id}", 200, **{**TYPED, "answer_landlord": "Bob Example"})
    assert "Bob Example" in sam.client.page.main
    assert now(app, sam, task).answers["landlord"] == "Ann Example"
