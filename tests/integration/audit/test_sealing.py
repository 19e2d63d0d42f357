"""The sealer links every entry, once, in the order of the ids, and never one whose forerunner may still come."""

import hashlib
import json
import threading
from contextlib import ExitStack
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, event, text
from sqlalchemy.exc import ProgrammingError

from portal.audit import sealing
from portal.audit.operations import record
from portal.db.session import db, session
from portal.web.state import web_state
from tests.integration.audit.conftest import Tamper, findings, ids, kinds, seal, unfinished, write


def links() -> list[tuple[int, int]]:
    """Number and id of each link."""
    found = session().execute(text("select number, entry_id from portal.audit_link order by number")).all()
    session().rollback()
    return [tuple(each) for each in found]


def test_every_entry_is_linked_once_in_the_order_of_its_id(room: Flask) -> None:
    written = write(5)
    assert seal().entries == 5
    assert links() == list(enumerate(written, start=1))
    assert seal().entries == 0
    more = write(2)
    assert seal().entries == 2
    assert links() == list(enumerate(more, start=1))
    assert findings() == []


def test_nothing_is_sealed_in_an_empty_trail(room: Flask) -> None:
    assert seal() == sealing.Sealed(0, None, held_up=False)
    assert findings() == []


def test_portions_join(room: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "AT_ONCE", 4)
    monkeypatch.setattr(sealing, "_ENTRIES", sealing._ENTRIES.limit(4))
    written = write(10)
    assert seal().entries == 10
    assert links() == list(enumerate(written, start=1))
    assert session().scalar(text("select array_agg(number order by number) from portal.audit_head")) == [4, 8, 10]
    assert findings() == []


def test_what_is_in_the_chain_is_what_the_recipe_says(room: Flask) -> None:
    record("test.done", actor="staff:7", subject="Prüfung, 1:2", words='a "quote", é')
    session().commit()
    head = seal().head
    row = session().execute(text("select id, at, details::text from portal.audit_entry")).one()
    columns = [str(row.id), f"{row.at:%Y-%m-%dT%H:%M:%S.%f}Z", "test.done", "staff:7", None, "Prüfung, 1:2", row[2]]
    form = "".join("-," if each is None else f"{len(each.encode())}:{each}," for each in columns).encode()
    assert head is not None
    assert head.chain == hashlib.sha256(bytes(32) + hashlib.sha256(form).digest()).digest()


def test_an_entry_waits_for_an_older_one_that_is_not_committed_yet(room: Flask, cleaning_engine: Engine) -> None:
    with unfinished(cleaning_engine) as slow:
        newer = write(2)
        done = seal()
        assert (done.entries, done.held_up) == (0, True)
        slow.commit()
    assert seal().entries == 3
    assert [entry for _, entry in links()] == [newer[0] - 1, *newer]
    assert findings() == []


def test_the_gap_of_a_rollback_is_no_fault(room: Flask, cleaning_engine: Engine) -> None:
    first = write(1)
    with unfinished(cleaning_engine) as slow:
        write(1)
        slow.rollback()
    assert seal().entries == 2
    assert ids() == [first[0], first[0] + 2]
    assert findings() == []


def test_what_was_sealed_before_stays_sealed_while_one_is_open(room: Flask, cleaning_engine: Engine) -> None:
    write(2)
    seal()
    with unfinished(cleaning_engine):
        write(1)
        assert seal().entries == 0
        assert len(links()) == 2
        assert kinds() == []


def test_a_transaction_that_ends_in_time_is_waited_for(room: Flask, cleaning_engine: Engine) -> None:
    with unfinished(cleaning_engine) as slow:
        write(1)
        ending = threading.Timer(0.2, slow.commit)
        ending.start()
        assert sealing.seal(patience=10).entries == 2
        ending.join()


