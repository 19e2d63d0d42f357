"""Every resident of a provider is moved to another by one command, which may be run again and taken back."""

import csv
import hashlib
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import Engine, text

from portal.accounts import identities, moving, waiting
from portal.accounts.moving import AT_ONCE
from portal.accounts.operations import account_for_identity
from portal.cli import running
from portal.cli.main import commands
from portal.db.session import session
from portal.errors import NotFound, Refused

OLD, NEW, ELSE = "https://old.example/", "https://new.example", "https://else.example"
IDENTITY = text(
    "insert into portal.identity (id, account_id, issuer, subject, linked_at, last_used_at)"
    " values (gen_random_uuid(), :account, :issuer, :subject, now(), now())"
)
Asked = Callable[..., Result]
Look = Callable[[str], list[Any]]


@pytest.fixture
def database(clean_database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The command's settings: this database, and two providers with names."""
    names = {"old": OLD, "new": NEW}
    providers = {name: {"issuer": at, "client_id": "portal", "client_secret": "x"} for name, at in names.items()}
    values = {
        "MOOTHALL_DATABASE_URL": clean_database,
        "MOOTHALL_SECRET_KEY": "tests-tests-tests-tests-tests-tests",
        "MOOTHALL_PUBLIC_URL": "http://localhost",
        "MOOTHALL_PROVIDERS": json.dumps(providers),
        "MOOTHALL_MAIL": '{"host": "127.0.0.1"}',
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(running, "use_demo_environment", lambda: None)
    return clean_database


@pytest.fixture
def move(database: str) -> Asked:
    """Runs the command; every error but a refusal is raised."""

    def ask(*options: str, source: str = "old", target: str = "new") -> Result:
        words = ["accounts", "move-provider", "--from", source, "--to", target, *options]
        return CliRunner().invoke(commands, words, catch_exceptions=False)

    return ask


@pytest.fixture
def look(cleaning_engine: Engine) -> Look:
    """Asks the database from outside."""

    def ask(query: str) -> list[Any]:
        with cleaning_engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query))]

    return ask


def residents(engine: Engine, many: int, *, issuer: str = OLD, email: bool = True) -> None:
    """So many accounts, each with one identity: subject `s000001` and so on."""
    address = "'r' || n || '@tests.example', now()" if email else "null, null"
    statements = (
        "insert into portal.account (id, language, created_at) select md5(n::text)::uuid, 'en', now() from"
        " generate_series(1, :many) n",
        "insert into portal.profile (account_id, given_name, family_name, preferred_name, contact_needs, email,"
        f" email_confirmed_at) select md5(n::text)::uuid, 'R', 'T', '', '', {address} from generate_series(1, :many) n",
        "insert into portal.identity (id, account_id, issuer, subject, linked_at, last_used_at) select"
        " md5('i' || n)::uuid, md5(n::text)::uuid, :issuer, 's' || lpad(n::text, 6, '0'), now(), now() from"
        " generate_series(1, :many) n",
    )
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement), {"many": many, "issuer": issuer})


def account(number: int) -> str:
    """The id of the resident of that number."""
    return str(uuid.UUID(hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()))


def outcomes(path: Path) -> list[tuple[str, str, str]]:
    with path.open(newline="") as file:
        return [(row["outcome"], row["account_id"], row["line"]) for row in csv.DictReader(file)]


STATE = "select account_id::text, issuer, subject, moved_to, moved_at is not null from portal.identity order by 2, 3"


def test_gov_25_nothing_is_changed_without_apply(
    move: Asked, look: Look, cleaning_engine: Engine, tmp_path: Path
) -> None:
    residents(cleaning_engine, 3)
    before = look(STATE)
    for options in (["--same-subjects"], [], ["--same-subjects", "--dry-run"]):
        answer = move(*options, "--report", str(tmp_path / "report.csv"))
        assert "Nothing was changed" in answer.output
        assert len(outcomes(tmp_path / "report.csv")) == 3
    assert look(STATE) == before
    assert look("select 1 from portal.audit_entry") == []


def test_gov_25_a_provider_with_a_new_issuer_keeps_its_people(
    move: Asked, look: Look, cleaning_engine: Engine, tmp_path: Path
) -> None:
    many = AT_ONCE + 2  # more than a portion
    residents(cleaning_engine, many)
    dry = move("--same-subjects", "--report", str(tmp_path / "dry.csv"))
    answer = move("--same-subjects", "--apply", "--report", str(tmp_path / "report.csv"))
    assert f"{many}  moved" in answer.output
    assert f"{many}  moved" in dry.output
    assert outcomes(tmp_path / "dry.csv") == outcomes(tmp_path / "report.csv")
    state = look(STATE)
    assert (account(7), NEW, "s000007", None, False) in state
    assert (account(7), OLD, "s000007", NEW, True) in state
    assert len(state) == 2 * many
    acts = dict(look("select act, count(*) from portal.audit_entry group by act"))
    assert acts == {"identity.moved": many, "provider.moved": 1}


