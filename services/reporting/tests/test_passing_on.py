"""Reports reach the system that their category names, once, whatever it does; and what it says reaches residents."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select, text

from portal.kit import Refused, reopen_case, session
from services.reporting.models.following import Update
from services.reporting.models.reports import Report
from services.reporting.operations import asking_offices
from services.reporting.operations.asking_offices import ask_offices
from services.reporting.operations.passing_on import keep_on_desk, send_again
from services.reporting.settings.offices import Office
from services.reporting.standin import works as standin_works
from services.reporting.tests.playing_works import PlayedWorks, led_to, settings_with, works_running
from services.reporting.tests.programs import HERE, Program, new_key
from tests.support.fixtures import Clock
from tests.support.office import sweep_deliveries
from tests.support.worker import work

LIGHT = {"service_code": "street_light", "description": "The lamp is out.", "attribute[fault]": "out", **HERE}
STAFF = "staff:00000000-0000-4000-8000-000000000001"


@pytest.fixture
def works(app: Flask, database_url: str) -> Iterator[PlayedWorks]:
    """The contractor's system, to which street lights go."""
    with works_running(database_url) as played, settings_with(app, **led_to(played)), app.app_context():
        yield played


@pytest.fixture
def program(app: Flask) -> Program:
    return Program(app.test_client(), new_key(app, ["report"]))


def sent(program: Program, **fields: Any) -> Report:
    """A report about a lamp, as it stands after the worker's part."""
    reference = program.report(**(LIGHT | fields))
    work()
    work()
    return kept(reference)


def kept(reference: str) -> Report:
    session().rollback()
    session().expire_all()
    return session().scalars(select(Report).where(Report.reference == reference)).one()


def asked(at: Clock | None = None, minutes: float = 5) -> None:
    """What happens every five minutes."""
    if at is not None:
        at.advance(minutes=minutes)
    session().rollback()
    ask_offices()
    session().commit()
    work()


def swept(at: Clock, minutes: float) -> None:
    at.advance(minutes=minutes)
    sweep_deliveries()


def said_by_office() -> list[tuple[str, str]]:
    """What everybody reads of the office: status and words."""
    shown = (Update.moderation == "shown", Update.said_by == "office")
    rows = session().scalars(select(Update).where(*shown).order_by(Update.created_at))
    return [(row.status, row.words) for row in rows]


def test_a_report_goes_to_the_contractor_with_all_that_the_work_needs(works: PlayedWorks, program: Program) -> None:
    report = sent(program, first_name="Winifred", last_name="Oxblood", phone="020 7946 0000")
    (fields,) = works.jobs
    assert (report.way, report.office, report.external_id, report.stuck) == ("open311", "works", "W-1001", "")
    assert report.sent_at is not None
    assert report.status == "with_team"
    assert fields["service_code"] == ["street_light"]
    assert fields["attribute[fault]"] == ["out"]
    assert (fields["lat"], fields["long"]) == (["51.492700"], ["-0.233900"])
    assert not [word for word in ("Winifred", "Oxblood", "7946") if word in json.dumps(fields)]


def test_what_stays_on_our_desk_goes_nowhere(works: PlayedWorks, program: Program) -> None:
    report = sent(program, service_code="graffiti", **{"attribute[fault]": ""})
    assert (report.way, works.jobs) == ("desk", [])


def test_a_report_whose_answer_was_lost_is_sent_again_and_is_one_job(
    works: PlayedWorks, program: Program, at: Clock
) -> None:
    works.behave(answers="unsaid")
    report = sent(program)
    assert report.external_id is None
    works.behave()
    swept(at, 2)
    assert len(works.jobs) == 1
    assert kept(report.reference).external_id == "W-1001"


@pytest.mark.parametrize("answers", ["down", "wrong", "busy"])
def test_while_it_is_away_reports_wait_and_nothing_is_lost(
    works: PlayedWorks, program: Program, at: Clock, answers: str
) -> None:
    works.behave(answers=answers)
    first = sent(program)
    at.advance(hours=6)
    second = sent(program, description="Another lamp.")
    assert (first.external_id, second.external_id, works.jobs) == (None, None, [])
    works.behave()
    for _minute in range(3):
        swept(at, 61)
    assert [fields["description"] for fields in works.jobs] == [["The lamp is out."], ["Another lamp."]]
    assert kept(second.reference).external_id == "W-1002"
    assert session().scalars(text("select distinct state from portal.delivery")).all() == ["delivered"]


def test_a_refused_report_is_stuck_until_staff_send_it_again(works: PlayedWorks, program: Program) -> None:
    works.behave(takes="never")
    report = sent(program)
    assert report.stuck == "The contract for this street has ended."[:40]
    with pytest.raises(Refused):
        keep_on_desk(STAFF, report_id=sent(program, service_code="graffiti", **{"attribute[fault]": ""}).id)
    works.behave()
    send_again(STAFF, report_id=report.id)
    session().commit()
    work()
    after = kept(report.reference)
    assert (after.stuck, after.external_id, len(works.jobs)) == ("", "W-1001", 1)
    with pytest.raises(Refused):
        send_again(STAFF, report_id=report.id)


@pytest.mark.parametrize("key", ["wrong", ""], ids=["wrong", "none"])
def test_a_key_that_is_not_accepted_is_seen_at_once(app: Flask, works: PlayedWorks, program: Program, key: str) -> None:
    with settings_with(app, works_key=SecretStr(key)):
        assert sent(program).stuck == "HTTP 403"


