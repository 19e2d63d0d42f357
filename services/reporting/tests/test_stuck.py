"""What an office did not take, before an operator: listed whole, with the reason, and sent again one by one."""

import pytest
from flask import Flask

from portal.kit import session
from services.reporting.demo import all as demo
from services.reporting.operations import sending
from services.reporting.operations.passing_on import keep_on_desk
from services.reporting.operations.stuck_commands import COMMANDS
from services.reporting.queries import stuck
from services.reporting.tests.playing_works import PlayedWorks
from services.reporting.tests.programs import Program
from services.reporting.tests.test_passing_on import STAFF, kept, program, sent, works
from tests.support.fixtures import Clock
from tests.support.staff import colleague
from tests.support.worker import work

__all__ = ["program", "works"]


def test_an_operator_sees_what_is_stuck_and_sends_it_again(works: PlayedWorks, program: Program) -> None:
    works.behave(takes="never")
    report = sent(program)
    assert f"{report.reference}  " in COMMANDS["stuck-list"].run([])
    assert "street_light for works: The contract" in COMMANDS["stuck-list"].run([])
    works.behave()
    named = ["nothing", report.reference.lower(), report.reference]
    assert COMMANDS["stuck-send"].run(named).splitlines() == [
        "nothing: There is no such report.",
        f"{report.reference}: This report is not stuck.",
        "1 sent again.",
    ]
    work()
    assert COMMANDS["stuck-list"].run([]) == "No report is stuck."
    assert len(works.jobs) == 1


def test_what_was_left_behind_is_said_so_and_sent_by_hand(
    works: PlayedWorks, program: Program, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as given_up:
        given_up.setattr(sending, "pass_on", lambda _report: None)
        report = sent(program)
    at.advance(hours=7)
    assert COMMANDS["stuck-list"].run([]).endswith("for works: not_sent")
    assert COMMANDS["stuck-send"].run([]) == "1 sent again."
    assert COMMANDS["stuck-send"].run([report.reference]).endswith("not stuck.\n0 sent again.")
    work()
    assert (kept(report.reference).external_id, len(works.jobs)) == ("W-1001", 1)
    assert COMMANDS["stuck-list"].run([]) == "No report is stuck."


def test_more_than_fill_a_page_are_listed_counted_and_sent(
    works: PlayedWorks, program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    works.behave(takes="never")
    for number in range(3):
        sent(program, description=f"Lamp {number} is out.")
    monkeypatch.setattr(stuck, "MOST", 1)
    assert (len(COMMANDS["stuck-list"].run([]).splitlines()), stuck.count_stuck()) == (3, 3)
    assert COMMANDS["stuck-send"].run([]) == "3 sent again."


def test_staff_may_keep_a_stuck_report_on_their_desk(works: PlayedWorks, program: Program) -> None:
    works.behave(takes="never")
    report = sent(program)
    keep_on_desk(STAFF, report_id=report.id)
    session().commit()
    assert (kept(report.reference).way, kept(report.reference).stuck) == ("desk", "")


def test_what_staff_of_the_demo_passed_on_goes_to_the_contractor(app: Flask, works: PlayedWorks) -> None:
    demo.load({}, colleague(app, "Nora").staff.actor)
    session().commit()
    work()
    lost = [each.reference for each in stuck.stuck_reports() if each.reason == stuck.NOT_SENT]
    assert works.jobs
    assert [each for each in lost if kept(each).passed_on_at is not None] == []
