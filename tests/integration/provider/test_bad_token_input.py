"""Bad input at the endpoints for programs and at logout: never a fault of ours, never a way to a strange address."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.integration.provider.flows import AFTER_LOGOUT, CALLBACK, SECRET, VERIFIER, Portal, tokens_for
from tests.integration.provider.test_token_endpoint import TYPE, assertion

ODD: list[Any] = [
    None,
    "",
    " ",
    "x" * 9000,
    "\x00",
    "a\x00b",
    "ü",
    "\u202e",
    b"\xff\xfe",
    b"\xc3\x28",
    '"\\\r\n',
    "%00",
    "[object Object]",
    "{}",
    "-1",
    "9" * 400,
    "https://evil.example/",
    "//evil.example",
    "javascript:alert(1)",
    ["a", "a"],
    ["", "x"],
]
CODE = {"grant_type": "authorization_code", "code": "x", "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
REFRESH = {"grant_type": "refresh_token", "refresh_token": "x", "scope": "openid"}
REVOKE = {"token": "x", "token_type_hint": "access_token"}
PROOF = {"client_id": "portal", "client_secret": SECRET}
KEY = {"client_id": "keyed", "client_assertion_type": TYPE, "client_assertion": "made below"}
ERRORS = {
    "invalid_request",
    "invalid_client",
    "invalid_grant",
    "invalid_scope",
    "unsupported_grant_type",
    "unauthorized_client",
}

FORMS = [("/token", CODE), ("/token", REFRESH), ("/revoke", REVOKE)]


def refuses(answer: TestResponse, about: object) -> None:
    """A refusal as RFC 6749 5.2 has it. `/revoke` alone may also say 200."""
    if answer.request.path == "/revoke" and answer.status_code == 200:
        assert answer.data == b""
        return
    assert answer.status_code in (400, 401), (about, answer.status)
    assert answer.json["error"] in ERRORS, about
    assert set(answer.json) == {"error", "error_description"}, about
    assert answer.json["error_description"].isascii(), about
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.location is None
    assert (answer.status_code == 401) == (answer.json["error"] == "invalid_client")
    assert ("WWW-Authenticate" in answer.headers) == (answer.status_code == 401)


def variants(form: dict[str, str]) -> Iterator[tuple[str, Any, dict[str, Any]]]:
    for name in form:
        for odd in ODD:
            changed: dict[str, Any] = {key: value for key, value in form.items() if key != name}
            yield name, odd, changed | ({} if odd is None else {name: odd})


@pytest.mark.parametrize(("path", "form"), FORMS)
def test_every_odd_parameter_is_refused_in_the_protocol_s_words(
    app: Flask, portal: Portal, path: str, form: dict[str, str]
) -> None:
    programme = app.test_client()
    for name, odd, sent in variants(form):
        refuses(programme.post(path, data=sent, auth=("portal", SECRET)), (name, odd))


@pytest.mark.parametrize("path", ["/token", "/revoke"])
def test_every_odd_proof_of_the_client_is_refused(app: Flask, portal: Portal, path: str) -> None:
    programme = app.test_client()
    form = {"grant_type": "authorization_code", "code": "x", "token": "x"}
    for name, odd, sent in variants(PROOF):
        answer = programme.post(path, data=form | sent)
        refuses(answer, (name, odd))
        assert answer.status_code != 200, (name, odd)
    for name, odd, sent in variants(KEY):
        refuses(programme.post(path, data=form | {"client_assertion": assertion()} | sent), (name, odd))


@pytest.mark.parametrize("path", ["/token", "/revoke", "/userinfo"])
@pytest.mark.parametrize(
    "header",
    ["Basic", "Basic ", "basic x", "Basic " + "A" * 6000, "Basic Og==", "Bearer", "Bearer  ", "Bearer \xff", "x", ""],
)
def test_every_odd_header_is_refused(app: Flask, portal: Portal, path: str, header: str) -> None:
    answer = app.test_client().post(path, data={"grant_type": "x", "token": "x"}, headers={"Authorization": header})
    assert answer.status_code in (400, 401)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/token", "/revoke"])
@pytest.mark.parametrize(
    "kind",
    ["application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary=x", "", "x" * 3000],
)
@pytest.mark.parametrize("body", [b"", b"{", b"\xff" * 100, b"grant_type=authorization_code&code=x", b"&&&=&%zz=%"])
def test_bodies_of_another_kind_are_refused(app: Flask, portal: Portal, path: str, kind: str, body: bytes) -> None:
    refuses(app.test_client().post(path, data=body, content_type=kind, auth=("portal", SECRET)), (kind, body))


@pytest.mark.parametrize("path", ["/token", "/revoke"])
def test_a_body_of_a_megabyte_is_refused(app: Flask, portal: Portal, path: str) -> None:
    answer = app.test_client().post(path, data={"grant_type": "x" * 1_000_000}, auth=("portal", SECRET))
    assert answer.status_code in (400, 413)
    answer = app.test_client().post(path, data={f"name-{number}": "x" for number in range(5000)})
    assert answer.status_code in (400, 401, 413)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD"])
def test_other_methods_get_nothing(app: Flask, method: str) -> None:
    for path in ("/token", "/revoke"):
        answer = app.test_client().open(path, method=method)
        assert answer.status_code == (200 if method == "OPTIONS" else 405)
        assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("path", ["/jwks", "/.well-known/openid-configuration"])
def test_public_documents_take_no_notice_of_parameters(app: Flask, path: str) -> None:
    plain = app.test_client().get(path)
    odd = app.test_client().get(f"{path}?%00=%FF&x={'y' * 3000}&issuer=https://evil.example")
    assert odd.json == plain.json
    assert app.test_client().post(path, data={"x": "y"}).status_code in (400, 405)


LOGOUT = {
    "id_token_hint": "made below",
    "client_id": "portal",
    "post_logout_redirect_uri": AFTER_LOGOUT,
    "state": "s",
    "logout_hint": "someone",
    "ui_locales": "cy",
}


@pytest.mark.parametrize("name", LOGOUT)
def test_every_odd_logout_parameter_leads_nowhere_else(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient, name: str
) -> None:
    asked = LOGOUT | {"id_token_hint": tokens_for(portal, browser)["id_token"]}
    for odd in ODD:
        sent = {key: value for key, value in asked.items() if key != name} | ({} if odd is None else {name: odd})
        if len(str(odd)) < 4000:  # longer than a server's line
            stays_at_home(browser.get("/logout", query_string=sent), odd)
        moved = browser.post("/logout", data=sent)
        assert len(moved.location) < 8000
        stays_at_home(browser.get(moved.location), odd)


def stays_at_home(answer: TestResponse, about: object) -> None:
    assert answer.status_code in (200, 303), (about, answer.status)
    if answer.location is not None:
        where = answer.location.partition("?")[0]
        assert where in (AFTER_LOGOUT, "/signed-out", "/logout"), about
