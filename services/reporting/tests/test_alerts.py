"""Alerts: each report once, only what everybody sees, in the morning; by letter only once it is confirmed."""

import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.kit import session
from services.reporting.models.following import Alert, AlertTold
from services.reporting.models.reports import Report
from services.reporting.operations import alerting
from services.reporting.operations.moderating import hide_report, show_report
from services.reporting.tests.telling import STAFF, Stranger, filed, link_in, reference_of
from tests.support.fixtures import Clock
from tests.support.nights import let_go
from tests.support.outbox import letters
from tests.support.residents import Resident
from tests.support.worker import work

ALERTS = "/services/reporting/alerts"
AROUND: dict[str, Any] = {"where": "near", "postcode": "W6 9JU", "metres": "1000"}


@pytest.fixture
def stranger(app: Flask) -> Stranger:
    return Stranger(app)


def morning(at: Clock) -> None:
    """The next day's letters."""
    at.advance(hours=24)
    alerting.send_alerts()
    session().commit()
    while work():
        pass


def test_each_new_report_around_is_told_once(ada: Resident, ben: Resident, context: Flask, at: Clock) -> None:
    ben.post(f"{ALERTS}/new", **AROUND)
    near, far, private = filed(ada), filed(ada, north=3000), filed(ada, private=True)
    morning(at)
    (letter,) = letters(alerting.NEWS)
    assert reference_of(near) in letter.body
    assert re.search(r"Pothole, [A-Z][a-z].+, \d", letter.body)
    assert reference_of(far) not in letter.body
    assert reference_of(private) not in letter.body
    assert "Ada" not in letter.body
    morning(at)
    assert len(letters(alerting.NEWS)) == 1
    again = filed(ada)
    morning(at)
    assert reference_of(again) in letters(alerting.NEWS)[-1].body
    assert reference_of(near) not in letters(alerting.NEWS)[-1].body


def test_a_report_that_is_hidden_and_shown_again_is_not_told_twice(
    ada: Resident, ben: Resident, context: Flask, at: Clock
) -> None:
    ben.post(f"{ALERTS}/new", **AROUND)
    report_id = filed(ada)
    morning(at)
    hide_report(STAFF, report_id=report_id)
    show_report(STAFF, report_id=report_id)
    session().commit()
    morning(at)
    assert len(letters(alerting.NEWS)) == 1


def test_the_job_that_runs_twice_tells_once(ada: Resident, ben: Resident, context: Flask, at: Clock) -> None:
    ben.post(f"{ALERTS}/new", **AROUND)
    filed(ada)
    morning(at)
    alerting.send_alerts()
    session().commit()
    work()
    assert len(letters(alerting.NEWS)) == 1
    assert session().scalar(select(func.count()).select_from(AlertTold)) == 1


def test_a_ward_and_one_kind_of_problem(ada: Resident, ben: Resident, context: Flask, at: Clock) -> None:
    ward = session().get_one(Report, filed(ada)).ward
    ben.post(f"{ALERTS}/new", where="ward", ward=ward, category="graffiti")
    paint, _hole = filed(ada, category="graffiti"), filed(ada)
    morning(at)
    (letter,) = letters(alerting.NEWS)
    assert reference_of(paint) in letter.body
    assert letter.body.count("/problems/") == 1


def test_somebody_without_an_account_presses_a_button_first(
    ada: Resident, stranger: Stranger, context: Flask, at: Clock
) -> None:
    stranger.send(f"{ALERTS}/new", **AROUND, email="new@tests.example")
    link = link_in(alerting.LETTER)
    for _scanner in range(3):
        stranger.get(link)
    filed(ada)
    morning(at)
    assert letters(alerting.NEWS) == []
    stranger.send(link)
    filed(ada)
    morning(at)
    (letter,) = letters(alerting.NEWS)
    assert letter.to_address == "new@tests.example"
    stop = link_in(alerting.NEWS, which=-1)
    stranger.send(stop, stop="yes")
    stranger.get(stop, status=404)
    assert session().scalar(select(func.count()).select_from(Alert)) == 0


def test_what_nobody_confirms_is_forgotten(stranger: Stranger, context: Flask, at: Clock) -> None:
    stranger.send(f"{ALERTS}/new", **AROUND, email="new@tests.example")
    at.advance(days=4)
    let_go()
    assert session().scalar(select(func.count()).select_from(Alert)) == 0


def test_own_alerts_are_listed_and_stopped_and_nobody_elses(ada: Resident, ben: Resident, context: Flask) -> None:
    for _twice in range(2):
        ben.post(f"{ALERTS}/new", **AROUND)
    assert ben.get(ALERTS).count("Stop this alert") == 1
    alert_id = session().scalars(select(Alert.id)).one()
    ada.post(f"{ALERTS}/{alert_id}/stop", status=404)
    ben.post(f"{ALERTS}/{alert_id}/stop")
    assert "You have no alerts." in ben.get(ALERTS)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Choose where"),
        ({"where": "ward"}, "Choose a ward"),
        ({"where": "near"}, "Enter a postcode"),
        ({"where": "near", "postcode": "M1 1AA"}, "We know no address of ours"),
    ],
    ids=["nothing", "no-ward", "no-postcode", "elsewhere"],
)
def test_what_is_missing_is_said(ben: Resident, context: Flask, values: dict[str, Any], sentence: str) -> None:
    assert any(sentence in each for each in ben.refused(f"{ALERTS}/new", **{"metres": "500"} | values))
    assert ("find-local-council" in ben.client.page.html) == ("postcode" in sentence or "address" in sentence)


def test_the_form_takes_over_what_a_list_was_narrowed_to(ada: Resident, context: Flask) -> None:
    page = ada.get(f"{ALERTS}/new?ward=riverside&category=group:roads")
    ward = ada.client.page.all("input", name="where", value="ward")[0]
    assert ward.get("checked") is not None
    assert "You came from a list of several kinds" in page
    ada.get(f"{ALERTS}/new?lat=51.4&lon=-0.2&metres=250&near=W6+9JU")
    assert ada.client.page.all("input", name="where", value="near")[0].get("checked") is not None
    assert ada.client.page.all("input", name="postcode")[0].get("value") == "W6 9JU"
    assert 'value="250" selected' in ada.client.page.html
