"""A report is taken once, belongs to one resident, and is passed on once."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select, text

from portal.kit import Case, clock, move_case, session, start_draft
from services.reporting.models.reports import Report
from services.reporting.operations import sending
from services.reporting.operations.sending import route, send_report
from services.reporting.queries.own import get_report
from services.reporting.tests.conftest import START, Begin
from tests.support.fixtures import Clock
from tests.support.outbox import letters
from tests.support.people import sign_in
from tests.support.residents import Resident, resident
from tests.support.worker import work


def count(app: Flask) -> int:
    with app.app_context():
        return session().scalar(select(func.count()).select_from(Report)) or 0


def draft_id(url: str) -> UUID:
    return UUID(url.rpartition("/")[2])


def test_sent_twice_is_one_report(ada: Resident, app: Flask, begin: Begin) -> None:
    journey = begin(ada).up_to("check")
    ada.get(f"{journey.url}/check")
    first = ada.post(f"{journey.url}/check").location
    assert ada.post(f"{journey.url}/check").location == first
    assert ada.client.get(f"{journey.url}/kind").location == first
    assert ada.post(f"{journey.url}/description", description="Later").location == first
    assert count(app) == 1


def test_twelve_senders_at_once_make_one_report(ada: Resident, app: Flask, begin: Begin) -> None:
    journey = begin(ada).up_to("check")

    def send(_: int) -> str:
        with app.app_context():
            reference = send_report(ada.account, draft_id=draft_id(journey.url)).reference
            session().commit()
            return reference

    with ThreadPoolExecutor(12) as pool:
        assert len(set(pool.map(send, range(12)))) == 1
    assert count(app) == 1


def test_clicks_in_many_browsers_at_once_end_on_one_confirmation(ada: Resident, app: Flask, begin: Begin) -> None:
    journey = begin(ada).up_to("check")
    browsers = [resident(app, "Ada") for _ in range(6)]
    for browser in browsers:
        browser.get(f"{journey.url}/check")
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda browser: browser.post(f"{journey.url}/check").location, browsers))
    assert len(set(answers)) == 1
    assert count(app) == 1


def test_anothers_draft_and_report_do_not_exist(ada: Resident, ben: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("check")
    for step in ("kind", "photo", "check"):
        ben.get(f"{journey.url}/{step}", status=404)
        ben.post(f"{journey.url}/{step}", status=404, kind="pothole")
    for act in ("discard", "photo/remove"):
        ben.post(f"{journey.url}/{act}", status=404)
    reference = journey.send()
    for page in ("", "/sent"):
        ben.get(f"{START}/reports/{reference}{page}", status=404)
    assert reference not in ben.get(f"{START}/reports")


def test_a_stranger_is_asked_to_sign_in_and_comes_back(app: Flask, ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("description")
    answer = app.test_client().get(f"{journey.url}/description")
    assert answer.status_code == 303
    assert "sign-in" in answer.location
    assert "description" in answer.location


def test_answers_are_there_after_signing_in_again(app: Flask, ada: Resident, begin: Begin) -> None:
    journey = begin(ada).up_to("check")
    assert "Larkspur Meadow" in resident(app, "Ada").get(f"{journey.url}/check")


def test_a_session_that_ends_on_a_page_loses_nothing(app: Flask, ada: Resident, begin: Begin, at: Clock) -> None:
    at.moment = clock.now()
    journey = begin(ada).up_to("description")
    ada.get(f"{journey.url}/description")
    at.advance(minutes=45)
    answer = ada.post(f"{journey.url}/description", status=303, description="Typed for three quarters of an hour")
    assert f"next={quote(journey.url, safe='')}%2Fdescription" in answer.location
    sign_in(app, ada.client, ada.account)
    assert "Typed for three quarters of an hour" in ada.get(f"{journey.url}/description")


def test_a_draft_of_another_service_is_none_of_ours(ada: Resident, app: Flask) -> None:
    with app.app_context():
        draft = start_draft(ada.account, service="permits", journey="apply")
        session().commit()
    ada.get(f"{START}/drafts/{draft.id}/kind", status=404)
    ada.post(f"{START}/drafts/{draft.id}/discard", status=404)


def test_a_reference_is_read_however_it_is_typed(ada: Resident, begin: Begin) -> None:
    reference = begin(ada).up_to("check").send()
    assert reference in ada.get(f"/cases/{reference.lower().replace('-', '')}")


def test_the_job_passes_the_report_to_its_team_and_writes_once(ada: Resident, app: Flask, begin: Begin) -> None:
    journey = begin(ada).up_to("check", kind="pothole")
    reference = journey.send()
    with app.app_context():
        for _ in range(2):
            route(report_id=str(draft_id(journey.url)))
            session().commit()
        work()
        sent = letters("reporting/mail/received.txt")
    page = ada.get(f"/cases/{reference}")
    assert page.count("Passed to the team: Highways") == 1
    (letter,) = sent
    assert reference in letter.subject
    assert f"http://localhost/cases/{reference}" in letter.body
    assert "Larkspur" not in letter.body + letter.subject
    assert "Ada" not in letter.body + letter.subject


def test_two_workers_at_once_write_one_letter(ada: Resident, app: Flask, begin: Begin) -> None:
    journey = begin(ada).up_to("check")
    journey.send()

    def pass_on(_: int) -> None:
        with app.app_context():
            route(report_id=str(draft_id(journey.url)))
            session().commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(pass_on, range(4)))
    with app.app_context():
        work()
        assert len(letters("reporting/mail/received.txt")) == 1


def test_a_letter_that_fails_keeps_no_report_from_its_team(
    monkeypatch: pytest.MonkeyPatch, ada: Resident, app: Flask, begin: Begin
) -> None:
    def fail(*_: object, **__: object) -> bool:
        raise ValueError("no letter today")

    monkeypatch.setattr(sending, "tell", fail)
    reference = begin(ada).up_to("check").send()
    with app.app_context():
        assert work() == ["reporting.route"]
        with pytest.raises(ValueError, match="no letter"):
            work()
        session().rollback()
        assert get_report(ada.account, reference).case.status == "with_team"


def test_a_closed_account_gets_no_letter_and_stops_nothing(ada: Resident, app: Flask, begin: Begin) -> None:
    reference = begin(ada).up_to("check").send()
    with app.app_context():
        session().execute(text("update portal.account set closed_at = now()"))
        session().commit()
        for _ in range(2):
            work()
        assert get_report(ada.account, reference).case.status == "with_team"
        assert letters("reporting/mail/received.txt") == []


def test_the_job_leaves_alone_what_staff_have_moved(ada: Resident, app: Flask, begin: Begin) -> None:
    journey = begin(ada).up_to("check")
    reference = journey.send()
    with app.app_context():
        case = get_report(ada.account, reference).case
        move_case(case.id, to="no_action", actor="staff:7", channel="desk", reason="None.", rights={"work", "decide"})
        route(report_id=str(draft_id(journey.url)))
        session().commit()
        assert get_report(ada.account, reference).case.status == "no_action"
        assert letters("reporting/mail/received.txt") == []


def test_the_job_survives_a_report_that_is_gone(context: Flask) -> None:
    route(report_id="00000000-0000-4000-8000-000000000000")


def test_a_report_whose_job_was_given_up_is_taken_up_after_an_hour(
    ada: Resident, app: Flask, begin: Begin, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (begin(ada).up_to("check") for _each in range(2))
    references = [first.send(), second.send()]
    real, faulty = move_case, min(draft_id(first.url), draft_id(second.url))

    def statuses() -> list[str]:
        return [get_report(ada.account, each).case.status for each in references]

    with app.app_context():
        session().execute(text("delete from jobs.procrastinate_jobs"))
        session().commit()
        bad = session().get_one(Report, faulty).case_id

        def fail(case_id: UUID, **how: Any) -> Case:  # as they are
            if case_id == bad:
                raise ValueError("of Ada")
            return real(case_id, **how)

        monkeypatch.setattr(sending, "move_case", fail)
        sending.route_late()
        assert statuses() == ["received", "received"]  # too early: its job may just be waiting
        at.advance(minutes=61)
        sending.route_late()
        assert sorted(statuses()) == ["received", "with_team"]  # one fault keeps no other
        monkeypatch.setattr(sending, "move_case", real)
        for _each in range(2):
            sending.route_late()
        assert statuses() == ["with_team", "with_team"]
        session().commit()
        for _each in range(2):
            work()
        assert len(letters("reporting/mail/received.txt")) == 2
