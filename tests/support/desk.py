"""Cases of the demo's own service at the desk, and what staff do with them there."""

import uuid

from flask import Flask

from portal.accounts.values import Account
from portal.cases.queries import get_case_for_staff
from portal.cases.values import Case
from portal.db.session import session
from services.reporting.operations.sending import file_report
from services.reporting.rules.places import Place
from services.reporting.rules.written import Written
from tests.support.staff import Colleague

WORDS = "A hole as deep as a bucket."


def report(app: Flask, account: Account, *, category: str = "pothole", words: str = WORDS) -> Case:
    """A report of this resident's, committed."""
    with app.test_request_context("/"):
        place = Place("Larkspur Lane", None)
        case = file_report(account, report_id=uuid.uuid4(), written=Written(category, place, words))
        session().commit()
    return case


def now(app: Flask, case: Case) -> Case:
    """The case as it is."""
    with app.test_request_context("/"):
        found = get_case_for_staff(case.id)
        session().rollback()
    return found


def do(person: Colleague, case: Case, act: str, /, **typed: str) -> None:
    """Open the page of an act, fill it in, send it, and come back to the case."""
    path = f"/desk/cases/{case.reference}/{act}"
    person.get(path)
    answer = person.client.submit(path, key=_hidden(person, "key"), **typed)
    assert answer.status_code == 303, person.client.page.errors
    person.client.follow(answer)


def _hidden(person: Colleague, name: str) -> str:
    return str(person.client.page.all("input", name=name)[0].get("value"))
