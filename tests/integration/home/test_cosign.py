"""The pages for a second person who is asked to sign."""

import re
import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import update

from portal.accounts.models import ProfileRow
from portal.cases.cosigning import MAIL, came_back
from portal.cases.talk import forget
from portal.cases.talk_values import Task
from portal.cases.task_queries import get_task
from portal.cases.tasks import set_task
from portal.cases.values import Case
from portal.db.session import session
from tests.support.cases import STAFF
from tests.support.client import client_for
from tests.support.outbox import letters
from tests.support.residents import Resident, resident
from tests.support.staff import colleague
from tests.support.talk import SECRET_FACT, new_case, talking


@pytest.fixture(autouse=True)
def _types(app: Flask) -> Iterator[None]:
    with talking(app):
        yield


@pytest.fixture
def sam(app: Flask) -> Resident:
    sam = resident(app, "Sam")
    with app.app_context():
        who = update(ProfileRow).where(ProfileRow.account_id == sam.account.id)
        session().execute(who.values(given_name="Sam", family_name="Tester"))
        session().commit()
    return sam


@pytest.fixture
def robin(app: Flask) -> Resident:
    return resident(app, "Robin")


@pytest.fixture
def case(app: Flask, sam: Resident) -> Case:
    with app.test_request_context("/"):
        return new_case(sam.account)


@pytest.fixture
def task(app: Flask, case: Case) -> Task:
    with app.test_request_context("/"):
        made = set_task(
            case.id, kind="cosign", title="Second signature", words="I live there too.", actor=STAFF, key="1"
        )
        session().commit()
    return made


def invited(app: Flask, sam: Resident, task: Task, email: str = "robin@tests.example") -> str:
    """Sam asks somebody; the path of the link in the latest mail."""
    sam.get(f"/tasks/{task.id}")
    sam.post(f"/tasks/{task.id}", email=email)
    with app.test_request_context("/"):
        found = re.search(r"(/signatures/invitation/\S+)", letters(MAIL)[-1].body)
    assert found is not None
    return found[1]


def state(app: Flask, sam: Resident, task: Task) -> str:
    with app.test_request_context("/"):
        return get_task(sam.account.id, task.id).state


def test_a_second_person_signs_with_their_own_account(
    app: Flask, sam: Resident, robin: Resident, case: Case, task: Task
) -> None:
    link = invited(app, sam, task)
    assert "We sent a link to robin@tests.example" in sam.get(f"/tasks/{task.id}")
    stranger = client_for(app)
    assert stranger.get(link).location.startswith("/sign-in?next="), "first they sign in"
    page = robin.get(link)
    assert "Mill Lane" not in page
    assert "Sam Tester asked the council" in page
    at = robin.post(link).location
    assert "Decide whether you sign" in robin.get("/home")
    assert "Asked by Sam Tester" in robin.get("/signatures")
    page = robin.get(at)
    assert "Sam Tester asked you to sign this." in page
    assert "1 Mill Lane<br>W6 9JU" in page
    assert "I live there too." in page
    assert SECRET_FACT not in page
    assert robin.post(at, answer="sign").location == at
    page = robin.get(at)
    assert "You have signed this" in page
    assert "We have told Sam Tester." in page
    assert "Do you sign" not in page
    assert state(app, sam, task) == "done"
    assert "Signed" in robin.get("/signatures")
    robin.get(f"/cases/{case.reference}", status=404)
    robin.get(f"/tasks/{task.id}", status=404)


def test_who_asked_and_staff_read_who_signed(
    app: Flask, sam: Resident, robin: Resident, case: Case, task: Task
) -> None:
    with app.app_context():
        who = update(ProfileRow).where(ProfileRow.account_id == robin.account.id)
        session().execute(who.values(given_name="Robin", family_name="Signer"))
        session().commit()
    at = robin.post(invited(app, sam, task)).location
    assert "If you sign, Sam Tester and the council see your name." in robin.get(at)
    robin.post(at, answer="sign")
    for page in (f"/tasks/{task.id}/done", "/tasks"):
        assert "Signed by Robin Signer" in sam.get(page)
    desk = colleague(app, "Sunita", role="caseworker", service="reporting")
    desk.get(f"/desk/cases/{case.reference}")
    main = desk.client.page.main
    assert "Signed by the second person: Second signature Robin Signer, online" in main
    assert "Signed by Robin Signer" in main
    with app.test_request_context("/"):
        forget(robin.account.id)
        session().commit()
    assert "Signed by the person whom you asked" in sam.get("/tasks")
    desk.get(f"/desk/cases/{case.reference}")
    assert "Signed by the second person: Second signature The second person, online" in desk.client.page.main


