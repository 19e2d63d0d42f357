"""A back office that others made: its own key, its own way to say no, one path for everything."""

from collections.abc import Iterator

import pytest
from flask import Flask
from pydantic import BaseModel

from portal.backoffices.breaker import OPENS_AFTER
from portal.backoffices.dialect import Dialect
from portal.backoffices.office import EXTENSION, Office, get_office
from portal.backoffices.values import OfficeRefused
from portal.errors import NotFound, Unavailable
from tests.support.office import FaultyOffice, says, says_text


class Thing(BaseModel):
    name: str


THEIRS = Dialect(
    credentials=lambda token: {"X-Api-Key": token},
    refusal=lambda content: "theirs" if content.startswith(b"[") else None,
)


@pytest.fixture
def theirs(context: Flask, faulty: FaultyOffice) -> Iterator[Office]:
    """Our way to it."""
    yield get_office("sample", base_url=faulty.url, token="the key", seconds=0.5, dialect=THEIRS)
    context.extensions.pop(EXTENSION, None)


def ask(office: Office, name: str) -> Thing:
    return office.post("/things", {"name": name}, Thing, only_asks=True, about=name)


def test_the_key_is_shown_as_they_want_it(theirs: Office, faulty: FaultyOffice) -> None:
    faulty.does(says({"name": "a"}))
    assert ask(theirs, "a") == Thing(name="a")
    ((_method, _path, headers, _body),) = faulty.asked
    assert headers["X-Api-Key"] == "the key"
    assert "Authorization" not in headers


def test_a_refusal_in_their_form_is_one_and_one_in_ours_is_not(theirs: Office, faulty: FaultyOffice) -> None:
    faulty.does(says(["no"], 422))
    with pytest.raises(OfficeRefused) as refused:
        ask(theirs, "a")
    assert refused.value.code == "theirs"
    faulty.does(says(["none"], 404))
    with pytest.raises(NotFound):
        ask(theirs, "a")
    faulty.does(says({"code": "ours"}, 422))
    with pytest.raises(Unavailable):
        ask(theirs, "a")


def test_some_answers_are_a_no_whatever_stands_in_them(context: Flask, faulty: FaultyOffice) -> None:
    dialect = Dialect(says_no=frozenset({403}))
    theirs = get_office("sample", base_url=faulty.url, token="the key", seconds=0.5, dialect=dialect)
    faulty.does(says_text("Forbidden", 403, "text/plain"))
    with pytest.raises(OfficeRefused) as refused:
        ask(theirs, "a")
    assert refused.value.code == "HTTP 403"
    context.extensions.pop(EXTENSION, None)


def test_faults_over_one_thing_are_told_from_faults_over_all(theirs: Office, faulty: FaultyOffice) -> None:
    faulty.does(says({}, 500))
    for _again in range(OPENS_AFTER + 1):
        with pytest.raises(Unavailable):
            ask(theirs, "the same")
    assert theirs.breaker.state == "closed"
    for number in range(OPENS_AFTER):
        with pytest.raises(Unavailable):
            ask(theirs, f"thing {number}")
    assert theirs.breaker.state == "open"


def test_offices_of_two_dialects_are_two(context: Flask, theirs: Office, faulty: FaultyOffice) -> None:
    assert get_office("sample", base_url=faulty.url, token="the key", seconds=0.5) is not theirs
    assert get_office("sample", base_url=faulty.url, token="the key", seconds=0.5, dialect=THEIRS) is theirs
