"""What cases ask of people, and what they are to sign for others: in the calendar, and in reminders."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.accounts.values import Account
from portal.cases import cosigning
from portal.cases.talk_values import Cosigning, Task
from portal.cases.tasks import set_task, withdraw_task
from portal.cases.values import Case
from portal.db.session import session
from portal.home import reminders
from portal.notices.models import NoticeRow
from portal.notices.topics import REMINDERS
from tests.support.cases import STAFF
from tests.support.fixtures import Clock
from tests.support.people import someone
from tests.support.residents import resident
from tests.support.talk import new_case, talking
from tests.support.worker import work


@pytest.fixture(autouse=True)
def _context(app: Flask) -> Iterator[None]:
    with talking(app), app.test_request_context("/"):
        yield


@pytest.fixture
def case(sam: Account) -> Case:
    return new_case(sam)


def ask(case: Case, due_in: int | None, **values: Any) -> Task:
    due_on = None if due_in is None else clock.today() + timedelta(days=due_in)
    known: dict[str, Any] = {"kind": "document", "title": "Send a photo", "actor": STAFF, "key": "1", "due_on": due_on}
    made = set_task(case.id, **(known | values))
    session().commit()
    return made


def asked_to_sign(case: Case, account: Account, signer: Account, due_in: int) -> Cosigning:
    task, tokens = ask(case, due_in, kind="cosign", title="Ask somebody", words="I agree.", key="cosign"), []
    cosigning.ask(account, task.id, email="x@tests.example", link=lambda token: tokens.append(token) or token)
    found = cosigning.take_up(signer, tokens[0])
    session().commit()
    return found


def reminded(account: Account) -> list[NoticeRow]:
    """Run this morning's reminders; all that this person was ever reminded of."""
    reminders.remind()
    session().commit()
    while work():
        pass
    mine = select(NoticeRow).where(NoticeRow.account_id == account.id, NoticeRow.topic == REMINDERS)
    return list(session().scalars(mine.order_by(NoticeRow.told_at)))


def test_the_calendar_holds_what_others_ask_one_to_sign(app: Flask, sam: Account, case: Case) -> None:
    robin = resident(app, "Robin")
    found = asked_to_sign(case, sam, robin.account, 5)
    assert case.reference in robin.get("/calendar")
    assert robin.client.page.links()[f"Decide whether you sign ({case.reference})"] == f"/signatures/{found.id}"


def test_who_has_something_to_sign_is_reminded_of_it(app: Flask, sam: Account, case: Case) -> None:
    robin = someone(app, "Robin")
    found = asked_to_sign(case, sam, robin, 2)
    (notice,) = reminded(robin)
    assert notice.path == f"/signatures/{found.id}"
    assert len(reminded(robin)) == 1
    withdraw_task(STAFF, found.task_id)
    assert len(reminded(robin)) == 1


@pytest.mark.parametrize("due_in", [0, 1, 2, 3])
def test_what_came_with_less_time_than_usual_is_reminded_of_too(sam: Account, case: Case, due_in: int) -> None:
    task = ask(case, due_in)
    (notice,) = reminded(sam)
    assert (notice.path, "Reminder" in notice.subject) == (f"/tasks/{task.id}", True)


@pytest.mark.parametrize("due_in", [None, 4])
def test_nobody_is_reminded_too_early(sam: Account, case: Case, due_in: int | None) -> None:
    ask(case, due_in)
    assert reminded(sam) == []


def test_one_reminder_before_the_day_and_one_after_it_was_missed(sam: Account, case: Case, at: Clock) -> None:
    ask(case, 3)
    seen = [len(reminded(sam))]
    for _day in range(7):
        at.advance(days=1)
        seen.append(len(reminded(sam)))
    assert seen == [1, 1, 1, 1, 2, 2, 2, 2]
    last = reminded(sam)[-1]
    assert "was due on" in last.subject
    assert "You can still do it." in last.body
    assert "photo" not in last.subject + last.body


def test_what_was_missed_while_no_worker_ran_is_told_of_later(sam: Account, case: Case, at: Clock) -> None:
    ask(case, 1)
    assert len(reminded(sam)) == 1
    at.advance(days=5)
    assert [each.subject.startswith("Something was due") for each in reminded(sam)] == [False, True]


def test_the_inbox_names_what_is_due_and_the_letter_does_not(sam: Account, case: Case) -> None:
    ask(case, 1)
    (notice,) = reminded(sam)
    assert "Due on" in notice.headline
    assert f"Send a photo ({case.reference})" in notice.headline
    assert "photo" not in notice.subject + notice.body
