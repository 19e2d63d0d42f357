"""Every parameter of every endpoint of the authorization side: missing, doubled, over-long, of the wrong type, odd.

Whatever is sent, nothing is an error of ours, and nobody is sent to an address that no client has registered.
"""

import uuid
from collections.abc import Iterator
from itertools import islice
from urllib.parse import quote, quote_plus, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.db.session import session
from portal.provider import consent, parameters
from portal.provider.models import Person
from tests.integration.provider.flows import (
    CALLBACK,
    CHALLENGE,
    SECRET,
    Portal,
    add_portal,
    answer_in,
    signed_in_at_once,
)
from tests.integration.provider.signed_requests import add_signer, assertion, claims, set_client, signed
from tests.support.client import Client

GOOD = {
    "response_type": "code",
    "client_id": "portal",
    "redirect_uri": CALLBACK,
    "scope": "openid email",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}
FORM = "application/x-www-form-urlencoded"
LONG, HUGE = b"x" * 9000, b"y" * 200_000
ODD = [
    b"",
    b" ",
    b"0",
    b"-1",
    b"9" * 9,
    b"1e309",
    b"null",
    b"true",
    b"[]",
    b"{}",
    b'{"userinfo":{"email":[]}}',
    b"[" * 3000,
    b"\x00",
    b"a\x00b",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\r\nSet-Cookie: a=b",
    "ü\u202e\U0001f600".encode(),
    b"\"'><script>",
    b"%00%0d%0a",
    b"../../etc",
    b"https://evil.example/",
    b"//evil.example",
    b"javascript:alert(1)",
    b"urn:ietf:params:oauth:request_uri:",
    b"urn:ietf:params:oauth:request_uri:x",
    b"eyJhbGciOiJub25lIn0.e30.",
    b"none",
    b"login",
    b"consent",
    b"form_post",
    b"openid " * 60,
    LONG,
]
OUR_PAGES = ("/sign-in", "/second-step", "/consent", "/consents", "/signed-in", "/authorize")


def variants(name: str, good: dict[str, str]) -> Iterator[bytes]:
    """Queries in which one parameter is missing, odd, or there twice, and the others are good."""
    others = [(key.encode(), value.encode()) for key, value in good.items() if key != name]
    yield encoded(others)
    for value in ODD:
        yield encoded([*others, (name.encode(), value)])
    for value in ODD[::8]:
        yield encoded([*others, (name.encode(), value), (name.encode(), value)])
        yield encoded([*others, (name.encode() + b"[]", value), (name.encode() + b"\xff", value)])


def encoded(pairs: list[tuple[bytes, bytes]]) -> bytes:
    """As a query string. Bytes that are no UTF-8 stay as they are, which no library would write for us."""
    return "&".join(f"{quote_plus(name)}={quote_plus(value)}" for name, value in pairs).encode()


@pytest.fixture
def choir(app: Flask) -> Portal:
    """A client for which consent is asked."""
    made = add_portal(app, "choir")
    set_client(app, "choir", consent=True)
    return made


@pytest.fixture
def signed_in(app: Flask, portal: Portal, browser: FlaskClient) -> Client:
    """The browser of somebody who is signed in."""
    assert isinstance(browser, Client)
    browser.check_pages = False  # thousands of them, all of few kinds that other tests read
    return signed_in_at_once(app, browser)


def assert_safe(answer: TestResponse, query: bytes) -> None:
    """No fault of ours, and on to nowhere but one of our pages or the registered address."""
    assert answer.status_code < 500, (query[:300], answer.status)
    if "form-action https://portal.example" in answer.headers["Content-Security-Policy"]:
        assert f'action="{CALLBACK}"' in answer.text
    if not 300 <= answer.status_code < 400:
        assert "Location" not in answer.headers
        return
    assert answer.status_code == 303, query[:300]
    where = urlsplit(answer.location)
    if where.netloc:
        assert answer.location.startswith(CALLBACK + "?"), answer.location
        told = answer_in(answer.location)
        assert ("code" in told) != ("error" in told)
        assert "iss" in told
    else:
        assert where.path in OUR_PAGES, answer.location
    assert "\n" not in answer.location
    assert "Set-Cookie: a=b" not in str(answer.headers)


@pytest.mark.parametrize("name", [*sorted(parameters.LONGEST), "to", "declined", "lang", "unknown"])
def test_bad_input_to_authorize_is_never_a_fault_nor_leads_astray(
    app: Flask, signed_in: Client, choir: Portal, name: str
) -> None:
    stranger = app.test_client()
    assert isinstance(stranger, Client)
    stranger.check_pages = False
    for query in variants(name, GOOD):
        assert_safe(signed_in.get("/authorize", query_string=query.decode()), query)
    form_post = GOOD | {"client_id": "choir", "response_mode": "form_post"}
    for query in islice(variants(name, form_post), 0, None, 4):
        assert_safe(signed_in.get("/authorize", query_string=query.decode()), query)
    for value in ODD[::8]:
        query = encoded([*((key.encode(), each.encode()) for key, each in GOOD.items()), (name.encode(), value)])
        assert_safe(stranger.get("/authorize", query_string=query.decode()), query)


def test_bad_input_to_authorize_by_post_is_asked_again_by_get(signed_in: Client) -> None:
    for name in parameters.LONGEST:
        for value in (*ODD, HUGE):
            body = encoded([(key.encode(), each.encode()) for key, each in GOOD.items()] + [(name.encode(), value)])
            answer = signed_in.post("/authorize", data=body, content_type=FORM)
            assert answer.status_code in (303, 400, 413)
            assert_safe(answer, body)


