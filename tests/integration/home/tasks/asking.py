"""What the council asks for, what a resident types in answer, and how the task then stands."""

from typing import Any

from flask import Flask

from portal.cases.talk_values import Task
from portal.cases.task_queries import get_task
from portal.cases.tasks import set_task
from portal.cases.values import Case
from portal.db.session import session
from tests.support.cases import STAFF
from tests.support.residents import Resident

PDF = b"%PDF-1.7\n%%EOF\n"


TYPED = {
    "answer_landlord": "Ann Example",
    "answer_since-day": "1",
    "answer_since-month": "3",
    "answer_since-year": "2024",
    "answer_rooms": "3",
    "answer_heating": "gas",
}


def ask(app: Flask, case: Case, kind: str = "form", key: str = "1", **values: Any) -> Task:
    known = {"title": "Tell us about your tenancy", "form": "tenancy" if kind == "form" else ""}
    with app.test_request_context("/"):
        made = set_task(case.id, kind=kind, actor=STAFF, key=key, **{**known, **values})  # type: ignore[arg-type]  # by name
        session().commit()
    return made


def now(app: Flask, sam: Resident, task: Task) -> Task:
    with app.test_request_context("/"):
        return get_task(sam.account.id, task.id)
