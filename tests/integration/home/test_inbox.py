"""A resident's inbox: what is new until it is read, and by which channel they choose to hear of it."""

from typing import Any

from flask import Flask
from sqlalchemy import select, update

from portal import clock
from portal.accounts.models import ProfileRow
from portal.cases.messages import messages_of
from portal.cases.values import Case
from portal.db.session import session
from portal.notify.contact_problems import digest
from portal.notify.models import ContactProblem, OutboundMessage
from tests.integration.home.pothole import moved, page_of, reply, report, sams
from tests.support.fixtures import Clock
from tests.support.residents import Resident

__all__ = ["report", "sams"]


def test_an_answer_is_new_until_it_is_read(app: Flask, sams: Resident, report: Case) -> None:
    reply(app, report, "We come tomorrow.")
    assert "1 message is new" in sams.get("/inbox")
    page = sams.get(page_of(report))
    assert "We come tomorrow." in page
    assert "I have read what is new" in page
    sams.post(page_of(report, "/read"))
    assert "I have read what is new" not in sams.get(page_of(report))
    assert "is new" not in sams.get("/inbox")
    with app.app_context():
        (message,), _older = messages_of(report.id)
        assert message.read_at is not None


def test_everything_is_marked_read_up_to_what_was_shown(app: Flask, sams: Resident, report: Case, at: Clock) -> None:
    reply(app, report, "One.", key="one")
    sams.get("/inbox")
    until = str(sams.client.page.all("input", name="until")[0].get("value"))
    at.advance(seconds=5)
    reply(app, report, "Two.", key="two")
    sams.post("/inbox/read", until=until)
    assert "1 message is new" in sams.get("/inbox")
    sams.post("/inbox/read", until="nonsense")
    assert "1 message is new" in sams.get("/inbox")


def test_an_entry_of_the_inbox_leads_to_its_case_and_is_read_then(app: Flask, sams: Resident, report: Case) -> None:
    reply(app, report, "One.")
    sams.get("/inbox")
    form: Any = next(each for each in sams.client.page.all("form") if "/open" in str(each.get("action")))
    answer = sams.post(str(form.get("action")))
    assert answer.location == page_of(report)
    assert "is new" not in sams.get("/inbox")


def test_the_inbox_says_more_than_the_letter(app: Flask, sams: Resident, report: Case) -> None:
    reply(app, report, "One.")
    moved(app, report, "with_team", "fixed")
    page = sams.get("/inbox")
    assert f"Pothole {report.reference}: We wrote to you" in page
    assert f"Pothole {report.reference}: Fixed" in page
    with app.app_context():
        said = [letter.subject + letter.body for letter in session().scalars(select(OutboundMessage))]
    assert said
    assert not any("Pothole" in words or "Fixed" in words for words in said)


def test_choices_of_channel_are_kept(app: Flask, sams: Resident) -> None:
    assert "Problems in the street" in sams.get("/inbox/choices")
    assert sams.refused("/inbox/choices/reporting") == ["Select how we should tell you"]
    assert "mobile" in sams.refused("/inbox/choices/reporting", channel="sms")[0]
    sams.post("/inbox/choices/reporting", channel="digest")
    assert "One email each morning" in sams.get("/inbox/choices")
    sams.post("/inbox/choices/reporting", channel="usual")
    assert "One email each morning" not in sams.get("/inbox/choices")


def test_a_choice_of_texts_in_vain_is_said(app: Flask, sams: Resident) -> None:
    with app.app_context():
        session().execute(update(ProfileRow).values(phone="+447700900123"))
        session().commit()
    sams.post("/inbox/choices/reporting", channel="sms")
    assert "You have no mobile number" not in sams.get("/inbox/choices")
    with app.app_context():
        session().execute(update(ProfileRow).values(phone=None))
        session().commit()
    assert "You have no mobile number" in sams.get("/inbox/choices")


def test_what_comes_in_the_place_of_an_email_that_does_not_arrive_is_said(app: Flask, sams: Resident) -> None:
    sams.post("/inbox/choices/reporting", channel="email")
    with app.test_request_context("/"):
        session().add(
            ContactProblem(
                account_id=sams.account.id,
                channel="email",
                address_hash=digest("sam@tests.example"),
                state="permanent-failure",
                since_at=clock.now(),
            )
        )
        session().commit()
    assert "so it is only here in the inbox" in sams.get("/inbox/choices")
    with app.app_context():
        session().execute(update(ProfileRow).values(phone="+447700900123"))
        session().commit()
    page = sams.get("/inbox/choices")
    assert "so we send you a text message until they do" in page
    assert "The usual way: Text message" in page


def test_a_choice_that_is_none_is_not_found(sams: Resident) -> None:
    sams.get("/inbox/choices/nothing", status=404)
