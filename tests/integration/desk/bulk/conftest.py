"""Who changes many cases at once, and three of these."""

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.cases.values import Case
from tests.integration.desk.cases import make_case
from tests.support.staff import Colleague, colleague


@pytest.fixture
def tom(app: Flask) -> Colleague:
    return colleague(app, "Tom", role="lead", team="highways")


@pytest.fixture
def holes(app: Flask, sam: Account) -> list[Case]:
    return [make_case(app, sam, "pothole") for _ in range(3)]
