"""How clients authenticate at the token endpoint, and what it answers to nonsense."""

import base64
import hashlib
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey

from portal import clock
from tests.integration.provider.flows import (
    CALLBACK,
    ISSUER,
    SECRET,
    VERIFIER,
    Portal,
    add_portal,
    answer_in,
    sign_in,
    tokens_for,
)
from tests.support.fixtures import Clock

KEY = ECKey.generate_key("P-256", {"kid": "one"}, private=True)
TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def assertion(key: Any = KEY, alg: str = "ES256", **changes: object) -> str:
    """A client assertion that is right but for `changes`."""
    now = int(clock.now().timestamp())
    claims: dict[str, object] = {
        "iss": "keyed",
        "sub": "keyed",
        "aud": ISSUER,
        "iat": now,
        "exp": now + 300,
        "jti": uuid.uuid4().hex,
    }
    claims = {name: value for name, value in (claims | changes).items() if value is not None}
    return jwt.encode({"alg": alg, "kid": "one"}, claims, key, algorithms=[alg])


@pytest.fixture
def keyed(app: Flask) -> Portal:
    """A client with a key in place of a secret."""
    return add_portal(app, "keyed", secret=None, jwks={"keys": [KEY.as_dict(private=False)]})


def by_key(app: Flask, code: str, signed: str, **more: str) -> Any:
    values = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    values |= {"code_verifier": VERIFIER, "client_assertion": signed, "client_assertion_type": TYPE}
    return app.test_client().post("/token", data=values | more)


@pytest.mark.parametrize(
    "audience", [ISSUER, ISSUER + "/token", [ISSUER], ["https://elsewhere.example", ISSUER + "/token"]]
)
def test_op_01_private_key_jwt_with_the_issuer_or_the_token_url_as_audience(
    app: Flask, keyed: Portal, priya: uuid.UUID, browser: FlaskClient, audience: object
) -> None:
    code = answer_in(sign_in(browser, keyed.ask()))["code"]
    assert by_key(app, code, assertion(aud=audience)).status_code == 200


@pytest.mark.parametrize("alg", ["RS256", "PS256"])
def test_rsa_assertion(app: Flask, priya: uuid.UUID, browser: FlaskClient, alg: str) -> None:
    key = RSAKey.generate_key(2048, {"kid": "one"}, private=True)
    portal = add_portal(app, "keyed", secret=None, jwks={"keys": [key.as_dict(private=False)]})
    code = answer_in(sign_in(browser, portal.ask()))["code"]
    assert by_key(app, code, assertion(key, alg)).status_code == 200


def test_a_jti_is_taken_once(app: Flask, keyed: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    signed = assertion(jti="only-once")
    assert by_key(app, "no-such-code", signed).json["error"] == "invalid_grant"
    code = answer_in(sign_in(browser, keyed.ask()))["code"]
    assert by_key(app, code, signed).json["error"] == "invalid_client"
    assert by_key(app, code, assertion(jti="another")).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "https://elsewhere.example"},
        {"aud": None},
        {"aud": []},
        {"iss": "portal"},
        {"sub": "nobody"},
        {"sub": 7},
        {"sub": "\x00"},
        {"exp": 1},
        {"exp": None},
        {"exp": "soon"},
        {"exp": 99999999999},
        {"exp": 1e400},
        {"jti": None},
        {"jti": 5},
        {"jti": ""},
        {"jti": "x" * 600},
        {"key": ECKey.generate_key("P-256", {"kid": "one"}, private=True)},
        {"key": OctKey.import_key(b"x" * 32), "alg": "HS256"},
    ],
)
def test_a_bad_assertion_is_refused(
    app: Flask, keyed: Portal, priya: uuid.UUID, browser: FlaskClient, changes: dict[str, Any]
) -> None:
    code = answer_in(sign_in(browser, keyed.ask()))["code"]
    answer = by_key(app, code, assertion(**changes))
    assert (answer.status_code in (400, 401), answer.json["error"]) == (True, "invalid_client")


@pytest.mark.parametrize(
    "text", ["", "x", "x.y.z", "ü", "\x00", "." * 50, "eyJhbGciOiJub25lIn0.eyJzdWIiOiJrZXllZCJ9.", "W10.W10.W10"]
)
def test_an_assertion_that_is_no_token_is_refused(app: Flask, keyed: Portal, text: str) -> None:
    assert by_key(app, "code", text).json["error"] == (
        "invalid_client" if text.isprintable() and text.isascii() else "invalid_request"
    )


def test_client_secret_post(app: Flask, priya: uuid.UUID, browser: FlaskClient) -> None:
    portal = add_portal(app, "posting", auth_method="client_secret_post")
    code = answer_in(sign_in(browser, portal.ask()))["code"]
    wrong_way = portal.exchange(code)  # by header: not how it was registered
    assert (wrong_way.status_code, wrong_way.json["error"]) == (401, "invalid_client")
    values = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    values |= {"code_verifier": VERIFIER, "client_id": "posting", "client_secret": SECRET}
    assert app.test_client().post("/token", data=values).status_code == 200


HEADERS = [
    "Basic",
    "Basic !!!",
    "Basic " + base64.b64encode(b"\xff\xfe:x").decode(),
    "Basic " + base64.b64encode(b"portal").decode(),
    "Basic " + base64.b64encode(b"portal:wrong").decode(),
    "Basic " + base64.b64encode(b"\x00:\x00").decode(),
    "Basic " + base64.b64encode(b"nobody:" + SECRET.encode()).decode(),
    "Bearer x",
    "x" * 3000,
]


