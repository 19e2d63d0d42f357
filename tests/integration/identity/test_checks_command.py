"""`moothall identity …`: the diagnosis as a command, and the portal's own keys."""

from typing import Any

import pytest
from click.testing import CliRunner

from portal.cli.main import commands
from tests.support.hostile_provider import HostileProvider


@pytest.fixture
def run(clean_database: str, provider: HostileProvider) -> Any:
    """Runs `moothall …` with the provider in the environment."""

    def one(*words: str, **changes: str) -> Any:
        environment = {
            "MOOTHALL_DATABASE_URL": clean_database,
            "MOOTHALL_SECRET_KEY": "tests-tests-tests-tests-tests-tests",
            "MOOTHALL_PUBLIC_URL": "http://localhost",
            "MOOTHALL_DEMO": "true",
            "MOOTHALL_PROVIDERS__TOWN__ISSUER": provider.issuer,
            "MOOTHALL_PROVIDERS__TOWN__CLIENT_ID": provider.client_id,
            "MOOTHALL_PROVIDERS__TOWN__CLIENT_SECRET": provider.client_secret,
        }
        return CliRunner().invoke(commands, words, env=environment | changes)

    return one


def test_the_command_prints_a_line_for_each_finding_and_ends_well(run: Any) -> None:
    answer = run("identity", "check")
    assert answer.exit_code == 0, answer.output
    lines = answer.output.splitlines()
    assert lines[0].startswith("town: http://127.0.0.1")
    assert {line.split()[0] for line in lines[1:]} == {"good", "look", "note"}


def test_the_command_ends_with_status_1_on_a_fault(run: Any, provider: HostileProvider) -> None:
    provider.metadata["issuer"] = lambda honest: honest + "/"
    answer = run("identity", "check", "town")
    assert answer.exit_code == 1
    assert "fault  metadata" in answer.output
    answer = run("check")
    assert answer.exit_code == 1
    assert "which differs in the last slash" in answer.output
    assert "moothall identity check town" in answer.output


def test_the_command_wants_current_tables(run: Any, empty_database_url: str) -> None:
    assert "moothall db upgrade" in str(run("identity", "check", MOOTHALL_DATABASE_URL=empty_database_url).exception)


def test_the_command_refuses_a_name_that_is_none(run: Any) -> None:
    answer = run("identity", "check", "county")
    assert "There is no provider called county. There are: town." in str(answer.exception)


def test_gov_13_keys_are_listed_and_rotated_by_command(run: Any, rows: Any) -> None:
    by_key = {"MOOTHALL_PROVIDERS__TOWN__CLIENT_AUTH": "private_key_jwt"}
    assert "There are none" in run("identity", "keys", "list", **by_key).output
    assert run("identity", "check", **by_key).exit_code == 0  # makes the first
    assert "RS256  signs now\n" in run("identity", "keys", "list", **by_key).output
    rotated = run("identity", "keys", "rotate", **by_key).output.splitlines()
    assert len(rotated) == 2
    assert "signs now, published until" in rotated[0]
    assert "signs from" in rotated[1]
    assert rows("select actor from portal.audit_entry where act = 'identity.keys_rotated'") == [("system:identity",)]


def test_rotating_where_no_key_is_needed_is_said(run: Any) -> None:
    assert "No provider in the settings needs keys" in str(run("identity", "keys", "rotate").exception)


def test_gov_13_a_stolen_key_is_retired_at_once_and_a_fresh_one_signs(run: Any, rows: Any) -> None:
    by_key = {
        "MOOTHALL_PROVIDERS__TOWN__CLIENT_AUTH": "private_key_jwt",
        "MOOTHALL_PROVIDERS__TOWN__CLIENT_KEY_ALGORITHM": "ES256",
    }
    run("identity", "check", **by_key)  # makes the first
    stolen = run("identity", "keys", "list", **by_key).output.split()[0]
    assert "say --now" in str(run("identity", "keys", "retire", stolen, **by_key).exception)
    assert "keys list" in str(run("identity", "keys", "retire", "nobody", "--now", **by_key).exception)
    assert stolen in run("identity", "keys", "list", **by_key).output
    gone = run("identity", "keys", "retire", stolen, "--now", **by_key)
    assert gone.exit_code == 0, gone.exception
    left = run("identity", "keys", "list", **by_key).output
    assert stolen not in left
    assert left.count("ES256  signs now") == 1
    assert rows("select details->>'kid' from portal.audit_entry where act = 'identity.key_retired'") == [(stolen,)]
