"""What the tests of permits share."""

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from portal.app import create_app
from portal.db.session import dispose
from portal.kit import session
from portal.payments.govuk_pay import EXTENSION
from portal.payments.ledger import trial_balance
from services.permits.tests.asking import lay_out
from services.permits.tests.playing_dvla import PlayedDvla, dvla_running
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident, resident
from tests.support.settings import settings_for


@pytest.fixture(scope="module")
def _dvla(database_url: str, cleaning_engine: Engine) -> Iterator[PlayedDvla]:
    name = f"standin_{uuid.uuid4().hex[:8]}"
    with cleaning_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"create database {name}"))
    with dvla_running(database_url.replace("/moothall?", f"/{name}?")) as played:
        yield played
    with cleaning_engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"drop database {name} with (force)"))


@pytest.fixture
def dvla(_dvla: PlayedDvla) -> Iterator[PlayedDvla]:
    """The stand-in, which behaves well until a test says otherwise."""
    _dvla.behave()
    yield _dvla
    _dvla.behave()


@pytest.fixture(scope="session")
def _paying_portal(database_url: str) -> Iterator[Flask]:
    """The whole portal with settings that name a payment gateway, at which nobody listens."""
    pay = {"token": "api_test_nobody_listens", "url": "http://127.0.0.1:9", "webhook_secret": "s" * 32}
    app = create_app(settings_for(database_url, demo=True, pay=pay))
    app.testing = True
    yield app
    with app.app_context():
        dispose()


@pytest.fixture
def parking(_paying_portal: Flask, clean_database: str) -> Iterator[Flask]:
    """That portal on an empty database with its context open, and the zones laid out."""
    with _paying_portal.test_request_context("/"):
        lay_out()
        yield _paying_portal
        session().rollback()


@pytest.fixture
def gate(parking: Flask) -> Iterator[PlayedGateway]:
    """The payment gateway, in the test's own hands. Whatever comes and goes, the books balance."""
    parking.extensions[EXTENSION] = gate = PlayedGateway()
    yield gate
    del parking.extensions[EXTENSION]
    session().rollback()
    assert sum(each.pence for each in trial_balance()) == 0


@pytest.fixture
def holder(parking: Flask) -> Resident:
    """Somebody who asks for permits."""
    return resident(parking, "Holder")


@pytest.fixture
def neighbour(parking: Flask) -> Resident:
    """Somebody else."""
    return resident(parking, "Neighbour")
