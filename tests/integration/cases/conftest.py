from collections.abc import Iterator

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.cases.opening import open_case
from portal.cases.values import Case
from portal.db.session import dispose, session
from tests.support.cases import REPORT, ledger_app, new_account


@pytest.fixture
def ledger(clean_database: str) -> Iterator[Flask]:
    """An application with a ledger, inside its context."""
    app = ledger_app(clean_database)
    with app.app_context():
        yield app
    with app.app_context():
        dispose()


@pytest.fixture
def ada(ledger: Flask) -> Account:
    return new_account()


@pytest.fixture
def bob(ledger: Flask) -> Account:
    return new_account()


@pytest.fixture
def case(ada: Account) -> Case:
    """Ada's open case."""
    made = open_case(ada, case_type=REPORT, key="1")
    session().commit()
    return made
