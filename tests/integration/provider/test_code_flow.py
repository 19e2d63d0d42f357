"""The code flow from the relying party's side: OP-06, OP-07, OP-08, OP-14, BCP-12, BCP-14, BCP-17."""

import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from portal.db.session import session
from tests.integration.provider.flows import (
    CALLBACK,
    CHALLENGE,
    ISSUER,
    Portal,
    add_person,
    add_portal,
    answer_in,
    sign_in,
    tokens_for,
)
from tests.support.fixtures import Clock


def test_sign_in_gives_a_signed_token_and_userinfo(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    tokens = tokens_for(portal, browser)
    claims = portal.claims(tokens["id_token"])
    assert claims["iss"] == ISSUER
    assert claims["aud"] == "portal"
    assert claims["sub"] == str(priya)
    assert claims["nonce"] == "nonce-1"
    assert claims["exp"] - claims["iat"] == 300
    assert claims["amr"] == ["pwd"]
    assert uuid.UUID(claims["sid"])
    assert set(claims) == {
        *("iss", "aud", "sub", "iat", "exp", "auth_time", "nonce", "at_hash", "amr", "acr", "sid", "jti")
    }
    body = portal.userinfo(tokens["access_token"]).json
    assert body["sub"] == str(priya)
    assert body["email"] == "priya@example.org"
    assert body["email_verified"] is True
    assert body["name"] == "Priya Shah"


def test_bcp_17_access_token_is_opaque_and_lives_five_minutes(
    at: Clock, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    tokens = tokens_for(portal, browser)
    assert "." not in tokens["access_token"]
    assert tokens["expires_in"] == 300
    assert tokens["token_type"] == "Bearer"
    assert "refresh_token" not in tokens
    at.advance(seconds=301)
    late = portal.userinfo(tokens["access_token"])
    assert late.status_code == 401
    assert late.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("openid", {"sub"}),
        ("openid email", {"sub", "email", "email_verified"}),
        ("openid profile", {"sub", "name", "given_name", "family_name", "updated_at"}),
        ("openid phone", {"sub", "phone_number", "phone_number_verified"}),
        ("openid unknown", {"sub"}),
    ],
)
def test_claims_are_limited_to_the_scopes(app: Flask, browser: FlaskClient, scope: str, names: set[str]) -> None:
    portal = add_portal(app)
    add_person(app, phone="020 7946 0000")
    tokens = tokens_for(portal, browser, scope=scope)
    assert set(portal.userinfo(tokens["access_token"]).json) == names


