"""Answers that travel in a form (OAuth 2.0 Form Post Response Mode), and `iss` on every answer (RFC 9207)."""

import re
import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.integration.provider.flows import CALLBACK, ISSUER, Portal, add_portal, post_form, sign_in
from tests.support.client import Client


@pytest.fixture
def signed_in(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> Client:
    """Priya's browser, after a first visit."""
    sign_in(browser, portal.ask())
    assert isinstance(browser, Client)
    return browser


def answer_on(browser: Client, response: TestResponse) -> dict[str, str]:
    """What the page's form would send to the client."""
    assert response.status_code == 200, response.status
    form = browser.page.form_with("iss")
    assert form.element.get("method") == "post"
    assert form.action == CALLBACK
    values = dict(form.values)
    assert all(len(each) == 1 for each in values.values())
    return {name: each[0] for name, each in values.items()}


def test_op_form_post_brings_a_code_that_works(portal: Portal, signed_in: Client) -> None:
    answer = answer_on(signed_in, signed_in.get(portal.ask(response_mode="form_post")))
    assert set(answer) == {"code", "iss", "state"}
    assert (answer["iss"], answer["state"]) == (ISSUER, "state-1")
    assert portal.exchange(answer["code"]).status_code == 200


def test_op_form_post_after_the_sign_in_page(portal: Portal, priya: uuid.UUID, browser: Client) -> None:
    to_page = browser.get(portal.ask(response_mode="form_post")).location
    arrived = post_form(browser, to_page, email="priya@example.org", password="three random words")
    assert "code" in answer_on(browser, browser.get(arrived.location))


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"prompt": "none"}, "login_required"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "email"}, "invalid_scope"),
        ({"claims": "{"}, "invalid_request"),
    ],
)
def test_op_form_post_brings_errors_too(portal: Portal, browser: Client, change: dict[str, str], error: str) -> None:
    answer = answer_on(browser, browser.get(portal.ask(response_mode="form_post", **change)))
    assert (answer["error"], answer["iss"], answer["state"]) == (error, ISSUER, "state-1")


def test_op_form_post_page_lets_the_client_send_people_on_and_works_without_scripts(
    portal: Portal, signed_in: Client
) -> None:
    page = signed_in.get(portal.ask(response_mode="form_post"))
    policy = page.headers["Content-Security-Policy"]
    assert "form-action" not in policy, "Chromium would hold the client's own redirects to it"
    assert page.text.count("<form") == 1
    assert f'action="{CALLBACK}"' in page.text
    assert "frame-ancestors 'none'" in policy
    nonce = re.search(r"script-src 'nonce-([^']+)'", policy)
    assert nonce
    assert re.search(rf'<script src="/static/send_at_once.js[^"]*" nonce="{re.escape(nonce[1])}" defer>', page.text)
    assert 'id="send-at-once"' in page.text
    assert re.search(r"<button[^>]*>Continue</button>", page.text)
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "strict-origin"
    assert CALLBACK + "?" not in page.text


def test_op_form_post_escapes_what_the_client_sent(portal: Portal, signed_in: Client) -> None:
    odd = "\"><script>alert('x')</script>&amp;"
    page = signed_in.get(portal.ask(response_mode="form_post", state=odd))
    assert "<script>alert" not in page.text
    assert answer_on(signed_in, page)["state"] == odd


def test_op_form_post_to_an_unregistered_address_is_a_page(portal: Portal, signed_in: Client) -> None:
    page = signed_in.get(portal.ask(response_mode="form_post", redirect_uri="https://evil.example/"))
    assert page.status_code == 400
    assert 'action="https://evil.example' not in page.text


@pytest.mark.parametrize("mode", ["fragment", "query.jwt", "form_post.jwt", "web_message", "FORM_POST"])
def test_op_response_modes_that_we_do_not_know_are_refused(portal: Portal, signed_in: Client, mode: str) -> None:
    assert "error=invalid_request&" in signed_in.get(portal.ask(response_mode=mode)).location


def test_a_registered_query_is_kept_beside_the_answer(app: Flask, signed_in: Client) -> None:
    address = "https://portal.example/cb?from=us"
    other = add_portal(app, "other", redirect_uris=[address])
    other.redirect_uri = address
    assert signed_in.get(other.ask()).location.startswith(f"{address}&code=")
