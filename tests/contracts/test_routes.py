"""Rules that every route keeps: closed to strangers, no writing on GET, a form token on every change."""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event
from werkzeug.routing import Rule

from portal.web.access import is_public, public

SAMPLES = {
    "filename": "moothall.css",
    "provider": "moothall",
    "reference": "RPT-2345-6789",
    "kind": "home",
    "token": "a-token",
}
UUID = "00000000-0000-4000-8000-00000000abcd"

# Open to everybody, each with its reason. Whatever is not listed needs a sign-in.
OPEN = {
    "home.front": "the way in",
    "static": "the theme's files",
    "theme": "the council's colours",
    "council_logo": "the council's logo",
    "web.help_page": "help",
    "web.accessibility": "the law asks for it",
    "web.privacy": "the law asks for it",
    "web.cookies_page": "the law asks for it",
    "identity.sign_in": "the way in",
    "identity.begin": "the way in",
    "sign_in_callback.callback": "where the provider sends people back to",
    "identity.sign_out": "the way out; pressing it twice is no error",
    "identity.signed_out": "the way out",
    "outbox.outbox": "in the demo only; the first mail comes before the first sign-in",
    "outbox.message": "in the demo only",
}
# GET requests that the protocol obliges to write.
WRITES_ON_GET = {"sign_in_callback.callback"}


def rules(app: Flask) -> Iterator[Rule]:
    yield from app.url_map.iter_rules()


def address(rule: Rule) -> str:
    """The rule with samples in its places."""

    def filled(match: re.Match[str]) -> str:
        converter, _, name = match[1].rpartition(":")
        return UUID if converter == "uuid" else SAMPLES[name]

    return re.sub(r"<([^>]+)>", filled, rule.rule)


def test_the_open_pages_are_those_listed(app: Flask) -> None:
    open_now = {rule.endpoint for rule in rules(app) if is_public(app, rule.endpoint)}
    assert open_now == set(OPEN)


def test_every_other_page_is_closed_to_strangers(app: Flask, client: FlaskClient) -> None:
    for rule in rules(app):
        if rule.endpoint in OPEN:
            continue
        if "GET" in (rule.methods or ()):
            answer = client.get(address(rule))
            assert answer.status_code == 303, (rule.rule, answer.status_code)
            assert answer.location.startswith("/sign-in?next="), rule.rule
        else:
            assert client.post(address(rule)).status_code in (303, 400), rule.rule


def test_a_new_view_is_closed_until_it_says_otherwise(app: Flask) -> None:
    assert not is_public(app, "home.home")
    assert not is_public(app, None)

    @public
    def view() -> str:
        return ""

    app.view_functions["contract.open"] = view
    try:
        assert is_public(app, "contract.open")
    finally:
        del app.view_functions["contract.open"]


@pytest.fixture
def writes() -> Iterator[list[str]]:
    """Every statement that changes something."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if not re.match(r"\s*(select|show|set|savepoint|release|rollback)\b", statement, re.IGNORECASE):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


def test_get_never_writes(app: Flask, sams: FlaskClient, writes: list[str]) -> None:
    for rule in rules(app):
        if "GET" not in (rule.methods or ()) or rule.endpoint in WRITES_ON_GET:
            continue
        writes.clear()
        answer = sams.get(address(rule))
        answer.close()
        assert answer.status_code < 500, (rule.rule, answer.status_code)
        assert writes == [], (rule.rule, writes)


def test_the_watch_on_writing_sees_a_write(cleaning_engine: Engine, writes: list[str]) -> None:
    with cleaning_engine.connect() as connection:
        connection.execute(sa.text("create temporary table noticed (id int)"))
    assert writes


def test_every_change_without_a_token_is_refused(app: Flask, sams: FlaskClient, writes: list[str]) -> None:
    for rule in rules(app):
        if not {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set()):
            continue
        writes.clear()
        answer = sams.post(address(rule), data={"name": "x"})
        assert answer.status_code == 400, (rule.rule, answer.status_code)
        assert writes == [], rule.rule
