"""Inspections: what staff find on the spot, once, with photos, and who hears of it."""

import io
import uuid

from flask import Flask
from sqlalchemy import select

from portal.kit import get_case, move_case, session
from services.reporting.models.following import Update
from services.reporting.models.inspections import FOUND, Inspection
from services.reporting.models.reports import Photo
from services.reporting.operations import telling
from services.reporting.operations.inspecting import keep_for_later
from services.reporting.operations.moderating import set_priority
from services.reporting.queries.work import find_inspection_kept
from services.reporting.tests.test_desk_moderation import DESK, TEAM, filed, mo, the_report
from services.reporting.tests.test_desk_work import with_team
from services.reporting.workflow import FINDINGS
from tests.support.fixtures import Clock
from tests.support.nights import let_go
from tests.support.outbox import letters
from tests.support.photos import photo
from tests.support.residents import Resident
from tests.support.staff import Colleague, colleague
from tests.support.worker import work

__all__ = ["mo"]


def inspected(person: Colleague, reference: str, status: int = 303, **typed: str) -> str:
    """Fill in the page of an inspection and send it twice, as a phone does; the key that it had."""
    path = f"{DESK}/inspect/{reference}"
    person.get(path)
    key = str(person.client.page.all("input", name="key")[0].get("value"))
    values = {"priority": "3", "note": "", "words": "", "key": key, **typed}
    for _time in range(2):
        person.post(path, status, **values)
    return key


def rows(reference: str) -> tuple[int, int]:
    """How many inspections and public updates a report has."""
    report_id = the_report(reference).id
    looks = session().scalars(select(Inspection.id).where(Inspection.report_id == report_id)).all()
    said = session().scalars(select(Update.id).where(Update.report_id == report_id)).all()
    return len(looks), len(said)


def test_the_findings_of_the_page_and_of_the_table_are_the_same() -> None:
    assert set(FINDINGS) == set(FOUND)


def test_an_inspection_sent_twice_counts_once(ada: Resident, mo: Colleague, context: Flask) -> None:
    reference = with_team(ada)
    inspected(mo, reference, found="needs_work", priority="2", note="Bring two barriers.", words="We come on Monday.")
    assert rows(reference) == (1, 2)  # passed to the team, and what the council said
    assert the_report(reference).priority == 2
    page = mo.get(f"/desk/cases/{reference}")
    assert page.count("Bring two barriers.") == 1
    assert "It is there, and there is work to do" in page
    assert the_report(reference).status_note == "We come on Monday."


def test_photos_of_an_inspection_are_the_reports_once_however_often_they_are_sent(
    ada: Resident, mo: Colleague, context: Flask
) -> None:
    reference = with_team(ada)
    path, values = f"{DESK}/inspect/{reference}", {"found": "needs_work", "priority": "3", "note": "", "words": ""}
    mo.get(path)
    values["key"] = str(mo.client.page.all("input", name="key")[0].get("value"))
    refused = mo.post(path, 200, **values, photos=[(io.BytesIO(b"no photo"), "a.jpg")])
    assert "The file must be a photo" in refused.text
    for _time in range(2):
        mo.post(path, 303, **values, photos=[(io.BytesIO(photo()), "a.jpg"), (io.BytesIO(photo("PNG")), "b.png")])
    report = the_report(reference)
    found = session().scalars(select(Photo).where(Photo.report_id == report.id)).all()
    assert [(each.owner_id, each.moderation) for each in found] == [(report.case_id, "waiting")] * 2
    assert "Photo 2" in mo.get(path)


def test_what_was_found_before_a_colleague_closed_the_report_is_refused_and_stays_on_the_page(
    ada: Resident, mo: Colleague, context: Flask
) -> None:
    reference = with_team(ada)
    path, typed = f"{DESK}/inspect/{reference}", {"found": "needs_work", "priority": "3", "note": "Two barriers"}
    mo.get(path)
    key = str(mo.client.page.all("input", name="key")[0].get("value"))
    move_case(the_report(reference).case_id, to="fixed", actor="system:reporting", channel="system")
    session().commit()
    before = rows(reference)
    image = [(io.BytesIO(photo()), "a.jpg")]
    page = mo.post(path, 200, **typed, words="We come on Tuesday", key=key, photos=image).text
    assert "closed meanwhile: Fixed" in str(mo.client.page.errors)
    assert "Two barriers</textarea>" in page
    assert "We come on Tuesday</textarea>" in page
    assert rows(reference) == before == (0, before[1])
    assert session().scalars(select(Photo.id)).all() == []


def test_an_inspection_that_closes_a_report_is_one_letter(
    ada: Resident, ben: Resident, context: Flask, app: Flask
) -> None:
    dee = colleague(app, "Dee", role="decider", team=TEAM)
    reference = with_team(ada)
    ben.post(f"/services/reporting/problems/{reference}/follow")
    inspected(dee, reference, found="fixed", words="We filled it.")
    work()
    assert [letter.to_address for letter in letters(telling.FOLLOWED)] == ["ben@tests.example"]
    assert letters(telling.SAID) == []
    assert "We filled it." in ben.get(f"/services/reporting/problems/{reference}")


