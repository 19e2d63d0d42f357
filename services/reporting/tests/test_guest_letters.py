"""The page that a guest's letter leads to: its button sends the report, later it says how that stands."""

import re
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from portal.kit import get_case, send_message, session
from services.reporting.models.reports import Report
from services.reporting.operations import guest_talk
from services.reporting.tests.conftest import STREET
from services.reporting.tests.telling import (
    PROBLEMS,
    STAFF,
    Stranger,
    filed,
    link_in,
    moved,
    reference_of,
)
from services.reporting.tests.test_guest_journey import Guest
from services.reporting.workflow import status_called
from tests.support.fixtures import Clock
from tests.support.outbox import letters
from tests.support.residents import Resident
from tests.support.worker import work

LETTER = "reporting/mail/guest.txt"


@pytest.fixture
def link(app: Flask, context: Flask) -> str:
    """The link in the letter of a guest who has written all."""
    guest = Guest(app).begin().up_to_check()
    guest.client.get(f"{guest.url}/check")
    guest.send(f"{guest.url}/check")
    assert len(letters(LETTER)) == 1
    return link_in(LETTER)


def test_opening_the_letter_sends_nothing_and_the_button_sends_it_once(app: Flask, link: str) -> None:
    scanner, guest = Stranger(app), Stranger(app)
    for _each in range(3):
        page = scanner.get(link)
        assert "We do not have your report yet." in page
        assert "Pothole" in page
        assert STREET["whereabouts"] in page
        assert "A deep hole" not in page
    for _twice in range(2):
        guest.send(link)
    page = guest.get(link)
    reference = re.search(r"Your report ([2-9A-Z]{4}-[2-9A-Z]{4})", page)
    assert reference is not None
    assert "A deep hole" in guest.get(f"{PROBLEMS}/{reference[1]}")


def test_what_a_guest_changed_meanwhile_is_shown_before_the_letter_sends_it(app: Flask, context: Flask) -> None:
    writing = Guest(app).begin().up_to_check()
    writing.answer("check")
    link, reader = link_in(LETTER), Stranger(app)
    reader.get(link)
    saw = str(reader.client.page.all("input", name="saw")[0].get("value"))
    writing.client.get(f"{writing.url}/street")
    writing.answer("street", street="Another place", whereabouts="By the gate", unknown="Another place")
    page = reader.send(link, 200, saw=saw)
    assert "in another window" in page
    assert "Another place" in page
    reader.send(link)
    assert "Your report" in reader.get(link)


def test_a_guest_claims_the_report_into_an_account_later(app: Flask, link: str, ada: Resident) -> None:
    guest = Stranger(app)
    guest.send(link)
    page = guest.send(link, status=200, claim="yes")
    code = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", page)
    reference = re.search(r"Add ([2-9A-Z]{4}-[2-9A-Z]{4}) to your account", page)
    assert code is not None
    assert reference is not None
    ada.post("/claim", code=code[0])
    assert "Pothole" in ada.get(f"/cases/{reference[1]}")
    page = guest.get(link)
    assert "has been added to an account" in page
    assert "We write to you" not in page


def test_the_letter_of_a_report_that_was_merged_says_how_the_other_one_stands(
    app: Flask, context: Flask, link: str, ada: Resident
) -> None:
    guest = Stranger(app)
    guest.send(link)
    mine = session().scalars(select(Report)).one()
    stays = filed(ada)
    mine.merged_into_id = stays
    session().commit()
    moved(stays, "with_team", "in_progress", "fixed")
    page = guest.get(link)
    assert reference_of(stays) in page
    assert str(status_called("fixed").title) in page


def test_the_link_is_over_when_nobody_pressed_the_button_in_time(app: Flask, link: str, at: Clock) -> None:
    at.advance(hours=73)
    assert "no longer of use" in Stranger(app).get(link, status=404)


@pytest.mark.parametrize("private", ["no", "yes"])
def test_a_guest_hears_of_moves_and_messages_and_answers_on_the_page_of_the_letter(
    app: Flask, context: Flask, private: str
) -> None:
    writing = Guest(app).begin().up_to_check()
    writing.client.get(f"{writing.url}/private")
    writing.send(f"{writing.url}/private", private=private)
    writing.client.get(f"{writing.url}/check")
    writing.send(f"{writing.url}/check")
    link, guest = link_in(LETTER), Stranger(app)
    guest.send(link)
    report = session().scalars(select(Report)).one()
    moved(report.id, "with_team")
    moved(report.id, "in_progress")
    send_message(STAFF, report.case_id, "Which side of the road?", key="one")
    session().commit()
    work()
    page = guest.get(link)
    assert str(status_called("in_progress").title) in page
    assert ("only you and we can see it" in page) == (private == "yes")
    news = letters(guest_talk.NEWS)
    assert len([each for each in news if "written to you" in each.subject]) == 1
    assert len([each for each in news if "News about" in each.subject]) == (2 if private == "yes" else 0)
    assert "side of the road" not in "".join(each.body + each.subject for each in news)
    assert "side of the road" in guest.get(link_in(guest_talk.NEWS))
    guest.get(f"{link}/write")
    key = str(guest.client.page.all("input", name="key")[0].get("value"))
    for _twice in range(2):
        guest.send(f"{link}/write", words="The north side.", key=key)
    assert guest.get(link).count("The north side.") == 1
    session().expire_all()
    assert get_case(report.account_id or uuid4(), report.reference).waits_for == "council"


def test_the_letter_of_a_claimed_report_shows_no_messages_and_takes_none(
    app: Flask, context: Flask, link: str, ada: Resident
) -> None:
    guest = Stranger(app)
    guest.send(link)
    code = re.search(r"[2-9A-Z]{4}-[2-9A-Z]{4}-[2-9A-Z]{4}", guest.send(link, status=200, claim="yes"))
    assert code is not None
    ada.post("/claim", code=code[0])
    report = session().scalars(select(Report)).one()
    send_message(STAFF, report.case_id, "Which side of the road?", key="one")
    session().commit()
    work()
    assert letters(guest_talk.NEWS) == []
    assert "side of the road" not in guest.get(link)
    guest.get(f"{link}/write", status=404)
