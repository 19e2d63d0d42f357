"""`moothall accounts release`: for owners who cannot lift the hold themselves."""

import json
import uuid
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import Engine, text

from portal import clock
from portal.accounts.values import Account
from portal.cli.main import commands
from portal.db.session import session
from portal.errors import NotFound
from portal.identity import recovery
from tests.support.settings import ISSUER


@pytest.fixture
def run(clean_database: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs the command against the tests' database."""
    values = {
        "MOOTHALL_DATABASE_URL": clean_database,
        "MOOTHALL_SECRET_KEY": "tests-tests-tests-tests-tests-tests",
        "MOOTHALL_PROVIDERS": json.dumps({"old": {"issuer": ISSUER, "client_id": "portal", "client_secret": "x"}}),
        "MOOTHALL_MAIL": '{"host": "127.0.0.1"}',
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)

    def release(account_id: object) -> Result:
        return CliRunner().invoke(commands, ["accounts", "release", str(account_id)])

    return release


def test_an_account_that_is_held_is_released_with_an_audit_row(
    app: Flask, sam: Account, run: Any, cleaning_engine: Engine
) -> None:
    with app.test_request_context("/"):
        recovery.report(sam.id, doubted_since=clock.now(), actor="system:mail")
        session().commit()
    add = """
    insert into portal.identity
    select (jsonb_populate_record(cast(null as portal.identity), to_jsonb(one) || jsonb_build_object(
        'id', gen_random_uuid(), 'subject', 'added', 'linked_at', now()))).*
    from (select * from portal.identity limit 1) as one
    """
    with cleaning_engine.begin() as connection:
        connection.execute(text(add))
    answer = run(sam.id)
    assert answer.exit_code == 0, answer.output
    assert answer.output.startswith("Released. Held since ")
    assert answer.output.count("Added since then: identity") == 1
    with cleaning_engine.connect() as connection:
        assert connection.execute(text("select count(*) from portal.account_hold")).scalar_one() == 0
        audited = text("select actor, account_id from portal.audit_entry where act = 'account.released'")
        assert connection.execute(audited).all() == [("system:command", sam.id)]


@pytest.mark.parametrize("whose", ["sam", "nobody"])
def test_an_account_that_is_not_held_is_told_so(sam: Account, run: Any, whose: str) -> None:
    answer = run(sam.id if whose == "sam" else uuid.uuid4())
    assert isinstance(answer.exception, NotFound)
    assert answer.exception.sentence == "This account is not held."
