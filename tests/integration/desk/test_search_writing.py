"""What services say of their cases is entered by a job that stands in nobody's way and stops at no fault."""

import logging
import threading
import time
from collections.abc import Sequence

import pytest
from flask import Flask
from sqlalchemy import select

from portal.accounts.values import Account
from portal.cases import search_writing
from portal.cases.messages import send_message
from portal.cases.search_models import CaseSearchRow
from portal.cases.values import Case, Fact
from portal.db.session import session
from tests.support.cases import STAFF
from tests.support.desk import report
from tests.support.fixtures import Clock


def words_of(app: Flask, case: Case) -> tuple[bool, str]:
    """Whether the case was read, and the words that it is found by."""
    with app.app_context():
        row = session().execute(
            select(CaseSearchRow.read_at, CaseSearchRow.words).where(CaseSearchRow.case_id == case.id)
        )
        read_at, words = row.one()
    return read_at is not None, words


def read(app: Flask) -> None:
    with app.app_context():
        search_writing.read_facts()
        session().commit()


def test_an_act_while_the_job_reads_loses_neither_of_both(
    app: Flask, sam: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = report(app, sam)
    inside, go_on, faults = threading.Event(), threading.Event(), []

    def slow(_case: Case) -> Sequence[Fact]:
        inside.set()
        go_on.wait(5)
        return [Fact(label="Words", value="zebracrossing")]

    def write() -> None:
        try:
            with app.test_request_context("/"):
                send_message(STAFF, case.id, "Heliotrope", key="k", channel="desk")
                session().commit()
        except Exception as fault:  # noqa: BLE001  # whatever it is, the test tells
            faults.append(fault)

    monkeypatch.setattr(search_writing, "facts_of", slow)
    threads = [threading.Thread(target=read, args=(app,)), threading.Thread(target=write)]
    threads[0].start()
    assert inside.wait(5)
    threads[1].start()
    time.sleep(0.2)  # it has come as far as it can
    go_on.set()
    for each in threads:
        each.join()
    was_read, words = words_of(app, case)
    assert (faults, was_read) == ([], True)
    assert "zebracrossing" in words
    assert "heliotrope" in words


def test_a_case_that_somebody_works_on_is_read_at_the_next_run(app: Flask, sam: Account) -> None:
    busy, other = report(app, sam), report(app, sam, words="Giraffes")
    with app.test_request_context("/"):
        send_message(STAFF, busy.id, "Heliotrope", key="k", channel="desk")
        reader = threading.Thread(target=read, args=(app,))
        reader.start()
        reader.join(3)
        assert not reader.is_alive()
        session().commit()
    assert not words_of(app, busy)[0]
    assert "giraffes" in words_of(app, other)[1]
    read(app)
    assert words_of(app, busy)[0]


def test_a_faulty_case_stops_no_other_and_is_tried_again_later(
    app: Flask, sam: Account, at: Clock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = report(app, sam), report(app, sam, words="Giraffes")
    real, asked = search_writing.facts_of, []

    def faulty(case: Case) -> Sequence[Fact]:
        asked.append(case.id)
        if case.id == bad.id:
            raise RuntimeError("Giraffes of Sam Tester")
        return real(case)

    monkeypatch.setattr(search_writing, "facts_of", faulty)
    with caplog.at_level(logging.ERROR):
        read(app)
        read(app)
    assert "giraffes" in words_of(app, good)[1]
    assert sorted(asked) == sorted([bad.id, good.id])
    assert str(bad.id) in caplog.text
    assert "Sam" not in caplog.text
    monkeypatch.setattr(search_writing, "facts_of", real)
    at.advance(minutes=61)
    read(app)
    assert words_of(app, bad)[0]
