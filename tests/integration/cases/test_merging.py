import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.cases.merging import absorbed_into, merge_case, speaks_on
from portal.cases.messages import may_write, send_message
from portal.cases.moving import move_case
from portal.cases.opening import open_case
from portal.cases.queries import everything_about, get_case, timeline, whole_timeline
from portal.cases.values import Case
from portal.db.session import session
from portal.errors import Conflict, NotFound, Refused
from tests.support.cases import REPORT, RIGHTS, STAFF


def another(account: Account, key: str = "2") -> Case:
    made = open_case(account, case_type=REPORT, key=key)
    session().commit()
    return made


def test_duplicate_is_closed_and_points_to_the_case_that_is_worked_on(ada: Account, case: Case) -> None:
    second = another(ada)
    merged = merge_case(second.id, into=case.id, actor=STAFF, reason="It is the same hole.", expected_version=1)
    assert (merged.status, merged.is_open, merged.merged_into_id) == ("duplicate", False, case.id)
    assert merge_case(second.id, into=case.id, actor=STAFF, reason="It is the same hole.", expected_version=1) == merged
    assert absorbed_into(case.id) == [merged]
    assert timeline(second.id)[0].reason == "It is the same hole."
    assert [event.kind for event in timeline(case.id)] == ["absorbed", "opened"]
    assert get_case(ada.id, second.reference) == merged  # they still see both
    assert speaks_on(merged) == case.id
    assert speaks_on(case) == case.id


def test_two_residents_cases_show_neither_the_others(ada: Account, bob: Account, case: Case) -> None:
    bobs = another(bob)
    merged = merge_case(bobs.id, into=case.id, actor=STAFF)
    assert speaks_on(merged) == bobs.id
    assert [event.kind for event in timeline(case.id)] == ["opened"]
    assert [event.kind for event in whole_timeline(case.id)] == ["absorbed", "opened"]
    said = str(everything_about(bob.id)) + str([(e.title, e.reason) for e in timeline(bobs.id)])
    assert case.reference not in said
    assert str(ada.id) not in said
    assert bobs.reference not in str(everything_about(ada.id))
    with pytest.raises(NotFound):
        get_case(bob.id, case.id)


def test_what_pointed_to_a_duplicate_points_to_the_new_case(ada: Account, bob: Account, case: Case) -> None:
    first, second = another(bob), another(ada)
    merge_case(first.id, into=second.id, actor=STAFF)
    merge_case(second.id, into=case.id, actor=STAFF)
    assert {each.id for each in absorbed_into(case.id)} == {first.id, second.id}
    assert absorbed_into(second.id) == []
    with pytest.raises(Refused, match="joined with another"):
        move_case(first.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS)
    assert [event.version for event in whole_timeline(first.id)] == [3, 2, 1]


def test_no_case_is_merged_into_itself_into_a_duplicate_or_into_a_closed_one(ada: Account, case: Case) -> None:
    second, third = another(ada), another(ada, "3")
    merge_case(second.id, into=case.id, actor=STAFF)
    for duplicate, into, complaint in (
        (case.id, case.id, "itself"),
        (case.id, second.id, "itself merged"),
        (third.id, second.id, "itself merged"),
        (second.id, third.id, "closed"),
    ):
        with pytest.raises(Refused, match=complaint):
            merge_case(duplicate, into=into, actor=STAFF)
    with pytest.raises(NotFound):
        merge_case(third.id, into=uuid.uuid4(), actor=STAFF)
    with pytest.raises(NotFound):
        merge_case(third.id, into=case.id, actor=f"account:{ada.id}")
    move_case(case.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS)
    with pytest.raises(Refused, match="other case is closed"):
        merge_case(third.id, into=case.id, actor=STAFF)


def test_of_two_who_merge_crosswise_one_does_and_no_circle_comes_of_it(ledger: Flask, ada: Account, case: Case) -> None:
    second = another(ada)
    start = threading.Barrier(2)

    def merge(pair: tuple[uuid.UUID, uuid.UUID]) -> bool:
        with ledger.app_context():
            start.wait()
            try:
                merge_case(pair[0], into=pair[1], actor=STAFF, expected_version=1)
            except (Conflict, Refused):
                return False
            session().commit()
            return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(merge, [(case.id, second.id), (second.id, case.id)]))
    assert sorted(done) == [False, True]
    session().rollback()
    both = [get_case(ada.id, each.id) for each in (case, second)]
    assert sorted(each.is_open for each in both) == [False, True]


def test_a_duplicate_says_where_to_write_and_not_where_the_other_is(ada: Account, bob: Account, case: Case) -> None:
    mine = merge_case(another(ada).id, into=case.id, actor=STAFF)
    bobs = merge_case(another(bob).id, into=case.id, actor=STAFF)
    assert may_write(mine).sentence == "This was joined with another case of yours. Write to us there."
    assert not may_write(bobs).allowed
    assert "there" not in may_write(bobs).sentence


def test_staff_write_nothing_where_nobody_can_answer(ada: Account, bob: Account, case: Case) -> None:
    for mine, sentence in ((another(ada), "Write to them there"), (another(bob), "nobody can answer here")):
        merged = merge_case(mine.id, into=case.id, actor=STAFF)
        with pytest.raises(Refused, match=sentence):
            send_message(STAFF, merged.id, "We come on Monday.", key="1")
