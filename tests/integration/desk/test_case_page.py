"""The page of a case at the desk: all of it for those who may, none of it for others, and each look on the record."""

import io
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, text, update

from portal import clock
from portal.accounts.models import ProfileRow
from portal.accounts.values import Account
from portal.cases.documents import add_document
from portal.cases.forgetting import forget
from portal.cases.messages import send_message
from portal.cases.models import CaseRow
from portal.cases.notes import write_note
from portal.cases.values import Case
from portal.conformance.pages import words
from portal.db.session import session
from portal.desk.case_words import promise_of
from portal.notify.contact_problems import digest
from portal.notify.models import ContactProblem
from tests.support.client import client_for
from tests.support.desk import WORDS, report
from tests.support.people import sign_in
from tests.support.photos import photo
from tests.support.residents import Resident, statements
from tests.support.staff import Colleague, colleague
from tests.support.worker import work


def page_of(case: Case) -> str:
    return f"/desk/cases/{case.reference}"


def looks(app: Flask) -> list[Any]:
    with app.app_context():
        rows = session().execute(text("select what, reason, written from portal.staff_look order by id")).all()
    return [tuple(row) for row in rows]


def test_it_shows_what_was_sent_who_sent_it_and_where_it_stands(app: Flask, case: Case, sunita: Colleague) -> None:
    html = sunita.get(page_of(case))
    main = sunita.client.page.main
    assert WORDS in main
    assert "Larkspur Lane" in main
    assert "Resident Sam" in main
    assert "Received" in main
    assert "working days left" in main
    assert "Online" in main
    assert "Nobody yet" in main
    assert "never shown to the resident" in main
    assert "Sam@" not in html  # how to reach them is another look
    assert looks(app) == [("case", "of_kind", False)]


def test_how_to_reach_them_is_a_look_of_its_own(app: Flask, case: Case, sunita: Colleague) -> None:
    sunita.get(page_of(case))
    sunita.get(f"{page_of(case)}/contact")
    assert "@" in sunita.client.page.main
    assert [what for what, _reason, _written in looks(app)] == ["case", "profile"]


def test_staff_read_that_an_address_does_not_work(app: Flask, case: Case, sam: Account, sunita: Colleague) -> None:
    with app.app_context():
        session().execute(update(ProfileRow).values(email="sam@tests.example"))
        session().execute(
            insert(ContactProblem).values(
                account_id=sam.id,
                channel="email",
                address_hash=digest("sam@tests.example"),
                state="permanent-failure",
                since_at=clock.now(),
            )
        )
        session().commit()
    for page, sentence in (
        ("contact", "Our emails are not reaching this address"),
        ("reply", "Our emails or texts to Sam come back."),
    ):
        sunita.get(f"{page_of(case)}/{page}")
        assert sentence in sunita.client.page.main
    with app.app_context():
        session().execute(update(ProfileRow).values(email="new@tests.example"))
        session().commit()
    for page in ("contact", "reply"):
        sunita.get(f"{page_of(case)}/{page}")
        assert "not reaching" not in sunita.client.page.main
        assert "come back" not in sunita.client.page.main


def test_who_may_only_look_is_not_shown_how_to_reach_them(app: Flask, case: Case) -> None:
    viewer = colleague(app, "Vera", role="viewer")
    viewer.get(page_of(case), 303)  # first they must say why
    viewer.get(f"/desk/why/{case.reference}?next={page_of(case)}")
    viewer.client.follow(viewer.client.submit(reason="The resident rang about it."))
    main = viewer.client.page.main
    assert WORDS in main
    assert "How to reach them" not in main
    assert "Your rights let you do nothing with it." in main
    viewer.get(f"{page_of(case)}/contact", 404)
    assert looks(app)[0] == ("case", "The resident rang about it.", True)


@pytest.mark.parametrize("page", ["", "/contact", "/reply", "/note", "/take", "/move/with_team", "/merge"])
def test_another_teams_case_is_none(app: Flask, case: Case, page: str) -> None:
    other = colleague(app, "Olu", role="lead", team="street_cleaning")
    other.get(f"{page_of(case)}{page}", 404)
    assert looks(app) == []


def test_both_sides_notes_and_documents_are_there_and_marked(
    app: Flask, case: Case, sam: Account, sunita: Colleague
) -> None:
    with app.test_request_context("/"):
        send_message(f"account:{sam.id}", case.id, "Is anybody coming?", key="1")
        send_message(sunita.staff.actor, case.id, "Tomorrow.", key="2", channel="desk")
        write_note(sunita.staff.actor, case.id, "Rang the depot.", key="3")
        session().commit()
        for title, visible in (("Map", True), ("Invoice", False)):
            stream = io.BytesIO(photo())
            add_document(sunita.staff.actor, case.id, stream, title=title, key=title, visible=visible, channel="desk")
            session().commit()
        work()
    sunita.get(page_of(case))
    main = sunita.client.page.main
    assert "Is anybody coming?" in main
    assert "Sunita · " in main  # staff see which of them wrote
    assert "Rang the depot." in main
    assert "Map Resident and staff" in main
    assert "Invoice Only staff" in main
    invoice = sunita.client.page.links()["Invoice"]
    assert sunita.client.get(invoice).status_code == 200
    with app.app_context():
        acts = session().scalars(text("select act from portal.audit_entry")).all()
    assert "case.document_fetched" in acts


