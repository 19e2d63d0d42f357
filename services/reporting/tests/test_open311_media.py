"""Photos that programs post: files and addresses, with reports and with updates, bounded, cleaned and moderated."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from pydantic import SecretStr
from sqlalchemy import select, text
from werkzeug.wrappers import Response

from portal.kit import find_file, get_case, session
from services.reporting.models.following import Update
from services.reporting.models.reports import Photo, Report
from services.reporting.operations.moderating import moderate_photo
from services.reporting.queries.about import case_facts
from services.reporting.tests.playing_works import settings_with
from services.reporting.tests.programs import HOLE, Program, errors_of, faults_of, new_key
from tests.support.office import office_running
from tests.support.photos import SECRET, located_photo, photo, png_bomb
from tests.support.worker import work

UPDATES = "servicerequestupdates"


@pytest.fixture
def program(app: Flask) -> Program:
    return Program(app.test_client(), new_key(app))


@pytest.fixture
def opened(app: Flask) -> Iterator[Flask]:
    with app.app_context():
        yield app


def a_file(content: bytes | None = None, name: str = "hole.jpg") -> tuple[io.BytesIO, str]:
    return io.BytesIO(located_photo() if content is None else content), name


def kept() -> list[Photo]:
    session().rollback()
    return list(session().scalars(select(Photo).order_by(Photo.report_id, Photo.position)))


def show_all() -> None:
    for each in kept():
        moderate_photo("staff:tests", photo_id=each.id, shown=True)
    session().commit()


def test_files_come_with_a_report_by_whatever_name(program: Program, opened: Flask) -> None:
    more = {"media": [a_file(), a_file(photo())], "photo1": a_file(photo("PNG"), "one.png")}
    reference = program.report(**more)
    work()
    assert [(each.position, each.moderation) for each in kept()] == [(number, "waiting") for number in (1, 2, 3)]
    files = [find_file(each.owner_id, each.file_id) for each in kept()]
    assert {file.state for file in files if file} == {"ready"}
    report = session().scalars(select(Report)).one()
    assert report.account_id is not None
    facts = case_facts(get_case(report.account_id, report.case_id))
    assert [fact.file_id for fact in facts if fact.file_id] == [each.file_id for each in kept()]
    assert program.json("requests")[0]["media_url"] is None
    show_all()
    told = program.json("requests")
    assert told[0]["media_url"].endswith(f"/problems/{reference}/photos/1")
    assert faults_of(told, "requests") == []
    content = program.client.get(told[0]["media_url"].partition("localhost")[2].lstrip(":0123456789")).data
    assert content
    assert SECRET not in content


def test_files_and_addresses_come_together(program: Program, opened: Flask) -> None:
    with office_running() as site:
        site.behaviour = lambda _request: Response(photo(), mimetype="image/jpeg")
        program.report(media=a_file(), media_url=f"{site.url}/one.jpg")
        work()
    assert [each.position for each in kept()] == [1, 2]
    session().execute(text("update jobs.procrastinate_jobs set status = 'todo' where task_name like '%fetch%'"))
    session().commit()
    work()  # the job again: what it did is done
    assert len(kept()) == 2


def test_the_same_post_again_keeps_its_photos_once_and_another_photo_is_another_post(
    program: Program, opened: Flask
) -> None:
    first = program.report(media=a_file(photo()))
    assert program.report(media=a_file(photo())) == first
    assert len(kept()) == 1
    assert program.report(media=a_file()) != first
    keyed = {"Idempotency-Key": "lost-answer"}
    again = program.report(keyed, media=a_file())
    assert program.report(keyed, media=a_file(photo("PNG"))) == again
    assert len(kept()) == 3


@pytest.mark.parametrize("form", ["xml", "json"])
@pytest.mark.parametrize(
    ("media", "status", "sentence"),
    [
        (lambda: {"media": a_file(b"MZ a program")}, 400, "media: The file must be a photo"),
        (lambda: {"media": a_file(png_bomb(9000, 9000))}, 400, "media: "),
        (lambda: {"media": a_file(b"\xff\xd8\xff\xe0" + bytes(12 * 1024 * 1024))}, 400, "media: "),
        (lambda: {"media": [a_file() for _each in range(6)]}, 400, "media_url is the address of a photo"),
        (lambda: {"media": [a_file(b"x") for _each in range(400)]}, 400, "media_url is the address of a photo"),
        (lambda: {"media": "data:image/png;base64,AAAA"}, 400, "media is a file of a multipart form"),
        (lambda: {"description": "x" * 10_000_000, "media": a_file()}, 413, ""),
    ],
    ids=["program", "bomb", "heavy", "six", "hundreds", "text", "long-words"],
)
def test_what_cannot_be_taken_is_told_in_the_format_asked_for_and_leaves_nothing(
    program: Program, opened: Flask, form: str, media: Any, status: int, sentence: str
) -> None:
    answer = program.send(f"requests.{form}", **HOLE | media())
    assert answer.status_code == status, answer.text
    assert errors_of(answer)[0][0] == status
    assert any(told.startswith(sentence) for _code, told in errors_of(answer)), errors_of(answer)
    assert kept() == []
    assert session().scalars(select(Report)).all() == []
    assert session().scalar(text("select count(*) from portal.account")) == 0


def test_each_of_five_photos_may_be_as_large_as_one(
    program: Program, opened: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(opened.config, "MAX_CONTENT_LENGTH", 200_000)
    large = located_photo() + bytes(180_000)
    program.report(media=[a_file(large + bytes([number])) for number in range(5)])
    assert len(kept()) == 5
    answer = program.send("requests.xml", **HOLE, media=a_file(bytes(1_100_000)))
    assert (answer.status_code, errors_of(answer)[0][0]) == (413, 413)


def test_an_update_brings_photos_as_files_and_as_addresses(program: Program, opened: Flask) -> None:
    reference = program.report()
    said = {"service_request_id": reference, "description": "Worse.", "update_id": "7"}
    with office_running() as site:
        site.behaviour = lambda _request: Response(photo(), mimetype="image/jpeg")
        for _twice in range(2):
            sent = {**said, "media": a_file(), "media_url": f"{site.url}/two.jpg"}
            assert program.send(f"{UPDATES}.json", **sent).status_code == 200
        work()
    (update_id,) = session().scalars(select(Update.id).where(Update.words == "Worse."))
    assert [each.update_id for each in kept()] == [update_id] * 2
    (told,) = [each for each in program.json(UPDATES) if each["description"]]
    assert told["media_url"] is None
    show_all()
    (told,) = [each for each in program.json(UPDATES) if each["description"]]
    assert told["media_url"].endswith(f"/problems/{reference}/photos/1")
    assert program.json("requests")[0]["media_url"] is None  # it is not of the report itself


@pytest.mark.parametrize("form", ["xml", "json"])
def test_photos_of_an_update_are_bounded_too(program: Program, opened: Flask, form: str) -> None:
    said = {"service_request_id": program.report(), "description": "Worse."}
    six = program.send(f"{UPDATES}.{form}", **said, media=[a_file() for _each in range(6)])
    none = program.send(f"{UPDATES}.{form}", **said, media=a_file(b"no photo"))
    lost = program.send(f"{UPDATES}.{form}", **said | {"service_request_id": "2222-2222"}, media=a_file())
    assert [answer.status_code for answer in (six, none, lost)] == [400, 400, 404]
    assert "at most 5 photos" in errors_of(six)[0][1]
    assert errors_of(none)[0][1].startswith("media: ")
    assert kept() == []


def test_a_back_office_shows_what_it_did(app: Flask, program: Program, opened: Flask) -> None:
    reference = program.report()
    work()
    report = session().scalars(select(Report)).one()
    report.office, report.way = "works", "open311"
    session().commit()
    said = {"service_request_id": reference, "description": "Filled.", "status": "FIXED", "update_id": "1"}
    with settings_with(app, works_url="http://works.invalid", works_key=SecretStr("a key")):
        office = Program(app.test_client(), new_key(app, ["status"], office="works"))
        for _twice in range(2):
            answer = office.send(f"{UPDATES}.json", **said, media=a_file())
            assert answer.status_code == 200, answer.text
    work()
    (added,) = kept()
    assert (str(added.update_id), added.moderation) == (json.loads(answer.data)[0]["update_id"], "waiting")
    assert session().scalars(select(Report.status)).one() == "fixed"


@pytest.mark.parametrize(
    ("phone", "is_kept"),
    [
        ("+44 (0) 20 8123 4567 89", "+44(0)20812345678 9".replace(" ", "")),
        ("0" * 20, "0" * 20),
        ("+44 (0) 20 7946 0000 ext 12345", "+442079460000"),
        ("0" * 21, None),
    ],
    ids=["grouped", "longest", "extension", "too long"],
)
def test_a_telephone_number_is_kept_however_it_is_written_and_loses_no_report(
    program: Program, opened: Flask, phone: str, is_kept: str | None
) -> None:
    program.report(phone=phone)
    assert session().scalar(text("select phone from portal.profile")) == is_kept