@pytest.mark.parametrize("header", HEADERS)
def test_a_bad_authorization_header_is_refused(app: Flask, portal: Portal, header: str) -> None:
    answer = app.test_client().post(
        "/token", data={"grant_type": "authorization_code", "code": "x"}, headers={"Authorization": header}
    )
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert app.test_client().get("/userinfo", headers={"Authorization": header}).status_code in (400, 401)


def test_two_ways_of_authentication_at_once_are_refused(app: Flask, portal: Portal) -> None:
    answer = portal.exchange("x", client_secret=SECRET, client_id="portal")
    assert (answer.status_code, answer.json["error"]) == (400, "invalid_request")


@pytest.mark.parametrize("name", ["grant_type", "code", "redirect_uri", "code_verifier", "client_id", "scope"])
def test_every_odd_token_parameter_is_refused_as_json(app: Flask, portal: Portal, name: str) -> None:
    for value in (None, "", "x" * 9000, "\x00", "ü", '"\\\r\n', ["a", "a"]):
        values: dict[str, Any] = {"grant_type": "authorization_code", "code": "x", "redirect_uri": CALLBACK}
        values |= {"code_verifier": VERIFIER, name: value}
        sent = {key: each for key, each in values.items() if each is not None}
        answer = app.test_client().post("/token", data=sent, auth=("portal", SECRET))
        assert answer.status_code == 400
        assert answer.json["error"] in ("invalid_request", "invalid_grant", "unsupported_grant_type")
        assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("grant", ["password", "implicit", "client_credentials", "x" * 100])
def test_bcp_18_no_other_grant_is_known(portal: Portal, grant: str) -> None:
    assert portal.exchange("x", grant_type=grant).json["error"] == "unsupported_grant_type"


def test_the_token_endpoint_takes_forms_by_post_only(app: Flask, portal: Portal) -> None:
    programme = app.test_client()
    assert programme.get("/token").status_code == 405
    assert programme.post("/token", json={"grant_type": "authorization_code"}).status_code == 400
    assert programme.post("/token?grant_type=authorization_code&code=x", auth=("portal", SECRET)).status_code == 400


# --- Codes that come again, and tokens that are handed back.


@pytest.mark.parametrize("seconds", [0, 30])
def test_op_06_a_code_that_comes_again_takes_back_access_and_refresh_tokens(
    at: Clock, app: Flask, priya: uuid.UUID, browser: FlaskClient, seconds: int
) -> None:
    lasting = add_portal(app, "lasting", scopes=["openid", "offline_access"])
    code = answer_in(sign_in(browser, lasting.ask(scope="openid offline_access")))["code"]
    first = lasting.exchange(code).json
    at.advance(seconds=seconds)
    again = lasting.exchange(code)
    assert (again.status_code, again.json["error"]) == (400, "invalid_grant")
    assert lasting.userinfo(first["access_token"]).status_code == 401
    refreshed = lasting.exchange("", grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert refreshed.json["error"] == "invalid_grant"


def test_op_06_somebody_else_s_second_use_takes_nothing_back(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    other = add_portal(app, "other")
    code = answer_in(sign_in(browser, portal.ask()))["code"]
    first = portal.exchange(code).json
    assert other.exchange(code).json["error"] == "invalid_grant"
    assert portal.userinfo(first["access_token"]).status_code == 200


def test_op_06_of_two_who_send_one_code_at_once_one_gets_tokens(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    code = answer_in(sign_in(browser, portal.ask()))["code"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: portal.exchange(code), range(8)))
    assert sorted(each.status_code for each in answers) == [200] + [400] * 7


@pytest.mark.parametrize("verifier", ["v" * 42, "v" * 129, "v" * 42 + "+", "v" * 42 + "="])
def test_op_06_a_verifier_of_the_wrong_form_is_refused(
    portal: Portal, priya: uuid.UUID, browser: FlaskClient, verifier: str
) -> None:
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    code = answer_in(sign_in(browser, portal.ask(code_challenge=challenge)))["code"]
    assert portal.exchange(code, code_verifier=verifier).json["error"] == "invalid_grant"


def hand_back(app: Flask, token: str, client_id: str = "portal", **more: str) -> Any:
    return app.test_client().post("/revoke", data={"token": token} | more, auth=(client_id, SECRET))


def test_an_access_token_is_handed_back(app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    token = tokens_for(portal, browser)["access_token"]
    answer = hand_back(app, token, token_type_hint="refresh_token")  # a wrong hint changes nothing
    assert (answer.status_code, answer.text) == (200, "")
    assert answer.headers["Cache-Control"] == "no-store"
    assert portal.userinfo(token).status_code == 401
    assert hand_back(app, token).status_code == 200
    assert hand_back(app, "never-was").status_code == 200


def test_nobody_hands_back_what_is_another_s(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    add_portal(app, "other")
    token = tokens_for(portal, browser)["access_token"]
    assert hand_back(app, token, "other").status_code == 200
    assert portal.userinfo(token).status_code == 200


def test_who_hands_back_must_prove_who_they_are(app: Flask, portal: Portal) -> None:
    answer = app.test_client().post("/revoke", data={"token": "x"})
    assert (answer.status_code, answer.json["error"]) == (401, "invalid_client")
    assert hand_back(app, "").json["error"] == "invalid_request"


def test_bcp_18_metadata_offers_codes_and_refresh_alone(app: Flask) -> None:
    document = app.test_client().get("/.well-known/openid-configuration").json
    assert document["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert document["response_types_supported"] == ["code"]
    assert document["revocation_endpoint"] == f"{ISSUER}/revoke"
    assert document["subject_types_supported"] == ["public", "pairwise"]
    assert document["backchannel_logout_supported"] is True
    assert document["backchannel_logout_session_supported"] is True
    assert "offline_access" in document["scopes_supported"]
    assert "none" not in str(document["token_endpoint_auth_methods_supported"])
