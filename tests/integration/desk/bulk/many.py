"""Change many cases at once, and see what became of each."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import event, func, select

from portal.cases.models import CaseEventRow
from portal.cases.responses import write_response
from portal.cases.values import Case
from portal.conformance.pages import words
from portal.db.session import db, session
from tests.support.staff import Colleague
from tests.support.worker import work


def choose(who: Colleague, cases: list[Case], **values: str) -> str:
    """Choose cases and an act; the address of the preview."""
    answer = who.post("/desk/many", case=[each.reference for each in cases])
    path = str(answer.location)
    who.get(path)
    answer = who.client.submit(**values)
    assert answer.status_code == 303, who.client.page.main
    return path


def outcomes(who: Colleague, path: str) -> list[str]:
    """What became of each, in the order of the cases."""
    who.get(path)
    rows = who.client.page.all("tr")[1:]
    return [" ".join(words(cell) for cell in list(row)[-2:]) for row in rows]


def count(app: Flask, kind: str) -> int:
    with app.app_context():
        return session().scalar(select(func.count()).where(CaseEventRow.kind == kind)) or 0


def do_all(app: Flask) -> None:
    with app.app_context():
        work()


def written(app: Flask, who: Colleague, body: str) -> uuid.UUID:
    """A template for every kind of case."""
    template_id = uuid.uuid4()
    with app.test_request_context("/"):
        write_response(who.staff.actor, key=template_id, title="Visit", body=body, body_cy="", service="", type="")
        session().commit()
    return template_id


def statements(app: Flask, act: Callable[[], object]) -> list[str]:
    """What is sent to the database meanwhile."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:  # as the engine calls it
        sent.append(statement)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
    try:
        act()
    finally:
        with app.app_context():
            event.remove(db.engine, "before_cursor_execute", note)
    return sent
