"""Keys of the API: what an operator may make, how they are listed and ended."""

from collections.abc import Iterator

import pytest
from flask import Flask

from portal.kit import NotFound, Refused, session
from services.reporting.models.keys import ApiKey
from services.reporting.operations.api_key_commands import COMMANDS
from services.reporting.operations.api_keys import find_caller


@pytest.fixture(autouse=True)
def context(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def add(*words: str) -> str:
    return COMMANDS["key-add"].run(words).partition("\n")[0]


def test_a_key_is_shown_once_and_kept_as_a_digest() -> None:
    key = add("report,update", "50", "FixMyStreet", "of", "us")
    row = session().query(ApiKey).one()
    assert key not in (row.key_hash, row.name)
    assert (row.name, row.scopes, row.posts_an_hour) == ("FixMyStreet of us", ["report", "update"], 50)
    caller = find_caller(key, address="127.0.0.1")
    assert caller is not None
    assert caller.scopes == {"report", "update"}
    listed = COMMANDS["key-list"].run([])
    assert key not in listed
    assert "FixMyStreet of us  report,update, 50 an hour, never used, in force" in listed


def test_an_ended_key_is_nobodys() -> None:
    key = add("report", "A program")
    (key_id,) = [line.split()[0] for line in COMMANDS["key-list"].run([]).splitlines()]
    COMMANDS["key-remove"].run([key_id])
    assert find_caller(key, address="127.0.0.1") is None
    assert "ended on" in COMMANDS["key-list"].run([])
    with pytest.raises(NotFound):
        COMMANDS["key-remove"].run([key_id])


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("report",),
        ("everything", "A program"),
        ("report,", "A program"),
        ("report", "0", "A program"),
        ("report", "-5", "A program"),
        ("report", "5.5", "A program"),
        ("report", "99999999", "A program"),
        ("report", "x" * 101),
        ("report", "\x1b[31m"),
        ("status", "A back office"),
        ("report@works", "A program"),
        ("status@nowhere", "A back office"),
    ],
    ids=lambda words: " ".join(words)[:30].encode("unicode_escape").decode() or "nothing",
)
def test_what_no_key_can_have_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(Refused):
        COMMANDS["key-add"].run(words)


def test_two_keys_of_one_name_are_refused() -> None:
    add("report", "A program")
    with pytest.raises(Refused):
        add("update", "A program")


def test_a_wrong_id_is_refused() -> None:
    with pytest.raises(Refused):
        COMMANDS["key-remove"].run(["first"])


def test_a_name_is_nobody_elses_however_it_is_written() -> None:
    add("report", "FMS")
    with pytest.raises(Refused):
        add("report", "fms")
