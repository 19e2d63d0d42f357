"""The page that a guest's letter leads to: its button sends the report, later it says how that stands."""

import re

import pytest
from flask import Flask

from services.reporting.tests.telling import PROBLEMS, Stranger, keep_requests_apart, link_in
from services.reporting.tests.test_guest_journey import Guest
from tests.support.fixtures import Clock
from tests.support.outbox import letters
from tests.support.residents import Resident

LETTER = "reporting/mail/guest.txt"


@pytest.fixture(autouse=True)
def _requests_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_requests_apart(monkeypatch)


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
        assert "We do not have your report yet." in scanner.get(link)
    for _twice in range(2):
        guest.send(link)
    page = guest.get(link)
    reference = re.search(r"Your report ([2-9A-Z]{4}-[2-9A-Z]{4})", page)
    assert reference is not None
    assert "A deep hole" in guest.get(f"{PROBLEMS}/{reference[1]}")


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
    assert "has been added to an account" in guest.get(link)


def test_the_link_is_over_when_nobody_pressed_the_button_in_time(app: Flask, link: str, at: Clock) -> None:
    at.advance(hours=73)
    assert "no longer of use" in Stranger(app).get(link, status=404)
