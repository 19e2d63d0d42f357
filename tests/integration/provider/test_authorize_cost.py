"""How much the busiest path asks of the database: authorization with a sign-in that is there already."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.integration.provider.flows import Portal, add_portal, answer_in, signed_in_at_once
from tests.integration.provider.signed_requests import set_client
from tests.support.client import Client


@pytest.fixture
def signed_in(app: Flask, portal: Portal, browser: FlaskClient) -> Client:
    """The browser of somebody who is signed in."""
    assert isinstance(browser, Client)
    return signed_in_at_once(app, browser)


def test_a_code_for_who_is_signed_in_costs_two_statements(
    portal: Portal, signed_in: Client, statements: list[str]
) -> None:
    signed_in.get(portal.ask())  # from now on the client is remembered
    statements.clear()
    assert "code" in answer_in(signed_in.get(portal.ask()).location)
    assert statements == ["select", "with"]  # sign-in with person; code with its audit entry


def test_consent_that_was_given_costs_one_more(app: Flask, signed_in: Client, statements: list[str]) -> None:
    choir = add_portal(app, "choir")
    set_client(app, "choir", consent=True)
    to_page = signed_in.get(choir.ask()).location
    signed_in.get(to_page)
    token = signed_in.page.form_with("csrf_token").values["csrf_token"][0]
    signed_in.post(to_page, data={"csrf_token": token, "answer": "allow"})
    statements.clear()
    assert "code" in answer_in(signed_in.get(choir.ask()).location)
    assert statements == ["select", "select", "with"]


def test_a_refusal_writes_nothing(portal: Portal, signed_in: Client, statements: list[str]) -> None:
    signed_in.get(portal.ask(code_challenge="short"))
    signed_in.get(portal.ask(redirect_uri="https://evil.example/"))
    assert statements == ["select"]  # the client, once