def test_one_that_began_later_is_not_waited_for(room: Flask, cleaning_engine: Engine) -> None:
    """Otherwise a busy portal would never be sealed: there is always somebody writing."""
    with unfinished(cleaning_engine) as first, ExitStack() as later:
        write(1)

        def another_comes() -> None:
            later.enter_context(unfinished(cleaning_engine))
            first.commit()

        coming = threading.Timer(0.2, another_comes)
        coming.start()
        assert sealing.seal(patience=10).entries == 2
        coming.join()


def test_several_sealers_at_once_make_one_chain(room: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "_ENTRIES", sealing._ENTRIES.limit(7))
    monkeypatch.setattr(sealing, "AT_ONCE", 7)
    written = write(100)
    together = threading.Barrier(4)

    def run() -> None:
        with room.app_context():
            together.wait()
            sealing.seal(patience=5)

    threads = [threading.Thread(target=run) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    seal()
    assert links() == list(enumerate(written, start=1))
    assert findings() == []


def test_entries_written_by_many_at_once_are_all_sealed_while_the_sealer_runs(
    room: Flask, cleaning_engine: Engine
) -> None:
    """Each writer holds its entry open for a moment, so that ids and commits come in different orders."""
    insert = text(
        "insert into portal.audit_entry (at, act, actor, subject, details)"
        " select now(), 'test.race', 'system:test', '', '{}' from pg_sleep(0.002 * random())"
    )

    def write_on() -> None:
        with cleaning_engine.connect() as connection:
            for number in range(25):
                connection.execute(insert)
                connection.execute(text("select pg_sleep(0.004 * random())"))
                connection.commit() if number % 5 else connection.rollback()

    threads = [threading.Thread(target=write_on) for _ in range(4)]
    for each in threads:
        each.start()
    while any(each.is_alive() for each in threads):
        sealing.seal(patience=1)
    seal()
    assert [entry for _, entry in links()] == ids()
    assert len(ids()) == 80
    assert findings() == []


def test_a_sealer_that_is_killed_leaves_whole_portions(room: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    written = write(3)
    nowhere = text("insert into portal.no_such_table values (:number)")
    monkeypatch.setattr(sealing, "_HEAD", nowhere)  # the links are written, and then it ends
    with pytest.raises(ProgrammingError):
        seal()
    session().rollback()
    assert links() == []
    monkeypatch.undo()
    seal()
    assert links() == list(enumerate(written, start=1))


def test_the_head_goes_to_the_log_and_to_a_file_after_the_commit(
    room: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "heads"
    settings = web_state().settings
    audit = settings.audit.model_copy(update={"heads_file": str(file)})
    monkeypatch.setattr(web_state(), "settings", settings.model_copy(update={"audit": audit}))
    caplog.set_level("INFO", "portal.audit.sealing")
    for _ in range(2):
        write(1)
        sealing.seal_by_the_clock()
    sealing.seal_by_the_clock()  # with nothing to do, nothing is said
    told = [json.loads(line) for line in file.read_text().splitlines()]
    assert [each["number"] for each in told] == [1, 2]
    assert [line.partition("audit head ")[2] for line in caplog.messages] == file.read_text().splitlines()
    kept = session().execute(text("select encode(chain, 'hex') from portal.audit_head order by number")).scalars()
    assert [each["chain"] for each in told] == list(kept)


def test_a_file_that_cannot_be_written_costs_no_seal(
    room: Flask, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    write(1)
    sealing.seal(patience=0, heads_file=str(tmp_path / "no folder" / "heads"))
    assert len(links()) == 1
    assert "could not be written" in caplog.text


def test_times_of_sealing_never_go_back(room: Flask, tamper: Tamper) -> None:
    write(1)
    seal()
    tamper("update portal.audit_head set sealed_at = '2036-01-01'")  # the clock was wrong then
    write(1)
    seal()
    assert session().scalar(text("select min(sealed_at)::date::text from portal.audit_head")) == "2036-01-01"


def test_an_entry_costs_one_statement_still(room: Flask) -> None:
    sent: list[str] = []

    def note(*given: object) -> None:
        sent.append(str(given[2]))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        record("test.done", actor="system:test")
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len(sent) == 1
    session().rollback()
