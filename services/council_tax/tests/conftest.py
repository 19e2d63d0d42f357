"""The whole portal with this service, and residents who have joined an account."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from portal.kit import join_record, session
from services.council_tax.backoffice import client
from services.council_tax.operations import asking
from services.council_tax.queries import accounts, bills
from services.council_tax.tests.connected import connected_to
from services.council_tax.tests.playing import SECRET, TODAY, Playing, standin_running
from services.council_tax.tests.told import ADA, BEN, REFERENCE, ToldSystem, telling
from tests.support.fixtures import Clock
from tests.support.residents import Resident, resident
from tests.support.worker import work

START = "/services/council_tax"
ACCOUNT = f"{START}/accounts/{REFERENCE}"


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """The portal with its context open: for functions that no page calls."""
    with app.app_context():
        yield app


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> ToldSystem:
    """The council's system in this very process, for pages whose words matter."""
    system = ToldSystem()
    for module in (client, bills, accounts, asking):
        monkeypatch.setattr(module, "system", telling(system))
    return system


Joins = Callable[..., Resident]
"""Called with a name, the system's name for the person, and a reference if it is not the usual one."""


@pytest.fixture
def joins(app: Flask) -> Joins:
    """Signs somebody in who has joined the account as this person."""

    def join(name: str, person: str, reference: str = REFERENCE) -> Resident:
        someone = resident(app, name)
        with app.app_context():
            join_record(
                someone.account, service="council_tax", kind="account", key=reference, person_key=person, role="joint"
            )
            session().commit()
        return someone

    return join


@pytest.fixture
def ada(joins: Joins) -> Resident:
    """Liable together with Ben."""
    return joins("Ada", ADA)


@pytest.fixture
def ben(joins: Joins) -> Resident:
    """Liable together with Ada."""
    return joins("Ben", BEN)


@pytest.fixture
def robin(app: Flask) -> Resident:
    """Somebody who has joined nothing."""
    return resident(app, "Robin")


@pytest.fixture(scope="session")
def _standin(database_url: str, cleaning_engine: Engine) -> Iterator[Playing]:
    """The stand-in behind a port, in a database of its own, which is emptied by nobody: it is filled once."""
    name = f"standin_{uuid.uuid4().hex[:8]}"
    with cleaning_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"create database {name}"))
    with standin_running(database_url.replace("/moothall?", f"/{name}?")) as playing:
        yield playing
    with cleaning_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"drop database {name} with (force)"))


@pytest.fixture
def standin(_standin: Playing) -> Iterator[Playing]:
    """The stand-in for the council's system, which behaves well until a test says otherwise."""
    _standin.behave()
    yield _standin
    _standin.behave()


@pytest.fixture
def connected(app: Flask, standin: Playing, at: Clock) -> Iterator[Playing]:
    """The stand-in, to which the portal's settings lead, on the day that it takes for today."""
    at.move_to(f"{TODAY}T09:00")
    with connected_to(app, standin.url, SECRET):
        yield standin


Works = Callable[[], None]


@pytest.fixture
def works(app: Flask) -> Works:
    """Does what waits in the queue of jobs."""

    def do() -> None:
        with app.app_context():
            work()

    return do