def test_op_userinfo_get_post_header_and_post_body_but_never_the_query(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    token = tokens_for(portal, browser)["access_token"]
    programme = app.test_client()
    in_header = {"Authorization": f"Bearer {token}"}
    assert programme.post("/userinfo", data={"access_token": token}).json["sub"] == str(priya)
    assert programme.post("/userinfo", headers=in_header).json["sub"] == str(priya)
    assert programme.get("/userinfo", query_string={"access_token": token}).status_code == 401
    assert programme.post("/userinfo", data={"access_token": token}, headers=in_header).status_code == 400
    assert programme.get("/userinfo").headers["WWW-Authenticate"] == "Bearer"


def test_op_06_a_code_is_good_once_and_its_second_use_takes_the_tokens_back(
    portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    code = answer_in(sign_in(browser, portal.ask()))["code"]
    first = portal.exchange(code)
    assert portal.userinfo(first.json["access_token"]).status_code == 200
    second = portal.exchange(code)
    assert (second.status_code, second.json["error"]) == (400, "invalid_grant")
    assert portal.userinfo(first.json["access_token"]).status_code == 401


def test_op_06_a_code_is_good_for_sixty_seconds(
    at: Clock, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    code = answer_in(sign_in(browser, portal.ask()))["code"]
    at.advance(seconds=61)
    assert portal.exchange(code).json["error"] == "invalid_grant"


def test_op_06_a_code_is_bound_to_client_redirect_uri_and_verifier(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    other = add_portal(app, "other")
    code = answer_in(sign_in(browser, portal.ask()))["code"]
    assert other.exchange(code).json["error"] == "invalid_grant"
    assert portal.exchange(code, redirect_uri=CALLBACK + "/").json["error"] == "invalid_grant"
    assert portal.exchange(code, redirect_uri=None).json["error"] == "invalid_grant"
    assert portal.exchange(code, code_verifier="w" * 43).json["error"] == "invalid_grant"
    assert portal.exchange(code, code_verifier=CHALLENGE).json["error"] == "invalid_grant"
    assert portal.exchange(code, code_verifier=None).json["error"] == "invalid_request"
    assert portal.exchange(code).status_code == 200


def test_codes_tokens_and_cookies_are_kept_as_digests_only(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    code = answer_in(sign_in(browser, portal.ask()))["code"]
    token = portal.exchange(code).json["access_token"]
    cookie = browser.get_cookie("moothall_id_login")
    assert cookie is not None
    with app.app_context():
        for table in ("code", "access_token", "login"):
            rows = session().execute(text(f"select t::text from provider.{table} t")).scalars().all()
            assert rows
            for secret in (code, token, cookie.value):
                assert not any(secret in row or secret.encode().hex() in row for row in rows)


def test_op_07_two_sign_ins_in_one_second_give_different_tokens(
    at: Clock, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    first = tokens_for(portal, browser)
    second = portal.exchange(answer_in(browser.get(portal.ask()).location)["code"]).json
    assert first["id_token"] != second["id_token"]
    assert portal.claims(first["id_token"])["jti"] != portal.claims(second["id_token"])["jti"]
    assert portal.userinfo(first["access_token"]).status_code == 200
    assert portal.userinfo(second["access_token"]).status_code == 200


def test_op_08_bcp_14_every_redirect_on_the_way_is_303(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    back = sign_in(browser, portal.ask())  # asserts 303 at each step
    assert back.startswith(CALLBACK + "?")
    assert browser.get(portal.ask()).status_code == 303


def test_op_14_the_sub_is_a_uuid_and_no_client_may_have_such_an_id(app: Flask, priya: uuid.UUID) -> None:
    from portal.errors import SetupError

    with pytest.raises(SetupError, match="looks like a person's id"):
        add_portal(app, str(priya))


def test_the_id_token_bears_the_client_s_algorithm(app: Flask, priya: uuid.UUID, browser: FlaskClient) -> None:
    portal = add_portal(app, "old-client", id_token_alg="RS256")
    tokens = tokens_for(portal, browser)
    from joserfc import jws

    header = jws.extract_compact(tokens["id_token"].encode()).headers()
    assert header["alg"] == "RS256"
    assert header["typ"] == "JWT"
    assert portal.claims(tokens["id_token"])["sub"] == str(priya)


def test_a_request_without_nonce_succeeds_unless_the_client_always_sends_one(
    app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    portal, strict = add_portal(app), add_portal(app, "strict", require_nonce=True)
    assert "nonce" not in portal.claims(tokens_for(portal, browser, nonce=None)["id_token"])
    assert answer_in(browser.get(strict.ask(nonce=None)).location)["error"] == "invalid_request"


def test_state_comes_back_character_for_character(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    odd = "a b+c&d=e%20f\"'<>"
    back = answer_in(sign_in(browser, portal.ask(state=odd)))
    assert back["state"] == odd
    assert back["iss"] == ISSUER
    assert "state" not in answer_in(browser.get(portal.ask(state=None)).location)


def test_authorize_by_post_ends_at_the_same_place(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    sign_in(browser, portal.ask())
    asked = dict(pair.split("=") for pair in ["response_type=code"])
    from urllib.parse import parse_qsl, urlsplit

    asked |= dict(parse_qsl(urlsplit(portal.ask()).query))
    moved = browser.post("/authorize", data=asked)
    assert moved.status_code == 303
    assert "code" in answer_in(browser.get(moved.location).location)
