"""`moothall accounts release`: for owners who cannot lift the hold themselves."""

import json
import uuid
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, text

from portal import clock
from portal.accounts.queries import reference_of
from portal.accounts.values import Account
from portal.cli.main import commands
from portal.db.session import session
from portal.errors import NotFound
from portal.identity import recovery
from tests.support import people
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

    def release(account_id: object, *more: object) -> Result:
        return CliRunner().invoke(commands, ["accounts", "release", str(account_id), *map(str, more)])

    return release


@pytest.fixture
def added(app: Flask, client: FlaskClient, sam: Account, cleaning_engine: Engine) -> uuid.UUID:
    """The way that was added to the account before it was held; and somebody is in again since."""
    add = """
    insert into portal.identity
    select (jsonb_populate_record(cast(null as portal.identity), to_jsonb(one) || jsonb_build_object(
        'id', gen_random_uuid(), 'subject', 'added', 'linked_at', now()))).*
    from (select * from portal.identity limit 1) as one
    returning id
    """
    with app.test_request_context("/"):
        recovery.report(sam.id, doubted_since=clock.now(), actor="system:mail")
        session().commit()
    with cleaning_engine.begin() as connection:
        made: uuid.UUID = connection.execute(text(add)).scalar_one()
    people.sign_in(app, client, sam)
    return made


def test_an_account_that_is_held_is_released_with_an_audit_row(
    sam: Account, added: uuid.UUID, run: Any, cleaning_engine: Engine
) -> None:
    answer = run(sam.id)
    assert answer.exit_code == 0, answer.output
    assert answer.output.startswith("Released. Held since ")
    assert answer.output.count("Signed out  session ") == 1
    assert f"Removed     identity {added}" in answer.output
    assert answer.output.count("Opens it    identity") == 1
    with cleaning_engine.connect() as connection:
        assert connection.execute(text("select count(*) from portal.account_hold")).scalar_one() == 0
        assert connection.execute(text("select 1 from portal.session where ended_at is null")).all() == []
        assert connection.execute(text("select 1 from portal.identity where subject = 'added'")).all() == []
        audited = text("select actor, account_id from portal.audit_entry where act = 'account.released'")
        assert connection.execute(audited).all() == [("system:command", sam.id)]


def test_a_way_that_the_owner_knows_is_kept(sam: Account, added: uuid.UUID, run: Any, cleaning_engine: Engine) -> None:
    answer = run(sam.id, "--keep", added)
    assert answer.exit_code == 0, answer.output
    assert "Removed" not in answer.output
    assert f"Opens it    identity {added}" in answer.output


def test_nothing_is_released_when_what_is_to_be_kept_is_not_there(
    sam: Account, added: uuid.UUID, run: Any, cleaning_engine: Engine
) -> None:
    assert "does not open this account" in run(sam.id, "--keep", uuid.uuid4()).exception.sentence
    with cleaning_engine.begin() as connection:
        assert connection.execute(text("select count(*) from portal.account_hold")).scalar_one() == 1
        connection.execute(text("delete from portal.identity where subject <> 'added'"))
    assert "No way of signing in would be left" in run(sam.id).exception.sentence
    assert run(sam.id, "--keep", added).exit_code == 0


@pytest.mark.parametrize("whose", ["sam", "nobody"])
def test_an_account_that_is_not_held_is_told_so(sam: Account, run: Any, whose: str) -> None:
    answer = run(sam.id if whose == "sam" else uuid.uuid4())
    assert isinstance(answer.exception, NotFound)
    wanted = "This account is not held." if whose == "sam" else "There is no account that begins with "
    assert answer.exception.sentence.startswith(wanted)


@pytest.fixture
def command(run: Any) -> Any:
    """Runs any of the commands about accounts."""

    def invoke(*words: object, typed: str | None = None) -> Result:
        return CliRunner().invoke(commands, ["accounts", *map(str, words)], input=typed)

    return invoke


def test_an_account_is_named_by_the_reference_that_its_owner_reads_out(sam: Account, command: Any) -> None:
    reference = reference_of(sam.id)
    for spoken in (reference, reference.replace(" ", "").upper(), str(sam.id)[:13]):
        assert command("show", spoken).output.startswith(f"account   {sam.id}  open")
    answer = command("release", reference)
    assert answer.exception.sentence == "This account is not held."


def test_a_reference_that_fits_two_accounts_or_none_is_refused(
    sam: Account, command: Any, cleaning_engine: Engine
) -> None:
    alike = sam.id.hex[:8] + "f" * 24
    add = text("insert into portal.account (id, language, created_at) values (:id, 'en', now())")
    with cleaning_engine.begin() as connection:
        connection.execute(add, {"id": alike})
    assert "More than one account" in command("show", reference_of(sam.id)).exception.sentence
    assert command("show", sam.id).output.startswith(f"account   {sam.id}")
    assert "There is no account" in command("show", uuid.uuid4()).exception.sentence
    assert "first 8 digits" in command("show", "sam").exception.sentence


def test_a_closed_account_is_said_to_be_closed(sam: Account, command: Any, cleaning_engine: Engine) -> None:
    with cleaning_engine.begin() as connection:
        connection.execute(text("update portal.account set closed_at = now()"))
    assert command("show", sam.id).output.splitlines()[0].endswith("  closed")


def test_an_account_is_found_by_its_address_and_the_look_up_is_written_down(
    sam: Account, command: Any, cleaning_engine: Engine
) -> None:
    with cleaning_engine.begin() as connection:
        connection.execute(text("update portal.profile set email = 'Sam@example.org'"))
    for answer in (command("find", "sam@EXAMPLE.org"), command("find", typed="sam@example.org\n")):
        assert answer.exit_code == 0, answer.output
        assert f"account   {sam.id}  reference {reference_of(sam.id)}" in answer.output
    assert "No open account" in command("find", "nobody@example.org").exception.sentence
    with cleaning_engine.connect() as connection:
        rows = connection.execute(
            text("select act, account_id, details::text from portal.audit_entry where act like 'account.%' order by id")
        ).all()
    looked = [row for row in rows if row.act in ("account.looked_up", "account.found_by_email")]
    assert [(row.act, row.account_id) for row in looked] == [
        ("account.looked_up", None),
        ("account.found_by_email", sam.id),
        ("account.looked_up", None),
        ("account.found_by_email", sam.id),
        ("account.looked_up", None),
    ]
    assert "example.org" not in str(rows)
