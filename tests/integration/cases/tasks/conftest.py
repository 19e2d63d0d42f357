"""A resident's case of the kind on which people talk, and what its service hears."""

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.cases.talk_values import Task
from portal.cases.values import Case
from tests.support.talk import new_case, talking


@pytest.fixture(autouse=True)
def heard(app: Flask) -> Iterator[list[Task]]:
    with talking(app) as heard, app.test_request_context("/"):
        yield heard


@pytest.fixture
def case(sam: Account) -> Case:
    return new_case(sam)
