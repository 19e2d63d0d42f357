"""Photos of a report: up to five of each person, seen by nobody else before a moderator has."""

import io
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from portal.kit import NotFound, Refused, Unavailable, find_file, session
from services.reporting.models.reports import Photo, Report
from services.reporting.operations import photos
from services.reporting.operations.drafts import begin_report, discard_report
from services.reporting.operations.forgetting import forget
from services.reporting.operations.sending import file_report
from services.reporting.queries.own import get_own_draft
from services.reporting.queries.public import shown_photos
from services.reporting.rules.places import Place, Point
from services.reporting.rules.written import Written, photos_in
from services.reporting.tests.conftest import Begin
from tests.support.photos import photo
from tests.support.residents import Resident

HERE = Place("Larkspur Lane", Point(51.4927, -0.2339))


def filed(of: Resident) -> UUID:
    """A report; its id."""
    report_id = uuid4()
    file_report(of.account, report_id=report_id, written=Written("pothole", HERE, "A hole."))
    session().commit()
    return report_id


def another() -> io.BytesIO:
    return io.BytesIO(photo())


def added(of: Resident, report_id: UUID, many: int = 1) -> list[Photo]:
    for _each in range(many):
        photos.add_photo_to(of.account, report_id=report_id, stream=another())
        session().commit()
    return list(session().scalars(select(Photo).where(Photo.report_id == report_id).order_by(Photo.position)))


def test_five_photos_go_with_the_report_in_their_order(ada: Resident, context: Flask, begin: Begin) -> None:
    journey = begin(ada).up_to("photo")
    journey.answer("photo", photos=[(another(), f"{n}.jpg") for n in range(5)])
    journey.send()
    kept = session().scalars(select(Photo).order_by(Photo.position)).all()
    assert [each.position for each in kept] == [1, 2, 3, 4, 5]
    assert {each.moderation for each in kept} == {"waiting"}
    assert {each.owner_id for each in kept} == {ada.account.id}


def test_a_sixth_is_refused_and_loses_none(ada: Resident, context: Flask) -> None:
    draft = begin_report(ada.account)
    session().commit()
    photos.add_photos(ada.account, draft_id=draft.id, streams=[another() for _each in range(5)])
    session().commit()
    with pytest.raises(Refused, match="up to 5 photos"):
        photos.add_photos(ada.account, draft_id=draft.id, streams=[another()])
    assert len(photos_in(get_own_draft(ada.account, draft.id).answers)) == 5


def test_a_photo_is_taken_out_of_a_draft_with_its_file(ada: Resident, ben: Resident, context: Flask) -> None:
    draft = begin_report(ada.account)
    session().commit()
    draft = photos.add_photos(ada.account, draft_id=draft.id, streams=[another(), another()])
    first, second = photos_in(draft.answers)
    with pytest.raises(NotFound):
        photos.remove_photo(ben.account, draft_id=draft.id, photo_id=first)
    with pytest.raises(NotFound):
        photos.remove_photo(ada.account, draft_id=draft.id, photo_id=uuid4())
    draft = photos.remove_photo(ada.account, draft_id=draft.id, photo_id=first)
    assert photos_in(draft.answers) == [second]
    assert find_file(ada.account.id, first) is None
    discard_report(ada.account, draft_id=draft.id)
    assert find_file(ada.account.id, second) is None


def test_somebody_who_saw_the_same_adds_photos_and_nobody_sees_them_yet(
    ada: Resident, ben: Resident, context: Flask
) -> None:
    report_id = filed(ada)
    added(ada, report_id)
    theirs = added(ben, report_id, 2)
    assert [(each.position, each.owner_id) for each in theirs] == [
        (1, ada.account.id),
        (2, ben.account.id),
        (3, ben.account.id),
    ]
    assert shown_photos([report_id]) == {}


def test_one_person_adds_five_and_all_together_twenty(
    ada: Resident, context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    report_id = filed(ada)
    added(ada, report_id, 5)
    with pytest.raises(Refused, match="enough photos"):
        photos.add_photo_to(ada.account, report_id=report_id, stream=another())


def test_no_more_than_a_report_may_have_of_all(
    ada: Resident, ben: Resident, context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(photos, "MOST_OF_ALL", 2)
    report_id = filed(ada)
    added(ada, report_id, 2)
    with pytest.raises(Refused, match="enough photos"):
        photos.add_photo_to(ben.account, report_id=report_id, stream=another())


def test_no_photo_is_added_to_a_report_that_is_none(ada: Resident, context: Flask) -> None:
    with pytest.raises(NotFound):
        photos.add_photo_to(ada.account, report_id=uuid4(), stream=another())


def test_a_store_that_is_away_loses_no_report(ada: Resident, context: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_how: object, **_more: object) -> None:
        raise Unavailable("The store is away.")

    monkeypatch.setattr(photos, "receive_all", away)
    draft = begin_report(ada.account)
    session().commit()
    with pytest.raises(Unavailable):
        photos.add_photos(ada.account, draft_id=draft.id, streams=[another()])
    assert get_own_draft(ada.account, draft.id).case_id is None


def test_a_photo_goes_with_whoever_added_it_and_the_report_stays(ada: Resident, ben: Resident, context: Flask) -> None:
    report_id = filed(ada)
    file_id = added(ben, report_id)[0].file_id
    forget(ben.account)
    session().commit()
    assert session().scalars(select(Photo)).all() == []
    assert find_file(ben.account.id, file_id) is None
    assert session().scalars(select(Report.description)).one() == "A hole."
