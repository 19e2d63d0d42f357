"""`moothall audit …`: said in plain words, with an exit status that a script can use."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import Engine

from portal.cli.main import commands
from portal.errors import Refused
from tests.integration.audit.conftest import Tamper, unfinished, write

Run = Callable[..., Result]


@pytest.fixture
def run(room: Flask, clean_database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs a command against the tests' database, in a folder of its own."""
    values = {
        "MOOTHALL_DATABASE_URL": clean_database,
        "MOOTHALL_SECRET_KEY": "tests-tests-tests-tests-tests-tests",
        "MOOTHALL_MAIL": '{"host": "127.0.0.1"}',
        "MOOTHALL_AUDIT__HEADS_FILE": str(tmp_path / "heads"),
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return lambda *words: CliRunner().invoke(commands, [str(word) for word in words])


def test_seal_then_verify(run: Run, tmp_path: Path) -> None:
    write(5)
    sealed = run("audit", "seal")
    assert sealed.exit_code == 0
    assert sealed.output.startswith("5 entries sealed.\n{")
    assert json.loads((tmp_path / "heads").read_text()) == json.loads(sealed.output.splitlines()[1])
    answer = run("audit", "verify", "--heads", tmp_path / "heads")
    assert answer.exit_code == 0, answer.output
    assert "All as it was written: 5 entries in " in answer.output
    assert "Note: the role that this was done with could change the trail." in answer.output


def test_verify_names_what_is_wrong_and_fails(run: Run, tamper: Tamper) -> None:
    written = write(5)
    run("audit", "seal")
    tamper(f"update portal.audit_entry set actor = 'staff:8' where id = {written[2]}")
    answer = run("audit", "verify")
    assert answer.exit_code == 1
    assert answer.output.startswith(f"Entry {written[2]} was changed after it was sealed.\n")
    assert "Something is wrong: 5 entries in " in answer.output


def test_a_thousand_faults_are_counted_and_a_hundred_shown(run: Run, tamper: Tamper) -> None:
    write(150)
    run("audit", "seal")
    tamper("update portal.audit_entry set actor = 'staff:8'")
    answer = run("audit", "verify")
    assert answer.output.count("was changed after it was sealed") == 100
    assert "And 50 more." in answer.output


def test_entries_on_their_way_to_the_sealer_are_no_fault(run: Run) -> None:
    write(2)
    answer = run("audit", "verify")
    assert answer.exit_code == 0
    assert "Not sealed yet, which is done each minute: 2 entries" in answer.output


def test_verify_takes_days(run: Run, tamper: Tamper) -> None:
    write(3)
    run("audit", "seal")
    tamper("update portal.audit_entry set actor = 'staff:8'")
    assert run("audit", "verify", "--to", "2100-01-01").exit_code == 1
    assert run("audit", "verify", "--from", "2100-01-01").exit_code == 0
    assert run("audit", "verify", "--from", "yesterday").exit_code == 2
    backwards = run("audit", "verify", "--from", "2100-01-01", "--to", "2000-01-01")
    assert isinstance(backwards.exception, Refused)


def test_a_file_without_heads_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "odd").write_text('{"number": "many"}\n')
    answer = run("audit", "verify", "--heads", tmp_path / "odd")
    assert isinstance(answer.exception, Refused)
    assert answer.exception.sentence.startswith("This line holds no head of the audit trail")


def test_seal_says_when_it_has_to_leave_some(run: Run, cleaning_engine: Engine) -> None:
    with unfinished(cleaning_engine):
        write(1)
        answer = run("audit", "seal", "--patience", "0")
    assert answer.exit_code == 1
    assert "Newer ones were left" in answer.output


def test_head_is_one_line(run: Run) -> None:
    assert isinstance(run("audit", "head").exception, Refused)
    write(2)
    run("audit", "seal")
    assert json.loads(run("audit", "head").output)["number"] == 2


@pytest.mark.parametrize("format", ["jsonl", "csv"])
def test_export_writes_a_file_and_never_over_one(run: Run, tmp_path: Path, format: str) -> None:
    write(2)
    run("audit", "seal")
    answer = run("audit", "export", "--format", format, "--file", tmp_path / "out.zip")
    assert answer.exit_code == 0, answer.output
    assert run("audit", "key").output.splitlines()[-1] in answer.output
    with zipfile.ZipFile(tmp_path / "out.zip") as whole:
        assert f"entries.{format}" in whole.namelist()
    again = run("audit", "export", "--file", tmp_path / "out.zip")
    assert isinstance(again.exception, Refused)
    assert "The export cannot be written: File exists" in again.exception.sentence


@pytest.mark.parametrize(
    ("role", "says"), [("nobody_at_all", "There is no role nobody_at_all"), ("moothall", "moothall is a superuser")]
)
def test_a_role_that_grants_cannot_bind_is_refused(run: Run, role: str, says: str) -> None:
    answer = run("db", "grant", role)
    assert isinstance(answer.exception, Refused)
    assert says in answer.exception.sentence
