"""What a certified provider does with each parameter of an authorization request (OIDF plans, Basic and Config OP)."""

import uuid
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.provider.levels import LEVELS
from tests.integration.provider.flows import (
    ISSUER,
    Portal,
    add_person,
    add_portal,
    answer_in,
    claims_of,
    silently,
    tokens_for,
)


def test_op_discovery_verification(browser: FlaskClient) -> None:
    document = browser.get("/.well-known/openid-configuration").json
    endpoints = [name for name in document if name.endswith("_endpoint") or name == "jwks_uri"]
    assert {"authorization_endpoint", "pushed_authorization_request_endpoint", "jwks_uri"} <= set(endpoints)
    for name in endpoints:
        assert document[name].startswith(ISSUER + "/")
        path = urlsplit(document[name]).path
        assert browser.open(path, method="OPTIONS").status_code == 200, name
    assert document["subject_types_supported"][0] == "public"
    assert "RS256" in document["id_token_signing_alg_values_supported"]
    assert document["response_modes_supported"] == ["query", "form_post"]
    assert document["acr_values_supported"] == list(LEVELS)
    assert document["claims_parameter_supported"] is True
    assert document["request_parameter_supported"] is True
    assert document["request_object_signing_alg_values_supported"] == ["ES256", "RS256", "PS256"]
    assert document["prompt_values_supported"] == ["none", "login", "consent", "select_account"]
    assert {"acr", "sub", "email", "birthdate"} <= set(document["claims_supported"])
    assert document["ui_locales_supported"] == ["en", "cy"]


def test_op_scope_address_is_not_offered_because_it_could_not_be_filled(
    portal: Portal, browser: FlaskClient, priya: uuid.UUID
) -> None:
    document = browser.get("/.well-known/openid-configuration").json
    assert "address" not in document["scopes_supported"]
    assert "address" not in document["claims_supported"]
    tokens = tokens_for(portal, browser, scope="openid address")
    assert tokens["scope"] == "openid"
    assert set(portal.userinfo(tokens["access_token"]).json) == {"sub"}


@pytest.mark.parametrize(
    ("scope", "one_of_them"),
    [("profile", "family_name"), ("email", "email_verified"), ("phone", "phone_number")],
)
def test_op_scope_profile_email_phone(app: Flask, browser: FlaskClient, scope: str, one_of_them: str) -> None:
    portal = add_portal(app)
    add_person(app, phone="020 7946 0000")
    tokens = tokens_for(portal, browser, scope=f"openid {scope}")
    assert one_of_them in portal.userinfo(tokens["access_token"]).json
    assert one_of_them not in portal.claims(tokens["id_token"])


def test_op_scope_all(app: Flask, browser: FlaskClient) -> None:
    portal = add_portal(app)
    add_person(app, phone="020 7946 0000")
    tokens = tokens_for(portal, browser, scope="openid profile email address phone")
    body = portal.userinfo(tokens["access_token"]).json
    assert {"name", "email", "phone_number"} <= set(body)


def test_op_response_type_missing(portal: Portal, signed_in: FlaskClient) -> None:
    assert silently(portal, signed_in, response_type=None)["error"] == "invalid_request"


def test_op_request_without_nonce_succeeds(portal: Portal, signed_in: FlaskClient) -> None:
    assert "nonce" not in claims_of(portal, silently(portal, signed_in, nonce=None))


def test_op_parameter_order_makes_no_difference(portal: Portal, signed_in: FlaskClient) -> None:
    values = parse_qsl(urlsplit(portal.ask()).query)
    for ordered in (values, values[::-1], sorted(values)):
        answer = signed_in.get("/authorize", query_string=ordered)
        assert "code" in answer_in(answer.location)


@pytest.mark.parametrize("display", ["page", "popup", "touch", "wap", "hologram"])
def test_op_display(portal: Portal, signed_in: FlaskClient, display: str) -> None:
    assert "code" in silently(portal, signed_in, display=display)


def test_op_unknown_parameter_is_ignored(portal: Portal, signed_in: FlaskClient) -> None:
    assert "code" in silently(portal, signed_in, extra="foobar")


def test_op_login_hint_fills_in_the_form_and_decides_nothing(portal: Portal, signed_in: FlaskClient) -> None:
    page = signed_in.get(signed_in.get(portal.ask(prompt="login", login_hint="sam@example.org")).location)
    assert 'value="sam@example.org"' in page.text
    assert "code" in silently(portal, signed_in, login_hint="nobody@example.org")


def test_op_ui_locales_choose_the_first_language_that_we_speak(app: Flask, portal: Portal) -> None:
    for wanted, spoken in (("fr cy en", "cy"), ("en-GB cy", "en"), ("se", "en"), ("CY", "cy")):
        browser = app.test_client()
        page = browser.get(browser.get(portal.ask(ui_locales=wanted)).location)
        assert f'<html lang="{spoken}"' in page.text, wanted


def test_op_claims_locales_change_nothing(portal: Portal, signed_in: FlaskClient) -> None:
    token = portal.exchange(silently(portal, signed_in, claims_locales="se cy")["code"]).json["access_token"]
    assert portal.userinfo(token).json["given_name"] == "Priya"


def test_op_authorize_by_post(portal: Portal, signed_in: FlaskClient) -> None:
    moved = signed_in.post("/authorize", data=dict(parse_qsl(urlsplit(portal.ask()).query)))
    assert moved.status_code == 303
    assert "code" in answer_in(signed_in.get(moved.location).location)


def test_op_authorize_by_post_brings_what_we_know_and_no_more(portal: Portal, signed_in: FlaskClient) -> None:
    values = dict(parse_qsl(urlsplit(portal.ask()).query))
    moved = signed_in.post("/authorize", data=values | {"state": "s" * 5000, "x": "y" * 400_000})
    assert len(moved.location) < 2000
    told = answer_in(signed_in.get(moved.location).location)
    assert (told["error"], "state" in told) == ("invalid_request", False)
    doubled = signed_in.post("/authorize", data=values | {"nonce": ["a", "b", "c"]}).location
    assert answer_in(signed_in.get(doubled).location)["error"] == "invalid_request"


def test_op_authorize_by_post_of_what_fits_no_address_is_told_to_push_it(
    portal: Portal, signed_in: FlaskClient
) -> None:
    values = dict(parse_qsl(urlsplit(portal.ask()).query))
    told = answer_in(signed_in.post("/authorize", data=values | {"claims": "[" * 4000}).location)
    assert (told["error"], told["state"]) == ("invalid_request", "state-1")
    assert signed_in.post("/authorize", data={"claims": "[" * 4000}).status_code == 400


def test_op_head_of_an_authorization_request_gives_no_code(
    portal: Portal, signed_in: FlaskClient, statements: list[str]
) -> None:
    statements.clear()
    answer = signed_in.head(portal.ask())
    assert (answer.status_code, answer.location, statements) == (200, None, [])


def test_op_request_uri_of_somebody_else_s_is_not_supported(portal: Portal, signed_in: FlaskClient) -> None:
    refused = silently(portal, signed_in, request_uri="https://portal.example/request.jwt")
    assert refused["error"] == "request_uri_not_supported"


def test_op_unsigned_request_object_is_not_supported(portal: Portal, signed_in: FlaskClient) -> None:
    unsigned = "eyJhbGciOiJub25lIn0.eyJjbGllbnRfaWQiOiJwb3J0YWwifQ."
    assert silently(portal, signed_in, request=unsigned)["error"] == "request_not_supported"
