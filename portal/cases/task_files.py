"""Files that are handed in with a task: kept with it one by one, so that none is lost on the way."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from portal import clock
from portal.cases.talk_values import Task
from portal.cases.task_answers import FILES
from portal.cases.task_queries import get_task
from portal.cases.tasks import save_task
from portal.errors import Refused
from portal.files.operations import Stream, delete_file, receive
from portal.files.queries import files_by_id, find_file
from portal.files.values import StoredFile
from portal.web import limits
from portal.web.languages import ngettext

MOST_FILES: Final = 10
AN_HOUR: Final = 30
UNSENT_DAYS: Final = 90
"""How long a file is kept that is not sent."""


def add_file(account_id: uuid.UUID, task_id: uuid.UUID, stream: Stream) -> Task:
    """Keep a file with the resident's open task. Call it before anything is written: the file goes to the store first.

    Raises NotFound, Refused when it is no such file or there are too many, Conflict when the task is done or no longer
    asked for, TooMany, Unavailable.
    """
    task = get_task(account_id, task_id)
    _room(task)
    limits.hit(f"task-file:{account_id}", limit=AN_HOUR, seconds=3600)
    delete_on = clock.today() + timedelta(days=UNSENT_DAYS)
    file = receive(
        stream, account_id=account_id, service=task.service, purpose="task", kind="document", delete_on=delete_on
    )
    held = save_task(account_id, task_id)  # locks it: another window may have added one meanwhile
    _room(held)
    return save_task(account_id, task_id, **{FILES: [*map(str, held.file_ids), str(file.id)]})


def remove_file(account_id: uuid.UUID, task_id: uuid.UUID, file_id: uuid.UUID) -> Task:
    """Take a file out again; one that is out already stays so. Raises NotFound, Conflict when the task was sent."""
    held = save_task(account_id, task_id)
    if file_id not in held.file_ids:
        return held
    if find_file(account_id, file_id) is not None:
        delete_file(account_id, file_id)
    return save_task(account_id, task_id, **{FILES: [str(each) for each in held.file_ids if each != file_id]})


def files_of(task: Task) -> Sequence[StoredFile]:
    """The files of a task as the resident sees them, in the order in which they came."""
    if task.account_id is None:
        return []
    return files_by_id(task.account_id, task.file_ids)


def _room(task: Task) -> None:
    if task.kind != "document":
        raise Refused
    if len(task.file_ids) >= MOST_FILES:
        raise Refused(ngettext("You can send %(n)s file at most.", "You can send %(n)s files at most.", MOST_FILES))
