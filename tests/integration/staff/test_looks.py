"""Who looked at whose record: every look has a reason that is known or asked for, and the resident can read it."""

import uuid
from typing import Any

import pytest
from flask import Flask, request
from sqlalchemy import select, update

from portal.accounts.values import Account
from portal.audit.models import AuditEntry
from portal.cases.models import CaseRow
from portal.cases.values import Case
from portal.db.session import session
from portal.kit.at_desk import asked_why, get_desk_case
from portal.staff.models import StaffLookRow
from portal.staff.rights import ANY, needs
from services.reporting.operations.sending import file_report
from services.reporting.rules.places import Place
from services.reporting.rules.written import Written
from tests.support.fixtures import Clock
from tests.support.staff import Colleague, colleague


@pytest.fixture
def case(app: Flask, sam: Account) -> Case:
    """A report of Sam's, on the list of the north team."""
    with app.test_request_context("/"):
        place = Place("Larkspur Lane", None)
        case = file_report(sam, report_id=uuid.uuid4(), written=Written("pothole", place, "A hole."))
        session().execute(update(CaseRow).where(CaseRow.id == case.id).values(team="north", area="ward"))
        session().commit()
        return case


@pytest.fixture(autouse=True)
def page(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of the desk that shows the case named in the query."""

    def show() -> object:
        case = get_desk_case(request.args["case"])
        return asked_why(case, case.reference) or {"shown": case.reference}

    monkeypatch.setitem(app.view_functions, "desk_front.front", needs(ANY)(show))


def look(who: Colleague, case: Case, status: int = 200) -> object:
    answer = who.client.get(f"/desk?case={case.reference}")
    assert answer.status_code == status
    return answer


def looks(app: Flask) -> list[StaffLookRow]:
    with app.app_context():
        return list(session().scalars(select(StaffLookRow).order_by(StaffLookRow.id)))


def test_working_a_case_on_ones_list_is_reason_enough(app: Flask, case: Case, sam: Account) -> None:
    sunita = colleague(app, role="caseworker", team="north")
    look(sunita, case)
    (seen,) = looks(app)
    assert (seen.account_id, seen.case_id, seen.staff_id) == (sam.id, case.id, sunita.staff.id)
    assert (seen.role, seen.team, seen.reason, seen.written) == ("caseworker", "north", "on_list", False)


@pytest.mark.parametrize(
    ("where", "said"),
    [({"team": "north", "service": "reporting"}, "north"), ({"service": "reporting"}, "reporting"), ({}, "")],
)
def test_the_team_said_is_the_one_that_their_right_is_for(app: Flask, case: Case, where: Any, said: str) -> None:
    look(colleague(app, "Lena", role="lead", **where), case)
    assert [each.team for each in looks(app)] == [said]
    with app.app_context():
        entry = session().scalars(select(AuditEntry).where(AuditEntry.act == "staff.looked")).one()
    assert entry.details["team"] == said


def test_it_is_on_the_audit_trail_too(app: Flask, case: Case, sam: Account) -> None:
    sunita = colleague(app, team="north")
    look(sunita, case)
    with app.app_context():
        entry = session().scalars(select(AuditEntry).where(AuditEntry.act == "staff.looked")).one()
    assert (entry.actor, entry.account_id, entry.subject) == (sunita.staff.actor, sam.id, f"case:{case.id}")


def test_turning_the_pages_of_one_case_is_one_look(app: Flask, case: Case, at: Clock) -> None:
    sunita = colleague(app, team="north")
    look(sunita, case)
    at.advance(minutes=5)
    look(sunita, case)
    assert len(looks(app)) == 1
    at.advance(minutes=14)
    look(sunita, case)
    assert len(looks(app)) == 2


def test_who_may_only_look_is_asked_why_first(app: Flask, case: Case) -> None:
    vera = colleague(app, "Vera", role="viewer")
    answer = vera.client.get(f"/desk?case={case.reference}")
    assert answer.status_code == 303
    assert looks(app) == []
    vera.client.follow(answer)
    vera.client.submit(reason="")
    assert vera.client.page.errors[0][1] == "Enter why you need to see this"
    answer = vera.client.submit(reason="A question from the councillor.")
    assert vera.client.follow(answer).json == {"shown": case.reference}
    (seen,) = looks(app)
    assert (seen.reason, seen.written, seen.role) == ("A question from the councillor.", True, "viewer")


def test_the_reason_is_asked_for_again_after_an_hour(app: Flask, case: Case, at: Clock) -> None:
    vera = colleague(app, "Vera", role="viewer")
    vera.client.follow(vera.client.get(f"/desk?case={case.reference}"))
    vera.client.submit(reason="A complaint.")
    for minutes in (13, 13, 13, 13):
        at.advance(minutes=minutes)
        look(vera, case)
    at.advance(minutes=12)
    vera2 = colleague(app, "Vera", role="viewer")
    look(vera2, case)
    at.advance(minutes=61)
    look(colleague(app, "Vera", role="viewer"), case, 303)


def test_another_teams_case_is_none_at_all(app: Flask, case: Case) -> None:
    look(colleague(app, team="south"), case, 404)
    look(colleague(app, "Lee", role="lead", service="libraries"), case, 404)
    look(colleague(app, "Ann", role="administrator"), case, 404)
    assert looks(app) == []


def test_a_right_for_no_team_is_not_said_to_be_a_teams_list(app: Flask, case: Case) -> None:
    look(colleague(app, "Wanda", role="caseworker"), case)
    look(colleague(app, "Sunita", role="caseworker", team="north"), case)
    assert [each.reason for each in looks(app)] == ["of_kind", "on_list"]
