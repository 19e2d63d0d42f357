"""The e-mail address is changed only by its owner, and the old one is told."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import text

from portal.accounts import queries
from portal.audit import queries as audit
from portal.db.session import session
from portal.notify.queries import Message, newest_messages
from portal.web import languages
from tests.integration.accounts.conftest import Resident
from tests.support.fixtures import Clock

NEW = {"email": "ann.new@example.org"}


def letters(resident: Resident) -> list[Message]:
    with resident.app.app_context():
        return list(newest_messages())


def link_in(letter: Message) -> str:
    (link,) = re.findall(r"http://localhost(/profile/email/confirm/\S+)", letter.body)
    return str(link)


def address_of(resident: Resident) -> str | None:
    with resident.app.app_context():
        return queries.get_profile(resident.account.id).email


def asked(resident: Resident, email: str = NEW["email"]) -> str:
    """Ask for a change; the link that was sent."""
    resident.send("/profile/email", {"email": email})
    return link_in(letters(resident)[0])


def test_a_new_address_is_used_once_its_owner_pressed_the_button_and_the_old_one_is_told(ann: Resident) -> None:
    answer = ann.send("/profile/email", NEW)
    assert "Check your email" in ann.get(answer.location)
    (letter,) = letters(ann)
    assert letter.to_address == "ann.new@example.org"
    assert address_of(ann) == "ann@example.org"
    assert "We sent a link to ann.new@example.org" in ann.get("/profile")

    ann.send(link_in(letter), {})
    assert address_of(ann) == "ann.new@example.org"
    page = ann.get("/profile")
    assert "Your email address has been changed" in page
    assert "Confirmed by you on" in page
    told = letters(ann)[0]
    assert told.to_address == "ann@example.org"
    assert "ann.new@example.org" not in told.body
    with ann.app.app_context():
        acts = [entry.act for entry in audit.entries_about(ann.account.id)]
    assert acts == ["email.changed", "email.change_asked", "account.opened"]


def test_it_is_said_that_signing_in_stays_as_it_is(ann: Resident) -> None:
    as_before = "You still sign in as before."
    assert as_before in ann.get("/profile/email")
    link = asked(ann)
    assert as_before in ann.get(link)
    ann.send(link, {})
    assert as_before in letters(ann)[0].body


def test_letters_hold_nothing_personal_but_the_link(ann: Resident) -> None:
    ann.send(asked(ann), {})
    for letter in letters(ann):
        for personal in ("Ann", "Jones", "example.org"):
            # The token is made of letters too, and once in a while they spell a name.
            assert personal not in letter.subject + re.sub(r"http://\S+", "", letter.body)


def test_a_mail_scanner_that_opens_the_link_changes_nothing(ann: Resident) -> None:
    link = asked(ann)
    for _ in range(3):
        ann.get(link)
        ann.client.head(link)
    assert address_of(ann) == "ann@example.org"
    ann.send(link, {})
    assert address_of(ann) == "ann.new@example.org"


def test_a_link_works_once(ann: Resident) -> None:
    link = asked(ann)
    page = ann.get(link)
    ann.send(link, {}, page=page)
    again = ann.send(link, {}, 410, page=page).get_data(as_text=True)
    assert "no longer works" in again
    assert "no longer works" in ann.get(link, 410)


def test_a_link_works_for_the_account_that_asked_alone(ann: Resident, sign_in: Callable[[str], Resident]) -> None:
    link = asked(ann)
    bob = sign_in("Bob")
    bob.get(link, 410)
    bob.send(link, {}, 410, page=bob.get("/profile/email"))
    assert address_of(bob) == "bob@example.org"
    assert address_of(ann) == "ann@example.org"


def test_a_link_works_for_a_day(ann: Resident, at: Clock) -> None:
    link = asked(ann)
    at.advance(hours=23)
    ann.get(link)
    at.advance(hours=2)
    ann.get(link, 410)


def test_asking_again_replaces_the_first_link(ann: Resident) -> None:
    first = asked(ann)
    second = asked(ann, "ann.second@example.org")
    ann.get(first, 410)
    ann.send(second, {})
    assert address_of(ann) == "ann.second@example.org"


def test_a_change_can_be_called_off(ann: Resident) -> None:
    link = asked(ann)
    ann.send("/profile/email/cancel", {}, page=ann.get("/profile"))
    assert "We keep using" in ann.get("/profile")
    ann.get(link, 410)
    assert ann.client.get("/profile/email/sent").status_code == 302


def test_the_address_we_have_is_no_change(ann: Resident) -> None:
    (sentence,) = ann.refused("/profile/email", {"email": "ANN@example.org"})
    assert "have already" in sentence
    assert letters(ann) == []


def test_nobody_is_flooded_with_links(ann: Resident, sign_in: Callable[[str], Resident]) -> None:
    for _ in range(5):
        ann.send("/profile/email", NEW)
    refused = ann.send("/profile/email", NEW, 429)
    assert int(refused.headers["Retry-After"]) > 0
    assert len(letters(ann)) == 5
    bob = sign_in("Bob")
    bob.send("/profile/email", NEW, 429)
    assert len(letters(ann)) == 5


def test_the_token_is_nowhere_but_in_the_letter(ann: Resident) -> None:
    token = asked(ann).rsplit("/", 1)[1]
    with ann.app.app_context():
        assert session().scalar(text("select token_hash from portal.email_change")) != token
        assert token not in str(session().execute(text("select details::text from portal.audit_entry")).all())


def test_a_letter_is_in_the_residents_language(ann: Resident, monkeypatch: pytest.MonkeyPatch) -> None:
    ann.send("/profile/language", {"language": "cy"})
    monkeypatch.setitem(languages._texts, "cy", {"Confirm your email address": "Cadarnhewch eich cyfeiriad e-bost"})
    asked(ann)
    letter = letters(ann)[0]
    assert letter.subject == "Cadarnhewch eich cyfeiriad e-bost"
    assert "Cyngor Bwrdeistref Marlowe" in letter.body


@pytest.mark.parametrize("token", ["x", "x" * 5000, "%00", "é"])
def test_a_link_that_nobody_sent_ends_on_a_page_that_helps(ann: Resident, token: str) -> None:
    assert "Ask for a new link" in ann.get(f"/profile/email/confirm/{token}", 410)
