"""Moderators at the desk: what waits, show, hide, edit, make private, and on to the next."""

from functools import partial
from uuid import UUID, uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from portal.kit import clock, session
from services.reporting.models.following import Update
from services.reporting.models.reports import Photo, Report
from services.reporting.operations import moderating
from services.reporting.operations.deciding import Decision, decide
from services.reporting.operations.sending import file_report
from services.reporting.queries.moderation import Audience, get_to_moderate
from services.reporting.queries.public import find_public
from services.reporting.rules.places import Place, Point
from services.reporting.rules.written import Written
from services.reporting.tests.test_moderating import TRAIL
from tests.support.residents import Resident
from tests.support.staff import Colleague, colleague

DESK = "/desk/reporting"
HERE = Place("Outside number 3, where the Smiths live", Point(51.4927, -0.2339))
TEAM = "highways"


def filed(of: Resident, words: str = "Mr Smith dug a hole.", *, private: bool = False) -> str:
    """A report with its team, committed; its reference."""
    case = file_report(of.account, report_id=uuid4(), written=Written("pothole", HERE, words, private=private))
    session().commit()
    return case.reference


def the_report(reference: str) -> Report:
    session().expire_all()
    return session().scalars(select(Report).where(Report.reference == reference)).one()


def with_photo(reference: str, position: int = 1) -> UUID:
    report = the_report(reference)
    assert report.account_id
    photo = Photo(
        id=uuid4(),
        report_id=report.id,
        position=position,
        file_id=uuid4(),
        owner_id=report.account_id,
        created_at=clock.now(),
    )
    photo.moderation = "waiting"
    session().add(photo)
    session().commit()
    return photo.id


def said_on(reference: str, words: str = "Still there.") -> UUID:
    update = Update(
        id=uuid4(),
        report_id=the_report(reference).id,
        said_by="resident",
        words=words,
        moderation="waiting",
        created_at=clock.now(),
    )
    session().add(update)
    session().commit()
    return update.id


@pytest.fixture
def mo(app: Flask) -> Colleague:
    """Works on potholes."""
    return colleague(app, "Mo", role="caseworker", team=TEAM)


def test_the_longest_waiting_come_first_with_what_waits(ada: Resident, mo: Colleague, context: Flask) -> None:
    first, second = filed(ada), filed(ada, "Another.")
    with_photo(first)
    page = mo.get(f"{DESK}/moderation")
    assert page.index(first) < page.index(second)
    assert "Its words, 1 photo" in page


def test_private_reports_wait_for_nobody_and_others_teams_are_not_listed(
    app: Flask, ada: Resident, mo: Colleague
) -> None:
    with app.app_context():  # not around the pages: what one member of staff may is kept beside it
        hidden, others = filed(ada, private=True), filed(ada)
        with_photo(hidden)
    assert hidden not in mo.get(f"{DESK}/moderation")
    elsewhere = colleague(app, "Pat", role="caseworker", team="parks")
    page = elsewhere.get(f"{DESK}/moderation")
    assert others not in page
    assert "Nothing waits" in page
    elsewhere.get(f"{DESK}/moderation/{others}", 404)


def test_edited_words_are_read_by_all_and_the_next_report_opens(ada: Resident, mo: Colleague, context: Flask) -> None:
    first, second = filed(ada), filed(ada, "Another.")
    photo, said = with_photo(first), said_on(first)
    mo.get(f"{DESK}/moderation/{first}")
    answer = mo.client.submit(
        f"{DESK}/moderation/{first}",
        audience="everybody",
        words="Somebody dug a hole.",
        place="Chiswick High Road",
        photos=[str(photo)],
        updates=[str(said)],
    )
    assert answer.location == f"{DESK}/moderation/{second}"
    shown = find_public(first)
    assert shown
    assert (shown.words, shown.place) == ("Somebody dug a hole.", "Chiswick High Road")
    assert the_report(first).description == "Mr Smith dug a hole."
    assert session().get_one(Photo, photo).moderation == "shown"
    assert session().get_one(Update, said).moderation == "shown"
    assert f"{DESK}/moderation/{first}" not in mo.get(f"{DESK}/moderation")


def test_what_is_not_ticked_is_hidden_and_a_hidden_report_is_seen_by_nobody(
    ada: Resident, mo: Colleague, context: Flask
) -> None:
    reference = filed(ada)
    photo, said = with_photo(reference), said_on(reference)
    mo.get(f"{DESK}/moderation/{reference}")
    answer = mo.client.submit(
        f"{DESK}/moderation/{reference}", audience="nobody", words="x", place="y", photos=[], updates=[]
    )
    assert answer.location == f"{DESK}/moderation"
    assert find_public(reference) is None
    assert session().get_one(Photo, photo).moderation == "hidden"
    assert session().get_one(Update, said).moderation == "hidden"


def test_a_report_is_made_private_and_public_again(ada: Resident, mo: Colleague, context: Flask) -> None:
    reference = filed(ada)
    for audience, is_private in (("private", True), ("everybody", False)):
        mo.get(f"{DESK}/moderation/{reference}")
        mo.client.submit(f"{DESK}/moderation/{reference}", audience=audience, words="Words.", place="Here.")
        assert the_report(reference).private is is_private
        assert (find_public(reference) is None) is is_private


