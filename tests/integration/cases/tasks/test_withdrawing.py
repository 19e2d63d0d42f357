"""What is no longer asked for: staff withdraw it, or its case is closed or joined with another."""

import pytest

from portal.accounts.values import Account
from portal.cases.closing import WITHDRAWN_MAIL
from portal.cases.merging import merge_case
from portal.cases.moving import move_case
from portal.cases.queries import get_case, get_case_for_staff, timeline
from portal.cases.task_queries import get_task, open_tasks_left
from portal.cases.tasks import DONE_MAIL, complete_task, withdraw_task
from portal.cases.to_do import to_do
from portal.cases.values import Case
from portal.db.session import session
from portal.errors import Conflict
from portal.notices.inbox import inbox_page
from tests.integration.cases.tasks.asking import ask, saved, send
from tests.support.cases import RIGHTS, STAFF
from tests.support.outbox import letters
from tests.support.talk import ANSWERS, new_case


def test_a_task_that_is_withdrawn_while_its_page_is_open_is_refused(sam: Account, case: Case) -> None:
    task = saved(sam, ask(case), **ANSWERS)
    withdrawn = withdraw_task(STAFF, task.id, reason="We found it.")
    session().commit()
    assert withdraw_task(STAFF, task.id) == withdrawn
    assert get_case(sam.id, case.id).waits_for == "council"
    assert timeline(case.id)[0].reason == "We found it."
    for act in (lambda: send(sam, task), lambda: saved(sam, task, landlord="x")):
        with pytest.raises(Conflict, match="no longer asked for"):
            act()


def test_what_is_done_is_neither_withdrawn_nor_changed(sam: Account, case: Case) -> None:
    done = send(sam, saved(sam, ask(case), **ANSWERS))
    with pytest.raises(Conflict, match="has done this"):
        withdraw_task(STAFF, done.id)
    with pytest.raises(Conflict, match="sent this already"):
        saved(sam, done, landlord="x")
    assert send(sam, done) == done


def close(case: Case, version: int | None = None) -> Case:
    closed = move_case(
        case.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS, reason="Done.", expected_version=version
    )
    session().commit()
    return closed


def test_a_case_that_is_closed_withdraws_what_it_asked_for_and_says_so(sam: Account, case: Case) -> None:
    form = saved(sam, ask(case), **ANSWERS)
    pay = ask(case, "payment", "2", title="Pay the fee")
    assert open_tasks_left(case.id) == 2, "what staff are told before they close it"
    closed = close(case)
    assert [event.kind for event in timeline(case.id)[:3]] == ["moved", "task_withdrawn", "task_withdrawn"]
    assert [event.details["task"] for event in timeline(case.id)[1:3]] == [str(pay.id), str(form.id)]
    assert (closed.waits_for, closed.version) == ("nobody", 6)
    assert to_do(sam.id) == []
    ended = get_task(sam.id, pay.id)
    assert (ended.state, ended.ended_by) == ("withdrawn", STAFF)
    with pytest.raises(Conflict, match="no longer asked for"):
        send(sam, form)


def test_what_ended_with_a_case_does_not_come_back_with_it(sam: Account, case: Case) -> None:
    ask(case)
    close(case)
    move_case(case.id, to="in_progress", actor=STAFF, channel="desk", rights=RIGHTS)
    session().commit()
    assert to_do(sam.id) == []
    assert get_case(sam.id, case.id).waits_for == "council"


def test_closing_it_twice_from_one_page_is_closing_it_once(case: Case) -> None:
    ask(case)
    seen = get_case_for_staff(case.id).version
    assert close(case, seen) == close(case, seen)
    assert [event.kind for event in timeline(case.id)] == ["moved", "task_withdrawn", "task_set", "opened"]


def test_a_duplicate_asks_for_nothing(sam: Account, case: Case) -> None:
    task, other = ask(case), new_case(sam, "other")
    merge_case(case.id, into=other.id, actor=STAFF)
    session().commit()
    assert to_do(sam.id) == []
    assert get_task(sam.id, task.id).state == "withdrawn"
    assert [event.kind for event in timeline(case.id)[:2]] == ["merged", "task_withdrawn"]


def headlines(account: Account) -> list[str]:
    """What their inbox says, newest first."""
    return [notice.headline for notice in inbox_page(account.id)[0]]


def test_the_resident_is_told_what_is_no_longer_asked_for(sam: Account, case: Case) -> None:
    withdraw_task(STAFF, ask(case).id)
    session().commit()
    (letter,) = letters(WITHDRAWN_MAIL)
    assert case.reference in letter.subject
    assert "Tell us more" not in letter.subject + letter.body, "others read it"
    said = f"Licence {case.reference}: You no longer need to do this: Tell us more"
    assert headlines(sam)[0] == said
    assert f"Licence {case.reference}: We asked you: Tell us more" in headlines(sam)


def test_the_resident_is_told_what_staff_have_marked_as_done(sam: Account, case: Case) -> None:
    complete_task(STAFF, ask(case, "payment", title="Pay the fee").id)
    session().commit()
    assert len(letters(DONE_MAIL)) == 1
    assert headlines(sam)[0] == f"Licence {case.reference}: We noted that this is done: Pay the fee"


def test_the_end_of_a_case_tells_of_the_payment_that_ends_with_it(sam: Account, case: Case) -> None:
    ask(case, "payment", title="Pay the fee")
    close(case)
    assert len(letters(WITHDRAWN_MAIL)) == 1
    assert any("You no longer need to do this: Pay the fee" in each for each in headlines(sam))
