"""`moothall payments`: for whoever keeps the books."""

from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from portal.accounts.values import Account
from portal.cli.main import commands
from portal.db.session import session
from tests.integration.govuk_pay.conftest import _till, till
from tests.integration.payments.conftest import books
from tests.integration.payments.test_at_the_standin import at_the_gateway, standin
from tests.support.pay import SECRET, TOKEN, Till
from tests.support.payments import Toll

__all__ = ["_till", "standin", "till"]

Run = Callable[..., Result]


@pytest.fixture
def run(pay_app: Flask, till: Till, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs the command against the tests' database and the stand-in."""
    values = {
        "MOOTHALL_DATABASE_URL": database_url,
        "MOOTHALL_SECRET_KEY": "tests-tests-tests-tests-tests-tests",
        "MOOTHALL_MAIL": '{"host": "127.0.0.1"}',
        "MOOTHALL_PAY__URL": till.url,
        "MOOTHALL_PAY__TOKEN": TOKEN,
        "MOOTHALL_PAY__WEBHOOK_SECRET": SECRET,
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return lambda *words: CliRunner().invoke(commands, ["payments", *words])


def test_reconcile_takes_in_what_was_missed_and_leaves_nothing(
    run: Run, standin: Till, toll: Toll, payer: Account
) -> None:
    payment, browser = at_the_gateway(payer)
    browser.type_card()
    browser.press()
    session().rollback()
    first = run("reconcile")
    assert first.exit_code == 0, first.output
    assert f"taken in  {payment.reference}  success there, started here, now paid" in first.output
    assert "1 payments, £15.50 taken; 0 refunds, £0 given back; 1 differences, 0 left." in first.output
    assert books()["gateway"] == 1550
    session().rollback()
    said = run("balances").output
    assert "£15.50  gateway" in said
    assert "£0  in all" in said


def test_reconcile_fails_when_somebody_has_to_look(run: Run, standin: Till) -> None:
    made = standin.call(
        "POST", "/payments", json={"amount": 500, "reference": "OTHER", "description": "A thing"} | BACK
    )
    standin.befall(made.json()["payment_id"], "success")
    found = run("reconcile", "--from", "2026-01-01")
    assert found.exit_code == 1
    assert "500 pence were paid that we know nothing of" in found.output


def test_reconcile_says_when_no_gateway_is_set(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TOKEN", "WEBHOOK_SECRET"):
        monkeypatch.delenv(f"MOOTHALL_PAY__{name}")
    assert "No gateway is set up" in str(run("reconcile").exception)


def test_days_the_wrong_way_round_are_refused(run: Run) -> None:
    assert "--from must be before --to" in str(run("reconcile", "--from", "2026-02-01", "--to", "2026-01-01").exception)


def test_days_that_nobody_lives_in_are_taken_as_ever_and_until_now(run: Run, standin: Till) -> None:
    found = run("reconcile", "--from", "0001-01-01", "--to", "9999-12-31")
    assert (found.exit_code, found.exception) == (0, None), found.output
    assert "0 payments, £0 taken" in found.output


BACK = {"return_url": "http://localhost/back"}
