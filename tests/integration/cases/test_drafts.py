import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.cases import drafts
from portal.cases.drafts import (
    discard_draft,
    finish,
    get_draft,
    hold_draft,
    open_drafts,
    save_answers,
    start_draft,
    sweep_drafts,
)
from portal.cases.forgetting import forget
from portal.cases.opening import open_case
from portal.cases.queries import everything_about
from portal.cases.values import Draft
from portal.db.session import session
from portal.errors import Conflict, NotFound, Refused
from portal.jobs import portions
from tests.support.cases import REPORT
from tests.support.fixtures import Clock


@pytest.fixture
def draft(ada: Account) -> Draft:
    made = start_draft(ada, service="reporting", journey="report")
    session().commit()
    return made


def test_answers_are_kept_step_by_step_and_found_again(ada: Account, draft: Draft) -> None:
    save_answers(ada, draft.id, step="kind", answers={"kind": "pothole"})
    save_answers(ada, draft.id, step="where", answers={"postcode": "W6 9JU", "lat": 51.5, "note": None})
    saved = save_answers(ada, draft.id, step="kind", answers={"kind": "graffiti"})
    assert saved.answers == {
        "kind": {"kind": "graffiti"},
        "where": {"postcode": "W6 9JU", "lat": 51.5, "note": None},
    }
    assert saved.step == "kind"
    assert get_draft(ada.id, draft.id) == saved
    assert open_drafts(ada.id, service="reporting") == [saved]
    assert open_drafts(ada.id, service="permits") == []


def test_tabs_that_save_at_once_lose_no_step(ledger: Flask, ada: Account, draft: Draft) -> None:
    start = threading.Barrier(8)

    def save(n: int) -> None:
        with ledger.app_context():
            start.wait()
            save_answers(ada, draft.id, step=f"step_{n}", answers={"n": n})
            session().commit()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(save, range(8)))
    assert get_draft(ada.id, draft.id).answers == {f"step_{n}": {"n": n} for n in range(8)}


def test_another_residents_draft_does_not_exist(ada: Account, bob: Account, draft: Draft) -> None:
    with pytest.raises(NotFound):
        get_draft(bob.id, draft.id)
    with pytest.raises(NotFound):
        save_answers(bob, draft.id, step="kind", answers={})
    with pytest.raises(NotFound):
        finish(bob, draft.id, case_id=uuid.uuid4())
    with pytest.raises(NotFound):
        discard_draft(bob, draft.id)
    assert open_drafts(bob.id) == []


def test_sent_draft_keeps_its_case_and_no_answers(ada: Account, draft: Draft) -> None:
    save_answers(ada, draft.id, step="what", answers={"text": "A hole"})
    case = open_case(ada, case_type=REPORT, key=str(draft.id))
    finish(ada, draft.id, case_id=case.id)
    finish(ada, draft.id, case_id=case.id)
    sent = get_draft(ada.id, draft.id)
    assert (sent.case_id, sent.answers) == (case.id, {})
    assert open_drafts(ada.id) == []
    other = open_case(ada, case_type=REPORT, key="other")
    for late in (
        lambda: save_answers(ada, draft.id, step="what", answers={}),
        lambda: finish(ada, draft.id, case_id=other.id),
        lambda: discard_draft(ada, draft.id),
    ):
        with pytest.raises(Conflict, match="already sent"):
            late()


def test_second_of_two_clicks_waits_and_finds_the_case(ledger: Flask, ada: Account, draft: Draft) -> None:
    start = threading.Barrier(6)

    def send(_n: int) -> tuple[uuid.UUID, bool]:
        with ledger.app_context():
            start.wait()
            held = hold_draft(ada, draft.id)
            if held.case_id is not None:
                return held.case_id, False
            case = open_case(ada, case_type=REPORT, key=str(draft.id))
            finish(ada, draft.id, case_id=case.id)
            session().commit()
            return case.id, True

    with ThreadPoolExecutor(6) as pool:
        sent = list(pool.map(send, range(6)))
    assert len({case_id for case_id, _first in sent}) == 1
    assert sum(first for _case_id, first in sent) == 1


def test_too_much_text_and_what_cannot_be_stored_are_refused(ada: Account, draft: Draft) -> None:
    with pytest.raises(Refused, match="too much text"):
        save_answers(ada, draft.id, step="what", answers={"text": "x" * drafts.LARGEST_STEP})
    with pytest.raises(Refused, match="cannot be printed"):
        save_answers(ada, draft.id, step="what", answers={"text": "a\x00b"})
    text = "back\\u0000slash, 😀 and %s"
    assert save_answers(ada, draft.id, step="what", answers={"text": text}).answers["what"]["text"] == text


def test_too_many_unfinished_forms_are_refused(ada: Account) -> None:
    for _ in range(drafts.MOST_DRAFTS):
        start_draft(ada, service="reporting", journey="report")
    with pytest.raises(Refused, match="unfinished"):
        start_draft(ada, service="reporting", journey="report")
    discard_draft(ada, open_drafts(ada.id)[0].id)
    start_draft(ada, service="reporting", journey="report")


def test_drafts_untouched_for_a_month_are_swept(ada: Account, at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portions, "AT_ONCE", 2)
    old = [start_draft(ada, service="reporting", journey="report") for _ in range(5)]
    at.advance(days=drafts.DRAFT_DAYS - 1)
    touched = save_answers(ada, old[0].id, step="kind", answers={})
    at.advance(days=2)
    sweep_drafts()
    assert [left.id for left in open_drafts(ada.id)] == [touched.id]


def test_export_holds_drafts_and_forgetting_deletes_them(ada: Account, draft: Draft) -> None:
    save_answers(ada, draft.id, step="what", answers={"text": "A hole"})
    assert everything_about(ada.id)["drafts"][0]["answers"] == {"what": {"text": "A hole"}}
    forget(ada.id)
    assert open_drafts(ada.id) == []
