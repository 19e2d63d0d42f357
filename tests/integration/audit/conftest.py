"""A trail with some entries, and hands that get past its guards."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import Connection, Engine, text

from portal.audit import heads, sealing
from portal.audit.following import Finding
from portal.audit.operations import record
from portal.audit.verifying import Verification
from portal.db.session import session

Tamper = Callable[[str], None]
WHOLE = heads.Stretch()


@pytest.fixture
def tamper(cleaning_engine: Engine) -> Tamper:
    """Runs SQL as a superuser for whom no trigger fires."""

    def run(sql: str) -> None:
        with cleaning_engine.begin() as connection:
            connection.execute(text("set local session_replication_role = replica"))
            connection.execute(text(sql))

    return run


@pytest.fixture
def owner(cleaning_engine: Engine) -> Iterator[Connection]:
    """The tables' owner, a superuser in these tests: no grant binds it."""
    with cleaning_engine.connect() as connection:
        yield connection


@pytest.fixture
def room(app: Flask) -> Iterator[Flask]:
    """Inside the application."""
    with app.app_context():
        yield app
        session().rollback()


def write(many: int, act: str = "test.done") -> list[int]:
    """So many entries, committed. Their ids."""
    for number in range(many):
        record(act, actor="staff:7", subject=f"case:{number}", count=number)
    session().commit()
    return ids()


def ids() -> list[int]:
    """The ids of all entries."""
    found = list(session().scalars(text("select id from portal.audit_entry order by id")))
    session().rollback()
    return found


def seal() -> sealing.Sealed:
    """Seal all there is."""
    return sealing.seal(patience=0)


def findings(stretch: heads.Stretch = WHOLE, files: Sequence[object] = ()) -> list[Finding]:
    """What a verification says."""
    session().rollback()
    found = list(Verification(stretch, files).findings())  # type: ignore[arg-type]  # paths
    session().rollback()
    return found


def kinds(*arguments: object) -> list[str]:
    """The same in short."""
    return [each.kind for each in findings(*arguments)]  # type: ignore[arg-type]  # as above


@contextmanager
def unfinished(engine: Engine, act: str = "test.slow") -> Iterator[Connection]:
    """A transaction that has written an entry and is still open."""
    with engine.connect() as connection:
        connection.execute(
            text(
                "insert into portal.audit_entry (at, act, actor, subject, details)"
                " values (now(), :act, 'system:test', '', '{}')"
            ),
            {"act": act},
        )
        yield connection