def test_gov_25_a_move_that_is_run_again_changes_nothing(move: Asked, look: Look, cleaning_engine: Engine) -> None:
    residents(cleaning_engine, 3)
    move("--same-subjects", "--apply")
    state = look(STATE)
    assert "3  already" in move("--same-subjects", "--apply").output
    assert look(STATE) == state
    assert look("select count(*) from portal.audit_entry where act = 'identity.moved'") == [(3,)]


def test_gov_25_a_move_that_was_cut_off_is_taken_up(
    move: Asked, look: Look, cleaning_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    residents(cleaning_engine, AT_ONCE + 5)
    with monkeypatch.context() as cut:
        cut.setattr(moving, "_link", cut_off_at_the_second_portion(moving._link))
        with pytest.raises(RuntimeError):
            move("--same-subjects", "--apply")
    assert look(f"select count(*) from portal.identity where issuer = '{NEW}'") == [(AT_ONCE,)]
    again = move("--same-subjects", "--apply").output
    assert f"{AT_ONCE}  already" in again
    assert "5  moved" in again


def cut_off_at_the_second_portion(link: Callable[..., None]) -> Callable[..., None]:
    calls: list[int] = []

    def cut(*values: object) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("cut off")
        link(*values)

    return cut


def test_gov_25_moving_the_other_way_takes_a_move_back(move: Asked, look: Look, cleaning_engine: Engine) -> None:
    residents(cleaning_engine, 2)
    move("--same-subjects", "--apply")
    answer = move("--same-subjects", "--apply", source="new", target="old")
    assert "2  moved" in answer.output
    assert [(row[1], row[3], row[4]) for row in look(STATE)] == [(NEW, OLD, True)] * 2 + [(OLD, None, False)] * 2


def test_gov_25_a_list_of_subjects_moves_those_it_names(
    move: Asked, look: Look, cleaning_engine: Engine, tmp_path: Path
) -> None:
    residents(cleaning_engine, 5)
    file = tmp_path / "mapping.csv"
    lines = ["old_sub,new_sub", "s000001,n1", "nobody,n9", "s000002,taken", "s000003,n3", "s000004,n3", "s000001,n1"]
    file.write_text("\n".join(lines))
    with cleaning_engine.begin() as connection:
        connection.execute(IDENTITY, {"account": account(5), "issuer": NEW, "subject": "taken"})
    for options in ([], ["--apply"]):
        move("--mapping", str(file), "--report", str(tmp_path / "report.csv"), *options)
        assert sorted(outcomes(tmp_path / "report.csv"), key=lambda row: row[2]) == [
            ("moved", account(1), "2"),
            ("unknown", "", "3"),
            ("conflict", account(2), "4"),
            ("doubled", account(3), "5"),
            ("doubled", account(4), "6"),
        ]
    assert [row for row in look(STATE) if row[1] == NEW] == [
        (account(1), NEW, "n1", None, False),
        (account(5), NEW, "taken", None, False),
    ]
    moved = [row[2] for row in look(STATE) if row[3] is not None]
    assert moved == ["s000001"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"a,b\n1,2\n", "The first line"),
        (b"", "The first line"),
        (b"old_sub,new_sub\n1\n", "Line 2 has 1 columns"),
        (b"old_sub,new_sub\n1,2\n,3\n", "Line 3"),
        (b"old_sub,new_sub\n1," + b"x" * 256 + b"\n", "Line 2"),
        (b"old_sub,new_sub\n1,a\x00b\n", "Line 2"),
        (b"old_sub,new_sub\n1,\xff\n", "cannot be read"),
        (b'old_sub,new_sub\n1,"a\n', "cannot be read"),
    ],
)
def test_a_list_that_cannot_be_read_moves_nobody(
    move: Asked, look: Look, cleaning_engine: Engine, tmp_path: Path, content: bytes, sentence: str
) -> None:
    residents(cleaning_engine, 1)
    file = tmp_path / "mapping.csv"
    file.write_bytes(content)
    with pytest.raises(Refused) as refused:
        move("--mapping", str(file), "--apply")
    assert sentence in refused.value.sentence
    assert len(look(STATE)) == 1


