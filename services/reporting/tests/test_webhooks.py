"""Reports that go out as signed calls of ours, and as letters."""

import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select, text

from portal.kit import session
from services.reporting.operations import sending
from services.reporting.operations.passing_on import send_again
from services.reporting.queries.stuck import stuck_reports
from services.reporting.settings.categories import Way
from services.reporting.settings.offices import Office
from services.reporting.tests.playing_works import SETTINGS, settings_with
from services.reporting.tests.programs import Program, new_key
from services.reporting.tests.test_passing_on import STAFF, kept, sent, swept
from tests.support.fixtures import Clock
from tests.support.office import FaultyOffice, office_running, says, says_text
from tests.support.outbox import comes_back


@pytest.fixture
def program(app: Flask) -> Program:
    return Program(app.test_client(), new_key(app, ["report"]))


def way(app: Flask, kind: Any, name: str) -> Any:
    """The settings with street lights sent by this way."""
    settings = app.extensions[SETTINGS]
    categories = tuple(
        each.model_copy(update={"way": Way(kind=kind, office=name)}) if each.code == "street_light" else each
        for each in settings.catalogue.categories
    )
    return settings.catalogue.model_copy(update={"categories": categories})


@pytest.fixture
def hook(app: Flask) -> Iterator[FaultyOffice]:
    """A program that is called about street lights."""
    secret = SecretStr("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    with office_running() as office:
        offices = {"lamps": Office(kind="webhook", url=f"{office.url}/hook", key=secret)}
        catalogue = way(app, "webhook", "lamps")
        catalogue.__dict__.pop("by_code", None)
        with settings_with(app, offices=offices, catalogue=catalogue), app.app_context():
            yield office


def test_a_webhook_is_called_and_signed(hook: FaultyOffice, program: Program) -> None:
    hook.does(says_text("", status=204, mimetype="text/plain"))
    report = sent(program)
    ((method, path, headers, body),) = hook.asked
    assert (method, path) == ("POST", "/hook")
    told = json.loads(body)
    assert (told["event"], told["service_request_id"], told["attributes"]) == (
        "report",
        report.reference,
        {"fault": "out"},
    )
    signed = f"{headers['Webhook-Id']}.{headers['Webhook-Timestamp']}.{body}".encode()
    digest = hmac.new(b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"), signed, sha256).digest()
    assert headers["Webhook-Signature"] == f"v1,{b64encode(digest).decode()}"
    assert headers["Webhook-Id"] == str(report.id)
    assert "Authorization" not in headers
    assert report.sent_at is not None


def test_a_webhook_that_fails_is_called_again_under_the_same_id(
    hook: FaultyOffice, program: Program, at: Clock
) -> None:
    hook.does(*[says({}, status=503)] * 3, says({"ok": True}))
    report = sent(program)
    swept(at, 2)
    assert kept(report.reference).sent_at is not None
    assert len({headers["Webhook-Id"] for _, _, headers, _ in hook.asked}) == 1


@pytest.mark.parametrize("status", [400, 410])
def test_what_a_webhook_says_no_to_is_stuck_whatever_it_writes(
    hook: FaultyOffice, program: Program, status: int
) -> None:
    hook.does(says_text("No such thing", status=status, mimetype="text/plain"))
    assert sent(program).stuck == f"HTTP {status}"
    assert len(hook.asked) == 1


def test_a_team_is_written_to(app: Flask, program: Program) -> None:
    offices = {"lamps": Office(kind="email", address="lamps@contractor.example")}
    catalogue = way(app, "email", "lamps")
    catalogue.__dict__.pop("by_code", None)
    with settings_with(app, offices=offices, catalogue=catalogue), app.app_context():
        report = sent(program)
        (letter,) = session().execute(text("select * from portal.outbound_message"))
        assert (letter.to_address, letter.account_id) == ("lamps@contractor.example", report.account_id)
        assert report.reference in letter.subject
        assert "The lamp is out." in letter.body
        assert "Coordinates: 51.492700, -0.233900" in letter.body
        assert "What is wrong with the light? It does not come on" in letter.body
        assert report.sent_at is not None
        comes_back(letter.id)
        assert (kept(report.reference).stuck, kept(report.reference).sent_at) == ("returned", None)
        assert [each.reason for each in stuck_reports()] == ["returned"]
        send_again(STAFF, report_id=report.id)
        session().commit()
        assert kept(report.reference).stuck == ""
        assert kept(report.reference).letter_id != letter.id


def test_a_team_that_was_never_written_to_is_listed_and_written_to_by_hand(
    app: Flask, program: Program, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = way(app, "email", "lamps")
    catalogue.__dict__.pop("by_code", None)
    offices = {"lamps": Office(kind="email", address="lamps@contractor.example")}
    with settings_with(app, offices=offices, catalogue=catalogue), app.app_context():
        with monkeypatch.context() as given_up:
            given_up.setattr(sending, "pass_on", lambda _report: None)
            report = sent(program)
        at.advance(hours=7)
        assert [each.reason for each in stuck_reports()] == ["not_sent"]
        send_again(STAFF, report_id=report.id)
        session().commit()
        assert (kept(report.reference).sent_at is not None, stuck_reports()) == (True, [])


def test_a_team_is_written_to_about_what_is_said_after_it(app: Flask) -> None:
    offices = {"lamps": Office(kind="email", address="lamps@contractor.example")}
    catalogue, program = way(app, "email", "lamps"), Program(app.test_client(), new_key(app))
    catalogue.__dict__.pop("by_code", None)
    with settings_with(app, offices=offices, catalogue=catalogue), app.app_context():
        report = sent(program)
        said = {"service_request_id": report.reference, "description": "It sparks now."}
        assert program.send("servicerequestupdates.json", **said).status_code == 200
        letters = select(text("*")).select_from(text("portal.outbound_message")).where(text("body like '%sparks now%'"))
        (letter,) = session().execute(letters)
        assert letter.to_address == "lamps@contractor.example"
        assert report.reference in letter.subject
        comes_back(letter.id)
        assert (kept(report.reference).stuck, kept(report.reference).sent_at) == ("returned", report.sent_at)
        send_again(STAFF, report_id=report.id)
        session().commit()
        assert (kept(report.reference).stuck, len(session().execute(letters).all())) == ("", 2)
