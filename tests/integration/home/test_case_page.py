"""A resident's case on its own page, and everything that they can do there."""

import io
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal import clock
from portal.cases import queries
from portal.cases.holding import hold_case
from portal.cases.models import CaseRow
from portal.cases.notes import write_note
from portal.cases.taking import pass_on
from portal.cases.talk_models import DocumentRow, MessageRow
from portal.cases.values import Case
from portal.db.session import session
from portal.files.models import StoredFileRow
from portal.web.languages import format_date
from tests.integration.home.pothole import STAFF, key_of, moved, page_of, reply, report, sams
from tests.support.fixtures import Clock
from tests.support.photos import photo
from tests.support.residents import Resident, resident

__all__ = ["report", "sams"]


def test_the_page_says_where_it_stands_and_what_was_sent(sams: Resident, report: Case) -> None:
    page = sams.get(page_of(report))
    for words in ("Received", "Larkspur Lane", "A deep hole.", "We aim to finish by", report.reference):
        assert words in page
    assert sams.get(page_of(report).lower().replace("-", ""))


@pytest.mark.parametrize("more", ["", "/write", "/add-document", "/reopen", "/rate"], ids=lambda more: more or "page")
def test_anothers_case_is_none(app: Flask, sams: Resident, report: Case, more: str) -> None:
    resident(app, "Olga").get(page_of(report, more), status=404)


def test_who_wrote_is_the_team_and_never_the_person(app: Flask, sams: Resident, report: Case) -> None:
    reply(app, report, "We come tomorrow.")
    page = sams.get(page_of(report))
    assert str(uuid.UUID(int=7)) not in page
    assert "Highways" in page or "Marlowe Borough Council" in page


def test_notes_of_staff_are_nowhere(app: Flask, sams: Resident, report: Case) -> None:
    with app.test_request_context("/"):
        write_note(STAFF, report.id, "Rude on the telephone.", key="note")
        session().commit()
    for path in (page_of(report), "/activity", "/inbox", "/cases", "/home"):
        assert "Rude" not in sams.get(path)
        assert "Note" not in sams.client.page.html


def test_messages_are_paged(app: Flask, sams: Resident, report: Case, at: Clock) -> None:
    for each in range(25):
        reply(app, report, f"Answer {each}.", key=f"key-{each}")
        at.advance(seconds=1)
    first = sams.get(page_of(report))
    assert "Answer 24." in first
    assert "Answer 3." not in first
    older = sams.client.page.links()["Show older messages"]
    assert "Answer 3." in sams.get(older)


def test_a_case_that_waits_for_the_resident_says_so_and_still_by_when(app: Flask, sams: Resident, report: Case) -> None:
    moved(app, report, "with_team")
    reply(app, report, "Which side of the road?")
    page = sams.get(page_of(report))
    assert "We are waiting for you." in page
    assert "if we hear from you in time" in page
    assert "Somebody will go and look" not in page


def test_today_is_used_for_what_is_late(app: Flask, sams: Resident, report: Case, at: Clock) -> None:
    at.advance(days=60)
    assert "We are late" in resident(app, "Sam").get(page_of(report))
    with app.app_context():
        assert queries.get_case(sams.account.id, report.id).is_overdue(clock.now())


def test_a_message_is_sent_once_and_seen(app: Flask, sams: Resident, report: Case) -> None:
    path = page_of(report, "/write")
    key = key_of(sams, path)
    for _click in range(2):
        sams.post(path, key=key, body="It grew.\nSend somebody.")
    assert sams.get(page_of(report)).count("It grew.") == 1
    with app.app_context():
        assert session().scalar(select(func.count()).select_from(MessageRow)) == 1
        assert session().scalar(select(CaseRow.waits_for)) == "council"


def test_a_case_that_was_closed_meanwhile_is_not_opened_again_unasked(app: Flask, sams: Resident, report: Case) -> None:
    path = page_of(report, "/write")
    sams.get(path)
    moved(app, report, "with_team", "fixed")
    assert sams.client.submit(body="Thank you for coming.").status_code == 200
    assert "This was closed meanwhile: Fixed." in str(sams.client.page.errors)
    assert "Thank you for coming." in sams.client.page.html, "nothing typed is lost"
    with app.app_context():
        assert queries.get_case(sams.account.id, report.id).closed_at is not None
        assert session().scalar(select(func.count()).select_from(MessageRow)) == 0
    answer = sams.client.follow(sams.client.submit(body="Thank you for coming."))
    assert "Your message has been sent, and the case is open again." in answer.get_data(as_text=True)
    with app.app_context():
        assert queries.get_case(sams.account.id, report.id).is_open


def test_an_empty_message_is_refused_beside_the_field(sams: Resident, report: Case) -> None:
    assert sams.refused(page_of(report, "/write"), key="0" * 32, body="  ") == ["Write your message"]


def test_a_refused_message_loses_nothing_typed(sams: Resident, report: Case) -> None:
    long = "a" * 5000
    sams.refused(page_of(report, "/write"), key="0" * 32, body=long)
    assert long in sams.client.page.html


