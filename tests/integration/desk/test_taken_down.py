"""What staff write and bring in for a caller: nobody is told that the resident did it, or that we wrote to them."""

import io

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.cases.values import Case
from tests.support.photos import photo
from tests.support.residents import Resident, resident
from tests.support.staff import Colleague, colleague


@pytest.fixture
def ada(app: Flask) -> Colleague:
    return colleague(app, "Ada", role="caseworker", service="reporting")


def helped(app: Flask, case: Case, sam: Account, channel: str) -> Resident:
    """Cora helps Sam with the case."""
    cora = colleague(app, "Cora", role="caseworker")
    cora.get(f"/desk/assist/{sam.id}")
    cora.client.follow(cora.client.submit(channel=channel, identity_check="details"))
    at = Resident(sam, cora.client)
    at.get(f"/cases/{case.reference}/write")
    at.client.submit(body="It grows by the day.")
    return at


@pytest.mark.parametrize(
    ("channel", "said", "how"),
    [
        ("telephone", "Written for you by telephone", "by telephone"),
        ("desk", "Written for you at a counter", "at a counter"),
        ("letter", "Written for you from your letter", "by letter"),
    ],
)
def test_a_message_is_said_to_be_written_for_them_everywhere(
    app: Flask, case: Case, sam: Account, ada: Colleague, channel: str, said: str, how: str
) -> None:
    helped(app, case, sam, channel)
    at = resident(app, "Sam")
    page = at.get(f"/cases/{case.reference}")
    assert said in at.client.page.main
    assert "You wrote to us" not in page
    at.get("/activity")
    assert f"{said}: It grows by the day." in at.client.page.main
    at.get("/profile/history")
    assert said in at.client.page.main
    assert "We wrote to you" not in at.client.page.main
    ada.get(f"/desk/cases/{case.reference}")
    assert f"Sam · written for them by Cora, {how}" in ada.client.page.main
    assert "Message written for the resident" in ada.client.page.main
    ada.get(f"/desk/cases/{case.reference}/reply")
    assert "Sam · written for them by staff" in ada.client.page.main


def test_a_document_that_was_brought_in_for_them_is_no_document_of_ours(
    app: Flask, case: Case, sam: Account, ada: Colleague
) -> None:
    there = helped(app, case, sam, "desk")
    there.get(f"/cases/{case.reference}/add-document")
    answer = there.client.submit(title="A photo", file=(io.BytesIO(photo()), "hole.jpg"))
    assert answer.status_code == 303, there.client.page.errors
    at = resident(app, "Sam")
    at.get(f"/cases/{case.reference}")
    assert "A document was added for you at a counter: A photo" in at.client.page.main
    ada.get(f"/desk/cases/{case.reference}")
    assert "Document added for the resident: A photo" in ada.client.page.main


def test_what_they_write_themselves_is_theirs(app: Flask, case: Case, ada: Colleague) -> None:
    at = resident(app, "Sam")
    at.get(f"/cases/{case.reference}/write")
    at.client.submit(body="It grows.")
    at.get("/activity")
    assert "You wrote to us: It grows." in at.client.page.main
    ada.get(f"/desk/cases/{case.reference}")
    assert "written for them" not in ada.client.page.main
