"""A case at the desk, and who works there."""

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.cases.values import Case
from tests.support.desk import report
from tests.support.staff import Colleague, colleague


@pytest.fixture
def case(app: Flask, sam: Account) -> Case:
    """A report of Sam's."""
    return report(app, sam)


@pytest.fixture
def sunita(app: Flask) -> Colleague:
    """Somebody who decides reports."""
    return colleague(app, "Sunita", role="decider", service="reporting")


@pytest.fixture
def tom(app: Flask) -> Colleague:
    """Somebody who leads those who do."""
    return colleague(app, "Tom", role="lead", service="reporting")
