"""Signed authorization requests (RFC 9101)."""

import string
import uuid
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import ECKey, OctKey
from sqlalchemy import func, select

from portal.db.session import session
from portal.provider.models import PushedRequest
from tests.integration.provider.flows import (
    CALLBACK,
    ISSUER,
    PASSWORD,
    Portal,
    add_portal,
    answer_in,
    post_form,
    sign_in,
)
from tests.integration.provider.signed_requests import (
    KEY,
    RSA,
    add_signer,
    assertion,
    claims,
    set_client,
    signed,
    unsigned,
)
from tests.support.fixtures import Clock

STRANGER = ECKey.generate_key("P-256", {"kid": "one"}, private=True)


@pytest.fixture
def signer(app: Flask) -> Portal:
    """A client that signs its requests."""
    return add_signer(app)


@pytest.fixture
def signed_in(signer: Portal, priya: uuid.UUID, browser: FlaskClient) -> FlaskClient:
    """Priya's browser, after a first visit."""
    sign_in(browser, signer.ask())
    return browser


def ask(browser: FlaskClient, token: str, **beside: str) -> dict[str, str]:
    """What the client hears of a signed request."""
    answer = browser.get("/authorize?" + urlencode({"client_id": "signer", "request": token} | beside))
    assert answer.status_code == 303, answer.text
    return answer_in(answer.location)


@pytest.mark.parametrize(("key", "alg"), [(KEY, "ES256"), (RSA, "RS256"), (RSA, "PS256")], ids=["ES", "RS", "PS"])
@pytest.mark.parametrize("audience", [ISSUER, f"{ISSUER}/authorize", ["https://other.example", ISSUER]])
def test_op_request_object_signed_by_a_registered_key_is_all_that_is_needed(
    signed_in: FlaskClient, key: object, alg: str, audience: object
) -> None:
    answer = ask(signed_in, signed(claims(aud=audience), key, alg))
    assert answer["state"] == "signed-state"
    assert "code" in answer


