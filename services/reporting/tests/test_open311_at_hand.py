"""Answers of our Open311 server that are at hand are given again while nothing has changed, and never after."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from portal.kit import at_once, session
from services.reporting.models.reports import Report
from services.reporting.queries import open311
from services.reporting.queries.open311 import Digested
from services.reporting.rules.open311.asking import Asked
from services.reporting.tests.programs import Program, new_key
from services.reporting.views.open311 import reading
from tests.support.fixtures import Clock

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.none() | st.integers(0, 300).map(lambda hours: FIRST + timedelta(hours=hours))


@pytest.fixture
def program(app: Flask) -> Program:
    return Program(app.test_client(), new_key(app))


@pytest.fixture
def lists(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The lists that the database is asked for."""
    asked: list[object] = []

    def note(statement: Any, values: Any) -> Any:
        asked.append(statement)
        return at_once(statement, values)

    monkeypatch.setattr(open311, "at_once", note)
    return asked


def test_a_list_is_asked_for_again_only_once_something_was_written(
    program: Program, lists: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    program.report()
    program.json("requests")
    monkeypatch.setattr(reading, "snapshot", lambda: "as it was")
    first = program.json("requests")
    lists.clear()
    assert program.json("requests") == first
    assert lists == []
    assert len(program.json("requests", status="open")) == 1  # another question
    assert len(lists) == 1
    monkeypatch.setattr(reading, "snapshot", lambda: "written to since")
    assert program.json("requests") == first
    assert len(lists) == 2


def test_in_the_middle_of_a_transaction_nothing_is_at_hand(
    program: Program, lists: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "snapshot", lambda: "")
    program.json("requests")
    lists.clear()
    program.json("requests")
    assert lists


def test_a_change_of_any_kind_is_in_the_very_next_answer(app: Flask, program: Program) -> None:
    reference = program.report()
    for words in ("One.", "Two."):
        with app.app_context():
            session().execute(update(Report).values(public_words=words, moderation="shown"))
            session().commit()
        assert [each["description"] for each in program.json("requests")] == [words]
        assert program.xml("requests").findtext("request/description") == words
    with app.app_context():
        session().execute(update(Report).values(moderation="hidden"))
        session().commit()
    assert program.json("requests") == []
    assert program.get(f"requests/{reference}.json").status_code == 404


def test_a_report_leaves_the_list_when_it_is_too_old_though_nothing_is_written(
    program: Program, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at.move_to("2026-03-02 10:00:00")
    program.report()
    monkeypatch.setattr(reading, "snapshot", lambda: "as it was")
    at.move_to("2026-05-31 09:59:00")
    assert len(program.json("requests")) == 1
    at.move_to("2026-05-31 10:01:00")
    assert program.json("requests") == []


@given(moments, moments, moments)
def test_a_digest_holds_only_for_lists_that_hold_the_same(
    since: datetime | None, later: datetime | None, oldest: datetime | None
) -> None:
    """A list from `later` on holds what one from `since` on does when nothing in that one is older than `later`."""
    kept = Digested("d", "s", since, oldest)
    asked = Asked(since=later)
    if kept.holds(asked, "s") and since is not None:
        assert later is not None
        assert since <= later
        assert oldest is None or oldest >= later
    assert not kept.holds(asked, "another")
    assert not Digested("d", "", since, oldest).holds(asked, "")
    assert Digested("d", "s", since, None).holds(Asked(since=since), "s")
