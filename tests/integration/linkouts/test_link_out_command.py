"""`moothall link-out …`: what an operator does."""

import re
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from portal.api.link_out_problems import PATH
from portal.cli.main import commands
from tests.integration.linkouts.conftest import SITE
from tests.support.settings import ISSUER

ADD = ("add", "tools", "--title", "Tool library", "--summary", "Borrow tools.", "--url", f"{SITE}/")


@pytest.fixture
def run(app: Flask, database_url: str) -> Any:
    """Runs `moothall link-out …`."""
    environment = {
        "MOOTHALL_DATABASE_URL": database_url,
        "MOOTHALL_SECRET_KEY": "tests-tests-tests-tests-tests-tests",
        "MOOTHALL_PUBLIC_URL": "http://localhost",
        "MOOTHALL_DEMO": "true",
        "MOOTHALL_PROVIDERS__MOOTHALL__ISSUER": ISSUER,
        "MOOTHALL_PROVIDERS__MOOTHALL__CLIENT_ID": "portal",
        "MOOTHALL_PROVIDERS__MOOTHALL__CLIENT_SECRET": "not-a-secret-in-tests-only",
    }

    def one(*words: str, **more: Any) -> Result:
        return CliRunner().invoke(commands, ("link-out", *words), env=environment, **more)

    return one


def token_in(result: Result) -> str:
    found = re.search(r"token +(moothall_link_out_\S+)", result.output)
    assert found, (result.output, result.exception)
    return found[1]


def test_the_life_of_a_link_out(app: Flask, run: Any) -> None:
    def status(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return app.test_client().get(f"{PATH}/erasures", headers=headers).status_code

    first = token_in(run(*ADD))
    assert status(first) == 200
    assert "It keeps its token." in run(*ADD, "--scope", "cards").output
    assert run("list").output.splitlines() == [
        f"tools  Tool library  {SITE}/  on; 0 residents, 0 erasures that it has not confirmed"
    ]
    assert run("off", "tools", "--reason", "The roof leaks.").output == "tools is off.\n"
    assert "off: The roof leaks.;" in run("list").output
    assert status(first) == 503
    assert run("on", "tools").output == "tools is on.\n"
    second = token_in(run("rotate", "tools"))
    assert (status(first), status(second)) == (401, 200)
    assert run("remove", "tools", input="n\n").exit_code == 1
    assert run("remove", "tools", "--yes").output == "tools is removed.\n"
    assert status(second) == 401
    for words in (("off", "tools"), ("on", "tools"), ("rotate", "tools"), ("remove", "tools", "--yes")):
        assert "There is no link-out called tools." in str(run(*words).exception)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--url", "http://tools.example/"), "The address must be https://"),
        (("--url", "https://me@tools.example/"), "The address must be https://"),
        (("--url", "https://tools.example/\\x"), "The address must be https://"),
        (("--url", "https://[tools"), "The address must be https://"),
        (("--title", "x" * 61), "The title may have 60 characters"),
        (("--title", ""), "Title, summary and client id are needed."),
        (("--issuer", "https://elsewhere.example"), f"Residents sign in with: {ISSUER}."),
    ],
    ids=["not secure", "a name in it", "a backslash", "no address", "a long title", "no title", "another provider"],
)
def test_what_cannot_be_registered_is_refused(run: Any, words: tuple[str, ...], sentence: str) -> None:
    refused = run(*ADD, *words).exception
    assert sentence in (getattr(refused, "sentence", "") or str(refused))
    assert run("list").output == ""


def test_a_slug_that_is_none_is_refused(run: Any) -> None:
    refused = run("add", "Tools!", *ADD[2:]).exception
    assert "A slug is 2 to 30 small letters" in refused.sentence
