"""A case that goes to another team while a form waits for it: nothing of the form is done, and no word is lost."""

import io
import threading
import time
import uuid
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, text, update

from portal.accounts.values import Account
from portal.cases.documents import add_document
from portal.cases.models import CaseRow
from portal.cases.tasks import set_task
from portal.cases.values import Case
from portal.db.session import session
from tests.integration.desk.acts import kinds, page_of
from tests.support.cases import STAFF
from tests.support.photos import photo
from tests.support.staff import Colleague, colleague

WAITS = text("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%FOR UPDATE%'")


@pytest.fixture
def rita(app: Flask, case: Case) -> Colleague:
    """Somebody who decides the cases of the team that has this one."""
    with app.app_context():
        session().execute(update(CaseRow).where(CaseRow.id == case.id).values(team="north"))
        session().commit()
    return colleague(app, "Rita", role="decider", team="north")


def of_the_case(app: Flask, case: Case, sam: Account) -> dict[str, str]:
    """A task and a document of this case, as addresses name them."""
    with app.test_request_context("/"):
        document = add_document(f"account:{sam.id}", case.id, io.BytesIO(photo()), title="A lease", key="1")
        task = set_task(case.id, kind="document", title="Send a photo", actor=STAFF, key="1")
        session().commit()
    return {"task": str(task.id), "document": str(document.id)}


def goes_south_while(engine: Engine, case: Case, send: threading.Thread) -> None:
    """Pass it to another team, and let that be certain once somebody waits for the case."""
    with engine.connect() as holding, engine.connect() as watching:
        holding.execute(text("update portal.case set team = 'south' where id = :id"), {"id": case.id})
        send.start()
        until = time.monotonic() + 20
        while not watching.scalar(WAITS) and send.is_alive() and time.monotonic() < until:
            watching.rollback()
            time.sleep(0.02)
        holding.commit()
    send.join()


@pytest.mark.parametrize(
    ("act", "typed"),
    [
        ("note", {"body": "They rang and asked for a date."}),
        ("add-document", {"title": "A drawing", "who": "both"}),
        ("tasks/{task}/complete", {}),
        ("documents/{document}/remove", {"reason": "It was somebody else's letter."}),
    ],
    ids=["note", "add", "complete", "remove"],
)
def test_what_waited_for_a_case_that_is_no_longer_theirs_is_not_done(
    app: Flask, case: Case, sam: Account, rita: Colleague, cleaning_engine: Engine, act: str, typed: dict[str, Any]
) -> None:
    path = f"{page_of(case)}/{act.format(**of_the_case(app, case, sam))}"
    before, answers = kinds(app, case), list[Any]()
    rita.get(path)
    sent = {"csrf_token": rita.token(), "key": uuid.uuid4().hex, "version": "3", **typed}
    if act == "add-document":
        sent["file"] = (io.BytesIO(photo()), "drawing.jpg")
    send = threading.Thread(target=lambda: answers.append(rita.client.post(path, data=sent)))
    goes_south_while(cleaning_engine, case, send)
    assert [answer.status_code for answer in answers] == [404]
    assert kinds(app, case) == before
    if "body" in typed:
        assert typed["body"] in rita.client.page.html