def test_a_token_is_asked_for_its_id(works: PlayedWorks, program: Program) -> None:
    works.behave(takes="with_token")
    report = sent(program)
    work()
    assert kept(report.reference).external_id == "W-1001"


def test_what_the_contractor_says_moves_the_report_and_is_told_once(
    works: PlayedWorks, program: Program, at: Clock
) -> None:
    report = sent(program)
    works.say("IN_PROGRESS")
    asked(at)
    assert kept(report.reference).status == "in_progress"
    works.say("FIXED", "New lamp fitted.")
    asked(at)
    asked(at)
    after = kept(report.reference)
    assert (after.status, after.status_note, after.external_status) == ("fixed", "New lamp fitted.", "FIXED")
    assert after.closed_at is not None
    assert said_by_office() == [("in_progress", ""), ("fixed", "New lamp fitted.")]
    told = program.json(f"requests/{report.reference}")[0]
    assert (told["status"], told["status_notes"]) == ("closed", "New lamp fitted.")


def test_old_news_does_not_undo_what_came_after(works: PlayedWorks, program: Program, at: Clock) -> None:
    report, other = sent(program), sent(program, description="Another lamp.")
    works.say("OPEN", number=1001)
    works.say("FIXED", number=1001)
    for _time in range(3):  # the other one is open, so that the office is asked on about the same minutes
        asked(at, minutes=1)
    assert kept(report.reference).status == "fixed"
    assert kept(other.reference).status == "with_team"


def test_an_office_that_has_more_to_say_than_one_answer_holds_is_asked_on(
    works: PlayedWorks, program: Program, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = sent(program)
    for status in ("OPEN", "INVESTIGATING", "ACTION_SCHEDULED", "IN_PROGRESS", "FIXED"):
        at.advance(seconds=5)
        works.say(status, f"It is {status}.", number=1001)
    for module, name in ((asking_offices, "FULL"), (standin_works, "MOST")):
        monkeypatch.setattr(module, name, 2)
    asked(at)
    assert kept(report.reference).status == "fixed"
    assert len(said_by_office()) == 5


def test_a_report_can_be_opened_again_by_the_office(works: PlayedWorks, program: Program, at: Clock) -> None:
    report = sent(program)
    works.say("FIXED", number=1001)
    asked(at)
    works.say("REOPEN", "Dark again.", number=1001)
    asked(at)
    after = kept(report.reference)
    assert (after.status, after.closed_at) == ("with_team", None)


def test_what_we_open_again_the_office_hears_of_and_may_end_again(
    works: PlayedWorks, program: Program, at: Clock
) -> None:
    report = sent(program)
    works.say("FIXED", "Done.", number=1001)
    asked(at)
    reopen_case(f"account:{report.account_id}", report.case_id, reason="My neighbour Win saw that it is dark.")
    session().commit()
    work()
    ((status, words),) = [(step["status"], step["words"]) for step in works.works.heard()]
    assert (status, words) == ("REOPEN", "The work was not over after all.")
    asked(at)
    assert kept(report.reference).status == "with_team", "what was said before the reopening is over"
    works.say("FIXED", "Done again.", number=1001)
    asked(at)
    assert (kept(report.reference).status, kept(report.reference).status_note) == ("fixed", "Done again.")


def test_an_office_of_the_bare_standard_is_asked_how_reports_stand(
    app: Flask, works: PlayedWorks, program: Program, at: Clock
) -> None:
    report = sent(program)
    plain = Office(kind="open311", url=works.url, key=SecretStr("k"), asks="requests")
    with settings_with(app, offices={"works": plain}):
        asked(at)
        works.say("CLOSED")
        asked(at)
        assert kept(report.reference).status == "fixed"
        works.say("OPEN")
        asked(at)
    assert kept(report.reference).status == "with_team"
    assert said_by_office() == [("fixed", ""), ("with_team", "")]


def test_an_office_that_is_away_while_it_is_asked_is_asked_again(
    works: PlayedWorks, program: Program, at: Clock
) -> None:
    report = sent(program)
    works.say("FIXED")
    works.behave(answers="down")
    asked(at)
    assert kept(report.reference).status == "with_team"
    works.behave()
    asked(at)
    assert kept(report.reference).status == "fixed"


def test_the_office_may_say_so_itself_of_its_own_reports_alone(
    app: Flask, works: PlayedWorks, program: Program
) -> None:
    report, ours = sent(program), sent(program, service_code="graffiti", **{"attribute[fault]": ""})
    office = Program(app.test_client(), new_key(app, ["status"], office="works"))
    news = {"service_request_id": "W-1001", "update_id": "4711", "status": "FIXED", "description": "Done."}
    for _time in range(2):
        answer = office.send("servicerequestupdates.xml", **news)
        assert answer.status_code == 200, answer.text
    assert kept(report.reference).status == "fixed"
    assert said_by_office() == [("fixed", "Done.")]
    late = {"update_id": "4710", "status": "IN_PROGRESS", "updated_datetime": "2026-01-05T08:00:00Z"}
    assert office.send("servicerequestupdates.xml", **news | late).status_code == 200
    assert kept(report.reference).status == "fixed"  # older news, however late it comes
    refused = office.send("servicerequestupdates.json", **news | {"service_request_id": ours.reference})
    assert refused.status_code == 404
    assert kept(ours.reference).status == "with_team"
