"""The files that a task asks for, until they are the case's."""

import io
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from portal import clock
from portal.accounts.values import Account
from portal.cases.documents import documents_of
from portal.cases.task_files import MOST_FILES, add_file, files_of, remove_file
from portal.cases.task_queries import get_task
from portal.cases.values import Case
from portal.db.session import session
from portal.errors import Refused
from portal.files.models import StoredFileRow
from tests.integration.cases.tasks.asking import PDF, ask, send
from tests.support.photos import photo


def test_files_are_kept_one_by_one_and_become_the_cases(sam: Account, case: Case) -> None:
    task = ask(case, "document")
    with pytest.raises(Refused, match="Choose a file"):
        send(sam, task)
    session().rollback()
    for _ in range(3):
        task = add_file(sam.id, task.id, io.BytesIO(PDF))
        session().commit()
    task = remove_file(sam.id, task.id, task.file_ids[1])
    session().commit()
    assert remove_file(sam.id, task.id, uuid.uuid4()) == task
    assert [file.id for file in files_of(task)] == task.file_ids
    assert documents_of(case.id) == []
    assert session().scalars(select(StoredFileRow.delete_on)).all() == [clock.today() + timedelta(days=90)] * 2
    send(sam, task)
    assert {document.file_id for document in documents_of(case.id)} == set(task.file_ids)
    assert session().scalars(select(StoredFileRow.delete_on)).all() == [None, None], "kept as long as the case"


def test_a_file_that_turned_out_to_be_none_is_not_sent(sam: Account, case: Case) -> None:
    task = ask(case, "document")
    for data in (PDF, photo()):
        task = add_file(sam.id, task.id, io.BytesIO(data))
        session().commit()
    session().execute(update(StoredFileRow).where(StoredFileRow.id == task.file_ids[1]).values(state="refused"))
    with pytest.raises(Refused, match="cannot be used"):
        send(sam, task)
    session().rollback()
    assert get_task(sam.id, task.id).is_open
    assert documents_of(case.id) == []


def test_files_that_waited_too_long_are_asked_for_again(sam: Account, case: Case) -> None:
    task = add_file(sam.id, ask(case, "document").id, io.BytesIO(PDF))
    session().execute(delete(StoredFileRow))
    session().commit()
    with pytest.raises(Refused, match="Choose them again"):
        send(sam, task)


def test_only_so_many_files_and_only_where_files_are_asked_for(sam: Account, case: Case) -> None:
    task = ask(case, "document")
    for _ in range(MOST_FILES):
        add_file(sam.id, task.id, io.BytesIO(PDF))
        session().commit()
    with pytest.raises(Refused, match="10 files at most"):
        add_file(sam.id, task.id, io.BytesIO(PDF))
    with pytest.raises(Refused):
        add_file(sam.id, ask(case, key="2").id, io.BytesIO(PDF))
    session().rollback()
    assert session().execute(select(func.count()).select_from(StoredFileRow)).scalar_one() == MOST_FILES


def test_two_windows_that_add_a_file_lose_none(app: Flask, sam: Account, case: Case) -> None:
    task = ask(case, "document")

    def add(_window: int) -> None:
        with app.test_request_context("/"):
            add_file(sam.id, task.id, io.BytesIO(PDF))
            session().commit()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(4)))
    assert len(get_task(sam.id, task.id).file_ids) == 4
