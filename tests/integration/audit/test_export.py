"""An export is whole, signed, recorded, and can be checked by somebody who has nothing but the file."""

import csv
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from flask import Flask
from sqlalchemy import text

from portal.audit import exporting
from portal.audit.exporting import Format, begin_export, written
from portal.audit.operations import record
from portal.db.session import session
from portal.errors import Refused
from portal.web.state import web_state
from tests.integration.audit.conftest import Tamper, seal, write

COLUMNS = ("id", "at", "act", "actor", "account_id", "subject", "details")
Parts = dict[str, bytes]


@pytest.fixture
def trail(room: Flask) -> list[int]:
    """Seven entries, the last with what a spreadsheet or a hash may stumble over."""
    write(3)
    seal()
    write(3)
    record("test.done", actor="staff:7", subject='a "b",\n', words="é ﷺ 1.10", number=1.10)
    session().commit()
    seal()
    return write(0)


def export(format: Format = "jsonl", since: datetime | None = None, before: datetime | None = None) -> Parts:
    """The parts of the ZIP."""
    made = begin_export(since=since, before=before, format=format, actor="staff:7")
    session().commit()
    content = b"".join(written(made, web_state().settings))
    session().rollback()
    with zipfile.ZipFile(io.BytesIO(content)) as whole:
        assert whole.testzip() is None
        return {name: whole.read(name) for name in whole.namelist()}


def rows_of(parts: Parts, format: Format) -> list[dict[str, Any]]:
    """The entries, null where there is no account."""
    if format == "jsonl":
        return [json.loads(line) for line in parts["entries.jsonl"].decode().splitlines()]
    rows = list(csv.DictReader(io.StringIO(parts["entries.csv"].decode(), newline="")))
    return [row | {"account_id": row["account_id"] or None} for row in rows]


def recomputed(rows: list[dict[str, Any]], after: str) -> str:
    """The chain's end, made from the text of the entries alone."""
    chain = bytes.fromhex(after)
    for row in rows:
        form = b""
        for name in COLUMNS:
            value = row[name]
            form += b"-," if value is None else str(len(value.encode())).encode() + b":" + value.encode() + b","
        chain = hashlib.sha256(chain + hashlib.sha256(form).digest()).digest()
        assert row["chain"] == chain.hex(), row["id"]
    return chain.hex()


@pytest.mark.parametrize("format", ["jsonl", "csv"])
def test_the_chain_can_be_recomputed_from_the_file_alone(trail: list[int], format: Format) -> None:
    parts = export(format)
    rows = rows_of(parts, format)
    manifest = json.loads(parts["manifest.json"])
    assert [int(row["id"]) for row in rows] == trail
    assert [int(row["number"]) for row in rows] == list(range(1, 8))
    assert recomputed(rows, "00" * 32) == manifest["until"]["chain"]
    assert manifest["entries"] == 7
    assert manifest["after"] is None
    assert manifest["sha256"] == hashlib.sha256(parts[manifest["file"]]).hexdigest()


def test_the_manifest_is_signed_by_a_key_that_can_be_told_beforehand(trail: list[int]) -> None:
    parts = export()
    key = load_pem_public_key(parts["key.pem"])
    assert isinstance(key, Ed25519PublicKey)
    key.verify(parts["manifest.sig"], parts["manifest.json"])
    assert parts["key.pem"].decode() == exporting.public_key(web_state().settings)[0]
    with pytest.raises(InvalidSignature):
        key.verify(parts["manifest.sig"], parts["manifest.json"].replace(b'"entries": 7', b'"entries": 6'))


def test_another_secret_key_signs_otherwise(room: Flask) -> None:
    settings = web_state().settings
    other = settings.model_copy(update={"secret_key": type(settings.secret_key)("another" * 8)})
    assert exporting.public_key(settings) != exporting.public_key(other)


