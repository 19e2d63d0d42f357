"""What a case no longer asks for once it is closed: its open tasks end with it, for good.

They are withdrawn in the transaction that closes the case, each by an entry and a letter of its own, so that nobody
pays or signs what is no longer asked for. A reopening asks for none of them anew: whoever reopens it says what is
needed now.
"""

from typing import Final

from sqlalchemy import bindparam, select, update

from portal import clock
from portal.cases import cosignings
from portal.cases.talk_models import TaskRow
from portal.cases.telling import tell_resident
from portal.cases.values import Case, Channel
from portal.cases.writing import change
from portal.db.session import session

WITHDRAWN_MAIL: Final = "home/mail/task_withdrawn.txt"
_OPEN: Final = (
    select(TaskRow.id, TaskRow.title)
    .where(TaskRow.case_id == bindparam("case"), TaskRow.state == "open")
    .order_by(TaskRow.set_at, TaskRow.id)
    .with_for_update()
)


def withdraw_open_tasks(case: Case, *, actor: str, channel: Channel) -> Case:
    """The locked case, which is about to be closed, with nothing left that it asks for. Call it before the closing
    itself, so that the end is the last that happened. `portal.cases.task_queries.open_tasks_left` says how many it is.
    """
    for task_id, title in session().execute(_OPEN, {"case": case.id}).all():
        cosignings.withdraw_for(task_id)
        session().execute(
            update(TaskRow)
            .where(TaskRow.id == task_id)
            .values(state="withdrawn", ended_at=clock.now(), ended_by=actor, version=TaskRow.version + 1)
        )
        case = change(case, kind="task_withdrawn", actor=actor, channel=channel, details={"task": str(task_id)})
        tell_resident(case, WITHDRAWN_MAIL, about=title)
    return case