@pytest.mark.parametrize(
    "name", [*sorted(parameters.LONGEST), "client_assertion", "client_assertion_type", "client_secret", "unknown"]
)
def test_bad_input_to_par_is_told_to_the_client(app: Flask, portal: Portal, name: str) -> None:
    programme = app.test_client()
    for body in (*variants(name, GOOD), encoded([(name.encode(), HUGE)])):
        answer = programme.post("/par", data=body, content_type=FORM, auth=("portal", SECRET))
        assert answer.status_code in (201, 400, 401), (body[:300], answer.status)
        assert answer.is_json
        assert ("request_uri" in answer.json) == (answer.status_code == 201)


@pytest.mark.parametrize("kind", ["application/json", "text/plain", "multipart/form-data", "", "x/y; charset=utf-7"])
def test_bad_input_of_another_kind_to_par_and_userinfo(app: Flask, portal: Portal, kind: str) -> None:
    programme = app.test_client()
    for body in (b"", b"{}", b"[1]", b"\xff\x00", b"--x\r\n\r\n", b"a=" + LONG):
        for path in ("/par", "/userinfo", "/authorize"):
            answer = programme.post(path, data=body, content_type=kind)
            assert answer.status_code < 500, (path, kind, body[:20])


ODD_CLAIMS: list[object] = [
    *(None, "", " ", "x" * 600, "\x00", "ü", "\ud800", True, [], {}, [None], {"a": "b"}),
    *(0, -1, 1.5, 10**12, 10**17, -(10**17), 1e300, float("nan"), float("inf"), 10**40),
]


@pytest.mark.parametrize("name", sorted(claims()))
def test_bad_input_inside_a_request_object(app: Flask, signed_in: Client, name: str) -> None:
    add_signer(app)
    for value in ODD_CLAIMS:
        token = signed(claims(**{name: value}))
        query = f"client_id=signer&request={quote(token)}".encode()
        assert_safe(signed_in.get("/authorize", query_string=query.decode()), query)
        answer = app.test_client().post("/par", data={"request": token, **assertion()})
        assert answer.status_code in (201, 400), (name, value)


@pytest.mark.parametrize("path", ["/token", "/par", "/revoke"])
@pytest.mark.parametrize("name", ["iss", "sub", "aud", "iat", "nbf", "exp", "jti"])
def test_bad_input_inside_a_client_assertion(app: Flask, name: str, path: str) -> None:
    add_signer(app)
    programme = app.test_client()
    for value in ODD_CLAIMS:
        answer = programme.post(path, data={"grant_type": "x", "token": "x", **assertion(**{name: value})})
        assert answer.status_code in (200, 400, 401), (name, value, answer.status)
        if name in ("exp", "jti") and value not in (" ", True):
            assert answer.json["error"] == "invalid_client", (name, value)


@pytest.mark.parametrize("where", ["header", "body", "query"])
def test_bad_input_to_userinfo_opens_nothing(app: Flask, portal: Portal, where: str) -> None:
    programme = app.test_client()
    for value in (*ODD, HUGE):
        if where == "header":
            text = "Bearer " + value.decode("latin-1").replace("\r", "").replace("\n", "")
            answers = [programme.get("/userinfo", headers={"Authorization": text})]
        elif where == "body":
            body = encoded([(b"access_token", value)])
            answers = [programme.post("/userinfo", data=each, content_type=FORM) for each in (body, body + b"&" + body)]
        else:
            answers = [programme.get("/userinfo", query_string=encoded([(b"access_token", value)]).decode())]
        for answer in answers:
            assert answer.status_code in (400, 401), (where, value[:50])
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("name", ["to", "declined", "lang"])
def test_bad_input_to_the_consent_page_allows_nothing(app: Flask, choir: Portal, signed_in: Client, name: str) -> None:
    sealed = dict(part.split("=") for part in urlsplit(signed_in.get(choir.ask()).location).query.split("&"))["to"]
    signed_in.get(f"/consent?to={sealed}")
    token = signed_in.page.form_with("csrf_token").values["csrf_token"][0]
    for query in variants(name, {"to": sealed}):
        assert_safe(signed_in.get("/consent", query_string=query.decode()), query)
        sent = {"csrf_token": token, "answer": "perhaps"}
        assert_safe(signed_in.post("/consent", query_string=query.decode(), data=sent), query)
    for value in ODD:
        body = encoded([(b"csrf_token", token.encode()), (b"answer", value), (b"answer", b"allow")])
        assert_safe(signed_in.post(f"/consent?to={sealed}", data=body, content_type=FORM), body)
    assert nothing_allowed(app)


def test_bad_input_to_the_list_of_consents_takes_nothing_back(app: Flask, choir: Portal, signed_in: Client) -> None:
    for value in ODD:
        path = f"/consents/{quote(value, safe='')}"
        answer = signed_in.post(path, data={"csrf_token": "x"})
        assert answer.status_code < 500, path[:100]
        assert signed_in.get(path).status_code in (404, 405), path[:100]
        assert_safe(signed_in.get("/consents", query_string=encoded([(b"lang", value)]).decode()), value)


def test_the_walk_would_notice_a_redirect_to_a_stranger(signed_in: Client) -> None:
    answer = signed_in.get("/authorize", query_string=GOOD)
    assert_safe(answer, b"")
    answer.headers["Location"] = "https://evil.example/?code=1"
    with pytest.raises(AssertionError):
        assert_safe(answer, b"")


def nothing_allowed(app: Flask) -> bool:
    with app.app_context():
        people = session().query(Person.id).all()
        return all(not consent.allowed_by(uuid.UUID(str(person))) for (person,) in people)
