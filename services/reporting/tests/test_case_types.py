"""What the ledger is told of reports: team, ward, promise, facts, and what comes back of a move."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from portal.kit import Case, Refused, after_working_days, clock, get_case, move_case, session, timeline
from services.reporting import workflow
from services.reporting.models.reports import Report
from services.reporting.operations.forgetting import forget
from services.reporting.operations.sending import file_report
from services.reporting.queries.about import case_facts
from services.reporting.rules.categories import title_of
from services.reporting.rules.places import Place, Point, find_ward
from services.reporting.rules.written import Written
from services.reporting.settings.reporting import ReportingSettings
from tests.support.residents import Resident, resident

HERE = Place("Larkspur Lane, 3", Point(51.4927, -0.2339))
STAFF = "staff:7"


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    with app.test_request_context("/"):
        yield app


@pytest.fixture
def ada(app: Flask) -> Resident:
    return resident(app, "Ada")


@pytest.fixture
def case(ada: Resident, context: Flask) -> Case:
    """Ada's pothole."""
    return file_report(ada.account, report_id=uuid4(), written=Written("pothole", HERE, "A hole.\nA deep one."))


def test_a_report_lies_with_its_team_in_its_ward_with_a_promise(case: Case) -> None:
    assert (case.team, case.area) == ("highways", "old_common")
    assert case.due_at is not None
    assert workflow.type_of("pothole").promise is not None


def test_a_place_in_words_is_in_no_ward_and_the_first_ward_counts() -> None:
    wards = ReportingSettings().wards
    assert [find_ward(point, wards) for point in (None, HERE.point, Point(0, 0))] == ["", "old_common", ""]


def test_facts_are_what_was_told_until_it_is_forgotten(ada: Resident, case: Case) -> None:
    facts = case_facts(case)
    assert [fact.lines for fact in facts] == [["Pothole"], ["Larkspur Lane, 3"], ["A hole.", "A deep one."]]
    forget(ada.account)
    session().expire_all()
    assert case_facts(case) == ()


def test_the_report_knows_whether_it_is_open_whoever_moves_the_case(ada: Resident, case: Case) -> None:
    with pytest.raises(Refused, match="Say why"):
        move_case(case.id, to="no_action", actor=STAFF, channel="desk", rights={"decide"})
    moved = move_case(case.id, to="no_action", actor=STAFF, channel="desk", reason="Not ours.", rights={"decide"})
    closed_at = session().scalar(select(Report.closed_at).where(Report.case_id == case.id))
    assert closed_at == moved.closed_at == get_case(ada.account.id, case.id).closed_at
    assert closed_at is not None


@pytest.mark.parametrize(
    ("category", "family", "days"),
    [("pavement", "roads", 10), ("traffic_light", "lights", 1), ("graffiti", "graffiti", 7)],
)
def test_a_case_bears_the_name_and_the_promise_of_its_category(
    ada: Resident, context: Flask, category: str, family: str, days: int
) -> None:
    opened = file_report(ada.account, report_id=uuid4(), written=Written(category, HERE, "Broken."))
    session().commit()
    assert (opened.type, opened.summary) == (family, category)
    assert opened.due_at is not None
    promised_on = after_working_days(opened.opened_at.astimezone(clock.LOCAL).date(), days)
    assert opened.due_at.astimezone(clock.LOCAL).date() == promised_on
    title = title_of(category)
    assert f"{title}: Received" in [event.title for event in timeline(opened.id)]
    assert title in ada.get(f"/cases/{opened.reference}")
    assert title in ada.get("/home")


def test_what_the_ledger_says_stands_beside_the_report_too(ada: Resident, case: Case) -> None:
    def noted() -> Report:
        session().expire_all()
        return session().scalars(select(Report).where(Report.case_id == case.id)).one()

    fresh = noted()
    assert (fresh.reference, fresh.status, fresh.due_at) == (case.reference, "received", case.due_at)
    assert fresh.passed_on_at is None
    fresh.status_note, fresh.said_fixed = "We are looking.", False
    moved = move_case(case.id, to="with_team", actor=STAFF, channel="desk", rights={"work"})
    passed = noted()
    assert (passed.status, passed.status_note, passed.updated_at) == ("with_team", "", moved.updated_at)
    assert passed.passed_on_at is not None


def test_answers_and_privacy_are_among_what_was_told(ada: Resident, context: Flask) -> None:
    place = Place("Larkspur Lane", HERE.point, asset="20001")
    written = Written("street_light", place, "Out.", answers={"fault": "out", "several": "no"}, private=True)
    opened = file_report(ada.account, report_id=uuid4(), written=written)
    told = {str(fact.label): fact.lines for fact in case_facts(opened)}
    assert told["Lamp column number"] == ["20001"]
    assert told["What is wrong with the light?"] == ["It does not come on"]
    assert told["Who can see it"] == ["Only whoever reported it and the council"]
