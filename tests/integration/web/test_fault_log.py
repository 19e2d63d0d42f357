"""What the log may not hold after a fault: what was typed, and tokens in addresses."""

import logging
import traceback
from collections.abc import Iterator

import pytest
from flask import Flask, render_template_string
from sqlalchemy import text

from portal.db import session as database
from portal.db.session import dispose, session
from portal.web import setup
from portal.web.access import public
from tests.support.client import Client, client_for
from tests.support.settings import settings_for

TYPED = "amina-canary@marlowe.example"
TOKEN = "token-canary-43-letters"
CAUSES = ["row", "duplicate", "statement", "value", "template", "raised from", "raised while"]


def fail(cause: str) -> None:
    values = {"key": TYPED}
    insert = text("insert into portal.limit_count values (:key, 1, now())")
    match cause:
        case "row":
            session().execute(text("insert into portal.limit_count values (:key, null, now())"), values)
        case "duplicate":
            session().execute(insert, values)
            session().execute(insert, values)
        case "statement":
            session().execute(text("select cast(:key as integer)"), values)
        case "value":
            int(TYPED)
        case "template":
            render_template_string("{{ typed + 1 }}", typed=TYPED)
        case "raised from":
            try:
                int(TYPED)
            except ValueError as error:
                raise RuntimeError(TYPED) from error
        case "raised while":
            try:
                int(TYPED)
            except ValueError:
                fail("duplicate")


@pytest.fixture
def client(clean_database: str) -> Iterator[Client]:
    app = Flask("faults", static_folder=None)
    database.install(app, clean_database)
    setup.install(app, settings_for(clean_database), name="moothall")

    @app.get("/fail/<cause>/<token>")
    @public
    def failing(cause: str, token: str) -> str:
        del token
        fail(cause)
        return ""

    yield client_for(app)
    with app.app_context():
        dispose()


@pytest.mark.parametrize("cause", CAUSES)
def test_a_fault_leaves_its_place_and_kind_in_the_log_and_nothing_typed(
    client: Client, cause: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        assert client.get(f"/fail/{cause}/{TOKEN}?q={TYPED}").status_code == 500
    told = [record.getMessage() for record in caplog.records]
    for record in caplog.records:
        if record.exc_info and record.exc_info[1]:
            told.append("".join(traceback.format_exception(record.exc_info[1])))
    whole = "\n".join(told)
    assert "canary" not in whole
    fault = next(each for each in told if each.startswith("Fault in failing: reference "))
    assert "test_fault_log.py" in fault
    assert "Error" in fault
    assert client.page.html.count(fault.split("reference ")[1][:11]) == 1


def test_the_words_of_a_fault_are_told_in_the_demo(clean_database: str, caplog: pytest.LogCaptureFixture) -> None:
    app = Flask("faults", static_folder=None)
    setup.install(app, settings_for(clean_database, demo=True), name="moothall")

    @app.get("/fail")
    @public
    def failing() -> str:
        raise ValueError("seven is not a number")

    assert client_for(app).get("/fail").status_code == 500
    assert "builtins.ValueError: seven is not a number" in caplog.text


def test_an_error_of_the_database_names_no_parameters(clean_database: str, client: Client) -> None:
    with client.application.app_context(), pytest.raises(Exception, match="hide_parameters") as raised:
        fail("statement")
    assert "[parameters:" not in str(raised.value)
