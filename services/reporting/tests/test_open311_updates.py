"""mySociety's extension: programs learn what was done about reports, and say what was said elsewhere."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.kit import session
from services.reporting.models.following import Update
from services.reporting.models.reports import Report
from services.reporting.operations.moderating import moderate_update
from services.reporting.operations.office_news import News, hear
from services.reporting.tests.playing_works import settings_with
from services.reporting.tests.programs import Program, errors_of, new_key
from tests.support.fixtures import Clock
from tests.support.worker import work

WHEN = {"start_date": "2026-11-22T00:00:00Z", "end_date": "2026-11-23T00:00:00Z"}
UPDATES = "servicerequestupdates"


@pytest.fixture
def program(app: Flask) -> Program:
    return Program(app.test_client(), new_key(app))


def office_says(app: Flask, reference: str, at: Clock, status: str, words: str, name: str = "1") -> None:
    with app.app_context():
        work()
        report = session().scalars(select(Report).where(Report.reference == reference)).one()
        hear(report, News(name, status, words, at.moment))
        session().commit()


def said(program: Program, **more: Any) -> list[tuple[str, str]]:
    told = program.json(UPDATES, **(WHEN | more))
    return [(each["status"], each["description"]) for each in told if each["description"]]


def test_what_was_done_is_told_in_both_formats(app: Flask, program: Program, at: Clock) -> None:
    at.move_to("2026-11-22T09:30")
    reference = program.report()
    at.advance(hours=1)
    office_says(app, reference, at, "FIXED", "Filled & rolled.")
    told = next(each for each in program.json(UPDATES, **WHEN) if each["description"])
    assert told["service_request_id"] == reference
    assert (told["status"], told["description"]) == ("FIXED", "Filled & rolled.")
    assert told["updated_datetime"] == "2026-11-22T10:30:00Z"
    root = program.xml(UPDATES, **WHEN)
    assert root.tag == "service_request_updates"
    found = {each.findtext("update_id"): each.findtext("description") for each in root.findall("request_update")}
    assert found[told["update_id"]] == "Filled & rolled."


def test_only_the_time_asked_for_is_told(app: Flask, program: Program, at: Clock) -> None:
    at.move_to("2026-11-22T09:30")
    office_says(app, program.report(), at, "IN_PROGRESS", "Begun.")
    assert said(program) == [("IN_PROGRESS", "Begun.")]
    assert said(program, start_date="2026-11-22T09:30:01Z") == []
    assert said(program, end_date="2026-11-22T09:30:00Z") == []
    assert errors_of(program.get(f"{UPDATES}.xml", start_date="soon"))[0][0] == 400


def test_updates_are_narrowed_to_reports_and_come_in_pages(app: Flask, program: Program, at: Clock) -> None:
    at.move_to("2026-11-22T09:30")
    first, second = program.report(), program.report(description="Another.")
    for name, reference in (("1", first), ("2", second), ("3", first)):
        at.advance(minutes=1)
        office_says(app, reference, at, "IN_PROGRESS", f"Word {name}.", name)
    assert [words for _status, words in said(program, service_request_id=first)] == ["Word 1.", "Word 3."]
    told = program.json(UPDATES, **WHEN)
    pages = [program.json(UPDATES, **WHEN, page_size=1, page=number + 1) for number in range(len(told) + 1)]
    assert pages == [*([each] for each in told), []]


def test_what_came_late_is_new_when_it_comes(app: Flask, program: Program, at: Clock) -> None:
    at.move_to("2026-11-22T09:30")
    reference = program.report()
    long_ago = {"updated_datetime": "2020-01-01T00:00:00Z", "description": "It grew."}
    program.send(f"{UPDATES}.json", service_request_id=reference, **long_ago)
    told = program.json(UPDATES, **WHEN)
    assert ("It grew.", "2026-11-22T09:30:00Z") in [(each["description"], each["updated_datetime"]) for each in told]


def test_a_key_that_has_ended_is_told_so(program: Program) -> None:
    answer = program.get(f"{UPDATES}.json", api_key="an old one")
    assert errors_of(answer) == [(403, "api_key is not one that we know")]


def test_a_private_report_is_told_to_the_program_that_sent_it_alone(app: Flask, program: Program, at: Clock) -> None:
    at.move_to("2026-11-22T09:30")
    reference = program.report(service_code="rough_sleeper", **{"attribute[when]": "night"})
    office_says(app, reference, at, "FIXED", "They have a bed.")
    other = new_key(app, ["update"])
    assert said(program) == said(program, api_key=other) == []
    assert said(program, api_key=program.key) == [("FIXED", "They have a bed.")]


def test_what_was_said_elsewhere_is_a_comment_and_moves_nothing(app: Flask, program: Program, at: Clock) -> None:
    at.move_to("2026-11-22T09:30")
    reference = program.report()
    words = {"service_request_id": reference, "update_id": "77", "status": "FIXED", "description": "It is gone!"}
    answers = [program.send(f"{UPDATES}.json", **words) for _time in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].data == answers[1].data
    with app.app_context():
        (update,) = session().scalars(select(Update).where(Update.words != ""))
        assert (update.said_by, update.words, update.moderation) == ("resident", "It is gone!", "shown")
        assert session().scalars(select(Report.closed_at)).one() is None


def test_it_waits_for_a_moderator_where_the_council_wants_that(app: Flask, program: Program, at: Clock) -> None:
    at.move_to("2026-11-22T09:30")
    reference = program.report()
    with settings_with(app, words_shown="after_a_look"):
        assert program.send(f"{UPDATES}.xml", service_request_id=reference, description="Hm.").status_code == 200
    assert said(program) == []
    at.advance(hours=2)
    with app.app_context():
        waiting = session().scalars(select(Update.id).where(Update.moderation == "waiting")).one()
        moderate_update("staff:1", update_id=waiting, shown=True)
        session().commit()
    assert said(program, start_date=at.moment.isoformat()) == [("OPEN", "Hm.")]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"service_request_id": ""}, "service_request_id was not provided"),
        ({"service_request_id": "2222-2222"}, "service_request_id was not found"),
        ({"description": "", "status": ""}, "provide a description, a status, or both"),
        ({"status": "BROKEN"}, "status is one of OPEN, CLOSED"),
        ({"description": "x" * 4001}, "description is longer than 4000 characters"),
        ({"updated_datetime": "later"}, "updated_datetime is not a date and time"),
        ({"description": "", "status": "FIXED"}, "this key sends what residents say"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)
@pytest.mark.parametrize("form", ["xml", "json"])
def test_bad_updates_are_named(program: Program, fields: dict[str, str], sentence: str, form: str) -> None:
    given = {"service_request_id": program.report(), "description": "Still there."} | fields
    answer = program.send(f"{UPDATES}.{form}", **given)
    assert answer.status_code in (400, 403, 404)
    assert any(each.startswith(sentence) for _code, each in errors_of(answer)), errors_of(answer)


def test_a_key_for_reports_alone_sends_no_updates(app: Flask, program: Program) -> None:
    reporter = Program(app.test_client(), new_key(app, ["report"]))
    answer = reporter.send(f"{UPDATES}.xml", service_request_id=program.report(), description="Still there.")
    assert errors_of(answer) == [(403, "api_key is not for this")]
