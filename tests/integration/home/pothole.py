"""Sam's report of a pothole and what becomes of it, for tests of what Sam sees and does."""

import uuid

import pytest
from flask import Flask

from portal.cases.messages import send_message
from portal.cases.moving import move_case
from portal.cases.values import Case
from portal.db.session import session
from services.reporting.operations.sending import file_report
from services.reporting.rules.places import Place
from services.reporting.rules.written import Written
from tests.support.residents import Resident, resident

STAFF = f"staff:{uuid.UUID(int=7)}"
RIGHTS = frozenset({"look", "work", "decide"})


@pytest.fixture
def sams(app: Flask) -> Resident:
    """Sam, signed in."""
    return resident(app, "Sam")


@pytest.fixture
def report(app: Flask, sams: Resident) -> Case:
    """A pothole that Sam has reported."""
    with app.test_request_context("/"):
        made = file_report(
            sams.account,
            report_id=uuid.uuid4(),
            written=Written("pothole", Place("Larkspur Lane", None), "A deep hole."),
        )
        session().commit()
    return made


def page_of(case: Case, more: str = "") -> str:
    """Where its resident sees it."""
    return f"/cases/{case.reference}{more}"


def moved(app: Flask, case: Case, *way: str, reason: str = "") -> Case:
    """The case after the desk has moved it that way."""
    with app.test_request_context("/"):
        for to in way:
            case = move_case(case.id, to=to, actor=STAFF, channel="desk", reason=reason, rights=RIGHTS)
        session().commit()
    return case


def reply(app: Flask, case: Case, body: str, key: str = "a-key") -> None:
    """The desk writes to its resident."""
    with app.test_request_context("/"):
        send_message(STAFF, case.id, body, key=key, channel="desk")
        session().commit()


def key_of(sams: Resident, path: str) -> str:
    """What the form there sends, that it be taken once."""
    sams.get(path)
    return str(sams.client.page.all("input", name="key")[0].get("value"))
