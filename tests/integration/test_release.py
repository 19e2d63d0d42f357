"""No connection is held, and no change half made, while we wait for somebody outside."""

import pytest
from flask import Flask
from sqlalchemy import text

from portal.audit.operations import record
from portal.db.session import db, release, session


def test_the_connection_goes_back_after_reading(app: Flask) -> None:
    with app.app_context():
        session().execute(text("select 1"))
        assert db.engine.pool.checkedout() == 1
        release()
        assert db.engine.pool.checkedout() == 0


def test_nothing_to_give_back_is_no_error(app: Flask) -> None:
    with app.app_context():
        release()


def test_waiting_in_the_middle_of_a_change_is_a_fault(app: Flask) -> None:
    with app.app_context():
        record("tests.wrote", actor="system:tests")
        with pytest.raises(RuntimeError, match="has written"):
            release()
