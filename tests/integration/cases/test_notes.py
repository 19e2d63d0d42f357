"""Notes among staff, which the resident never sees."""

import json
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts.values import Account
from portal.cases import talk
from portal.cases.forgetting import forget
from portal.cases.notes import notes_of, write_note
from portal.cases.queries import recent_events_page, timeline, whole_timeline
from portal.cases.talk_models import NoteRow
from portal.cases.values import Case
from portal.db.session import session
from portal.errors import Forbidden, Refused
from portal.notify.models import OutboundMessage
from tests.support.cases import OTHER_STAFF, STAFF
from tests.support.residents import resident
from tests.support.talk import new_case, talking

SECRET = "Suspect that the neighbour wrote this."


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with talking(app), app.test_request_context("/"):
        yield


@pytest.fixture
def case(sam: Account) -> Case:
    return new_case(sam)


def note(case: Case, body: str = SECRET, *, key: str = "1", actor: str = STAFF) -> None:
    write_note(actor, case.id, body, key=key)
    session().commit()


def test_notes_are_kept_once_and_read_newest_first(case: Case) -> None:
    note(case)
    note(case)
    note(case, "Rang him.", key="2", actor=OTHER_STAFF)
    page, older = notes_of(case.id, limit=1)
    assert [(each.body, each.author) for each in page] == [("Rang him.", OTHER_STAFF)]
    (rest,), end = notes_of(case.id, before=older, limit=1)
    assert (rest.body, end) == (SECRET, None)


def test_no_resident_writes_a_note_and_no_note_is_empty(sam: Account, case: Case) -> None:
    with pytest.raises(Forbidden):
        note(case, actor=f"account:{sam.id}")
    with pytest.raises(Refused):
        note(case, "  ")


def test_a_note_changes_nothing_for_the_resident(app: Flask, sam: Account, case: Case) -> None:
    note(case)
    assert [event.kind for event in timeline(case.id)] == ["opened"]
    noted = whole_timeline(case.id)[0]
    assert (noted.kind, noted.visible, noted.reason) == ("note_written", False, "")
    assert session().scalars(select(OutboundMessage)).all() == []
    sams = resident(app, "Sam")
    for path in ("/home", "/activity", "/profile", "/tasks", f"/cases/{case.reference}"):
        response = sams.client.get(path)
        assert "Suspect" not in response.get_data(as_text=True), path
        assert "note_written" not in response.get_data(as_text=True), path


def test_the_resident_does_not_even_hear_that_there_is_one(sam: Account, case: Case) -> None:
    note(case)
    events, _older = recent_events_page(sam.id)
    assert [event.kind for event in events] == ["opened"]


def test_the_download_leaves_notes_out_and_says_how_to_ask_for_them(app: Flask, sam: Account, case: Case) -> None:
    before = json.dumps(talk.everything_about(sam.id), default=str)
    note(case)
    after = json.dumps(talk.everything_about(sam.id), default=str)
    assert SECRET not in after
    assert after == before, "not even whether there are any"
    assert "ask us" in talk.everything_about(sam.id)["case_notes"]


def test_notes_go_with_the_person_whom_they_are_about(sam: Account, case: Case) -> None:
    note(case)
    forget(sam.id)
    assert session().scalars(select(NoteRow.id)).all() == []
