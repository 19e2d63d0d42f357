"""The whole portal with this service, and residents who have joined an account."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask

from portal.joining.records import join_record
from portal.kit import session
from services.council_tax.backoffice import client
from services.council_tax.operations import asking
from services.council_tax.queries import bills
from services.council_tax.tests.told import ADA, BEN, REFERENCE, ToldSystem, telling
from tests.support.residents import Resident, resident

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
    for module in (client, bills, asking):
        monkeypatch.setattr(module, "system", telling(system))
    return system


Joins = Callable[[str, str], Resident]


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
