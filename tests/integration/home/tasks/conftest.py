"""A resident who is signed in, with a case of the kind on which people talk."""

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.cases.values import Case
from tests.support.residents import Resident, resident
from tests.support.talk import new_case, talking


@pytest.fixture(autouse=True)
def _types(app: Flask) -> Iterator[None]:
    with talking(app):
        yield


@pytest.fixture
def sam(app: Flask) -> Resident:
    return resident(app, "Sam")


@pytest.fixture
def case(app: Flask, sam: Resident) -> Case:
    with app.test_request_context("/"):
        return new_case(sam.account)