def test_gov_25_without_a_list_residents_are_marked_for_proof(
    move: Asked, look: Look, cleaning_engine: Engine, tmp_path: Path
) -> None:
    residents(cleaning_engine, 3)
    with cleaning_engine.begin() as connection:
        connection.execute(
            text(f"update portal.profile set email = null, email_confirmed_at = null where account_id = '{account(3)}'")
        )
        connection.execute(IDENTITY, {"account": account(2), "issuer": NEW, "subject": "came"})
    report = tmp_path / "report.csv"
    move("--apply", "--report", str(report))
    assert outcomes(report) == [
        ("marked", account(1), ""),
        ("already", account(2), ""),
        ("no_address", account(3), ""),
    ]
    state = look(STATE)
    assert [(row[3], row[4]) for row in state if row[1] == OLD] == [(NEW, False), (NEW, True), (NEW, False)]
    move("--apply", "--report", str(report))
    assert [each[0] for each in outcomes(report)] == ["waiting", "already", "no_address"]
    assert look(STATE) == state
    assert look("select count(*) from portal.audit_entry where act = 'identity.move_announced'") == [(2,)]


@pytest.mark.parametrize(
    ("options", "named", "sentence"),
    [
        (["--same-subjects"], ("old", "old"), "the same"),
        (["--same-subjects"], ("odd", "new"), "neither a provider"),
        (["--same-subjects"], (OLD.rstrip("/"), "new"), OLD),
        (["--same-subjects", "--mapping", __file__], ("old", "new"), "not both"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused(
    move: Asked, cleaning_engine: Engine, options: list[str], named: tuple[str, str], sentence: str
) -> None:
    residents(cleaning_engine, 1)
    with pytest.raises(Refused) as refused:
        move(*options, source=named[0], target=named[1])
    assert sentence in refused.value.sentence


def test_an_issuer_may_be_named_by_its_address(move: Asked, look: Look, cleaning_engine: Engine) -> None:
    residents(cleaning_engine, 1)
    answer = move("--same-subjects", "--apply", source=OLD, target=ELSE)
    assert "not in the settings yet" in answer.output
    assert len(look(f"select 1 from portal.identity where issuer = '{ELSE}'")) == 1


def test_an_account_is_shown_without_its_person(database: str, cleaning_engine: Engine) -> None:
    residents(cleaning_engine, 1)
    answer = CliRunner().invoke(commands, ["accounts", "show", account(1)], catch_exceptions=False)
    assert OLD in answer.output
    assert "open" in answer.output
    for personal in ("r1@tests.example", "s000001"):
        assert personal not in answer.output
    with pytest.raises(NotFound, match="no account that begins"):
        CliRunner().invoke(commands, ["accounts", "show", account(2)], catch_exceptions=False)


def test_what_was_moved_long_ago_and_used_by_nobody_since_is_deleted(
    move: Asked, look: Look, cleaning_engine: Engine, context: Flask
) -> None:
    residents(cleaning_engine, 3)
    move("--same-subjects", "--apply")
    with cleaning_engine.begin() as connection:
        old = f"update portal.identity set moved_at = now() - interval '181 days' where issuer = '{OLD}'"
        connection.execute(text(f"{old} and subject <> 's000003'"))
        used = f"update portal.identity set last_used_at = now() - interval '181 days' where issuer = '{OLD}'"
        connection.execute(text(f"{used} and subject <> 's000002'"))
    waiting.tidy()
    assert [(row[1], row[2]) for row in look(STATE) if row[1] == OLD] == [(OLD, "s000002"), (OLD, "s000003")]
    assert len([row for row in look(STATE) if row[1] == NEW]) == 3


def test_the_last_way_into_an_account_is_kept_though_it_was_moved(
    move: Asked, look: Look, cleaning_engine: Engine, context: Flask
) -> None:
    residents(cleaning_engine, 1)
    move("--same-subjects", "--apply")
    with cleaning_engine.begin() as connection:
        connection.execute(text(f"delete from portal.identity where issuer = '{NEW}'"))
        connection.execute(text("update portal.identity set moved_at = now() - interval '181 days'"))
        connection.execute(text("update portal.identity set last_used_at = now() - interval '181 days'"))
    waiting.tidy()
    assert [row[1] for row in look(STATE)] == [OLD]


def test_an_erased_person_leaves_no_identity_and_nothing_that_waits(context: Flask) -> None:
    claims = {"email": "ann@example.org", "email_verified": True}
    ann = account_for_identity(issuer=OLD, subject="1", claims=claims)
    newcomer = waiting.Newcomer("new", NEW, "2", "low", "/", claims)
    assert waiting.hold_back(newcomer, browser_hash="b", usable={OLD})
    identities.forget(ann.id)
    tables = ("identity", "verified_claim", "waiting_candidate", "waiting_identity")
    left = [session().scalar(text(f"select count(*) from portal.{table}")) for table in tables]
    assert left == [0, 0, 0, 0]
