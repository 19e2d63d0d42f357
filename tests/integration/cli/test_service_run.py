"""`moothall service run`: what a service has a command for, such as the tokens of enforcement."""

import re

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from portal.cli.services import service
from portal.errors import NotFound, Refused, SetupError


@pytest.fixture(autouse=True)
def told(app: Flask, clean_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings in the environment, as an operator has them."""
    monkeypatch.setenv("MOOTHALL_DATABASE_URL", clean_database)
    monkeypatch.setenv("MOOTHALL_SECRET_KEY", "tests-tests-tests-tests-tests-tests")
    monkeypatch.setenv("MOOTHALL_MAIL__HOST", "127.0.0.1")
    monkeypatch.setenv("MOOTHALL_PUBLIC_URL", "https://my.council.example")


def run(*words: str) -> Result:
    return CliRunner().invoke(service, ["run", *words])


def test_a_token_is_made_used_listed_and_taken_back(app: Flask) -> None:
    made = run("permits", "token-add", "Wardens", "Ltd")
    assert made.exit_code == 0, made.output
    token = made.output.splitlines()[0]

    def asked() -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return app.test_client().get("/services/permits/enforcement/permits", headers=headers).status_code

    assert asked() == 200
    listed = run("permits", "token-list").output
    assert "Wardens Ltd" in listed
    assert token not in listed
    found = re.match(r"\S+", listed)
    assert found is not None
    assert run("permits", "token-remove", found[0]).exit_code == 0
    assert asked() == 403
    assert "taken back" in run("permits", "token-list").output


def test_without_a_name_the_commands_are_listed() -> None:
    assert "token-add NAME  Make a token" in run("permits").output
    assert run("council_tax").output == ""


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("allotment", "water"), SetupError),
        (("permits", "water"), SetupError),
        (("permits", "token-add"), Refused),
        (("permits", "token-remove", "7"), Refused),
        (("permits", "token-remove", "00000000-0000-4000-8000-000000000001"), NotFound),
    ],
    ids=["service", "command", "nameless", "number", "unknown"],
)
def test_what_cannot_be_done_is_said_in_a_sentence(words: tuple[str, ...], error: type[Exception]) -> None:
    ran = run(*words)
    assert isinstance(ran.exception, error), ran.output
    assert str(ran.exception)
