"""Pushed authorization requests (RFC 9126)."""

import re
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from portal.db.session import session
from portal.provider.state import KEY as STATE
from tests.integration.provider.flows import CALLBACK, ISSUER, SECRET, Portal, add_portal, answer_in, sign_in
from tests.integration.provider.signed_requests import KEY, RSA, add_signer, assertion, claims, set_client, signed
from tests.integration.provider.test_client_keys import Published
from tests.support.fixtures import Clock

PREFIX = "urn:ietf:params:oauth:request_uri:"


def values_of(portal: Portal, **changes: str | None) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(portal.ask(**changes)).query))


def push(portal: Portal, **changes: str | None) -> TestResponse:
    """Send a request, authenticated by secret in the header."""
    return portal.app.test_client().post("/par", data=values_of(portal, **changes), auth=(portal.client_id, SECRET))


def pushed(portal: Portal, **changes: str | None) -> str:
    """The address at which the browser brings a request that was pushed."""
    answer = push(portal, **changes)
    assert answer.status_code == 201, answer.text
    return "/authorize?" + urlencode({"client_id": portal.client_id, "request_uri": answer.json["request_uri"]})


@pytest.fixture
def signed_in(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> FlaskClient:
    """Priya's browser, after a first visit."""
    sign_in(browser, portal.ask())
    return browser


def test_op_par_gives_a_uri_that_leads_to_a_code(portal: Portal, signed_in: FlaskClient) -> None:
    answer = push(portal, state="pushed")
    assert answer.status_code == 201
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.json) == {"request_uri", "expires_in"}
    assert re.fullmatch(re.escape(PREFIX) + r"[A-Za-z0-9_-]{43}", answer.json["request_uri"])
    assert 60 <= answer.json["expires_in"] <= 90
    named = {"client_id": "portal", "request_uri": answer.json["request_uri"]}
    back = answer_in(signed_in.get("/authorize", query_string=named).location)
    assert (back["state"], back["iss"]) == ("pushed", ISSUER)
    assert portal.exchange(back["code"]).status_code == 200


def test_op_par_is_in_the_metadata(browser: FlaskClient) -> None:
    document = browser.get("/.well-known/openid-configuration").json
    assert document["pushed_authorization_request_endpoint"] == f"{ISSUER}/par"
    assert document["require_pushed_authorization_requests"] is False


def test_op_par_survives_the_sign_in_page_and_keeps_the_request_out_of_it(
    at: Clock, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    to_page = browser.get(
        pushed(portal, state="s" * 1000, nonce="n" * 400, claims='{"userinfo":{"name":null}}')
    ).location
    assert len(to_page) < 300
    at.advance(seconds=1800)
    browser.get(to_page)
    assert browser.submit(email="priya@example.org", password="three random words").status_code == 303  # type: ignore[attr-defined]
    answer = answer_in(browser.get("/authorize?" + urlsplit(to_page).query).location)
    assert answer["state"] == "s" * 1000


def test_op_par_uri_works_once(portal: Portal, signed_in: FlaskClient) -> None:
    address = pushed(portal)
    assert "code" in answer_in(signed_in.get(address).location)
    again = signed_in.get(address)
    assert again.status_code == 400
    assert "invalid_request_uri" in again.text


def test_op_par_uri_is_used_up_by_the_sign_in_page_too(portal: Portal, browser: FlaskClient, app: Flask) -> None:
    address = pushed(portal)
    assert browser.get(address).location.startswith("/sign-in?to=")
    assert app.test_client().get(address).status_code == 400


def test_op_par_uri_expires(at: Clock, portal: Portal, signed_in: FlaskClient) -> None:
    address = pushed(portal)
    at.advance(seconds=91)
    assert signed_in.get(address).status_code == 400


def test_op_par_uri_of_another_client_is_refused_and_not_used_up(
    app: Flask, portal: Portal, signed_in: FlaskClient
) -> None:
    add_portal(app, "other")
    address = pushed(portal)
    assert signed_in.get(address.replace("client_id=portal", "client_id=other")).status_code == 400
    assert signed_in.get(address.replace("client_id=portal", "client_id=%00")).status_code == 400
    assert signed_in.get(address.replace("client_id=portal&", "")).status_code == 400
    assert "code" in answer_in(signed_in.get(address).location)


@pytest.mark.parametrize(
    "uri", [PREFIX, PREFIX + "x", PREFIX + "x" * 5000, PREFIX + "\x00", PREFIX + "ü", PREFIX + "%"]
)
def test_op_par_uri_that_nobody_was_given_is_a_page(portal: Portal, signed_in: FlaskClient, uri: str) -> None:
    for more in ({}, {"redirect_uri": CALLBACK, "response_type": "code"}):
        page = signed_in.get("/authorize", query_string={"client_id": "portal", "request_uri": uri} | more)
        assert page.status_code == 400
        assert "Location" not in page.headers


def test_op_par_ignores_what_stands_beside_the_uri(portal: Portal, signed_in: FlaskClient) -> None:
    beside = {"state": "beside", "redirect_uri": "https://evil.example/", "prompt": "none", "scope": "openid phone"}
    back = signed_in.get(pushed(portal) + "&" + urlencode(beside)).location
    assert back.startswith(CALLBACK)
    assert answer_in(back)["state"] == "state-1"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"redirect_uri": None}, "invalid_request"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "email"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "x"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"state": "x" * 2000}, "invalid_request"),
        ({"request_uri": PREFIX + "x"}, "invalid_request"),
        ({"request": "x.y.z"}, "request_not_supported"),
        ({"client_id": "other"}, "invalid_client"),
    ],
)
def test_op_par_tells_the_client_of_its_mistakes_at_once(
    app: Flask, portal: Portal, change: dict[str, str | None], error: str
) -> None:
    add_portal(app, "other")
    answer = push(portal, **change)
    assert (answer.status_code, answer.json["error"]) == (401 if error == "invalid_client" else 400, error)
    assert "request_uri" not in answer.json


