"""How often the three requests of a flow ask the database: each time costs more than all the rest of a request."""

import time
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, delete, func, select

from portal.audit.models import AuditEntry
from portal.db.session import session
from portal.provider import remembered_clients
from portal.provider.models import AccessToken, ClientRow, Code, Login
from portal.provider.queries import find_client
from portal.provider.state import KEY
from tests.integration.provider.flows import Portal, add_portal, answer_in, signed_in_at_once
from tests.support.client import Client


@pytest.fixture
def signed_in(app: Flask, portal: Portal, browser: FlaskClient) -> Client:
    """The browser of somebody who is signed in, at a provider that knows its keys and clients already."""
    assert isinstance(browser, Client)
    signed_in_at_once(app, browser)
    app.extensions[KEY].ring.keys()
    assert "code" in answer_in(browser.get(portal.ask()).location)
    return browser


def test_a_flow_costs_four_statements(portal: Portal, signed_in: Client, statements: list[str]) -> None:
    statements.clear()
    code = answer_in(signed_in.get(portal.ask()).location)["code"]
    assert statements == ["select", "with"]  # who is signed in; the code with its audit entry
    statements.clear()
    token = portal.exchange(code).get_json()["access_token"]
    assert statements == ["with"]  # the code spent, the access token and the audit entry
    statements.clear()
    assert portal.userinfo(token).get_json()["email"]
    assert statements == ["select"]


def test_a_flow_leaves_a_code_a_token_and_two_audit_entries(app: Flask, portal: Portal, signed_in: Client) -> None:
    def entries() -> list[tuple[str, str, str, dict[str, Any]]]:
        with app.app_context():
            found = select(AuditEntry.act, AuditEntry.actor, AuditEntry.subject, AuditEntry.details)
            return [tuple(row) for row in session().execute(found.order_by(AuditEntry.id.desc()).limit(2))][::-1]

    portal.exchange(answer_in(signed_in.get(portal.ask()).location)["code"])
    with app.app_context():
        login = session().scalars(select(Login)).one()
        assert session().scalar(select(func.count()).select_from(Code).where(Code.used_at.is_not(None))) == 1
        assert session().scalar(select(func.count()).select_from(AccessToken)) == 1
    scope = "openid profile email"
    assert entries() == [
        (
            "provider.code_given",
            f"person:{login.person_id}",
            "client:portal",
            {"login": str(login.id), "scope": scope},
        ),
        ("provider.tokens_issued", "client:portal", f"login:{login.id}", {"grant": "authorization_code"}),
    ]


def test_a_code_that_is_refused_gives_no_token_and_says_so(app: Flask, portal: Portal, signed_in: Client) -> None:
    code = answer_in(signed_in.get(portal.ask()).location)["code"]
    assert portal.exchange(code, code_verifier="w" * 43).status_code == 400
    with app.app_context():
        assert session().scalar(select(func.count()).select_from(AccessToken)) == 0
        issued = select(func.count()).select_from(AuditEntry).where(AuditEntry.act == "provider.tokens_issued")
        assert session().scalar(issued) == 0
    assert portal.exchange(code).status_code == 200


def test_a_client_removed_by_another_process_gets_no_code(
    app: Flask, portal: Portal, signed_in: Client, cleaning_engine: Engine
) -> None:
    with cleaning_engine.begin() as connection:
        connection.execute(delete(ClientRow))
    assert signed_in.get(portal.ask()).status_code == 400
    with app.app_context():
        act = select(func.count()).select_from(AuditEntry).where(AuditEntry.act == "provider.code_given")
        assert session().scalar(act) == 1, "the one of before"


def test_a_client_removed_by_another_process_is_unknown_after_a_moment(
    app: Flask, portal: Portal, signed_in: Client, cleaning_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cleaning_engine.begin() as connection:
        connection.execute(delete(ClientRow))
    with app.app_context():
        assert find_client("portal") is not None
        now = time.monotonic()
        monkeypatch.setattr(time, "monotonic", lambda: now + remembered_clients.SECONDS)
        assert find_client("portal") is None


def test_a_secret_changed_in_this_process_counts_at_once(app: Flask, portal: Portal, signed_in: Client) -> None:
    code = answer_in(signed_in.get(portal.ask()).location)["code"]
    add_portal(app, secret="another-secret-of-the-portal-0123456789012")
    assert portal.exchange(code).status_code == 401


def test_clients_whose_keys_are_fetched_are_not_remembered(app: Flask, statements: list[str]) -> None:
    add_portal(app, "fetched", secret=None, jwks_uri="https://portal.example/jwks")
    with app.app_context():
        find_client("fetched")
        statements.clear()
        find_client("fetched")
    assert len(statements) == 1


def test_what_is_no_client_is_not_remembered(app: Flask) -> None:
    with app.app_context():
        for number in range(3):
            assert find_client(f"nobody-{number}") is None
        assert find_client("late") is None
    add_portal(app, "late")
    with app.app_context():
        assert find_client("late") is not None
