"""Was it fixed? Asked once, two weeks after, of whoever reported it; a No opens the report again."""

import re

import pytest
from flask import Flask

from portal.kit import session
from services.reporting.models.reports import Report
from services.reporting.operations import asking_fixed
from services.reporting.tests.telling import Stranger, filed, link_in, moved
from tests.support.fixtures import Clock
from tests.support.outbox import letters
from tests.support.residents import Resident


@pytest.fixture
def stranger(app: Flask) -> Stranger:
    return Stranger(app)


def asked_after(at: Clock, days: float) -> int:
    """Go on so many days and ask; how many letters there are now."""
    at.advance(days=days)
    asking_fixed.ask_fixed()
    session().commit()
    return len(letters(asking_fixed.LETTER))


def test_it_is_asked_once_and_only_of_what_was_fixed(ada: Resident, context: Flask, at: Clock) -> None:
    moved(filed(ada), "with_team", "fixed")
    moved(filed(ada), "with_team", "no_action")
    filed(ada)
    assert asked_after(at, 13) == 0
    assert asked_after(at, 2) == 1
    assert asked_after(at, 5) == 1
    assert letters(asking_fixed.LETTER)[0].to_address == "ada@tests.example"


def test_a_no_opens_it_again_with_what_is_left_to_do(
    ada: Resident, stranger: Stranger, context: Flask, at: Clock
) -> None:
    report_id = filed(ada)
    moved(report_id, "with_team", "fixed")
    asked_after(at, 15)
    link = link_in(asking_fixed.LETTER)
    for _scanner in range(3):
        stranger.get(link)
    assert "Tell us what is left to do." in stranger.send(link, status=200, fixed="no")
    stranger.send(link, fixed="no", words="The hole is still there.")
    session().expire_all()
    report = session().get_one(Report, report_id)
    assert (report.status, report.closed_at) == ("with_team", None)
    assert "Your report is open." in stranger.get(link)
    moved(report_id, "fixed")
    assert asked_after(at, 15) == 2  # after its new end it is asked anew
    stranger.send(link_in(asking_fixed.LETTER), fixed="no", words="Half is still there.")
    session().expire_all()
    assert session().get_one(Report, report_id).closed_at is None


def test_a_yes_is_kept_and_asked_no_more(ada: Resident, stranger: Stranger, context: Flask, at: Clock) -> None:
    report_id = filed(ada)
    moved(report_id, "with_team", "fixed")
    asked_after(at, 15)
    link = link_in(asking_fixed.LETTER)
    stranger.send(link, fixed="yes")
    assert "it was fixed" in stranger.get(link)
    session().expire_all()
    assert session().get_one(Report, report_id).said_fixed is True
    assert asked_after(at, 1) == 1


def test_a_no_that_comes_too_late_is_told_so(ada: Resident, stranger: Stranger, context: Flask, at: Clock) -> None:
    moved(filed(ada), "with_team", "fixed")
    asked_after(at, 15)
    at.advance(days=20)
    page = stranger.send(link_in(asking_fixed.LETTER), status=200, fixed="no", words="It is back.")
    assert re.search("too late to reopen", page)
