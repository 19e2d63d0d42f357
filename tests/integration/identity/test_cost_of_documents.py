"""What knowing a provider costs: few queries, and none where nothing has changed."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event

from tests.integration.identity.conftest import Browser
from tests.integration.identity.processes import DISCOVERY, process, town
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider

__all__ = ["process", "town"]


@pytest.fixture
def queries() -> Iterator[list[str]]:
    """Every statement that asks about documents."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "provider_document" in statement:
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


def test_what_is_fresh_costs_no_query_and_keys_one_small_one(
    process: Any, provider: HostileProvider, queries: list[str]
) -> None:
    one = process()
    keys = one.keys()
    queries.clear()
    for _ in range(3):
        one.metadata()
        one.known_metadata()
    assert queries == []
    assert one.keys() is keys
    assert len(queries) == 1
    assert queries[0].startswith("SELECT")


def test_a_hot_sign_in_adds_one_small_query_and_a_signed_in_page_none(browser: Browser, queries: list[str]) -> None:
    browser.sign_in()
    queries.clear()
    assert browser.sign_in().status_code == 303
    assert len(queries) == 1
    queries.clear()
    assert browser.is_signed_in()
    assert queries == []


def test_a_process_that_only_wants_to_know_sees_what_others_fetched(
    process: Any, provider: HostileProvider, at: Clock
) -> None:
    one, other = process(), process()
    one.metadata()
    other.metadata()
    at.advance(days=5)
    one.metadata()
    at.advance(days=5)
    one.metadata()
    assert other.known_metadata() is not None


def test_ux_09_pages_that_only_want_to_know_ask_seldom(
    process: Any, provider: HostileProvider, at: Clock, queries: list[str]
) -> None:
    """The front page and signing out: they ask no provider, and the database at most once a minute."""
    one = process()
    assert [one.known_metadata() for _ in range(5)] == [None] * 5
    assert len(queries) == 1
    process().metadata()
    at.advance(minutes=1)
    assert one.known_metadata() is not None
    assert provider.count(DISCOVERY) == 1