def recipe_in(parts: Parts) -> str:
    """The auditor's program, out of the instructions."""
    indented = [line for line in parts["READ-ME.txt"].decode().splitlines() if line.startswith("     ")]
    return "\n".join(line[5:] for line in indented if not line.startswith(("     openssl", "     sha256sum")))


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda lines: lines, "7 entries, and the chain holds."),
        (lambda lines: [line.replace("test.done", "test.gone") for line in lines], "does not hold at entry"),
        (lambda lines: lines[:3] + lines[4:], "does not hold at entry"),
        (lambda lines: lines[:-1], "does not end where the manifest says"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "does not hold at entry"),
    ],
    ids=["as it is", "changed", "one missing", "cut off", "swapped"],
)
def test_the_recipe_in_the_file_works(
    trail: list[int], tmp_path: Path, spoil: Callable[[list[str]], list[str]], says: str
) -> None:
    parts = export()
    (tmp_path / "manifest.json").write_bytes(parts["manifest.json"])
    lines = parts["entries.jsonl"].decode().splitlines(keepends=True)
    (tmp_path / "entries.jsonl").write_text("".join(spoil(lines)), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", recipe_in(parts)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert says in done.stdout + done.stderr


def test_the_signature_can_be_checked_with_openssl(trail: list[int], tmp_path: Path) -> None:
    for name, content in export().items():
        (tmp_path / name).write_bytes(content)
    command = "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in manifest.json -sigfile manifest.sig"
    assert command in (tmp_path / "READ-ME.txt").read_text()
    done = subprocess.run(command.split(), cwd=tmp_path, capture_output=True, text=True, check=False)
    assert "Verified Successfully" in done.stdout, done.stderr


def test_exports_of_days_that_adjoin_join(trail: list[int], tamper: Tamper) -> None:
    tamper("update portal.audit_head set sealed_at = '2026-06-01' where number = 3")
    tamper("update portal.audit_head set sealed_at = '2026-06-02' where number = 7")
    days = [datetime(2026, 6, day, tzinfo=UTC) for day in (1, 2, 3)]
    first, second = export("jsonl", None, days[1]), export("csv", days[1], days[2])
    ends = [json.loads(each["manifest.json"]) for each in (first, second)]
    assert ends[0]["until"] == ends[1]["after"]
    assert [int(row["id"]) for row in rows_of(first, "jsonl")] == trail[:3]
    rows = rows_of(second, "csv")
    assert [int(row["id"]) for row in rows][:4] == trail[3:]
    assert recomputed(rows[:4], ends[0]["until"]["chain"]) == rows[3]["chain"]


def test_an_export_is_on_the_record(trail: list[int]) -> None:
    export()
    made = session().execute(text("select actor, details from portal.audit_entry where act = 'audit.exported'")).one()
    assert made.actor == "staff:7"
    assert made.details == {"first": 1, "last": trail[-1], "format": "jsonl"}


def test_where_nothing_is_sealed_there_is_nothing_to_export(room: Flask) -> None:
    with pytest.raises(Refused, match="Nothing was sealed in this time"):
        begin_export(since=None, before=None, format="jsonl", actor="staff:7")
    write(2)
    seal()
    with pytest.raises(Refused, match="Nothing was sealed in this time"):
        begin_export(since=datetime(2100, 1, 1, tzinfo=UTC), before=None, format="jsonl", actor="staff:7")


def test_nothing_outside_of_the_time_is_exported(trail: list[int], tamper: Tamper) -> None:
    tamper("update portal.audit_head set sealed_at = '2026-06-01' where number = 3")
    tamper("update portal.audit_head set sealed_at = '2026-06-02' where number = 7")
    days = [datetime(2026, 6, day, tzinfo=UTC) for day in (1, 2, 3)]
    assert [int(row["id"]) for row in rows_of(export("jsonl", days[0], days[1]), "jsonl")] == trail[:3]
    for since, before in ((None, days[0]), (days[2], None), (datetime(2026, 5, 1, tzinfo=UTC), days[0])):
        with pytest.raises(Refused, match="Nothing was sealed in this time"):
            begin_export(since=since, before=before, format="jsonl", actor="staff:7")
    with pytest.raises(Refused, match="ends before it begins"):
        begin_export(since=days[1], before=days[0], format="jsonl", actor="staff:7")


def test_an_entry_that_was_put_in_is_in_the_export_without_a_link(trail: list[int], tamper: Tamper) -> None:
    tamper(
        "insert into portal.audit_entry (id, at, act, actor, subject, details) overriding system value"
        f" values ({trail[0] - 1}, now(), 'x.y', 'system:test', '', '{{}}')"
    )
    assert rows_of(export(), "jsonl")[0]["number"] is None


def test_it_is_written_as_it_is_read(room: Flask) -> None:
    write(3000)
    seal()
    made = begin_export(since=None, before=None, format="csv", actor="staff:7")
    session().commit()
    pieces = [len(each) for each in written(made, web_state().settings)]
    session().rollback()
    assert len(pieces) > 2
    assert max(pieces) < 4 * exporting.PIECE