def test_a_document_is_added_once(app: Flask, sams: Resident, report: Case) -> None:
    path = page_of(report, "/add-document")
    key = key_of(sams, path)
    for _click in range(2):
        sams.post(path, key=key, title="A second photo", file=(io.BytesIO(photo()), "hole.jpg"))
    assert "A second photo" in sams.get(page_of(report))
    with app.app_context():
        assert session().scalar(select(func.count()).select_from(DocumentRow)) == 1


def test_what_is_no_document_is_refused(sams: Resident, report: Case) -> None:
    sentences = sams.refused(
        page_of(report, "/add-document"), key="0" * 32, title="Hole", file=(io.BytesIO(b"<svg>"), "hole.jpg")
    )
    assert len(sentences) == 1


def test_a_document_that_is_refused_after_it_came_leaves_no_file(app: Flask, sams: Resident, report: Case) -> None:
    path = page_of(report, "/add-document")
    key = key_of(sams, path)
    moved(app, report, "with_team", "fixed")
    with app.app_context():
        before = session().scalar(select(func.count()).select_from(StoredFileRow))
    answer = sams.client.post(
        path, data={"csrf_token": sams._token(), "key": key, "title": "Hole", "file": (io.BytesIO(photo()), "a.jpg")}
    )
    with app.app_context():
        kept = session().scalar(select(func.count()).select_from(StoredFileRow))
    assert kept == before + (answer.status_code == 303), "a file without a document would stay for ever"


def test_a_closed_case_is_rated_once(app: Flask, sams: Resident, report: Case) -> None:
    path = page_of(report, "/rate")
    assert sams.client.get(path).status_code == 302, "open cases are not rated"
    moved(app, report, "with_team", "fixed")
    assert "Tell us how we did" in sams.get(page_of(report))
    assert sams.refused(path) == ["Select how we did"]
    sams.post(path, rating="4", words="Quick.")
    sams.post(path, rating="4", words="Quick.")
    assert "Tell us how we did" not in sams.get(page_of(report))
    assert sams.refused(path, rating="1", words="No.") == ["You have already told us what you thought of this."]


def test_a_closed_case_is_opened_again_with_a_reason(app: Flask, sams: Resident, report: Case) -> None:
    closed = moved(app, report, "with_team", "fixed")
    path = page_of(report, "/reopen")
    assert sams.refused(path, reason="", version=str(closed.version)) == ["Tell us what is left to do"]
    sams.post(path, reason="The hole is back.", version=str(closed.version))
    page = sams.get(page_of(report))
    assert "Opened again" in page
    assert "The hole is back." in page


def test_it_is_too_late_to_open_an_old_case(app: Flask, sams: Resident, report: Case, at: Clock) -> None:
    moved(app, report, "with_team", "fixed")
    at.advance(days=200)
    sams = resident(app, "Sam")
    assert "open it again" not in sams.get(page_of(report))
    assert "It is too late" in sams.get(page_of(report, "/reopen"))


def test_a_reopening_of_what_changed_meanwhile_is_refused(app: Flask, sams: Resident, report: Case) -> None:
    before = moved(app, report, "with_team", "fixed")
    reply(app, report, "One more thing.")
    assert sams.refused(page_of(report, "/reopen"), reason="Back.", version=str(before.version))


def test_the_timeline_names_the_team_that_has_it(app: Flask, sams: Resident, report: Case) -> None:
    with app.test_request_context("/"):
        pass_on(report.id, actor=STAFF, team="street_lighting", reason="Not ours: see the lamp.")
        session().commit()
    moved(app, report, "with_team")
    page = sams.get(page_of(report))
    assert "Passed to another team: Street lighting" in page
    assert "Passed to the team: Street lighting" in page
    assert "Highways" not in page
    assert "see the lamp" not in page + sams.get("/activity")
    with app.app_context():
        assert "see the lamp" not in str(queries.everything_about(sams.account.id))


def test_a_case_on_hold_that_waits_for_the_resident_says_both(app: Flask, sams: Resident, report: Case) -> None:
    reply(app, report, "Which side of the road?")
    with app.test_request_context("/"):
        hold_case(report.id, actor=STAFF, until_on=clock.today() + timedelta(days=9), reason="Until you tell us.")
        session().commit()
    page = sams.get(page_of(report))
    assert "We are waiting for you." in page
    assert "This is on hold until" in page


def test_a_closed_case_says_until_which_day_it_can_be_opened_again(
    app: Flask, sams: Resident, report: Case, at: Clock
) -> None:
    moved(app, report, "with_team", "fixed")
    last = clock.today() + timedelta(days=28)
    assert f"you can reopen it until {format_date(last, 'EEEE d MMMM y')}" in sams.get(page_of(report))
    at.advance(days=29)
    page = resident(app, "Sam").get(page_of(report))
    assert "This report is closed." in page
    assert "reopen" not in page
