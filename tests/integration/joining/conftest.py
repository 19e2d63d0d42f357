"""Residents on their way to a record, and the council's system that they are measured by."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.support.records import TownHall, town_hall
from tests.support.residents import Resident, resident


@pytest.fixture
def hall(app: Flask) -> Iterator[TownHall]:
    """The council's system."""
    with town_hall(app) as hall:
        yield hall


@pytest.fixture
def ada(app: Flask, hall: TownHall) -> Resident:
    """Liable together with Ben."""
    return resident(app, "Ada")


@pytest.fixture
def ben(app: Flask, hall: TownHall) -> Resident:
    """Liable together with Ada."""
    return resident(app, "Ben")


@pytest.fixture
def eve(app: Flask, hall: TownHall) -> Resident:
    """Somebody who is on no record."""
    return resident(app, "Eve")