def test_staff_read_that_the_second_person_declined_and_not_who(
    app: Flask, sam: Resident, robin: Resident, case: Case, task: Task
) -> None:
    robin.post(robin.post(invited(app, sam, task)).location, answer="decline")
    desk = colleague(app, "Sunita", role="caseworker", service="reporting")
    desk.get(f"/desk/cases/{case.reference}")
    assert "The second person declined: Second signature The second person, online" in desk.client.page.main


def test_a_scanner_that_opens_the_link_changes_nothing(app: Flask, sam: Resident, robin: Resident, task: Task) -> None:
    link = invited(app, sam, task)
    for _ in range(3):
        client_for(app).get(link)
        client_for(app).head(link)
        robin.get(link)
    assert robin.post(link).status_code == 303


def test_a_link_that_was_used_opens_nothing_for_anybody(app: Flask, sam: Resident, robin: Resident, task: Task) -> None:
    link = invited(app, sam, task)
    at = robin.post(link).location
    kim = resident(app, "Kim")
    for who in (robin, kim):
        assert "This link no longer works" in who.get(link, status=410)
        who.post(link, status=410)
    kim.get(at, status=404)
    kim.post(at, status=404, answer="sign")
    assert state(app, sam, task) == "open"


def test_who_asked_cannot_sign(app: Flask, sam: Resident, task: Task) -> None:
    assert sam.refused(f"/tasks/{task.id}", email="sam@tests.example") == [
        "This is your own email address. Somebody else has to sign."
    ]
    link = invited(app, sam, task)
    assert "You cannot sign this yourself" in sam.get(link, status=403)
    sam.post(link, status=403)
    assert state(app, sam, task) == "open"


def test_another_answer_from_another_tab_is_not_taken_and_that_is_said(
    app: Flask, sam: Resident, robin: Resident, task: Task
) -> None:
    at = robin.post(invited(app, sam, task)).location
    robin.post(at, answer="sign")
    robin.post(at, answer="decline")
    page = robin.get(at)
    assert "Your first answer stands" in page
    assert "You have signed this" in page
    robin.post(at, answer="sign")
    assert "Your first answer stands" not in robin.get(at), "the same once more is no other answer"


def test_all_pages_say_that_the_second_person_is_waited_for(app: Flask, sam: Resident, task: Task) -> None:
    page = f"/cases/{task.reference}"
    assert "You need to do" in sam.get(page)
    invited(app, sam, task)
    html = sam.get(page)
    assert "We are waiting for the person whom you asked to sign." in html
    assert "You asked somebody to sign" in html
    assert "You need to do" not in html
    assert "if we hear from you in time" not in html
    assert "if we hear from you in time" not in sam.get("/cases")
    assert "Nothing. When we need something from you" in sam.get("/tasks")


def test_declining_lets_somebody_else_be_asked(app: Flask, sam: Resident, robin: Resident, task: Task) -> None:
    at = robin.post(invited(app, sam, task)).location
    assert robin.refused(at) == ["Select whether you sign this"]
    robin.post(at, answer="decline")
    assert "You did not sign this" in robin.get(at)
    assert "did not want to sign" in sam.get(f"/tasks/{task.id}")
    invited(app, sam, task, "kim@tests.example")


def test_the_one_who_asked_can_withdraw_it(app: Flask, sam: Resident, robin: Resident, task: Task) -> None:
    link = invited(app, sam, task)
    at = robin.post(link).location
    assert "They have opened our link" in sam.get(f"/tasks/{task.id}")
    sam.post(f"/tasks/{task.id}/invitation/withdraw")
    sam.post(f"/tasks/{task.id}/invitation/withdraw")
    page = robin.get(at)
    assert "This is no longer asked for" in page
    assert "You do not have to do anything." in page
    assert "Mill Lane" not in page, "what they need not sign they need not see"
    robin.post(at, status=200, answer="sign")
    assert state(app, sam, task) == "open"
    assert "No longer asked for" in robin.get("/signatures")
    assert "You no longer have to sign for" in robin.get("/inbox")
    assert "What is their email address?" in sam.get(f"/tasks/{task.id}")


def test_an_address_that_is_none_is_refused_and_kept(app: Flask, sam: Resident, task: Task) -> None:
    sam.refused(f"/tasks/{task.id}", email="robin at home")
    assert 'value="robin at home"' in sam.client.page.html


def test_a_letter_that_came_back_is_said_on_the_page(app: Flask, sam: Resident, task: Task) -> None:
    invited(app, sam, task, "robni@tests.example")
    with app.test_request_context("/"):
        came_back(uuid.uuid4(), "robni@tests.example")
        session().commit()
    assert "Our letter to the address that you gave us came back." in sam.get(f"/tasks/{task.id}")
    assert "Our letter to the second person came back: Second signature" in sam.get("/inbox")