def test_a_private_report_that_is_hidden_for_its_words_was_never_public(
    ada: Resident, mo: Colleague, context: Flask
) -> None:
    reference = filed(ada, private=True)
    mo.get(f"{DESK}/moderation/{reference}")
    mo.client.submit(f"{DESK}/moderation/{reference}", audience="nobody", words="Words.", place="Here.")
    report = the_report(reference)
    assert (report.private, report.moderation) == (False, "hidden")
    acts = session().scalars(select(TRAIL.c.act).where(TRAIL.c.subject == f"report:{report.id}")).all()
    assert "reporting.hidden" in acts
    assert "reporting.made_public" not in acts


def test_what_came_while_the_page_was_open_still_waits(ada: Resident, mo: Colleague, context: Flask) -> None:
    reference = filed(ada)
    first = with_photo(reference)
    mo.get(f"{DESK}/moderation/{reference}")
    late, said = with_photo(reference, 2), said_on(reference)
    mo.client.submit(f"{DESK}/moderation/{reference}", audience="everybody", words="Words.", place="Here.", photos=[])
    assert session().get_one(Photo, first).moderation == "hidden"
    assert session().get_one(Photo, late).moderation == "waiting"
    assert session().get_one(Update, said).moderation == "waiting"
    assert f"{DESK}/moderation/{reference}" in mo.get(f"{DESK}/moderation")


@pytest.mark.parametrize("audience", ["everybody", "nobody", "private"])
def test_an_older_page_does_not_undo_what_a_colleague_decided(
    app: Flask, ada: Resident, mo: Colleague, context: Flask, audience: Audience
) -> None:
    reference = filed(ada)
    mo.get(f"{DESK}/moderation/{reference}")
    report = the_report(reference)
    now = get_to_moderate(report.case_id)
    theirs = Decision(audience=audience, words="Somebody dug a hole.", place="Here.")
    decide("staff:other", case_id=report.case_id, marks=now.marks, decision=theirs)
    session().commit()
    mine = partial(mo.client.submit, audience="everybody", words="My own words.", place="There.")
    page = mine(f"{DESK}/moderation/{reference}").get_data(as_text=True)
    assert "This is what stands now:" in page
    assert "My own words.</textarea>" in page
    assert ("Somebody dug a hole." in page) is (audience == "everybody")
    assert get_to_moderate(report.case_id).audience == audience
    assert the_report(reference).public_words != "My own words."
    mine(f"{DESK}/moderation/{reference}")
    assert the_report(reference).public_words == "My own words."
    assert the_report(reference).private is False


def test_the_same_decision_sent_twice_is_kept_once(ada: Resident, mo: Colleague, context: Flask) -> None:
    reference = filed(ada)
    case_id = the_report(reference).case_id
    marks = get_to_moderate(case_id).marks
    audiences: tuple[Audience, ...] = ("everybody", "private")
    for audience in audiences:
        decision = Decision(audience=audience, words="Words.", place="Here.")
        for _time in range(2):
            decide(mo.staff.actor, case_id=case_id, marks=marks, decision=decision)
        marks = get_to_moderate(case_id).marks


def test_words_that_were_forgotten_wait_for_nobody(ada: Resident, mo: Colleague, context: Flask) -> None:
    reference = filed(ada)
    report = the_report(reference)
    report.description = report.place = ""
    session().commit()
    assert reference not in mo.get(f"{DESK}/moderation")


def test_nobody_moderates_who_may_only_look(app: Flask, ada: Resident, context: Flask) -> None:
    reference = filed(ada)
    viewer = colleague(app, "Vic", role="viewer", team=TEAM)
    viewer.get(f"{DESK}/moderation", 403)
    viewer.post(f"{DESK}/moderation/{reference}", 403, audience="nobody")
    assert the_report(reference).moderation == "waiting"


def test_a_photo_is_seen_at_the_desk_before_it_is_shown_only_on_its_own_report(
    ada: Resident, mo: Colleague, context: Flask
) -> None:
    first, second = filed(ada), filed(ada)
    photo = with_photo(first)
    mo.client.check_pages = False
    mo.get(f"{DESK}/moderation/{second}/photos/{photo}", 404)


def test_words_in_markup_are_shown_as_they_were_typed(ada: Resident, mo: Colleague, context: Flask) -> None:
    reference = filed(ada, "<script>alert(1)</script>")
    page = mo.get(f"{DESK}/moderation/{reference}")
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_too_long_words_are_refused_and_nothing_is_changed(ada: Resident, mo: Colleague, context: Flask) -> None:
    reference = filed(ada)
    mo.get(f"{DESK}/moderation/{reference}")
    words = "x" * (moderating.LONGEST_WORDS + 1)
    mo.client.submit(f"{DESK}/moderation/{reference}", audience="everybody", words=words, place="Here.")
    assert the_report(reference).moderation == "waiting"