def test_op_request_object_survives_the_sign_in_page(signer: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    asked = "/authorize?" + urlencode({"client_id": "signer", "request": signed(claims())})
    assert answer_in(sign_in(browser, asked))["state"] == "signed-state"


def test_op_request_object_alone_counts_and_not_what_stands_beside_it(signed_in: FlaskClient) -> None:
    beside = {"state": "beside", "nonce": "beside", "prompt": "login", "code_challenge": "x", "response_mode": "query"}
    answer = ask(signed_in, signed(claims()), **beside)
    assert answer["state"] == "signed-state"
    assert "code" in answer


@pytest.mark.parametrize(
    "beside", [{"response_type": "token"}, {"scope": "openid profile"}], ids=["response_type", "scope"]
)
def test_op_request_object_must_agree_with_what_is_repeated(signed_in: FlaskClient, beside: dict[str, str]) -> None:
    refused = ask(signed_in, signed(claims()), redirect_uri=CALLBACK, **beside)
    assert refused["error"] == "invalid_request_object"
    agreeing = ask(signed_in, signed(claims()), response_type="code", scope="openid email")
    assert "code" in agreeing


WRONG = {
    "other iss": {"iss": "portal"},
    "no iss": {"iss": None},
    "sub": {"sub": "signer"},
    "other aud": {"aud": "https://other.example"},
    "no aud": {"aud": None},
    "odd aud": {"aud": [1, {}]},
    "no exp": {"exp": None},
    "odd exp": {"exp": "soon"},
    "true exp": {"exp": True},
    "huge exp": {"exp": 10**30},
    "past exp": {"exp": 1},
    "long exp": {"exp": 4102444800},
    "future nbf": {"nbf": 4102444800},
    "future iat": {"iat": 4102444800},
    "odd jti": {"jti": 7},
    "long jti": {"jti": "x" * 501},
    "other client": {"client_id": "portal"},
    "no client": {"client_id": None},
    "request inside": {"request": "x.y.z"},
    "request_uri inside": {"request_uri": "https://signer.example/r"},
    "scope as list": {"scope": ["openid"]},
    "state as number": {"state": 1},
    "max_age as text in a list": {"max_age": [1]},
}


@pytest.mark.parametrize("name", WRONG)
def test_op_request_object_that_says_something_wrong_is_refused(signed_in: FlaskClient, name: str) -> None:
    refused = ask(signed_in, signed(claims(**WRONG[name])), redirect_uri=CALLBACK, state="beside")
    assert (refused["error"], refused["state"], refused["iss"]) == ("invalid_request_object", "beside", ISSUER)


@pytest.mark.parametrize(
    "token",
    [
        unsigned(claims()),
        signed(claims(), STRANGER),
        signed(claims(), kid="unknown"),
        signed(claims(), typ="at+jwt"),
        signed(claims(), typ="logout+jwt"),
        signed(claims(), OctKey.import_key("x" * 40, {"kid": "one"}), "HS256"),
        signed(claims())[:-4] + "AAAA",
        "x.y.z",
        "x",
        "." * 100,
    ],
    ids=["none", "stranger", "unknown kid", "access token", "logout token", "hmac", "cut", "letters", "one", "dots"],
)
def test_op_request_object_that_is_not_signed_as_it_must_be_is_refused(
    at: Clock, signed_in: FlaskClient, token: str
) -> None:
    refused = ask(signed_in, token, redirect_uri=CALLBACK)
    assert refused["error"] == "invalid_request_object"


def test_op_request_object_with_a_wrong_key_and_no_address_beside_it_ends_on_a_page(signed_in: FlaskClient) -> None:
    token = signed(claims(), STRANGER)
    page = signed_in.get("/authorize?" + urlencode({"client_id": "signer", "request": token}))
    assert page.status_code == 400
    assert "Location" not in page.headers


def test_op_05_request_object_cannot_bring_an_unregistered_address(signed_in: FlaskClient) -> None:
    token = signed(claims(redirect_uri="https://evil.example/"))
    for beside in ({}, {"redirect_uri": CALLBACK}):
        page = signed_in.get("/authorize?" + urlencode({"client_id": "signer", "request": token} | beside))
        assert page.status_code == 400
        assert "Location" not in page.headers


def test_op_request_object_counts_once(signed_in: FlaskClient) -> None:
    token = signed(claims())
    assert "code" in ask(signed_in, token)
    assert ask(signed_in, token, redirect_uri=CALLBACK)["error"] == "invalid_request_object"
    without = signed(claims(jti=None))
    assert "code" in ask(signed_in, without)


def test_op_request_object_lives_ten_minutes_at_most(at: Clock, signed_in: FlaskClient) -> None:
    token = signed(claims())
    at.advance(seconds=400)
    assert ask(signed_in, token, redirect_uri=CALLBACK)["error"] == "invalid_request_object"


def test_op_request_object_may_hold_numbers_and_objects_where_the_standard_says_so(
    signer: Portal, signed_in: FlaskClient
) -> None:
    wanted = {"id_token": {"email": {"essential": True}}}
    answer = ask(signed_in, signed(claims(max_age=10000, claims=wanted, ui_locales="cy")))
    assert "code" in answer
    told = ask(signed_in, signed(claims(claims={"userinfo": 1})))
    assert told["error"] == "invalid_request"


def test_op_request_object_mistakes_inside_go_to_the_address_inside(signed_in: FlaskClient) -> None:
    told = ask(signed_in, signed(claims(code_challenge=None)))
    assert (told["error"], told["state"]) == ("invalid_request", "signed-state")


def test_op_request_object_can_be_required_of_a_client(app: Flask, signer: Portal, signed_in: FlaskClient) -> None:
    set_client(app, "signer", require_signed_request=True)
    assert answer_in(signed_in.get(signer.ask()).location)["error"] == "invalid_request"
    assert "code" in ask(signed_in, signed(claims()))


def test_op_request_object_of_a_client_without_keys_is_not_supported(app: Flask, signed_in: FlaskClient) -> None:
    portal = add_portal(app)
    told = answer_in(signed_in.get(portal.ask(request=signed(claims("portal")))).location)
    assert told["error"] == "request_not_supported"


def test_op_request_object_too_long_for_an_address_may_come_by_post(
    app: Flask, signer: Portal, signed_in: FlaskClient
) -> None:
    token = signed(claims(scope="openid " + "x" * 450, padding="y" * 4000))
    assert 4000 < len(token) < 8192
    moved = signed_in.post("/authorize", data={"client_id": "signer", "request": token})
    assert moved.location.startswith("/authorize?client_id=signer&request_uri=urn")
    answer = answer_in(signed_in.get(moved.location).location)
    assert answer["state"] == "signed-state"
    assert "code" in answer
    again = signed_in.post("/authorize", data={"client_id": "signer", "redirect_uri": CALLBACK, "request": token})
    assert answer_in(again.location)["error"] == "invalid_request_object"
    forged = signed(claims(padding="y" * 4000), STRANGER)
    refused = signed_in.post("/authorize", data={"client_id": "signer", "redirect_uri": CALLBACK, "request": forged})
    assert answer_in(refused.location)["error"] == "invalid_request_object"


@pytest.mark.parametrize("how", ["signed", "pushed"])
def test_op_a_request_that_works_once_is_spent_when_its_code_goes_out(
    at: Clock, app: Flask, signer: Portal, priya: uuid.UUID, browser: FlaskClient, how: str
) -> None:
    token = signed(claims())
    asked = "/authorize?" + urlencode({"client_id": "signer", "request": token})
    if how == "pushed":
        named = app.test_client().post("/par", data={"request": token, **assertion()}).json
        asked = "/authorize?" + urlencode({"client_id": "signer", "request_uri": named["request_uri"]})
    back = post_form(browser, browser.get(asked).location, email="priya@example.org", password=PASSWORD).location
    assert "code" in answer_in(browser.get(back).location)
    at.advance(seconds=9)
    assert "code" in answer_in(browser.get(back).location), "pressed twice"
    at.advance(seconds=2)
    answer = browser.get(back)
    assert (answer.status_code, answer.location) == (400, None)


@pytest.mark.parametrize("how", ["signed", "pushed"])
def test_op_a_request_that_works_once_is_not_another_when_its_seal_is_written_otherwise(
    at: Clock, app: Flask, signer: Portal, priya: uuid.UUID, browser: FlaskClient, how: str
) -> None:
    """Of the last letter of a signature in base64, two bits say nothing."""
    asked = {"client_id": "signer", "request": signed(claims())}
    if how == "pushed":
        named = app.test_client().post("/par", data={"request": asked["request"], **assertion()}).json
        asked = {"client_id": "signer", "request_uri": named["request_uri"]}
    page = browser.get("/authorize", query_string=asked).location
    back = post_form(browser, page, email="priya@example.org", password=PASSWORD).location
    assert "code" in answer_in(browser.get(back).location)
    at.advance(seconds=11)
    letters = string.ascii_uppercase + string.ascii_lowercase + string.digits + "-_"
    last = letters.index(back[-1]) & ~3
    for otherwise in (*(back[:-1] + letters[last + bits] for bits in range(4)), f"{back}%3D"):
        assert "code=" not in (browser.get(otherwise).location or ""), otherwise


def test_op_a_signed_request_without_a_jti_is_kept_once_however_often_it_comes(
    app: Flask, signer: Portal, signed_in: FlaskClient
) -> None:
    token = signed(claims(jti=None, padding="y" * 4000))
    sent = {"client_id": "signer", "request": token}
    addresses = {app.test_client().post("/authorize", data=sent).location for _ in range(5)}
    assert len(addresses) == 1
    other = app.test_client().post("/authorize", data=sent | {"request": signed(claims(padding="y" * 4000))})
    assert other.location not in addresses
    with app.app_context():
        assert session().scalar(select(func.count()).select_from(PushedRequest)) == 2
    assert "code" in answer_in(signed_in.get(addresses.pop()).location)
    again = signed_in.get(signed_in.post("/authorize", data=sent).location)
    assert (again.status_code, again.location) == (400, None)
