"""Files on a case, from either side."""

import io
import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.accounts.values import Account
from portal.cases import documents, talk
from portal.cases.documents import add_document, documents_of, get_document, remove_document
from portal.cases.forgetting import forget
from portal.cases.moving import move_case
from portal.cases.queries import get_case, timeline, whole_timeline
from portal.cases.talk_values import Document
from portal.cases.values import Case
from portal.db.session import session
from portal.errors import Conflict, Forbidden, NotFound, Refused
from portal.files.models import StoredFileRow
from portal.files.views import answer
from tests.support.cases import RIGHTS, STAFF
from tests.support.outbox import letters
from tests.support.pdfs import WORDS, pdf, words_of
from tests.support.people import someone
from tests.support.photos import photo
from tests.support.residents import resident
from tests.support.talk import new_case, talking
from tests.support.worker import work

PDF = pdf()


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with talking(app), app.test_request_context("/"):
        yield


@pytest.fixture
def case(sam: Account) -> Case:
    return new_case(sam)


def by(account: Account) -> str:
    return f"account:{account.id}"


def add(actor: str, case: Case, data: bytes = PDF, *, key: str = "1", visible: bool = True) -> Document:
    made = add_document(actor, case.id, io.BytesIO(data), title="Tenancy agreement", key=key, visible=visible)
    session().commit()
    return made


def stored() -> int:
    return session().execute(select(func.count()).select_from(StoredFileRow)).scalar_one()


def test_what_a_resident_sends_is_theirs_to_fetch_and_the_councils_turn(app: Flask, sam: Account, case: Case) -> None:
    sent = add(by(sam), case)
    assert (sent.is_ready, sent.media_type, sent.visible) == (False, "application/pdf", True)
    work()
    (made,) = documents_of(case.id)
    assert made.is_ready
    assert get_case(sam.id, case.id).waits_for == "council"
    assert timeline(case.id)[0].kind == "document_added"
    response = resident(app, "Sam").client.get(f"/files/{made.file_id}")
    assert words_of(response.data) == WORDS
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert resident(app, "Robin").client.get(f"/files/{made.file_id}").status_code == 404


def test_a_photo_is_shown_once_it_is_written_anew(sam: Account, case: Case) -> None:
    made = add(by(sam), case, photo())
    assert (made.state, made.is_ready) == ("waiting", False)
    work()
    assert documents_of(case.id)[0].is_ready


def test_the_council_may_show_a_document_and_tells_of_it(app: Flask, sam: Account, case: Case) -> None:
    made = add(STAFF, case)
    assert documents_of(case.id) == [made]
    work()
    assert words_of(resident(app, "Sam").client.get(f"/files/{made.file_id}").data) == WORDS
    (letter,) = letters(documents.MAIL)
    assert case.reference in letter.subject
    assert "Tenancy" not in letter.body


def test_what_staff_keep_to_themselves_no_address_leads_the_resident_to(app: Flask, sam: Account, case: Case) -> None:
    made = add(STAFF, case, visible=False)
    assert documents_of(case.id) == []
    assert documents_of(case.id, for_staff=True) == [made]
    assert [event.kind for event in timeline(case.id)] == ["opened"]
    assert whole_timeline(case.id)[0].kind == "document_added"
    assert resident(app, "Sam").client.get(f"/files/{made.file_id}").status_code == 404
    assert str(made.file_id) not in str(talk.everything_about(sam.id))
    assert letters(documents.MAIL) == []
    work()
    with app.test_request_context("/"):
        assert words_of(answer(made.owner_id, made.file_id).data) == WORDS


def test_a_document_is_found_on_its_own_case_only(sam: Account, case: Case) -> None:
    made = add(by(sam), case)
    assert get_document(case.id, made.id) == made
    with pytest.raises(NotFound):
        get_document(new_case(sam, "2").id, made.id)


def test_the_same_file_sent_twice_is_there_once_and_leaves_no_content_behind(sam: Account, case: Case) -> None:
    first = add(by(sam), case)
    assert add(by(sam), case) == first
    assert stored() == 1


def test_another_document_by_a_used_key_is_refused_and_not_dropped_unseen(sam: Account, case: Case) -> None:
    add(by(sam), case, photo())
    work()  # the photo is written anew, and is the same that was sent all the same
    add(by(sam), case, photo())
    with pytest.raises(Conflict, match="another document from this page"):
        add(by(sam), case, PDF)
    session().rollback()
    add(STAFF, case, PDF, key="2", visible=False)
    with pytest.raises(Conflict):
        add(STAFF, case, PDF, key="2")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        pytest.param(b"MZ\x90\x00 a program", "must be a PDF or a photo", id="program"),
        pytest.param(b"", "empty", id="empty"),
        pytest.param(b"%PDF-1.7 cut off", "Save it as a PDF again", id="cut"),
        pytest.param(b"<html><script>1</script>%PDF-1.7 %%EOF", "must be a PDF or a photo", id="page"),
    ],
)
def test_what_is_no_document_is_refused_by_its_content(sam: Account, case: Case, data: bytes, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        add(by(sam), case, data)
    session().rollback()
    assert stored() == 0


def test_strangers_and_cases_that_there_are_not_take_nothing(app: Flask, case: Case) -> None:
    with pytest.raises(NotFound):
        add(by(someone(app, "Robin")), case)
    with pytest.raises(NotFound):
        add_document(STAFF, uuid.uuid4(), io.BytesIO(PDF), title="x", key="1")
    assert stored() == 0


def test_a_closed_case_takes_no_more_from_its_resident(sam: Account, case: Case) -> None:
    move_case(case.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS)
    session().commit()
    with pytest.raises(Refused, match="closed"):
        add(by(sam), case)
    session().rollback()
    assert stored() == 0
    assert add(STAFF, case)


def test_a_case_holds_only_so_many(sam: Account, case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MOST", 1)
    add(by(sam), case)
    with pytest.raises(Refused, match="too many files"):
        add(by(sam), case, key="2")


def test_staff_remove_what_came_by_mistake_and_say_why(sam: Account, case: Case) -> None:
    made = add(by(sam), case)
    with pytest.raises(Forbidden):
        remove_document(by(sam), case.id, made.id, reason="No")
    with pytest.raises(Refused):
        remove_document(STAFF, case.id, made.id, reason=" ")
    remove_document(STAFF, case.id, made.id, reason="It was somebody else's.")
    session().commit()
    assert (documents_of(case.id), stored()) == ([], 0)
    assert (timeline(case.id)[0].kind, timeline(case.id)[0].reason) == ("document_removed", "It was somebody else's.")


def test_files_go_with_the_person_and_at_the_end_of_a_cases_keeping(sam: Account, case: Case) -> None:
    add(by(sam), case)
    add(STAFF, case, key="2", visible=False)
    talk.let_go([case.id])
    session().commit()
    assert (stored(), documents_of(case.id, for_staff=True)) == (0, [])
    add(STAFF, case, key="3", visible=False)
    forget(sam.id)
    session().commit()
    assert stored() == 0


def test_what_staff_take_in_for_a_caller_is_the_residents_and_tells_nobody(sam: Account, case: Case) -> None:
    made = add_document(STAFF, case.id, io.BytesIO(PDF), title="Lease", key="1", channel="desk", for_resident=True)
    session().commit()
    assert (made.owner_id, made.added_by) == (sam.id, STAFF)
    assert get_case(sam.id, case.id).waits_for == "council"
    assert letters(documents.MAIL) == []
