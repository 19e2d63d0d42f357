"""The portal's context, and a back office that does as it is told."""

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.backoffices import deliveries, sending
from portal.backoffices.breaker import Breaker
from portal.backoffices.office import Office
from portal.backoffices.values import Hooks
from portal.outbound import client
from tests.support.deliveries import SERVICE, Desk
from tests.support.office import FaultyOffice, not_met_yet, office_running
from tests.support.people import someone

NAME = "sample"
TOKEN = "tests-tests-tests"


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """The portal, in whose process no office was met yet."""
    not_met_yet(app)
    with app.app_context():
        yield app


@pytest.fixture
def faulty() -> Iterator[FaultyOffice]:
    """The back office."""
    with office_running() as running:
        yield running


@pytest.fixture
def ours(context: Flask, faulty: FaultyOffice) -> Office:
    """Our way to it, with little patience."""
    return way_to(faulty.url)


def way_to(url: str, *, seconds: float = 1.5, breaker: Breaker | None = None) -> Office:
    """A way to whoever is there."""
    return Office(NAME, url, TOKEN, seconds=seconds, client=client(allow_loopback=True), breaker=breaker)


@pytest.fixture
def desk(context: Flask) -> Iterator[Desk]:
    """A service that keeps deliveries."""
    made = Desk()
    hooks = Hooks({"change": made.send}, made.on_delivered, made.on_undeliverable)
    deliveries.install(context, SERVICE, hooks)
    yield made
    del context.extensions[sending.EXTENSION][SERVICE]


@pytest.fixture
def ann(desk: Desk, context: Flask) -> Account:
    """A resident."""
    return someone(context, "Ann")
