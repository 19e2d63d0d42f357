"""The database itself refuses to change the audit trail: by trigger for everybody, by grants for the application."""

import uuid
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.exc import ProgrammingError

from portal.audit import sealing
from portal.audit.operations import record
from portal.cli.demo_reset import drop_our_schemas
from portal.cli.grants import grants_for
from portal.cli.main import commands
from portal.db.migrate import CORE, engine_for, upgrade
from portal.db.session import session
from portal.jobs.queue import waiting
from tests.integration.audit.conftest import seal, write

TABLES = ("audit_entry", "audit_link", "audit_head")
CHANGES = {
    "update": "update portal.{table} set {column} = {column}",
    "update of nothing": "update portal.{table} set {column} = {column} where false",
    "delete": "delete from portal.{table}",
    "delete of nothing": "delete from portal.{table} where false",
    "truncate": "truncate portal.{table}",
    "truncate with others": "truncate portal.{table} restart identity cascade",
    "merge": "merge into portal.{table} as kept using (select 1) as one on true when matched then delete",
}
COLUMNS = {"audit_entry": "act", "audit_link": "chain", "audit_head": "chain"}
INSERT = """
insert into portal.audit_entry (id, at, act, actor, subject, details) overriding system value
values (:id, now(), 'x.y', 'system:test', '', '{}') on conflict (id) do update set act = 'changed'
"""


@pytest.fixture
def sealed(room: Flask) -> list[int]:
    """Three entries with their links."""
    written = write(3)
    seal()
    return written


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("how", CHANGES)
def test_the_owner_is_refused_in_plain_words(owner: Connection, sealed: list[int], table: str, how: str) -> None:
    with pytest.raises(ProgrammingError, match=rf"the audit trail is append-only: \w+ of portal.{table} is refused"):
        owner.execute(text(CHANGES[how].format(table=table, column=COLUMNS[table])))


@pytest.mark.parametrize("meets", [True, False], ids=["a conflict", "no conflict"])
def test_on_conflict_do_update_is_refused(owner: Connection, sealed: list[int], meets: bool) -> None:
    with pytest.raises(ProgrammingError, match=r"UPDATE of portal.audit_entry is refused"):
        owner.execute(text(INSERT), {"id": sealed[0] if meets else sealed[-1] + 1000})


@pytest.mark.parametrize("action", ["cascade", "set null"])
def test_a_cascade_is_refused(owner: Connection, room: Flask, action: str) -> None:
    key = uuid.uuid4()
    owner.execute(text("create table portal.parent (id uuid primary key)"))
    owner.execute(text("insert into portal.parent values (:key)"), {"key": key})
    owner.execute(
        text(
            "alter table portal.audit_entry add foreign key (account_id) references portal.parent"
            f" on delete {action} not valid"
        )
    )
    insert = (
        "insert into portal.audit_entry (at, act, actor, account_id, subject, details)"
        " values (now(), 'x.y', 'system:test', :key, '', '{}')"
    )
    owner.execute(text(insert), {"key": key})
    with pytest.raises(ProgrammingError, match="the audit trail is append-only"):
        owner.execute(text("delete from portal.parent"))


@pytest.fixture
def role(cleaning_engine: Engine) -> Iterator[str]:
    """A role for the application, given what `moothall db grant` gives."""
    name = f"app_{uuid.uuid4().hex[:8]}"
    with cleaning_engine.begin() as connection:
        connection.execute(text(f"create role {name} login"))
        for statement in grants_for(connection, name):
            connection.execute(text(statement))
    yield name
    with cleaning_engine.begin() as connection:
        connection.execute(text(f"drop owned by {name}"))
        connection.execute(text(f"drop role {name}"))


def as_role(url: str, role: str) -> Engine:
    """An engine of that role."""
    return create_engine(engine_for(url).url.set(username=role))


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("how", CHANGES)
def test_the_applications_role_has_no_right_to_try(
    clean_database: str, room: Flask, role: str, table: str, how: str
) -> None:
    engine = as_role(clean_database, role)
    with engine.connect() as connection, pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
        connection.execute(text(CHANGES[how].format(table=table, column=COLUMNS[table])))
    engine.dispose()


def test_nor_to_switch_the_guard_off(clean_database: str, role: str) -> None:
    engine = as_role(clean_database, role)
    for sql in (
        "alter table portal.audit_entry disable trigger append_only",
        "set session_replication_role = replica",
        "drop table portal.audit_link",
        "create or replace function portal.refuse_to_change_the_audit_trail() returns trigger language plpgsql as"
        " $$ begin return null; end $$",
    ):
        with engine.connect() as connection, pytest.raises(ProgrammingError, match=r"permission denied|must be owner"):
            connection.execute(text(sql))
    engine.dispose()


def test_it_can_do_its_work_with_that_role(clean_database: str, room: Flask, role: str) -> None:
    write(1)
    session().execute(text(f"set role {role}"))
    record("test.done", actor="system:test")
    session().execute(text("update portal.account set language = 'en'"))
    session().execute(text("delete from portal.limit_count"))
    sealing.seal_by_the_clock.defer()
    assert waiting() == 1
    assert session().scalar(text("select count(*) from portal.audit_entry")) == 2
    session().rollback()


def test_it_seals_and_verifies_with_that_role(
    clean_database: str, room: Flask, role: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(2)
    url = make_url(clean_database).set(username=role).render_as_string(hide_password=False)
    monkeypatch.setenv("MOOTHALL_DATABASE_URL", url)
    monkeypatch.setenv("MOOTHALL_SECRET_KEY", "tests-tests-tests-tests-tests-tests")
    monkeypatch.setenv("MOOTHALL_MAIL__HOST", "127.0.0.1")
    assert CliRunner().invoke(commands, ["audit", "seal"]).output.startswith("2 entries sealed.")
    answer = CliRunner().invoke(commands, ["audit", "verify"])
    assert "All as it was written: 2 entries" in answer.output
    assert "could change the trail" not in answer.output


def test_an_owner_that_is_no_superuser_is_refused_by_grants_too(
    empty_database_url: str, cleaning_engine: Engine
) -> None:
    name = f"owner_{uuid.uuid4().hex[:8]}"
    with cleaning_engine.begin() as connection:
        connection.execute(text(f"create role {name} login"))
        connection.execute(text(f"grant create on database {make_url(empty_database_url).database} to {name}"))
    url = make_url(empty_database_url).set(username=name).render_as_string(hide_password=False)
    try:
        upgrade(url, (CORE,))
        engine = engine_for(url)
        for table in TABLES:
            with engine.connect() as connection, pytest.raises(ProgrammingError, match="permission denied for table"):
                connection.execute(text(f"delete from portal.{table}"))
        engine.dispose()
    finally:
        owned = engine_for(empty_database_url)
        with owned.begin() as connection:
            connection.execute(text(f"drop owned by {name} cascade"))
            connection.execute(text(f"drop role {name}"))
        owned.dispose()


def test_the_demo_can_still_start_over(empty_database_url: str) -> None:
    upgrade(empty_database_url, (CORE,))
    engine = engine_for(empty_database_url)
    with engine.begin() as connection:
        connection.execute(text(INSERT.partition("on conflict")[0]), {"id": 1})
    drop_our_schemas(empty_database_url)
    with engine.connect() as connection:
        assert connection.execute(text("select to_regclass('portal.audit_entry')")).scalar() is None
    engine.dispose()
