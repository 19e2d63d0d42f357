"""Pooled connections and statements that are whole transactions."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, NullPool, bindparam, create_engine, delete, func, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError

from portal.db import alive, autocommit
from portal.db import session as database
from portal.db.session import at_once, db, dispose, session
from portal.web.limits import LimitCount

_PID = select(func.pg_backend_pid().label("pid"))
_COUNT = select(func.count().label("rows")).select_from(LimitCount)
_WRITE = insert(LimitCount).values(key=bindparam("key"), count=1, ends_at=func.now()).returning(LimitCount.key)
_DIE = text("select pg_terminate_backend(pg_backend_pid()) as done, cast(:word as text)")


@pytest.fixture
def app(clean_database: str) -> Iterator[Flask]:
    """An application with a database and nothing else."""
    app = Flask("connections", static_folder=None)
    database.install(app, clean_database)
    with app.app_context():
        yield app
        session().close()
        dispose()


@pytest.fixture
def pings(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Each question whether the server is there."""
    seen: list[object] = []
    ask = db.engine.dialect.do_ping

    def note(connection: Any) -> bool:
        seen.append(connection)
        return ask(connection)

    monkeypatch.setattr(db.engine.dialect, "do_ping", note)
    return seen


def close_from_outside(engine: Engine, pid: int) -> None:
    """As a restart of the server does. Returns when it has gone."""
    with engine.connect() as connection:
        connection.execute(text("select pg_terminate_backend(:pid, 5000)"), {"pid": pid})


@pytest.mark.parametrize("by_session", [True, False])
def test_a_connection_that_was_closed_while_idle_is_replaced_unseen(
    app: Flask, cleaning_engine: Engine, pings: list[object], by_session: bool
) -> None:
    pid = at_once(_PID, {})[0]["pid"]
    close_from_outside(cleaning_engine, pid)
    again = session().scalar(_PID) if by_session else at_once(_PID, {})[0]["pid"]
    assert again != pid
    assert len(pings) == 1


def test_a_connection_in_use_is_not_asked_whether_it_lives(app: Flask, pings: list[object]) -> None:
    for _ in range(5):
        at_once(_PID, {})
        session().scalar(_PID)
        session().rollback()
    assert not pings


def test_a_connection_that_was_idle_for_long_is_asked(
    app: Flask, pings: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = at_once(_PID, {})
    monkeypatch.setattr(alive, "IDLE_SECONDS", 0.0)
    assert at_once(_PID, {}) == first
    assert len(pings) == 1


def test_what_is_written_at_once_is_there_whatever_the_request_does_then(app: Flask) -> None:
    assert at_once(_WRITE, {"key": "one"}) == [{"key": "one"}]
    session().execute(delete(LimitCount))
    session().rollback()
    assert at_once(_COUNT, {})[0]["rows"] == 1


def test_within_a_transaction_it_is_a_part_of_that_one(app: Flask) -> None:
    session().execute(text("select 1"))
    at_once(_WRITE, {"key": "one"})
    session().rollback()
    assert at_once(_COUNT, {})[0]["rows"] == 0


def test_faults_are_those_that_the_session_raises(app: Flask) -> None:
    at_once(_WRITE, {"key": "one"})
    with pytest.raises(IntegrityError) as raised:
        at_once(_WRITE, {"key": "one"})
    assert "parameters" not in str(raised.value)
    with pytest.raises(ProgrammingError):
        at_once(_WRITE, {})
    assert at_once(_COUNT, {})[0]["rows"] == 1


def test_a_server_that_is_not_there_is_an_operational_error_too() -> None:
    nowhere = create_engine("postgresql+psycopg://127.0.0.1:1/none", poolclass=NullPool)
    with pytest.raises(OperationalError):
        autocommit.rows(nowhere, select(1), {})


def test_a_server_that_goes_away_meanwhile_is_an_operational_error_and_the_next_request_goes_on(app: Flask) -> None:
    with pytest.raises(OperationalError):
        at_once(_DIE, {"word": "x"})
    assert at_once(_COUNT, {})[0]["rows"] == 0


def test_a_connection_lent_for_one_statement_begins_transactions_again(app: Flask) -> None:
    pid = at_once(_PID, {})[0]["pid"]
    assert session().scalar(_PID) == pid
    session().execute(_WRITE, {"key": "one"})
    session().rollback()
    assert at_once(_COUNT, {})[0]["rows"] == 0
