"""`moothall service offices`: how back offices were met, and what waits for them."""

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import insert

from portal.backoffices.models import BackOfficeRow, DeliveryRow
from portal.cli.services import service
from portal.db.session import session
from tests.support.fixtures import Clock
from tests.support.people import someone


@pytest.fixture
def told(app: Flask, clean_database: str, at: Clock, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """Settings in the environment, as an operator has them, on a morning in November."""
    monkeypatch.setenv("MOOTHALL_DATABASE_URL", clean_database)
    monkeypatch.setenv("MOOTHALL_SECRET_KEY", "tests-tests-tests-tests-tests-tests")
    monkeypatch.setenv("MOOTHALL_MAIL__HOST", "127.0.0.1")
    monkeypatch.setenv("MOOTHALL_PUBLIC_URL", "https://my.council.example")
    at.move_to("2026-11-22T09:00")
    return app


def offices() -> str:
    ran = CliRunner().invoke(service, ["offices"])
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_an_office_that_nobody_has_met_is_named(told: Flask) -> None:
    assert offices().splitlines() == [
        "council_tax  not met yet; nothing waits",
        "reporting    not met yet; nothing waits",
    ]


def test_one_that_is_away_says_since_when_and_what_waits(told: Flask, at: Clock) -> None:
    ann = someone(told, "Ann")
    met = {"state_at": at.moment, "last_good_at": None, "last_bad_at": at.moment, "last_fault": "slow"}
    kept = {
        "id": ann.id,
        "account_id": ann.id,
        "service": "council_tax",
        "act": "change",
        "key": "k",
        "sealed": "sealed",
        "state": "waiting",
        "made_at": at.moment,
        "attempts": 1,
        "failures": 0,
        "retry_at": at.moment,
        "office_away": True,
    }
    with told.app_context():
        session().execute(insert(BackOfficeRow), {"name": "council_tax", "state": "open", **met})
        session().execute(insert(DeliveryRow), kept)
        session().commit()
    first, *_others = offices().splitlines()
    assert first == "council_tax  left alone since 2026-11-22 09:00: slow; 1 to be sent, since 2026-11-22 09:00"


def test_one_that_answers_says_when_it_did(told: Flask, at: Clock) -> None:
    met = {"state_at": at.moment, "last_good_at": at.moment, "last_bad_at": None, "last_fault": ""}
    with told.app_context():
        session().execute(insert(BackOfficeRow), {"name": "council_tax", "state": "closed", **met})
        session().commit()
    assert "answered 2026-11-22 09:00, failed never; nothing waits" in offices()
