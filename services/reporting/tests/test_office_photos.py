"""Photos that go along with a report to whoever mends what they show."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from flask import Flask
from sqlalchemy import select, text, update

from portal.kit import session
from services.reporting.models.reports import Photo
from services.reporting.operations.moderating import moderate_photo
from services.reporting.operations.passing_on import keep_on_desk
from services.reporting.queries.office_photos import photo_addresses
from services.reporting.settings.offices import Office
from services.reporting.tests import test_webhooks
from services.reporting.tests.playing_works import PlayedWorks, led_to, settings_with, works_running
from services.reporting.tests.programs import Program, new_key
from services.reporting.tests.test_open311_media import a_file
from services.reporting.tests.test_passing_on import STAFF, kept, sent, swept
from services.reporting.tests.test_webhooks import way
from tests.support.fixtures import Clock
from tests.support.office import FaultyOffice, says_text
from tests.support.photos import SECRET, photo
from tests.support.worker import work

hook = test_webhooks.hook


@pytest.fixture
def program(app: Flask) -> Program:
    return Program(app.test_client(), new_key(app))


@pytest.fixture
def works(app: Flask, database_url: str) -> Iterator[PlayedWorks]:
    with works_running(database_url) as played, settings_with(app, **led_to(played)), app.app_context():
        yield played


def two() -> dict[str, Any]:
    """Files are read up by being posted."""
    return {"media": [a_file(), a_file(photo())]}


def path(address: str) -> str:
    assert address.startswith("http://localhost"), address
    return "/" + address.split("/", 3)[3]


def test_an_open311_office_sees_all_photos_before_a_moderator_does(works: PlayedWorks, program: Program) -> None:
    sent(program, **two())
    (fields,) = works.jobs
    words, second = fields["description"][0].split("\n")
    assert words == "The lamp is out."
    shown = requests.get(works.url, timeout=10).text
    assert all(f'href="{each}"' in shown for each in fields["media_url"])
    for address in (fields["media_url"][0], second):
        answer = program.client.get(path(address))
        assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
        assert SECRET not in answer.data


def test_what_is_hidden_or_back_on_our_desk_is_seen_no_more(works: PlayedWorks, program: Program) -> None:
    works.behave(takes="never")
    report = sent(program, **two())
    assert report.stuck
    works.behave()
    from_office = [path(each) for each in photo_addresses(report.id)]
    first = session().scalars(select(Photo).order_by(Photo.position)).first()
    assert first is not None
    moderate_photo(STAFF, photo_id=first.id, shown=False)
    session().commit()
    assert [program.client.get(each).status_code for each in from_office] == [404, 200]
    keep_on_desk(STAFF, report_id=report.id)
    session().commit()
    assert program.client.get(from_office[1]).status_code == 404
    assert program.client.get(f"{from_office[1]}x").status_code == 404


def test_a_report_that_was_sent_with_photos_is_known_again_without_one(
    works: PlayedWorks, program: Program, at: Clock
) -> None:
    works.behave(answers="unsaid")
    report = sent(program, **two())
    works.behave()
    session().execute(update(Photo).where(Photo.position == 2).values(moderation="hidden"))
    session().commit()
    swept(at, 2)
    assert len(works.jobs) == 1
    assert kept(report.reference).external_id == "W-1001"


def test_photos_of_an_update_go_with_it(works: PlayedWorks, program: Program) -> None:
    report = sent(program)
    fields = {"service_request_id": report.reference, "description": "It is worse.", "media": a_file()}
    assert program.send("servicerequestupdates.json", **fields).status_code == 200
    work()
    work()
    (said,) = works.works.heard()
    words, photo_at = said["words"].split("\n")
    assert words == "It is worse."
    assert program.client.get(path(photo_at)).status_code == 200


def test_a_webhook_and_a_letter_name_them_unless_the_office_wants_none(
    app: Flask,
    hook: FaultyOffice,
    program: Program,  # the fixture of that name
) -> None:
    hook.does(says_text("", status=204, mimetype="text/plain"))
    report = sent(program, **two())
    ((_, _, _, body),) = hook.asked
    assert json.loads(body)["media_urls"] == list(photo_addresses(report.id))
    catalogue = way(app, "email", "lamps")
    catalogue.__dict__.pop("by_code", None)  # worked out once, of the categories that were there
    for wanted in (True, False):
        offices = {"lamps": Office(kind="email", address="lamps@contractor.example", photos=wanted)}
        with settings_with(app, offices=offices, catalogue=catalogue):
            second = sent(program, description=f"Photos: {wanted}.", **two())
            letters = session().execute(text("select body from portal.outbound_message order by created_at")).scalars()
            body = letters.all()[-1]
        assert [each in body for each in photo_addresses(second.id)] == [wanted, wanted]
        assert ("2 photos: ask us for them." in body) is not wanted
