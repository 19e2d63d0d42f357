"""A case that asks for a second signature, and who gives it."""

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.cases.talk_values import Task
from portal.cases.tasks import set_task
from portal.cases.values import Case
from portal.db.session import session
from tests.support.cases import STAFF
from tests.support.people import someone
from tests.support.talk import new_case, talking


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with talking(app), app.test_request_context("/"):
        yield


@pytest.fixture
def case(sam: Account) -> Case:
    return new_case(sam)


@pytest.fixture
def task(case: Case) -> Task:
    made = set_task(case.id, kind="cosign", title="Ask who lives with you", words="I agree.", actor=STAFF, key="1")
    session().commit()
    return made


@pytest.fixture
def robin(app: Flask) -> Account:
    return someone(app, "Robin")
