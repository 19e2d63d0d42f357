"""Two people on one case see each other, whether by script or by opening the page; and it costs next to nothing."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, func, select

from portal import clock
from portal.cases.values import Case
from portal.db.session import session
from portal.desk import presence
from portal.desk.models import CaseViewerRow
from tests.support.desk import do
from tests.support.staff import Colleague, colleague


@pytest.fixture
def sunita(app: Flask) -> Colleague:
    return colleague(app, "Sunita", role="caseworker")


@pytest.fixture
def tom(app: Flask) -> Colleague:
    return colleague(app, "Tom", role="lead")


def page_of(case: Case) -> str:
    return f"/desk/cases/{case.reference}"


@contextmanager
def every_statement() -> Iterator[list[str]]:
    """What is sent to the database meanwhile, beside the request's own transaction too."""
    sent: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def poll(person: Colleague, case: Case, version: int | None = None, acting: str = "0") -> dict[str, Any]:
    answer = person.post(f"{page_of(case)}/here", 200, version=str(version or case.version), acting=acting)
    found: dict[str, Any] = json.loads(answer.get_data(as_text=True))
    return found


def test_the_second_who_opens_a_case_reads_that_the_first_is_there(
    app: Flask, case: Case, sunita: Colleague, tom: Colleague
) -> None:
    sunita.get(page_of(case))
    assert "has this case open too" not in sunita.client.page.main
    tom.get(page_of(case))
    assert "Sunita has this case open too." in tom.client.page.main


def test_the_first_hears_of_it_by_the_next_poll(app: Flask, case: Case, sunita: Colleague, tom: Colleague) -> None:
    sunita.get(page_of(case))
    assert poll(sunita, case) == {"here": "", "changed": ""}
    tom.get(f"{page_of(case)}/reply")
    assert poll(sunita, case)["here"] == "Tom is about to change something here."
    tom.get(page_of(case))
    assert poll(sunita, case)["here"] == "Tom has this case open too."


def test_an_open_page_hears_that_the_case_has_changed(
    app: Flask, case: Case, sunita: Colleague, tom: Colleague
) -> None:
    sunita.get(page_of(case))
    do(tom, case, "take")
    assert "This case has changed since you opened the page." in poll(sunita, case)["changed"]


def test_who_has_left_is_not_shown(app: Flask, case: Case, sunita: Colleague, tom: Colleague, at: Any) -> None:
    sunita.get(page_of(case))
    at.advance(seconds=61)
    tom.get(page_of(case))
    assert "Sunita has this case open" not in tom.client.page.main


def test_what_is_minutes_old_is_swept(app: Flask, case: Case, sunita: Colleague, tom: Colleague) -> None:
    sunita.get(page_of(case))
    with app.test_request_context("/"), clock.as_of(clock.now() + presence.SWEPT_AFTER + timedelta(seconds=1)):
        presence.note_here(case.id, tom.staff.id)
        presence.sweep()
        session().commit()
        assert list(session().scalars(select(CaseViewerRow.staff_id))) == [tom.staff.id]


def test_another_teams_case_answers_no_poll(app: Flask, case: Case) -> None:
    other = colleague(app, "Olu", role="lead", team="street_lighting")
    other.get("/desk/keys")
    other.post(f"{page_of(case)}/here", 404, version="1")
    with app.test_request_context("/"):
        assert session().scalar(select(func.count()).select_from(CaseViewerRow)) == 0


def test_a_poll_is_a_few_statements_and_does_not_keep_anybody_signed_in(
    app: Flask, case: Case, sunita: Colleague, at: Any
) -> None:
    sunita.get(page_of(case))
    at.advance(minutes=14)
    with every_statement() as sent:
        poll(sunita, case)
    writing = [each for each in sent if re.search(r"\b(insert into|update|delete from) ", each, re.IGNORECASE)]
    assert len(writing) == 1, writing
    assert "case_viewer" in writing[0]
    assert len(sent) <= 5, sent
    at.advance(minutes=2)
    sunita.get(page_of(case), 303)  # fifteen minutes after they last did something themselves


def test_two_polls_at_once_write_once(app: Flask, case: Case, sunita: Colleague, at: Any) -> None:
    with app.test_request_context("/"):
        presence.note_here(case.id, sunita.staff.id)
        first = session().scalars(select(CaseViewerRow.seen_at)).one()
        session().rollback()
        at.advance(seconds=2)
        presence.note_here(case.id, sunita.staff.id)
        assert session().scalars(select(CaseViewerRow.seen_at)).one() == first
