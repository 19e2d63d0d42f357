"""Photos with what is said on a report, by residents and staff: a moderator looks first."""

import io
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from portal.kit import find_file, session
from services.reporting.models.following import Update
from services.reporting.models.reports import Photo
from services.reporting.operations import photos
from services.reporting.operations.forgetting import forget
from services.reporting.operations.moderating import moderate_photo, moderate_update
from services.reporting.tests.conftest import Begin
from services.reporting.tests.telling import PROBLEMS, STAFF, Stranger, filed, reference_of
from tests.support.photos import SECRET, located_photo, photo
from tests.support.residents import Resident
from tests.support.staff import colleague
from tests.support.worker import work


@pytest.fixture
def stranger(app: Flask) -> Stranger:
    return Stranger(app)


def some(many: int) -> list[tuple[io.BytesIO, str]]:
    return [(io.BytesIO(located_photo()), f"{n}.jpg") for n in range(many)]


def of(report_id: UUID) -> list[Photo]:
    session().expire_all()
    return list(session().scalars(select(Photo).where(Photo.report_id == report_id).order_by(Photo.position)))


def show(report_id: UUID) -> None:
    for each in of(report_id):
        moderate_photo(STAFF, photo_id=each.id, shown=True)
    session().commit()


def say(ben: Resident, report_id: UUID, many: int, *, times: int = 1) -> None:
    path = f"{PROBLEMS}/{reference_of(report_id)}/update"
    ben.get(path)
    key = str(ben.client.page.all("input", name="key")[0].get("value"))
    for _time in range(times):
        ben.post(path, words="It is deeper now.", key=key, photos=some(many))


def test_a_residents_photos_stand_with_their_words_once_they_were_looked_at(
    ada: Resident, ben: Resident, stranger: Stranger, context: Flask
) -> None:
    report_id = filed(ada)
    page = f"{PROBLEMS}/{reference_of(report_id)}"
    say(ben, report_id, 5, times=2)
    work()
    assert [each.position for each in of(report_id)] == [1, 2, 3, 4, 5]
    assert {each.update_id for each in of(report_id)} == set(session().scalars(select(Update.id)))
    assert "It is deeper now." in stranger.get(page)
    assert "/photos/" not in stranger.get(page)
    stranger.get(f"{page}/photos/1", 404)
    show(report_id)
    shown = stranger.get(page)
    assert shown.count("/photos/") == 5
    assert shown.index("It is deeper now.") < shown.index("/photos/1")
    content = stranger.client.get(f"{page}/photos/1").data
    assert content.startswith((b"\xff\xd8", b"RIFF"))
    assert SECRET not in content
    moderate_update(STAFF, update_id=session().scalars(select(Update.id)).one(), shown=False)
    session().commit()
    stranger.get(f"{page}/photos/1", 404)


def test_a_sixth_photo_or_what_is_none_is_refused_and_the_words_stay(
    ada: Resident, ben: Resident, context: Flask
) -> None:
    report_id = filed(ada)
    path = f"{PROBLEMS}/{reference_of(report_id)}/update"
    for sent in (some(6), [(io.BytesIO(b"MZ no photo"), "a.jpg")], some(400)):
        page = ben.post(path, 200, words="Still there.", photos=sent).get_data(as_text=True)
        assert "Still there." in page
        assert "choose them again" in page
        assert of(report_id) == []
    assert session().scalars(select(Update.id)).all() == []


def test_five_photos_are_taken_at_once_each_as_large_as_one(
    ada: Resident, ben: Resident, begin: Begin, app: Flask, context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "MAX_CONTENT_LENGTH", 200_000)
    large = [(io.BytesIO(photo() + bytes(90_000)), f"{n}.jpg") for n in range(5)]
    journey = begin(ada).up_to("photo")
    assert journey.answer("photo", photos=large) == "check"
    report_id = filed(ada)
    large = [(io.BytesIO(photo() + bytes(90_000)), f"{n}.jpg") for n in range(5)]
    ben.post(f"{PROBLEMS}/{reference_of(report_id)}/update", words="Look.", photos=large)
    assert len(of(report_id)) == 5
    street = ada.client.post(f"{journey.url}/street", data={"street": (io.BytesIO(bytes(300_000)), "a.jpg")})
    assert street.status_code == 413


def test_a_report_takes_so_many_photos_and_no_more(
    ada: Resident, ben: Resident, context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "MOST_OF_ALL", 3)
    report_id = filed(ada)
    say(ben, report_id, 2)
    path = f"{PROBLEMS}/{reference_of(report_id)}/update"
    assert "enough photos" in ben.post(path, 200, words="Look.", photos=some(2)).get_data(as_text=True)
    assert len(of(report_id)) == 2


def test_staff_add_photos_which_wait_for_a_look_and_go_with_the_reporter(
    app: Flask, ada: Resident, stranger: Stranger, context: Flask
) -> None:
    mo = colleague(app, "Mo", role="caseworker", team="highways")
    report_id = filed(ada)
    path = f"/desk/reporting/say/{reference_of(report_id)}"
    mo.get(path)
    key = str(mo.client.page.all("input", name="key")[0].get("value"))
    for _time in range(2):
        answer = mo.post(path, words="We have filled it.", key=key, photos=(io.BytesIO(photo()), "done.jpg"))
        assert "/moderation/" in answer.location
    work()
    (added,) = of(report_id)
    assert added.moderation == "waiting"
    owner_id, file_id = added.owner_id, added.file_id
    assert "Photo 1" in mo.get(f"/desk/reporting/moderation/{reference_of(report_id)}")
    show(report_id)
    assert "Photo 1 of this update" in stranger.get(f"{PROBLEMS}/{reference_of(report_id)}")
    forget(ada.account)
    session().commit()
    assert of(report_id) == []
    assert find_file(owner_id, file_id) is None


def test_forgetting_who_said_it_takes_their_photos(ada: Resident, ben: Resident, context: Flask) -> None:
    report_id = filed(ada)
    say(ben, report_id, 1)
    forget(ben.account)
    session().commit()
    assert of(report_id) == []
    assert session().scalars(select(Update.id)).all() == []
