"""`moothall service retention`: what is over, and erasing it now."""

from datetime import timedelta
from uuid import uuid4

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import text

from portal import clock
from portal.cli.services import service
from portal.db.session import session
from portal.errors import SetupError


@pytest.fixture(autouse=True)
def told(app: Flask, clean_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings in the environment, as an operator has them, and a payment that was booked seven years ago."""
    monkeypatch.setenv("MOOTHALL_DATABASE_URL", clean_database)
    monkeypatch.setenv("MOOTHALL_SECRET_KEY", "tests-tests-tests-tests-tests-tests")
    monkeypatch.setenv("MOOTHALL_MAIL__HOST", "127.0.0.1")
    monkeypatch.setenv("MOOTHALL_PUBLIC_URL", "https://my.council.example")
    with app.app_context():
        long_ago = clock.now() - timedelta(days=7 * 366)
        session().execute(PAYMENT, {"line": uuid4(), "at": long_ago, "day": long_ago.date()})
        session().commit()


PAYMENT = text(
    "insert into council_tax.card_payment (line_id, reference, pence, refunded, paid_on, sent_as, state, made_at,"
    " ended_at)"
    " values (:line, '12345678', 5000, 0, :day, :line, 'booked', :at, :at)"
)


def run(*words: str) -> Result:
    return CliRunner().invoke(service, ["retention", *words])


def test_it_says_what_would_go_and_erases_it_when_told_to() -> None:
    said = run("council_tax").output
    assert "        1  What you paid towards your council tax by card  (2190 days after" in said
    assert "        -  The days of your account" in said
    assert "Nothing was changed" in said
    assert run("council_tax", "--apply").output.splitlines()[1].split()[0] == "1"
    assert run("council_tax").output.splitlines()[1].split()[0] == "0"


def test_a_service_that_is_not_there_is_named() -> None:
    assert isinstance(run("plots").exception, SetupError)
