"""Whoever reported something by a program is asked, at the address that came with it, whether to hear of it."""

import pytest
from flask import Flask
from sqlalchemy import text

from portal.kit import session
from services.reporting.tests.programs import HOLE, Program, errors_of, new_key
from tests.support.worker import work


@pytest.fixture
def program(context: Flask) -> Program:
    return Program(context.test_client(), new_key(context))


@pytest.mark.parametrize(
    ("fields", "letters"),
    [
        pytest.param({}, ["jane@tests.example"], id="seen by all"),
        pytest.param({"service_code": "rough_sleeper", "attribute[when]": "night"}, [], id="private"),
    ],
)
def test_whoever_reported_it_is_asked_whether_to_hear_of_it(
    program: Program, fields: dict[str, str], letters: list[str]
) -> None:
    answer = program.send(**HOLE | fields | {"email": "Jane@tests.example"})
    assert answer.status_code == 200, answer.text
    work()
    session().rollback()
    asked = text("select to_address from portal.outbound_message")
    assert session().scalars(asked).all() == letters
    followers = session().execute(text("select email, confirmed_at from reporting.follower")).all()
    assert [tuple(row) for row in followers] == [(each, None) for each in letters]


def test_what_is_no_email_address_is_said(program: Program) -> None:
    answer = program.send(**HOLE, email="not-an-address")
    assert errors_of(answer) == [(400, "email is not an email address")]