def test_the_resident_sees_no_note_and_no_staffs_document(app: Flask, case: Case, sam: Account) -> None:
    actor = colleague(app, "Sunita").staff.actor
    with app.test_request_context("/"):
        write_note(actor, case.id, "Rang the depot.", key="3")
        session().commit()
        add_document(actor, case.id, io.BytesIO(photo()), title="Invoice", key="1", visible=False, channel="desk")
        session().commit()
    client = client_for(app)
    sign_in(app, client, sam)
    html = Resident(sam, client).get(f"/cases/{case.reference}")
    assert "depot" not in html
    assert "Invoice" not in html


def test_other_cases_of_the_resident_are_those_that_they_may_see(app: Flask, case: Case, sam: Account) -> None:
    light, rubbish = report(app, sam, category="street_light"), report(app, sam, category="fly_tipping")
    some = colleague(app, "Some", role="caseworker", team="highways")
    grant_more(app, "Some", team="street_lighting")
    some.get(page_of(case))
    assert light.reference in some.client.page.main
    assert rubbish.reference not in some.client.page.main


def grant_more(app: Flask, name: str, **where: str) -> None:
    colleague(app, name, role="caseworker", **where)


def test_how_long_is_left_is_counted_in_working_days(app: Flask, case: Case, at: Any) -> None:
    assert case.due_at is not None
    with app.test_request_context("/"):
        at.move_to(case.due_at.strftime("%Y-%m-%dT12:00"))
        promise = promise_of(case)
        assert promise is not None
        assert (promise.words, promise.colour) == ("Today is the last day", "orange")
        at.advance(days=1)
        late = promise_of(case)
        assert late is not None
        assert "late" in late.words
        assert late.colour == "red"


@pytest.mark.parametrize(
    ("role", "offered", "not_offered"),
    [
        ("caseworker", ("Take it", "Write to the resident", "Pass it to the team"), ("Close without action", "Merge")),
        ("decider", ("Take it", "Close without action"), ("Merge it", "See the portal as")),
        ("lead", ("Take it", "Close without action", "Merge it", "See the portal as"), ()),
    ],
)
def test_only_what_the_rights_allow_is_offered(
    app: Flask, case: Case, role: str, offered: tuple[str, ...], not_offered: tuple[str, ...]
) -> None:
    person = colleague(app, role, role=role)
    person.get(page_of(case))
    main = person.client.page.main
    assert [words for words in offered if words not in main] == []
    assert [words for words in not_offered if words in main] == []


def test_letters_lead_to_acts_and_can_be_switched_off(app: Flask, case: Case, sunita: Colleague) -> None:
    sunita.get(page_of(case))
    reply = sunita.client.page.all("a", data_desk_key="r")[0]
    assert reply.get("accesskey") == "r"
    assert reply.get("aria-keyshortcuts") == "r"
    sunita.get("/desk/keys")
    sunita.client.follow(sunita.client.submit(keys="off"))
    assert "switched off" in sunita.client.page.notice
    html = sunita.get(page_of(case))
    assert "data-desk-key" not in html
    assert "accesskey" not in html
    sunita.get("/desk/keys")
    sunita.client.follow(sunita.client.submit(keys="on"))
    assert "data-desk-key" in sunita.get(page_of(case))


def test_the_page_asks_the_database_a_bounded_number_of_times(app: Flask, case: Case, sunita: Colleague) -> None:
    sunita.get(page_of(case))
    with app.app_context(), statements(app) as before:
        sunita.get(page_of(case))
    with app.test_request_context("/"):
        for number in range(10):
            write_note(sunita.staff.actor, case.id, f"Note {number}", key=str(number))
        session().commit()
    with app.app_context(), statements(app) as after:
        sunita.get(page_of(case))
    assert len(after) == len(before) + 1  # the names of those who wrote, all at once
    assert len(before) < 25, "\n".join(before)


def test_a_case_whose_person_was_forgotten_says_so_and_offers_no_answer(
    app: Flask, case: Case, sam: Account, sunita: Colleague
) -> None:
    with app.test_request_context("/"):
        forget(sam.id)
        session().commit()
    sunita.get(page_of(case))
    main = sunita.client.page.main
    assert "No longer kept" in main
    assert "Write to the resident" not in main
    assert "Ask the resident" not in main
    sunita.get(f"{page_of(case)}/reply", 404)
    sunita.get(f"{page_of(case)}/contact", 404)


@pytest.mark.parametrize(
    ("status", "ahead"),
    [("received", "Pass it to the team"), ("with_team", "Start the work"), ("in_progress", "Mark as fixed")],
)
def test_the_button_that_stands_out_is_the_step_ahead(
    app: Flask, case: Case, sunita: Colleague, status: str, ahead: str
) -> None:
    with app.test_request_context("/"):
        session().execute(update(CaseRow).where(CaseRow.id == case.id).values(status=status))
        session().commit()
    sunita.get(f"/desk/cases/{case.reference}")
    moves = [link for link in sunita.client.page.all("a", class_="govuk-button") if "/move/" in str(link.get("href"))]
    plain = [words(link) for link in moves if "govuk-button--secondary" not in str(link.get("class"))]
    assert plain == [ahead]
    assert words(moves[0]) == ahead
