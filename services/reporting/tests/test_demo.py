"""The demo's reports: on the demo's map, with answers that fit, loaded once however often, and open to all."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.kit import Account, cases_of, session
from services.reporting.demo import all as demo
from services.reporting.demo.neighbours import UNSEEN, demo_reports
from services.reporting.demo.residents import REPORTS
from services.reporting.models.reports import Report
from services.reporting.queries.public import list_public
from services.reporting.rules.answers import check_answers
from services.reporting.rules.wanted import Wanted
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.settings.shapes import Point
from services.reporting.tests.conftest import START
from services.reporting.workflow import MOVES
from tests.support.residents import resident
from tests.support.staff import colleague

SETTINGS = ReportingSettings()
WAYS = {(move.source, move.target) for move in MOVES}


@pytest.fixture
def staff(app: Flask) -> str:
    """The caseworker of the demo."""
    return colleague(app, "Nora").staff.actor


def loaded(app: Flask, staff: str, *keys: str) -> dict[str, Account]:
    accounts = {key: resident(app, key.title()).account for key in keys}
    with app.app_context():
        for _each in range(2):
            demo.load(accounts, staff)
            session().commit()
    return accounts


def test_the_demo_loads_twice_without_doubling(app: Flask, staff: str) -> None:
    accounts = loaded(app, staff, "ada", "ben")
    theirs = [report for report in REPORTS if report.person in accounts]
    with app.app_context():
        assert session().scalar(select(func.count()).select_from(Report)) == len(theirs) + len(demo_reports())
        found = {case.status for account in accounts.values() for case in cases_of(account.id)}
        shown = list_public(Wanted(), limit=100)
        waiting = session().scalar(select(func.count()).where(Report.moderation == "waiting"))
    assert found == {"received", "with_team", "in_progress", "fixed", "duplicate"}
    assert len(shown) >= 39
    assert waiting == len(theirs) + UNSEEN


def test_every_demo_report_of_a_resident_can_be_opened(app: Flask, staff: str) -> None:
    people = {key: resident(app, key.title()) for key in ("ada", "ben", "carys")}
    with app.app_context():
        demo.load({key: person.account for key, person in people.items()}, staff)
        session().commit()
        references = {key: [case.reference for case in cases_of(person.account.id)] for key, person in people.items()}
    for key, person in people.items():
        for reference in references[key]:
            person.get(f"/cases/{reference}")
            person.get(f"{START}/reports/{reference}/sent")


@pytest.mark.parametrize("told", demo_reports(), ids=lambda told: told["place"])
def test_a_neighbours_report_is_one_that_the_pages_would_take(told: dict[str, Any]) -> None:
    category = SETTINGS.catalogue.by_code[told["category"]]
    _kept, faults = check_answers(category, told["answers"])
    assert not faults
    assert SETTINGS.ground.is_ours(Point(told["lat"], told["lon"]))
    ways = list(zip(["received", *told["moves"]], told["moves"], strict=False))
    assert set(ways) <= WAYS
