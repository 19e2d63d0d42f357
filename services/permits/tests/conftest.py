"""What the tests of permits share."""

import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from portal.kit import session
from services.permits.tests.asking import lay_out
from services.permits.tests.playing_dvla import PlayedDvla, dvla_running
from tests.support.paying_through import played_gateway, portal_that_takes_payments
from tests.support.payments import PlayedGateway
from tests.support.residents import Resident, resident


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
    with portal_that_takes_payments(database_url) as app:
        yield app


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
    with played_gateway(parking) as gate:
        yield gate


@pytest.fixture
def holder(parking: Flask) -> Resident:
    """Somebody who asks for permits."""
    return resident(parking, "Holder")


@pytest.fixture
def neighbour(parking: Flask) -> Resident:
    """Somebody else."""
    return resident(parking, "Neighbour")
