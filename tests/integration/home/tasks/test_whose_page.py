"""For whom the pages of a task are there, for how long, and which case they name."""

import uuid

import pytest
from flask import Flask

from portal.cases.moving import move_case
from portal.cases.queries import timeline
from portal.cases.tasks import withdraw_task
from portal.cases.values import Case
from portal.db.session import session
from tests.integration.home.tasks.asking import TYPED, ask
from tests.support.cases import RIGHTS, STAFF
from tests.support.residents import Resident, resident


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


def test_another_residents_task_looks_like_none(app: Flask, case: Case) -> None:
    task, robin = ask(app, case), resident(app, "Robin")
    for path in ("", "/check", "/done"):
        robin.get(f"/tasks/{task.id}{path}", status=404)
        robin.get(f"/tasks/{uuid.uuid4()}{path}", status=404)
    for path in ("", "/check", f"/files/{uuid.uuid4()}/remove", "/invitation/withdraw"):
        robin.post(f"/tasks/{task.id}{path}", status=404, version="1", **TYPED)


def test_each_page_says_which_kind_of_case_asks(app: Flask, sam: Resident, case: Case) -> None:
    task = ask(app, case)
    for path in ("", "/check"):
        assert f'Licence <span class="moot-nowrap">{case.reference}' in sam.get(f"/tasks/{task.id}{path}")
