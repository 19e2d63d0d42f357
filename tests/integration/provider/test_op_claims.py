"""Claims asked for one by one (OIDF plans, Basic and Config OP)."""

import json
import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.integration.provider.flows import ISSUER, Portal, add_portal, answer_in, sign_in, silently, tokens_for


def test_op_claims_essential_opens_single_claims_at_userinfo(portal: Portal, signed_in: FlaskClient) -> None:
    wanted = json.dumps({"userinfo": {"name": {"essential": True}, "nickname": None, "email": None}})
    answer = silently(portal, signed_in, scope="openid", claims=wanted)
    tokens = portal.exchange(answer["code"]).json
    assert set(portal.userinfo(tokens["access_token"]).json) == {"sub", "name", "email"}
    assert "name" not in portal.claims(tokens["id_token"])


def test_op_claims_may_stand_in_the_id_token(portal: Portal, signed_in: FlaskClient) -> None:
    wanted = json.dumps({"id_token": {"email": {"essential": True}, "auth_time": {"essential": True}, "iss": None}})
    tokens = portal.exchange(silently(portal, signed_in, scope="openid", claims=wanted)["code"]).json
    claims = portal.claims(tokens["id_token"])
    assert (claims["email"], claims["iss"]) == ("priya@example.org", ISSUER)
    assert "auth_time" in claims
    assert set(portal.userinfo(tokens["access_token"]).json) == {"sub"}


def test_op_claims_asked_for_by_name_never_overwrite_the_protocol_s_own(
    portal: Portal, signed_in: FlaskClient, priya: uuid.UUID
) -> None:
    names = ("iss", "sub", "aud", "exp", "iat", "nonce", "acr", "amr", "sid", "jti", "at_hash", "azp")
    wanted = json.dumps({"id_token": dict.fromkeys(names), "userinfo": dict.fromkeys(names)})
    tokens = portal.exchange(silently(portal, signed_in, scope="openid", claims=wanted)["code"]).json
    claims = portal.claims(tokens["id_token"])
    assert (claims["iss"], claims["aud"], claims["sub"]) == (ISSUER, "portal", str(priya))
    assert portal.userinfo(tokens["access_token"]).json == {"sub": str(priya)}


def test_op_claims_are_limited_to_what_the_client_may_see(app: Flask, portal: Portal, signed_in: FlaskClient) -> None:
    modest = add_portal(app, "modest", scopes=["openid", "email"])
    wanted = json.dumps({"userinfo": {"email": None, "birthdate": None, "name": None}, "id_token": {"name": None}})
    tokens = modest.exchange(silently(modest, signed_in, scope="openid profile", claims=wanted)["code"]).json
    assert set(modest.userinfo(tokens["access_token"]).json) == {"sub", "email"}
    assert "name" not in modest.claims(tokens["id_token"])


def test_op_claims_sub_names_the_only_person_who_will_do(
    portal: Portal, signed_in: FlaskClient, priya: uuid.UUID
) -> None:
    hers, nobodys = (json.dumps({"id_token": {"sub": {"value": str(sub)}}}) for sub in (priya, uuid.uuid4()))
    assert "code" in silently(portal, signed_in, prompt="none", claims=hers)
    assert silently(portal, signed_in, prompt="none", claims=nobodys)["error"] == "login_required"
    assert answer_in(sign_in(signed_in, portal.ask(claims=nobodys)))["error"] == "login_required"


def test_op_claims_survive_the_sign_in_page(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    tokens = tokens_for(portal, browser, scope="openid", claims=json.dumps({"userinfo": {"given_name": None}}))
    assert portal.userinfo(tokens["access_token"]).json["given_name"] == "Priya"


@pytest.mark.parametrize(
    "claims",
    [
        "{",
        "[]",
        "1",
        "null",
        '"userinfo"',
        '{"userinfo": []}',
        '{"userinfo": {"email": 1}}',
        '{"id_token": {"acr": {"values": "x"}}}',
        '{"id_token": {"acr": {"values": [1]}}}',
        '{"id_token": {"sub": {"value": {}}}}',
        '{"id_token": {"sub": {"values": ["a", "b"]}}}',
        '{"id_token": {"sub": {"value": "a"}}, "userinfo": {"sub": {"value": "b"}}}',
        "[" * 4000,
        "9" * 4000 + "}",
    ],
)
def test_op_claims_that_cannot_be_read_are_refused(portal: Portal, signed_in: FlaskClient, claims: str) -> None:
    assert silently(portal, signed_in, claims=claims)["error"] == "invalid_request"
