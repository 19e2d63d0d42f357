"""Reporting without an account: nothing is sent before the button, links survive scanners, claiming is the desk's."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.kit import Account, NotFound, Refused, TooMany, clock, discard_draft, save_answers, session
from services.reporting.models.following import Follower
from services.reporting.models.guests import Guest
from services.reporting.models.reports import Report
from services.reporting.operations import guests
from services.reporting.rules.journey import Step, kept_place
from services.reporting.rules.places import Place, Point
from tests.support.fixtures import Clock
from tests.support.nights import let_go
from tests.support.outbox import letters
from tests.support.residents import Resident, resident

BROWSER = "b" * 32
EMAIL = "guest@example.org"
ANSWERS: dict[str, dict[str, Any]] = {
    Step.KIND: {"kind": "pothole"},
    Step.WHERE: {"where": "coordinates"},
    Step.COORDINATES: {"place": kept_place(Place("51.49270, -0.23390", Point(51.4927, -0.2339)))},
    Step.NEARBY: {"like": []},
    Step.DESCRIPTION: {"description": "A deep hole."},
    Step.PHOTO: {"photos": []},
    Step.QUESTIONS: {"answers": {}},
}


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    with app.test_request_context("/"):
        yield app


@pytest.fixture
def draft_id(context: Flask) -> UUID:
    """A guest's draft with every question answered."""
    draft = guests.begin(BROWSER, come_from="192.0.2.7")
    account, _draft = guests.get_guest_draft(BROWSER, draft.id)
    for step, answers in ANSWERS.items():
        save_answers(account, draft.id, step=step, answers=answers)
    session().commit()
    return draft.id


def written(draft_id: UUID, email: str = EMAIL) -> str:
    """Have the letter sent; the token of its link."""
    guests.ask_to_confirm(BROWSER, draft_id=draft_id, email=email)
    session().commit()
    found = re.search(r"/guest/letters/(\S+)", letters(guests.LETTER)[-1].body)
    assert found
    return found[1]


def reports() -> int:
    return session().scalar(select(func.count()).select_from(Report)) or 0


def test_nothing_is_sent_before_the_button_and_once_after_it(draft_id: UUID) -> None:
    token = written(draft_id)
    for _each in range(3):  # as a mail scanner does
        assert guests.get_by_letter(token).reference == ""
    assert reports() == 0
    first = guests.confirm(token)
    session().commit()
    assert guests.confirm(token) == first == guests.get_by_letter(token)
    assert first.reference
    assert reports() == 1
    assert session().scalars(select(Follower.email)).all() == [EMAIL]


def test_the_letter_is_written_to_the_address_alone_and_says_nothing_of_the_report(draft_id: UUID) -> None:
    written(draft_id)
    (letter,) = letters(guests.LETTER)
    assert letter.to_address == EMAIL
    assert "hole" not in letter.body + letter.subject


def test_another_browser_finds_no_draft(draft_id: UUID) -> None:
    with pytest.raises(NotFound):
        guests.get_guest_draft("c" * 32, draft_id)
    with pytest.raises(NotFound):
        guests.ask_to_confirm("c" * 32, draft_id=draft_id, email=EMAIL)


def test_a_second_letter_has_the_same_link_and_one_to_another_address_ends_it(draft_id: UUID) -> None:
    earlier = written(draft_id)
    assert written(draft_id) == earlier
    later = written(draft_id, "right@example.org")
    with pytest.raises(NotFound):
        guests.get_by_letter(earlier)
    assert guests.confirm(later).reference
    assert session().scalars(select(Follower.email)).all() == ["right@example.org"]


def test_an_address_gets_only_so_many_letters_a_day(draft_id: UUID) -> None:
    for _each in range(guests.LETTERS_A_DAY):
        written(draft_id)
    with pytest.raises(TooMany):
        guests.ask_to_confirm(BROWSER, draft_id=draft_id, email=EMAIL.upper())


def test_a_report_that_was_sent_is_asked_about_no_more(draft_id: UUID) -> None:
    guests.confirm(written(draft_id))
    with pytest.raises(Refused, match="sent already"):
        guests.ask_to_confirm(BROWSER, draft_id=draft_id, email=EMAIL)


def test_what_nobody_confirms_is_forgotten_and_its_link_dead(draft_id: UUID, at: Clock) -> None:
    token = written(draft_id)
    at.advance(hours=71)
    let_go()
    assert guests.get_by_letter(token).confirmed_at is None
    at.advance(hours=2)
    with pytest.raises(NotFound, match="no longer of use"):
        guests.confirm(token)
    let_go()
    assert session().scalar(select(func.count()).select_from(Guest)) == 0
    with pytest.raises(NotFound):
        guests.get_guest_draft(BROWSER, draft_id)


def test_one_guest_who_cannot_be_forgotten_keeps_no_other(
    draft_id: UUID, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for letter in "cd":
        guests.begin(letter * 32, come_from="192.0.2.7")
        at.advance(minutes=1)
    session().commit()
    real = discard_draft

    def fail(account: Account, which: UUID) -> None:
        if which == draft_id:
            raise ValueError("of a guest")
        real(account, which)

    monkeypatch.setattr(guests, "discard_draft", fail)
    at.advance(hours=73)
    let_go()
    assert session().scalars(select(Guest.draft_id)).all() == [draft_id]
    monkeypatch.setattr(guests, "discard_draft", real)
    let_go()
    assert session().scalars(select(Guest.draft_id)).all() == []


def test_what_was_confirmed_is_kept_however_late(draft_id: UUID, at: Clock) -> None:
    token = written(draft_id)
    guests.confirm(token)
    session().commit()
    at.advance(hours=24 * 40)
    let_go()
    assert guests.get_by_letter(token).reference


def test_a_guest_claims_their_report_as_callers_do(app: Flask, draft_id: UUID) -> None:
    token = written(draft_id)
    with pytest.raises(Refused, match="Send your report first"):
        guests.claim_code(token)
    reference = guests.confirm(token).reference
    code = guests.claim_code(token)
    session().commit()
    ada: Resident = resident(app, "Ada")
    ada.post("/claim", code=code)
    assert reference in ada.get(f"/cases/{reference}")
    session().expire_all()
    assert guests.get_by_letter(token).claimed
    assert session().scalars(select(Guest.email)).all() == [None]
    assert session().scalars(select(Follower)).all() == []
    assert session().scalars(select(Report.account_id)).one() == ada.account.id


def test_many_reports_from_one_network_are_slowed_down(context: Flask) -> None:
    for _each in range(guests.BEGUN_AN_HOUR):
        guests.begin(BROWSER, come_from="192.0.2.9")
    with pytest.raises(TooMany):
        guests.begin(BROWSER, come_from="192.0.2.9")
    guests.begin(BROWSER, come_from="192.0.2.10")


def test_the_names_and_moments_that_are_kept_of_a_guest(draft_id: UUID) -> None:
    written(draft_id)
    guest = session().scalars(select(Guest)).one()
    assert guest.expires_at - clock.now() <= timedelta(hours=72)
    assert BROWSER not in guest.secret_hash


def test_the_button_pressed_in_four_places_at_once_sends_one_report(app: Flask, draft_id: UUID) -> None:
    token = written(draft_id)

    def press(_n: int) -> str:
        with app.test_request_context("/"):
            reference = guests.confirm(token).reference
            session().commit()
            return reference

    with ThreadPoolExecutor(4) as pool:
        references = set(pool.map(press, range(4)))
    session().rollback()
    assert len(references) == 1
    assert reports() == 1
