"""What is stuck on its way to another system, before staff: why, sent again by hand, or kept here."""

import pytest
from flask import Flask

from portal.kit import session
from services.reporting.operations.passing_on import keep_on_desk
from services.reporting.tests.test_desk_moderation import DESK, filed, mo, the_report
from services.reporting.views.desk import stuck
from tests.support.residents import Resident
from tests.support.staff import Colleague, colleague

__all__ = ["mo"]
ACTOR = "system:tests"


def make_stuck(reference: str, reason: str = "no_answer") -> None:
    report = the_report(reference)
    report.way, report.office, report.stuck = "open311", "works", reason
    session().commit()


def test_stuck_reports_are_listed_with_the_reason_and_sent_again(ada: Resident, mo: Colleague, context: Flask) -> None:
    one, two = filed(ada), filed(ada)
    make_stuck(one)
    make_stuck(two, "duplicate jurisdiction")
    page = mo.get(f"{DESK}/stuck")
    assert "It has not answered for a month." in page
    assert "It refused: duplicate jurisdiction" in page
    mo.post(f"{DESK}/stuck/{one}", do="again")
    assert the_report(one).stuck == ""
    assert the_report(one).way == "open311"
    mo.post(f"{DESK}/stuck/{two}", do="desk")
    assert (the_report(two).stuck, the_report(two).way) == ("", "desk")
    assert "No report is stuck." in mo.get(f"{DESK}/stuck")


def test_a_list_that_is_cut_says_how_many_there_are(
    ada: Resident, mo: Colleague, context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_stuck(filed(ada), "id_taken")
    monkeypatch.setattr(stuck, "count_stuck", lambda _among: 231)
    page = mo.get(f"{DESK}/stuck")
    assert "These are 1 of 231." in page
    assert "It gave the number of another report of ours." in page


def test_the_list_and_the_case_say_what_is_stuck(ada: Resident, mo: Colleague, context: Flask) -> None:
    reference = filed(ada)
    pages, way_out = (f"{DESK}/work", f"/desk/cases/{reference}"), f'href="{DESK}/stuck"'
    assert not any(way_out in mo.get(page) for page in pages)
    make_stuck(reference)
    assert all(way_out in mo.get(page) for page in pages)
    assert "Not taken" in mo.get(pages[0])


def test_all_are_sent_again_but_another_teams(ada: Resident, context: Flask, app: Flask) -> None:
    mine = filed(ada)
    make_stuck(mine)
    parks = colleague(app, "Pat", role="caseworker", team="parks")
    assert mine not in parks.get(f"{DESK}/stuck")
    parks.post(f"{DESK}/stuck")
    assert the_report(mine).stuck == "no_answer"


def test_what_is_stuck_no_more_is_not_sent_twice(ada: Resident, mo: Colleague, context: Flask) -> None:
    reference = filed(ada)
    make_stuck(reference)
    keep_on_desk(ACTOR, report_id=the_report(reference).id)
    session().commit()
    mo.post(f"{DESK}/stuck/{reference}", do="again")
    assert the_report(reference).way == "desk"
