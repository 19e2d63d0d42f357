"""A report of somebody without an account, from the way in to the letter."""

import io
import re

import pytest
from flask import Flask
from sqlalchemy import select

from portal.kit import session
from services.reporting.models.guests import Guest as GuestRow
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.tests.conftest import START, STREET
from services.reporting.tests.playing_works import settings_with
from services.reporting.tests.telling import link_in
from tests.support.client import Client, client_for
from tests.support.outbox import letters
from tests.support.photos import photo
from tests.support.worker import work


class Guest:
    """A browser in which nobody is signed in."""

    def __init__(self, app: Flask) -> None:
        self.client: Client = client_for(app)
        self.client.get(f"{START}/guest")
        self.url = ""

    def begin(self) -> "Guest":
        """Start a report."""
        self.url = self.send(f"{START}/guest").rpartition("/")[0]
        return self

    def send(self, path: str, status: int = 303, **values: object) -> str:
        """Send a form; where it leads."""
        token = self.client.page.all("input", name="csrf_token")[0].get("value")
        answer = self.client.post(path, data={"csrf_token": token, **values})
        assert answer.status_code == status, answer.text
        return str(answer.location)

    def answer(self, step: str, **values: object) -> str:
        """Answer one question; the step that comes next."""
        return self.send(f"{self.url}/{step}", 303, **values).rpartition("/")[2]

    def up_to_check(self, email: str = "guest@tests.example") -> "Guest":
        """Answer everything."""
        self.answer("description", description="A deep hole")
        self.answer("kind", kind="pothole")
        self.answer("questions")
        self.answer("where", where="street")
        self.answer("street", **STREET)
        assert self.answer("photo", photos=(io.BytesIO(photo()), "hole.jpg")) == "contact"
        assert self.answer("contact", email=email) == "check"
        return self


@pytest.fixture
def guest(app: Flask) -> Guest:
    return Guest(app)


def test_who_is_not_signed_in_is_offered_both_ways(app: Flask) -> None:
    client = client_for(app)
    assert client.get(f"{START}/").location == f"{START}/guest"
    page = client.get(f"{START}/guest").text
    assert "Sign in and report" in page
    assert "Report without an account" in page


def test_a_guests_report_waits_for_the_button_in_their_letter(app: Flask, guest: Guest) -> None:
    guest.begin().up_to_check()
    page = guest.client.get(f"{guest.url}/check").text
    assert "guest@tests.example" in page
    assert "1 photo" in page
    assert guest.answer("check") == "written"
    page = guest.client.get(f"{guest.url}/written").text
    assert "We have not got your report yet" in page
    assert "guest@tests.example" in page
    with app.app_context():
        work()
        (letter,) = letters("reporting/mail/guest.txt")
    assert "/services/reporting/guest/letters/" in letter.body
    assert "hole" not in letter.body
    assert guest.client.get(f"{guest.url}/contact").status_code == 200  # a slip in the address can be put right


def test_a_guest_comes_back_to_what_they_began_or_deletes_it(app: Flask, guest: Guest) -> None:
    start = f"{START}/guest"
    guest.begin()
    assert "Continue your report" not in guest.client.get(start).text  # it says nothing yet
    guest.client.get(f"{guest.url}/description")
    guest.up_to_check()
    guest.answer("check")
    page = guest.client.get(start).text
    assert f'href="{guest.url}/check"' in page
    assert "Continue your report" not in client_for(app).get(start).text
    Guest(app).send(f"{guest.url}/discard", 404)
    assert "It cannot be brought back." in guest.client.get(f"{guest.url}/discard").text
    assert guest.send(f"{guest.url}/discard") == start
    assert guest.client.get(f"{guest.url}/check").status_code == 404
    assert "Continue your report" not in guest.client.get(start).text
    with app.app_context():
        assert session().scalars(select(GuestRow)).all() == []


def test_another_browser_has_no_part_in_it(app: Flask, guest: Guest) -> None:
    guest.begin().up_to_check()
    stranger = Guest(app)
    for page in ("description", "check", "written", "photo"):
        assert stranger.client.get(f"{guest.url}/{page}").status_code == 404
    stranger.client.get(f"{START}/guest")
    stranger.send(f"{guest.url}/check", 404)


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "x" * 300 + "@tests.example"])
def test_an_address_that_cannot_be_written_to(guest: Guest, email: str) -> None:
    guest.begin()
    guest.up_to_check()
    guest.send(f"{guest.url}/contact", 200, email=email)
    assert guest.client.page.errors


def test_a_guest_sees_that_photos_are_there_without_opening_them(guest: Guest) -> None:
    guest.begin().up_to_check()
    page = guest.client.get(f"{guest.url}/photo").text
    assert "A photo that you added" in page
    assert "<img" not in re.sub(r"<header.*?</header>", "", page, flags=re.S)
    (remove,) = re.findall(r'action="([^"]+/remove)"', page)
    guest.send(remove)
    assert "Not provided" in guest.client.get(f"{guest.url}/check").text


def test_a_council_that_takes_no_guests_says_so(app: Flask, monkeypatch: pytest.MonkeyPatch, guest: Guest) -> None:
    closed = ReportingSettings.model_validate({"guests": False})
    monkeypatch.setitem(app.extensions, "moothall.settings.reporting", closed)
    assert "Report without an account" in guest.client.page.html  # the page was open before
    guest.send(f"{START}/guest", 200)
    assert "You can only report with an account" in str(guest.client.page.errors)
    assert "Report without an account" not in guest.client.get(f"{START}/guest").text


def test_a_letter_whose_kind_was_switched_off_says_so_and_sends_once_it_is_taken_again(
    app: Flask, guest: Guest
) -> None:
    guest.begin().up_to_check()
    guest.answer("check")
    with app.app_context():
        work()
        letter = link_in("reporting/mail/guest.txt")
    guest.client.get(letter)
    with settings_with(app, categories_off=frozenset({"pothole"})):
        token = guest.client.page.all("input", name="csrf_token")[0].get("value")
        page = guest.client.post(letter, data={"csrf_token": token}).text
        assert "You cannot report this kind of problem here at the moment" in page
        assert "A deep hole" in guest.client.get(f"{guest.url}/check").text
    guest.client.get(letter)
    guest.send(letter)
    assert "We have your report." in guest.client.get(letter).text
