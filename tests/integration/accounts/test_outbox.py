"""The demo's outbox: letters to read and links to follow, and nothing of the kind anywhere else."""

import uuid

import pytest
from flask import Flask

from portal.db.session import session
from portal.home.outbox import linked
from portal.notify.operations import send
from portal.web.state import web_state
from tests.integration.accounts.conftest import Resident, checked

OURS = ("http://localhost:8000", "http://localhost:8000/id")


def test_a_letter_can_be_read_and_its_link_followed_without_signing_in(app: Flask) -> None:
    link = "http://localhost/profile/email/confirm/abc"
    with app.app_context():
        message_id = send("ann@example.org", "accounts/mail/confirm_email.txt", "en", None, link=link)
        session().commit()
    client = app.test_client()
    assert "Confirm your email address" in checked(client.get("/demo/outbox"), 200)
    page = checked(client.get(f"/demo/outbox/{message_id}"), 200)
    assert f'<a class="govuk-link" href="{link}">{link}</a>' in page


def test_what_a_letter_says_is_text_and_never_html(app: Flask) -> None:
    with app.app_context():
        message_id = send(
            "ann@example.org",
            "accounts/mail/confirm_email.txt",
            "en",
            None,
            link='<script>alert(1)</script> http://localhost/"onmouseover="x',
        )
        session().commit()
    page = checked(app.test_client().get(f"/demo/outbox/{message_id}"), 200)
    assert "<script>alert" not in page
    assert '"onmouseover' not in page


@pytest.mark.parametrize(
    "line",
    [
        "http://localhost:8000.evil.example/x",
        "http://localhost:8000@evil.example/",
        "https://evil.example/http://localhost:8000/",
        "javascript:alert(1)",
        "http://localhost:80001/",
    ],
)
def test_only_our_own_addresses_become_links(line: str) -> None:
    assert not any(is_ours for _, is_ours in linked(line, OURS))


def test_a_link_is_found_within_its_line() -> None:
    assert linked("See http://localhost:8000/id/x now", OURS) == [
        ("See ", False),
        ("http://localhost:8000/id/x", True),
        (" now", False),
    ]


def test_an_empty_outbox_and_a_letter_that_is_not_there(app: Flask) -> None:
    client = app.test_client()
    assert "Nothing was sent yet" in checked(client.get("/demo/outbox"), 200)
    assert client.get(f"/demo/outbox/{uuid.uuid4()}").status_code == 404


def test_outside_the_demo_there_is_no_outbox(ann: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    state = web_state(ann.app)
    monkeypatch.setattr(state, "settings", state.settings.model_copy(update={"demo": False}))
    for path in ("/demo/outbox", f"/demo/outbox/{uuid.uuid4()}"):
        assert ann.client.get(path).status_code == 404
