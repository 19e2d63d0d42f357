"""What the tests of permits share."""

import uuid
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from services.permits.tests.playing_dvla import PlayedDvla, dvla_running


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
