"""What there is to do and what is done, listed on the resident's pages."""

import io
from datetime import timedelta

from flask import Flask
from sqlalchemy import update

from portal import clock
from portal.cases.talk_models import TaskRow
from portal.cases.tasks import complete_task
from portal.cases.values import Case
from portal.db.session import session
from tests.integration.home.tasks.asking import PDF, TYPED, ask, now
from tests.support.cases import STAFF
from tests.support.fixtures import Clock
from tests.support.residents import Resident, resident, statements


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
