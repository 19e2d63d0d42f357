"""Fixtures for every kind of test, those inside services included (a plugin, see pyproject.toml).

Integration tests run the real application on a real PostgreSQL and commit for real, as production does: cards run
in threads and limits count in transactions of their own, which an outer transaction with savepoints would hide.
After each test every row is deleted, which takes a few milliseconds.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import configuration, settings
from sqlalchemy import Engine, text

from portal import clock
from portal.accounts.values import Account
from portal.app import create_app
from portal.db.embedded import EmbeddedPostgres
from portal.db.migrate import engine_for, upgrade
from portal.db.session import dispose
from portal.registry.discovery import discover
from portal.registry.histories import histories
from tests.support.people import sign_in, someone
from tests.support.settings import settings_for

STARTING_PROCESSES = ("tests/integration/cli/", "tests/peers/")
"""Of few tests, and long."""


@pytest.fixture(scope="session")
def database_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated database in a PostgreSQL of this test process's own."""
    server = EmbeddedPostgres(tmp_path_factory.mktemp("postgres") / "cluster", durable=False)
    server.start()
    try:
        upgrade(server.url, histories(discover()))
        yield server.url
    finally:
        server.remove()


@pytest.fixture
def empty_database_url(database_url: str, cleaning_engine: Engine) -> Iterator[str]:
    """A second database on the same server, with nothing in it."""
    name = f"empty_{uuid.uuid4().hex[:8]}"
    with cleaning_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"create database {name}"))
    yield database_url.replace("/moothall?", f"/{name}?")
    with cleaning_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"drop database {name} with (force)"))


@pytest.fixture(scope="session")
def cleaning_engine(database_url: str) -> Iterator[Engine]:
    """An engine that no application shares, to look from outside and to clean up."""
    engine = engine_for(database_url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def _empty(cleaning_engine: Engine) -> Iterator[Callable[[], None]]:
    """Delete every row of every table but the versions of the schemas.

    Most tests write to few tables: asking which hold anything, and deleting from those, costs a third of deleting from
    all. A change of the role throws prepared plans away, hence a connection that keeps it.
    """
    tables = (
        "select format('%I.%I', schemaname, tablename) from pg_tables"
        " where schemaname not in ('pg_catalog', 'information_schema', 'public') and tablename <> 'alembic_version'"
    )
    with cleaning_engine.connect() as connection:
        # `replica` leaves foreign keys unchecked, so that the order of the tables does not matter.
        connection.exec_driver_sql("set session_replication_role = replica")
        every = connection.execute(text(tables)).scalars()
        holding = " union all ".join(f"select '{each}' where exists (select from {each})" for each in every)
        connection.commit()

        def empty() -> None:
            held = connection.exec_driver_sql(holding).scalars().all()
            if held:
                connection.exec_driver_sql(" ".join(f"delete from {each};" for each in held))
            connection.commit()

        yield empty
        connection.exec_driver_sql("reset session_replication_role")
        connection.commit()


@pytest.fixture
def clean_database(database_url: str, _empty: Callable[[], None]) -> Iterator[str]:
    """The database, empty again after the test."""
    yield database_url
    _empty()


@pytest.fixture(scope="session")
def portal_app(database_url: str) -> Iterator[Flask]:
    """The whole portal with every service. Made once: compiling all templates takes most of a second."""
    app = create_app(settings_for(database_url, demo=True))
    app.testing = True
    yield app
    with app.app_context():
        dispose()


@pytest.fixture
def app(portal_app: Flask, clean_database: str) -> Flask:
    """The whole portal on an empty database."""
    return portal_app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser that nobody has signed in with."""
    return app.test_client()


@pytest.fixture
def sam(app: Flask) -> Account:
    """A resident."""
    return someone(app, "Sam")


@pytest.fixture
def sams(app: Flask, sam: Account) -> FlaskClient:
    """A browser in which Sam is signed in."""
    client = app.test_client()
    sign_in(app, client, sam)
    return client


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> "Clock":
    """Hold time still: `at.move_to("2026-11-22T09:00")`, `at.advance(minutes=5)`."""
    return Clock(monkeypatch)


class Clock:
    """A clock that tests move by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.moment = datetime.now(UTC)
        monkeypatch.setattr(clock, "now", lambda: self.moment)

    def move_to(self, moment: str) -> None:
        """Set the time, given in UTC."""
        self.moment = datetime.fromisoformat(moment).replace(tzinfo=UTC)

    def advance(self, **by: float) -> None:
        """Move on by so many `seconds`, `minutes`, `hours`, `days`."""
        self.moment += timedelta(**by)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Side by side, long files first: else one process waits at the end while the other starts demo after demo."""
    if hasattr(config, "workerinput"):
        many = Counter(item.path for item in items)
        items.sort(key=lambda item: (not item.nodeid.startswith(STARTING_PROCESSES), -many[item.path]))


def pytest_configure(config: pytest.Config) -> None:
    """Keep Hypothesis' examples out of the source tree's top level, and let no loaded machine fail a property."""
    configuration.set_hypothesis_home_dir(str(Path(config.rootpath) / "var" / "hypothesis"))
    settings.register_profile("house", settings(), deadline=None)
    settings.load_profile("house")
