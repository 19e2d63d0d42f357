"""`moothall people reset-factors`: for whoever has lost the telephone and the codes too."""

import uuid

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

from portal.cli.people import people
from portal.errors import SetupError
from tests.integration.provider.flows import letters
from tests.integration.provider.people_with_factors import about, acts, set_up_app, signs_in


@pytest.fixture(autouse=True)
def _environment(clean_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "MOOTHALL_DATABASE_URL": clean_database,
        "MOOTHALL_SECRET_KEY": "tests-tests-tests-tests-tests-tests",
        "MOOTHALL_MAIL": '{"host": "127.0.0.1"}',
    }.items():
        monkeypatch.setenv(name, value)


def test_the_factors_go_the_person_is_told_and_the_trail_says_who(
    app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    signs_in(browser)
    set_up_app(browser)
    assert CliRunner().invoke(people, ["reset-factors", str(priya)], input="n\n").exit_code == 1
    assert signs_in(app.test_client()).location == "/second-step"
    result = CliRunner().invoke(people, ["reset-factors", str(priya), "--language", "cy", "--yes"])
    assert result.exit_code == 0, result.output
    assert signs_in(app.test_client()).location == "/signed-in"
    assert letters(app)[-1].language == "cy"
    (entry,) = acts(app, "provider.factors_reset")
    assert (entry.actor, entry.subject) == ("system:command", about(priya))


def test_nobody_s_factors_are_a_sentence() -> None:
    result = CliRunner().invoke(people, ["reset-factors", str(uuid.uuid4()), "--yes"])
    assert isinstance(result.exception, SetupError)
    assert "moothall people list" in str(result.exception)


def test_people_are_named_by_address_as_well_as_by_id(app: Flask, priya: uuid.UUID, browser: FlaskClient) -> None:
    signs_in(browser)
    set_up_app(browser)
    result = CliRunner().invoke(people, ["reset-factors", "Priya@Example.org", "--yes"])
    assert result.exit_code == 0, result.output
    assert str(priya) in result.output
    assert signs_in(app.test_client()).location == "/signed-in"
    assert CliRunner().invoke(people, ["remove", "priya@example.org", "--yes"]).exit_code == 0
    for command in ("remove", "reset-factors"):
        gone = CliRunner().invoke(people, [command, "priya@example.org", "--yes"])
        assert "nobody with the e-mail address priya@example.org" in str(gone.exception)
        assert "neither an id nor" in str(CliRunner().invoke(people, [command, "priya", "--yes"]).exception)


@pytest.mark.parametrize("password", ["short", "x" * 600, "password12345"])
def test_a_refused_password_is_told_to_an_operator_as_one(password: str) -> None:
    words = ["add", "--email", "new@example.org", "--given-name", "New", "--family-name", "Person"]
    result = CliRunner().invoke(people, [*words, "--password", password])
    assert "The password is refused: it needs " in str(result.exception)
