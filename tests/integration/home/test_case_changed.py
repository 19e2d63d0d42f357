"""What a resident sends about a case that is no longer as their page showed it: nothing that they typed is lost."""

import io

from flask import Flask

from portal.cases import queries
from portal.cases.ending import reopen_by_staff
from portal.cases.messages import messages_of
from portal.cases.notes import write_note
from portal.cases.values import Case
from portal.db.session import session
from tests.integration.home.pothole import STAFF, moved, page_of, reply, report, sams
from tests.support.photos import photo
from tests.support.residents import Resident, resident

__all__ = ["report", "sams"]


def reopened(app: Flask, case: Case) -> None:
    """The desk finds that the case is not over."""
    with app.test_request_context("/"):
        reopen_by_staff(case.id, actor=STAFF, reason="It came back.")
        session().commit()


def test_their_own_rating_does_not_keep_a_resident_from_reopening(app: Flask, sams: Resident, report: Case) -> None:
    moved(app, report, "with_team", "fixed")
    path = page_of(report, "/reopen")
    sams.get(path)
    resident(app, "Sam").post(page_of(report, "/rate"), rating="2", words="")
    assert sams.client.submit(reason="It is still there.").status_code == 303
    assert "Opened again" in sams.get(page_of(report))


def test_what_a_resident_is_not_shown_does_not_keep_them_either(app: Flask, sams: Resident, report: Case) -> None:
    moved(app, report, "with_team", "fixed")
    sams.get(page_of(report, "/reopen"))
    with app.test_request_context("/"):
        write_note(STAFF, report.id, "Rang twice.", key="n")
        session().commit()
    assert sams.client.submit(reason="It is still there.").status_code == 303


def test_a_reopening_shows_what_changed_and_can_be_sent_again(app: Flask, sams: Resident, report: Case) -> None:
    moved(app, report, "with_team", "fixed")
    sams.get(page_of(report, "/reopen"))
    reopened(app, report)
    moved(app, report, "no_action", reason="It is a private road.")
    assert sams.client.submit(reason="It is still there.").status_code == 200
    html = sams.client.page.html
    for words in ("When you opened it", "Fixed", "No action", "It is a private road.", "It is still there."):
        assert words in html
    assert sams.client.submit(reason="It is still there.").status_code == 303, "the page was renewed"
    assert "Opened again" in sams.get(page_of(report))


def test_words_for_a_reopening_that_somebody_else_did_can_be_sent(app: Flask, sams: Resident, report: Case) -> None:
    moved(app, report, "with_team", "fixed")
    sams.get(page_of(report, "/reopen"))
    reopened(app, report)
    assert sams.client.submit(reason="The left lane too.").status_code == 200
    assert "open again already" in str(sams.client.page.errors)
    assert sams.client.submit(body="The left lane too.").status_code == 303
    with app.app_context():
        assert [each.body for each in messages_of(report.id)[0]] == ["The left lane too."]


def test_a_reopening_sent_twice_is_done_once(app: Flask, sams: Resident, report: Case) -> None:
    closed = moved(app, report, "with_team", "fixed")
    for _click in range(2):
        sams.post(page_of(report, "/reopen"), reason="Back.", version=str(closed.version))
    with app.app_context():
        assert queries.get_case(sams.account.id, report.id).reopened == 1


def test_a_rating_of_what_was_opened_again_has_no_form_any_more(app: Flask, sams: Resident, report: Case) -> None:
    moved(app, report, "with_team", "fixed")
    sams.get(page_of(report, "/rate"))
    reopened(app, report)
    assert sams.client.submit(rating="1", words="It is still there.").status_code == 200
    assert "once we have finished" in str(sams.client.page.errors)
    assert "It is still there." in sams.client.page.html
    assert not sams.client.page.all("input", name="rating")


def test_a_document_for_what_was_closed_meanwhile_leads_on(app: Flask, sams: Resident, report: Case) -> None:
    sams.get(page_of(report, "/add-document"))
    moved(app, report, "with_team", "fixed")
    answer = sams.client.submit(title="The hole", _files={"file": (io.BytesIO(photo()), "a.jpg")})
    assert answer.status_code == 200
    assert sams.client.page.errors
    links = sams.client.page.links()
    assert links["Write to us about this"] == page_of(report, "/write")
    assert links["Reopen this case"] == page_of(report, "/reopen")
    assert "The hole" in sams.client.page.html


def test_a_document_of_a_used_page_is_not_lost_unseen(app: Flask, sams: Resident, report: Case) -> None:
    path = page_of(report, "/add-document")
    sams.get(path)
    key = str(sams.client.page.all("input", name="key")[0].get("value"))
    sams.post(path, key=key, title="First", file=(io.BytesIO(photo()), "a.jpg"))
    second = photo(size=(90, 60))
    assert "already" in sams.refused(path, key=key, title="Second", file=(io.BytesIO(second), "b.jpg"))[0]
    assert "Second" in sams.client.page.html, "what was typed stays"
    answer = sams.client.submit(title="Second", _files={"file": (io.BytesIO(second), "b.jpg")})
    assert answer.status_code == 303
    page = sams.get(page_of(report))
    assert "First" in page
    assert "Second" in page


def test_a_message_sent_again_from_a_page_of_before_is_one(app: Flask, sams: Resident, report: Case) -> None:
    path = page_of(report, "/write")
    for _page in range(2):  # the browser restores the words, the page a new key
        sams.get(path)
        assert sams.client.submit(body="It grew.").status_code == 303
    assert sams.get(page_of(report)).count("It grew.") == 1
    reply(app, report, "How big is it?")
    sams.get(path)
    sams.client.submit(body="It grew.")
    assert sams.get(page_of(report)).count("It grew.") == 2, "an answer lies between"
