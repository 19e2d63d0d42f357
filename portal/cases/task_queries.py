"""Read what is asked of residents. Another's task does not exist for them."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from sqlalchemy import Row, bindparam, func, select, tuple_

from portal import clock
from portal.cases.cosignings import IS_ASKED_OF_ANOTHER
from portal.cases.models import CaseRow
from portal.cases.talk_models import TaskRow
from portal.cases.talk_values import Task, mark_of, read_mark
from portal.db.session import session
from portal.errors import NotFound

PAGE: Final = 20
MOST: Final = 50
"""How many open tasks are shown to a resident, and how many tasks of one case to anybody."""

TASKS = select(
    TaskRow.id,
    TaskRow.case_id,
    TaskRow.account_id,
    CaseRow.service,
    CaseRow.type,
    CaseRow.reference,
    TaskRow.kind,
    TaskRow.title,
    TaskRow.words,
    TaskRow.form,
    TaskRow.amount,
    TaskRow.pay_url,
    TaskRow.due_on,
    TaskRow.state,
    TaskRow.answers,
    TaskRow.version,
    TaskRow.set_by,
    TaskRow.set_at,
    TaskRow.ended_at,
    TaskRow.ended_by,
).join(CaseRow, CaseRow.id == TaskRow.case_id)
_ONE = TASKS.where(TaskRow.id == bindparam("task"))
_OWN = _ONE.where(TaskRow.account_id == bindparam("account"))
_OF_CASE = (
    TASKS.where(TaskRow.case_id == bindparam("case"))
    .order_by(TaskRow.set_at.desc(), TaskRow.id.desc())
    .limit(bindparam("limit"))
)
# Of each of these people everything: a portion that ends within one of them would lose the rest.
_DUE_PEOPLE = (
    select(TaskRow.account_id)
    .where(
        TaskRow.state == "open",
        TaskRow.due_on == bindparam("on"),
        TaskRow.account_id > bindparam("after"),
        ~IS_ASKED_OF_ANOTHER,
    )
    .distinct()
    .order_by(TaskRow.account_id)
    .limit(bindparam("limit"))
)
_DUE = (
    select(TaskRow.account_id, TaskRow.id, TaskRow.title, CaseRow.reference)
    .join(CaseRow, CaseRow.id == TaskRow.case_id)
    .where(
        TaskRow.state == "open",
        TaskRow.due_on == bindparam("on"),
        TaskRow.account_id.in_(_DUE_PEOPLE),
        ~IS_ASKED_OF_ANOTHER,
    )
    .order_by(TaskRow.account_id, TaskRow.id)
)
_OF_CASE_OPEN = (
    TASKS.where(TaskRow.case_id == bindparam("case"), TaskRow.state == "open")
    .order_by(TaskRow.due_on, TaskRow.id)  # as in the list of what there is to do
    .limit(MOST)
)
_DONE = (
    # Over one person's tasks: an index for these alone is not worth its upkeep.
    TASKS.where(TaskRow.account_id == bindparam("account"), TaskRow.state == "done")
    .order_by(TaskRow.ended_at.desc(), TaskRow.id.desc())
    .limit(bindparam("limit"))
)
_DONE_BEFORE = _DONE.where(tuple_(TaskRow.ended_at, TaskRow.id) < tuple_(bindparam("at"), bindparam("id")))
_LEFT = select(func.count()).select_from(TaskRow).where(TaskRow.case_id == bindparam("case"), TaskRow.state == "open")


def done_tasks(
    account_id: uuid.UUID, *, before: str | None = None, limit: int = PAGE
) -> tuple[Sequence[Task], str | None]:
    """What the resident has done, the latest first, and the mark where the next page begins, if there is one.

    `before` is such a mark, straight from the address.
    """
    values: dict[str, Any] = {"account": account_id, "limit": limit + 1}
    query, mark = _DONE, read_mark(before)
    if mark is not None:
        query, values = _DONE_BEFORE, {**values, "at": mark[0], "id": mark[1]}
    found = [task_from(row) for row in session().execute(query, values)]
    page = found[:limit]
    if len(found) <= limit:
        return page, None
    assert page[-1].ended_at is not None  # it is done
    return page, mark_of(page[-1].ended_at, page[-1].id)


def tasks_of(case_id: uuid.UUID, *, limit: int = MOST) -> Sequence[Task]:
    """All that a case has asked for, newest first. Get the case first: this does not ask whose it is.

    What is saved with a task is for the council's eyes only once it is sent: until then it is not in here.
    """
    found = [task_from(row) for row in session().execute(_OF_CASE, {"case": case_id, "limit": limit})]
    return [task if task.state == "done" else replace(task, answers={}) for task in found]


def open_tasks_of(case_id: uuid.UUID) -> Sequence[Task]:
    """What a case asks for now, the most urgent first. Get the case first: this does not ask whose it is.

    With what the resident has saved so far: for the resident alone.
    """
    return [task_from(row) for row in session().execute(_OF_CASE_OPEN, {"case": case_id})]


def tasks_due(on: date, after: uuid.UUID | None, limit: int) -> Sequence[tuple[uuid.UUID, uuid.UUID, str, str]]:
    """The open tasks that are due on that day of the next `limit` people after this one, in order: (account, task,
    title, reference of the case).
    """
    values = {"on": on, "after": after or uuid.UUID(int=0), "limit": limit, "now": clock.now()}
    return [(row.account_id, row.id, row.title, row.reference) for row in session().execute(_DUE, values)]


def get_task(account_id: uuid.UUID, task_id: uuid.UUID) -> Task:
    """The resident's own task. Raises NotFound."""
    row = session().execute(_OWN, {"account": account_id, "task": task_id}).one_or_none()
    if row is None:
        raise NotFound
    return task_from(row)


def find_task(task_id: uuid.UUID) -> Task | None:
    """A task, whoever's it is: for acts that have yet to make sure of that, and for services."""
    row = session().execute(_ONE, {"task": task_id}).one_or_none()
    return task_from(row) if row else None


def open_tasks_left(case_id: uuid.UUID) -> int:
    """How many of a case's tasks are still to be done."""
    return session().execute(_LEFT, {"case": case_id}).scalar_one()


def task_from(row: Row[*tuple[Any, ...]]) -> Task:
    """The value of a row of TASKS."""
    return Task(**row._mapping)
