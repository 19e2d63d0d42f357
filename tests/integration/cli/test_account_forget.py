"""`moothall accounts forget`: what would go, and letting it go."""

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import text

from portal.accounts.values import Account
from portal.cli.accounts import accounts
from portal.db.session import session
from portal.errors import NotFound


@pytest.fixture(autouse=True)
def told(app: Flask, clean_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings in the environment, as an operator has them."""
    monkeypatch.setenv("MOOTHALL_DATABASE_URL", clean_database)
    monkeypatch.setenv("MOOTHALL_SECRET_KEY", "tests-tests-tests-tests-tests-tests")
    monkeypatch.setenv("MOOTHALL_MAIL__HOST", "127.0.0.1")
    monkeypatch.setenv("MOOTHALL_PUBLIC_URL", "https://my.council.example")


def run(*words: str) -> Result:
    return CliRunner().invoke(accounts, ["forget", *words])


def left(app: Flask, account: Account) -> int:
    with app.app_context():
        return int(
            session().scalar(text("select count(*) from portal.profile where account_id = :id"), {"id": account.id})
        )


def test_it_says_what_would_go_and_lets_it_go_when_told_to(app: Flask, sam: Account) -> None:
    dry = run(str(sam.id))
    assert dry.exit_code == 0, dry.output
    assert "        1  deleted  portal.profile" in dry.output
    assert "        1  changed  portal.account" in dry.output
    assert "Nothing was changed" in dry.output
    assert left(app, sam) == 1
    done = run(str(sam.id), "--apply")
    assert done.output.splitlines()[:-2] == dry.output.splitlines()[:-2]
    assert left(app, sam) == 0
    assert isinstance(run(str(sam.id)).exception, NotFound)