def test_it_is_not_done_again_after_a_colleague_has_reopened_it(ada: Resident, context: Flask, app: Flask) -> None:
    dee = colleague(app, "Dee", role="decider", team=TEAM)
    reference = with_team(ada)
    path = f"{DESK}/inspect/{reference}"
    key = inspected(dee, reference, found="fixed", priority="3")
    report = the_report(reference)
    assert report.status == "fixed"
    report.priority = 1
    session().commit()
    dee.post(path, 303, found="fixed", priority="3", key=key, note="", words="")
    assert the_report(reference).priority == 1


def test_what_is_kept_for_later_is_there_again_for_whoever_kept_it_until_it_is_sent(
    app: Flask, ada: Resident, mo: Colleague, context: Flask
) -> None:
    reference = with_team(ada)
    path = f"{DESK}/inspect/{reference}"
    mo.get(path)
    key = str(mo.client.page.all("input", name="key")[0].get("value"))
    for note in ("Two barriers", "Three barriers"):  # nothing is chosen yet, which is no fault
        mo.post(path, 303, do="keep", priority="2", note=note, words="We come.", key=key)
    page = mo.get(path)
    for part in ("Three barriers</textarea>", "We come.</textarea>", f'value="{key}"', "What you kept for later"):
        assert part in page
    assert 'value="2" selected' in page
    assert rows(reference)[0] == 0
    assert "barriers" not in colleague(app, "Bo", role="caseworker", team=TEAM).get(path)
    mo.post(path, 303, found="needs_work", priority="2", note="Three barriers", words="", key=key)
    assert "barriers" not in mo.get(path)


def test_what_cannot_be_kept_is_said_and_shown_again(ada: Resident, mo: Colleague, context: Flask) -> None:
    path = f"{DESK}/inspect/{with_team(ada)}"
    answer = mo.post(path, 200, do="keep", priority="3", note="x" * 2001, words="", key=uuid.uuid4().hex)
    assert "x" * 2001 in answer.get_data(as_text=True)
    assert "2,000 characters" in str(mo.client.page.errors)
    assert "What you kept" not in mo.get(path)


def test_what_nobody_comes_back_to_is_kept_for_a_week(ada: Resident, mo: Colleague, context: Flask, at: Clock) -> None:
    reference = with_team(ada)
    report_id = the_report(reference).id
    keep_for_later(mo.staff.actor, report_id=report_id, typed={"note": "Half a word"})
    at.advance(days=6)
    let_go()
    assert find_inspection_kept(report_id, mo.staff.actor) == {"note": "Half a word"}
    at.advance(days=2)
    let_go()
    assert find_inspection_kept(report_id, mo.staff.actor) is None


def test_who_may_not_decide_closes_nothing(ada: Resident, mo: Colleague, context: Flask) -> None:
    reference = with_team(ada)
    inspected(mo, reference, found="no_action")
    assert the_report(reference).status == "with_team"
    assert rows(reference)[0] == 1
    assert "looked at on the spot" in mo.get(f"{DESK}/work")


def test_closing_without_action_needs_words_and_loses_none(ada: Resident, context: Flask, app: Flask) -> None:
    dee = colleague(app, "Dee", role="decider", team=TEAM)
    reference = with_team(ada)
    inspected(dee, reference, 200, found="elsewhere", note="Behind the hedge?")
    assert "Write why nothing is done" in str(dee.client.page.errors)
    assert rows(reference)[0] == 0
    inspected(dee, reference, found="elsewhere", words="We found no hole there.")
    assert the_report(reference).status == "no_action"


def test_what_is_said_on_a_private_report_is_for_its_owner_alone(ada: Resident, context: Flask, app: Flask) -> None:
    dee = colleague(app, "Dee", role="decider", team=TEAM)
    reference = with_team(ada, private=True)
    before = rows(reference)[1]
    dee.post(f"{DESK}/say/{reference}", 200, words="Hello", key=uuid.uuid4().hex)
    inspected(dee, reference, 200, found="needs_work", words="We come.")
    inspected(dee, reference, found="no_action", words="We found nothing.")
    said = session().scalars(select(Update.words).where(Update.report_id == the_report(reference).id)).all()
    assert len(said) == before + 1  # that it moved
    assert not any(said)


def test_an_inspection_takes_back_no_priority_that_a_colleague_chose(
    ada: Resident, mo: Colleague, context: Flask
) -> None:
    reference = with_team(ada)
    path = f"{DESK}/inspect/{reference}"
    mo.get(path)
    set_priority("staff:other", report_id=the_report(reference).id, priority=1)
    session().commit()
    mo.client.submit(path, found="needs_work")
    assert the_report(reference).priority == 1
    mo.get(path)
    mo.client.submit(path, found="needs_work", priority="4")
    assert the_report(reference).priority == 4


def test_the_page_for_a_phone_is_small_and_shows_no_photo_unasked(ada: Resident, mo: Colleague, context: Flask) -> None:
    page = mo.get(f"{DESK}/inspect/{filed(ada)}")
    assert "<img" not in page.partition("<main")[2]
    assert "geo:51.4927,-0.2339" in page
    assert len(page.encode()) < 16_000


def test_the_case_of_an_inspected_report_says_so_to_staff_alone(ada: Resident, mo: Colleague, context: Flask) -> None:
    reference = with_team(ada)
    inspected(mo, reference, found="needs_work", note="The owner shouted at us.")
    case = get_case(ada.account.id, the_report(reference).case_id)
    assert "shouted" not in ada.client.get(f"/cases/{case.reference}").get_data(as_text=True)
