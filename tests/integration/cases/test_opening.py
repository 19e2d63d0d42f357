import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.accounts.values import Account
from portal.audit.queries import entries_about
from portal.cases import opening
from portal.cases.declared import CaseType, Status
from portal.cases.models import CaseEventRow, CaseRow
from portal.cases.opening import open_case
from portal.cases.queries import cases_of, find_case, get_case, recent_events_page, timeline
from portal.db.session import session
from portal.errors import Conflict, NotFound
from portal.references import new_reference, read_reference
from tests.support.cases import REPORT

NEW = Status(code="new", title="New", meaning="…")
OTHER = CaseType(service="permits", slug="permit", title="Permit", statuses=(NEW,))


def count(model: type[CaseRow] | type[CaseEventRow]) -> int:
    return session().execute(select(func.count()).select_from(model)).scalar_one()


def test_opened_case_has_a_reference_its_first_status_and_one_event(ada: Account) -> None:
    case = open_case(ada, case_type=REPORT, key="draft-1", summary="pothole")
    assert read_reference(case.reference) == case.reference
    assert (case.status, case.summary, case.version, case.is_open) == ("received", "pothole", 1, True)
    (event,) = timeline(case.id)
    assert (event.kind, event.title, event.status_title) == ("opened", "Problem report: Received", "Received")
    assert (event.actor, event.channel, event.at) == (f"account:{ada.id}", "web", case.opened_at)
    (entry,) = entries_about(ada.id)
    assert (entry.act, entry.subject) == ("case.opened", f"case:{case.id}")


def test_same_key_again_gives_the_same_case_and_no_second_event(ada: Account, bob: Account) -> None:
    first = open_case(ada, case_type=REPORT, key="draft-1")
    session().commit()
    assert open_case(ada, case_type=REPORT, key="draft-1") == first
    assert len(timeline(first.id)) == 1
    assert open_case(bob, case_type=REPORT, key="draft-1").id != first.id


def test_key_of_another_type_of_case_is_a_conflict(ada: Account) -> None:
    open_case(ada, case_type=REPORT, key="draft-1")
    with pytest.raises(Conflict):
        open_case(ada, case_type=OTHER, key="draft-1")


def test_twenty_at_the_same_time_make_one_case(ledger: Flask, ada: Account) -> None:
    start = threading.Barrier(20)

    def send(_n: int) -> uuid.UUID:
        with ledger.app_context():
            start.wait()
            case = open_case(ada, case_type=REPORT, key="draft-1")
            session().commit()
            return case.id

    with ThreadPoolExecutor(20) as pool:
        ids = set(pool.map(send, range(20)))
    assert len(ids) == 1
    assert (count(CaseRow), count(CaseEventRow)) == (1, 1)


def test_reference_given_before_is_drawn_again(ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = open_case(ada, case_type=REPORT, key="1").reference
    drawn = iter([taken, taken, new_reference()])
    monkeypatch.setattr(opening, "new_reference", lambda: next(drawn))
    assert open_case(ada, case_type=REPORT, key="2").reference != taken
    monkeypatch.setattr(opening, "new_reference", lambda: taken)
    with pytest.raises(Conflict):
        open_case(ada, case_type=REPORT, key="3")


def test_another_residents_case_does_not_exist(ada: Account, bob: Account) -> None:
    case = open_case(ada, case_type=REPORT, key="1")
    assert get_case(ada.id, case.id) == get_case(ada.id, case.reference.lower().replace("-", " ")) == case
    for which in (case.id, case.reference, "nonsense", uuid.uuid4()):
        assert find_case(bob.id, which) is None
        with pytest.raises(NotFound):
            get_case(bob.id, which)
    assert cases_of(bob.id) == []
    assert recent_events_page(bob.id) == ([], None)


def test_pages_of_cases_and_of_events_show_each_once(ada: Account) -> None:
    made = [open_case(ada, case_type=REPORT, key=str(n)) for n in range(7)]
    open_case(ada, case_type=OTHER, key="other")
    seen = []
    before = None
    while page := cases_of(ada.id, service="reporting", before=before, limit=3):
        seen += [case.id for case in page]
        before = (page[-1].opened_at, page[-1].id)
    assert sorted(seen) == sorted(case.id for case in made)
    assert len(cases_of(ada.id)) == 8

    events, older = recent_events_page(ada.id, limit=5)
    rest, end = recent_events_page(ada.id, before=older, limit=5)
    ids = [event.id for event in (*events, *rest)]
    assert len(ids) == 8
    assert ids == sorted(ids, reverse=True)
    assert end is None


@pytest.mark.parametrize("mark", ["", "-1", "x", "9" * 40, "١", "1; drop table"])
def test_mark_that_cannot_be_read_means_the_first_page(ada: Account, mark: str) -> None:
    open_case(ada, case_type=REPORT, key="1")
    assert len(recent_events_page(ada.id, before=mark)[0]) == 1


def test_case_outlives_the_service_that_took_it(ada: Account) -> None:
    case = open_case(ada, case_type=OTHER, key="1")
    (event,) = timeline(case.id)
    assert (event.title, event.meaning) == ("new", "")
