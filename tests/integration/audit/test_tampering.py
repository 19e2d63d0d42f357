"""Whatever is done to the trail behind the guard's back is found, and named."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal import clock
from portal.audit import sealing
from portal.audit.chain import START, digest_of, follow
from portal.audit.heads import Stretch, newest_head, stretch_between
from portal.audit.models import AuditEntry
from portal.audit.texts import AS_TEXT
from portal.db.session import session
from tests.integration.audit.conftest import Tamper, findings, kinds, seal, write

PUT_IN = (
    "insert into portal.audit_entry (id, at, act, actor, subject, details) overriding system value"
    " values ({id}, now(), 'x.y', 'system:test', '', '{{}}')"
)


@pytest.fixture
def trail(room: Flask) -> list[int]:
    """Nine sealed entries in three sealings. Between the first and the second, an id was lost by a rollback."""
    written = write(3)
    session().execute(text("select nextval(pg_get_serial_sequence('portal.audit_entry', 'id'))"))
    session().commit()
    seal()
    write(3)
    seal()
    write(3)
    seal()
    assert findings() == []
    return written[:3] + [each for each in write(0) if each not in written]


@pytest.mark.parametrize(
    "change",
    [
        "at = at + interval '1 microsecond'",
        "act = 'test.other'",
        "actor = 'staff:8'",
        "account_id = gen_random_uuid()",
        "subject = subject || ' '",
        "details = '{\"count\": 4.0}'",
    ],
    ids=["at", "act", "actor", "account_id", "subject", "details"],
)
def test_a_changed_entry_is_named(trail: list[int], tamper: Tamper, change: str) -> None:
    tamper(f"update portal.audit_entry set {change} where id = {trail[4]}")
    (found,) = findings()
    assert (found.kind, found.says) == ("changed", f"Entry {trail[4]} was changed after it was sealed.")


def test_an_entry_under_another_id_is_missed_under_its_own(trail: list[int], tamper: Tamper) -> None:
    columns = "at, act, actor, account_id, subject, details"
    tamper(
        f"insert into portal.audit_entry ({columns}) select {columns} from portal.audit_entry where id = {trail[4]};"
        f"delete from portal.audit_entry where id = {trail[4]}"
    )
    assert findings()[0].says == f"Entry {trail[4]} is missing: it was sealed as number 5."


def test_the_same_entry_once_more_is_no_change(trail: list[int], tamper: Tamper) -> None:
    tamper("update portal.audit_entry set details = details, act = act")
    assert findings() == []


@pytest.mark.parametrize("which", [0, 4, 8], ids=["first", "middle", "last"])
def test_a_deleted_entry_is_named(trail: list[int], tamper: Tamper, which: int) -> None:
    tamper(f"delete from portal.audit_entry where id = {trail[which]}")
    (found,) = findings()
    assert found.says == f"Entry {trail[which]} is missing: it was sealed as number {which + 1}."


def test_entries_deleted_with_their_links_are_missed(trail: list[int], tamper: Tamper) -> None:
    for table, column in (("audit_entry", "id"), ("audit_link", "entry_id")):
        tamper(f"delete from portal.{table} where {column} in ({trail[3]}, {trail[4]})")
    (found,) = findings()
    assert found.kind == "missing"
    assert found.says.startswith(f"Numbers 4 to 5 are not between entries {trail[2]} and {trail[5]}")


def test_all_entries_deleted_with_links_and_heads_are_missed_with_a_head_from_outside(
    trail: list[int], tamper: Tamper, tmp_path: Path
) -> None:
    head = newest_head()
    assert head is not None
    (tmp_path / "heads").write_text(head.as_line())
    for table in ("audit_entry", "audit_link", "audit_head"):
        tamper(f"delete from portal.{table}")
    assert kinds() == []
    (found,) = findings(Stretch(), [tmp_path / "heads"])
    assert found.says.startswith("The end was cut off")


def test_an_entry_put_in_is_named(trail: list[int], tamper: Tamper) -> None:
    tamper(PUT_IN.format(id=trail[3] - 1))  # the id that a rollback left free
    (found,) = findings()
    assert found.says.startswith(f"Put in after its time: entry {trail[3] - 1}.")
    write(1)
    seal()
    assert [each.kind for each in findings()] == ["inserted"]


def test_a_link_that_is_taken_away_is_missed(trail: list[int], tamper: Tamper) -> None:
    tamper(f"delete from portal.audit_link where entry_id = {trail[4]}")
    (found,) = findings()
    assert found.says == f"Links were taken away: entry {trail[4]} had one, and now has none."


@pytest.mark.parametrize("which", [0, 4], ids=["first", "middle"])
@pytest.mark.parametrize("column", ["chain", "digest"])
def test_a_changed_link_is_named(trail: list[int], tamper: Tamper, which: int, column: str) -> None:
    tamper(f"update portal.audit_link set {column} = sha256('x') where entry_id = {trail[which]}")
    found = findings()
    assert any(str(trail[which]) in each.says for each in found)
    assert {each.kind for each in found} <= {"link", "changed"}
    assert len(found) <= 2


def test_links_out_of_order_are_named(trail: list[int], tamper: Tamper) -> None:
    tamper(
        f"update portal.audit_link set number = -1 where entry_id = {trail[4]};"
        f"update portal.audit_link set number = 5 where entry_id = {trail[5]};"
        f"update portal.audit_link set number = 6 where entry_id = {trail[4]}"
    )
    said = [each.says for each in findings()]
    assert f"The link of entry {trail[5]} is out of order: number 5 after 6." in said


def test_a_change_with_its_own_link_shows_at_the_next_one(trail: list[int], tamper: Tamper) -> None:
    tamper(f"update portal.audit_entry set actor = 'staff:8' where id = {trail[3]}")
    rewrite(trail[3:4], tamper)
    (found,) = findings()
    assert found.says.startswith(f"The link of entry {trail[4]} (number 5) does not follow from the one before")


def test_a_chain_written_anew_shows_at_the_heads(trail: list[int], tamper: Tamper) -> None:
    tamper(f"update portal.audit_entry set actor = 'staff:8' where id = {trail[4]}")
    rewrite(trail[4:], tamper)
    found = findings()
    assert [each.kind for each in found] == ["head", "head"]
    assert "the chain was written anew" in found[0].says


def test_with_the_heads_written_anew_too_a_head_from_outside_tells(
    trail: list[int], tamper: Tamper, tmp_path: Path
) -> None:
    head = newest_head()
    assert head is not None
    (tmp_path / "worker.log").write_text(f"2026-11-22 INFO started\n2026-11-22 INFO x: audit head {head.as_line()}\n")
    tamper(f"update portal.audit_entry set actor = 'staff:8' where id = {trail[4]}")
    rewrite(trail[4:], tamper)
    tamper("update portal.audit_head h set chain = l.chain from portal.audit_link l where l.number = h.number")
    assert findings() == []
    (found,) = findings(Stretch(), [tmp_path / "worker.log"])
    assert found.kind == "head"
    assert "worker.log" in found.says


@pytest.mark.parametrize("with_heads", [False, True], ids=["heads kept", "newest head cut off too"])
def test_an_end_that_is_cut_off_is_missed(trail: list[int], tamper: Tamper, tmp_path: Path, with_heads: bool) -> None:
    head = newest_head()
    assert head is not None
    (tmp_path / "heads").write_text(head.as_line())
    tamper(f"delete from portal.audit_entry where id > {trail[5]}")
    tamper(f"delete from portal.audit_link where entry_id > {trail[5]}")
    if with_heads:
        tamper(f"delete from portal.audit_head where entry_id > {trail[5]}")
        assert findings() == []
    (found, *_) = findings(Stretch(), [tmp_path / "heads"])
    assert found.says.startswith("The end was cut off")
    assert "9 sealed entries" in found.says


def test_after_a_restored_backup_the_sealer_goes_on_and_the_outside_head_tells(
    trail: list[int], tamper: Tamper, tmp_path: Path
) -> None:
    head = newest_head()
    assert head is not None
    (tmp_path / "heads").write_text(head.as_line())
    for table, column in (("audit_entry", "id"), ("audit_link", "entry_id"), ("audit_head", "entry_id")):
        tamper(f"delete from portal.{table} where {column} > {trail[5]}")
    tamper(f"select setval(pg_get_serial_sequence('portal.audit_entry', 'id'), {trail[5]})")
    write(4)
    assert seal().entries == 4
    assert findings() == []
    assert [each.kind for each in findings(Stretch(), [tmp_path / "heads"])] == ["head"]


@pytest.mark.parametrize("table", ["audit_entry", "audit_link", "audit_head"])
@pytest.mark.parametrize("how", ["disable trigger append_only", "enable replica trigger append_only"])
def test_a_guard_that_is_switched_off_is_named(
    room: Flask, cleaning_engine: object, tamper: Tamper, table: str, how: str
) -> None:
    tamper(f"alter table portal.{table} {how}")
    try:
        assert [each.kind for each in findings()] == ["guard"]
    finally:
        tamper(f"alter table portal.{table} enable trigger append_only")


def test_a_sealer_that_does_not_run_is_noticed(trail: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    write(2)
    assert kinds() == []
    later = datetime.now(UTC).replace(year=datetime.now(UTC).year + 1)
    monkeypatch.setattr(clock, "now", lambda: later)
    (found,) = findings()
    assert found.kind == "unsealed"
    assert "2 entries" in found.says
    sealing.seal(patience=0)
    assert findings() == []


def test_a_stretch_in_time_is_verified_alone(trail: list[int], tamper: Tamper) -> None:
    for number, day in ((3, 1), (6, 2), (9, 3)):
        tamper(f"update portal.audit_head set sealed_at = '2026-06-0{day}' where number = {number}")
    tamper(f"update portal.audit_entry set actor = 'staff:8' where id = {trail[4]}")

    def of(first: int | None, last: int | None) -> list[str]:
        days = [datetime(2026, 6, day, tzinfo=UTC) if day else None for day in (first, last)]
        found = stretch_between(*days)
        return kinds(found)

    assert of(None, 1) == []
    assert of(2, 3) == ["changed"]
    assert of(3, None) == []
    assert of(None, 2) == ["changed"]
    assert of(None, None) == ["changed"]


def test_memory_does_not_grow_with_what_is_loose(room: Flask, tamper: Tamper) -> None:
    written = write(50)
    seal()
    tamper(f"delete from portal.audit_link where entry_id < {written[-1]}")
    (found,) = [each for each in findings() if each.kind == "link"]
    assert "49 entries" in found.says


def rewrite(entry_ids: list[int], tamper: Callable[[str], None]) -> None:
    """Make the links of these entries anew, as somebody would who knows how."""
    session().rollback()
    before = text("select chain from portal.audit_link where entry_id < :id order by entry_id desc limit 1")
    chain = session().execute(before, {"id": entry_ids[0]}).scalar() or START
    for entry_id in entry_ids:
        digest = digest_of(session().execute(select(*AS_TEXT).where(AuditEntry.id == entry_id)).one())
        chain = follow(chain, digest)
        tamper(
            f"update portal.audit_link set digest = '\\x{digest.hex()}', chain = '\\x{chain.hex()}'"
            f" where entry_id = {entry_id}"
        )
    session().rollback()