def test_op_par_is_for_clients_that_prove_who_they_are(app: Flask, portal: Portal) -> None:
    programme, sent = app.test_client(), values_of(portal)
    assert programme.post("/par", data=sent).status_code == 401
    assert programme.post("/par", data=sent, auth=("portal", "wrong")).json["error"] == "invalid_client"
    assert programme.post("/par", data=sent, auth=("nobody", SECRET)).json["error"] == "invalid_client"
    assert programme.get("/par").status_code == 405
    assert "Access-Control-Allow-Origin" not in programme.post("/par", data=sent).headers


def test_op_par_by_private_key_jwt_whose_jti_is_used_up_even_by_a_mistake(app: Flask) -> None:
    signer, programme = add_signer(app), app.test_client()
    proof = assertion()
    assert programme.post("/par", data={**values_of(signer, scope="x"), **proof}).json["error"] == "invalid_scope"
    assert programme.post("/par", data={**values_of(signer), **proof}).json["error"] == "invalid_client"
    assert programme.post("/par", data={**values_of(signer), **assertion()}).status_code == 201


@pytest.mark.parametrize("audience", [ISSUER, f"{ISSUER}/token", f"{ISSUER}/par"])
def test_op_par_takes_each_audience_that_names_us(app: Flask, audience: str) -> None:
    signer = add_signer(app)
    sent = values_of(signer)
    assert app.test_client().post("/par", data={**sent, **assertion(aud=audience)}).status_code == 201
    other = assertion(aud="https://other.example/par")
    assert app.test_client().post("/par", data={**sent, **other}).status_code == 401


def test_op_par_takes_a_signed_request(app: Flask, priya: uuid.UUID, browser: FlaskClient) -> None:
    add_signer(app)
    set_client(app, "signer", require_signed_request=True, require_pushed_request=True)
    programme = app.test_client()
    assert programme.post("/par", data={**claims_as_form(), **assertion()}).json["error"] == "invalid_request"
    answer = programme.post("/par", data={"request": signed(claims()), **assertion()})
    assert answer.status_code == 201, answer.text
    named = {"client_id": "signer", "request_uri": answer.json["request_uri"]}
    assert answer_in(sign_in(browser, "/authorize?" + urlencode(named)))["state"] == "signed-state"


def claims_as_form() -> dict[str, Any]:
    return {name: value for name, value in claims().items() if name not in ("iss", "aud", "iat", "exp", "jti")}


def test_op_par_can_be_required_of_a_client(app: Flask, portal: Portal, signed_in: FlaskClient) -> None:
    set_client(app, "portal", require_pushed_request=True)
    assert answer_in(signed_in.get(portal.ask()).location)["error"] == "invalid_request"
    assert "code" in answer_in(signed_in.get(pushed(portal)).location)


def test_op_par_required_of_a_client_is_required_of_what_comes_in_a_body_too(
    app: Flask, signed_in: FlaskClient
) -> None:
    add_signer(app)
    set_client(app, "signer", require_pushed_request=True)
    for more in ({}, {"padding": "p" * 4000}):
        sent = {"client_id": "signer", "redirect_uri": CALLBACK, "request": signed(claims(**more))}
        answer = signed_in.post("/authorize", data=sent)
        if answer.location.startswith("/authorize"):
            answer = signed_in.get(answer.location)
        said = answer_in(answer.location)
        assert (said["error"], said["error_description"]) == ("invalid_request", "this client must push its requests")


def test_op_par_keeps_the_uri_as_a_digest_only(app: Flask, portal: Portal) -> None:
    secret = push(portal).json["request_uri"].removeprefix(PREFIX)
    with app.app_context():
        rows = session().execute(text("select t::text from provider.pushed_request t")).scalars().all()
    assert len(rows) == 1
    assert secret not in rows[0]


@pytest.fixture
def keys_address() -> Iterator[Published]:
    """Where a client publishes its keys."""
    made = Published()
    yield made
    made.close()


def test_op_par_fetches_the_keys_of_a_client_that_publishes_them(app: Flask, keys_address: Published) -> None:
    keys_address.keys = [KEY]
    add_portal(app, "signer", secret=None, jwks_uri=keys_address.uri, settings=app.extensions[STATE].settings)
    sent = {"request": signed(claims()), **assertion()}
    answer = app.test_client().post("/par", data=sent)
    assert answer.status_code == 201, answer.text
    # Another key may mean another look at the client's address, and by then the assertion's jti has been written.
    unknown = {"request": signed(claims(), RSA, "RS256"), **assertion()}
    assert app.test_client().post("/par", data=unknown).json["error"] == "invalid_request_object"
    with app.app_context():
        session().execute(text("update provider.client set jwks = null, jwks_read_at = null, jwks_tried_at = null"))
        session().commit()
    named = {"client_id": "signer", "redirect_uri": CALLBACK, "request": signed(claims())}
    assert app.test_client().get("/authorize", query_string=named).location.startswith("/sign-in?to=")
    assert keys_address.fetched == 2
