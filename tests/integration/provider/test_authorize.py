"""Authorization requests: OP-05, OP-09, BCP-11, BCP-12, BCP-13, BCP-15, BCP-18, BCP-19 and every odd parameter."""

import uuid
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.errors import SetupError
from portal.provider.parameters import LONGEST
from tests.integration.provider.flows import (
    CALLBACK,
    CHALLENGE,
    ISSUER,
    PASSWORD,
    Portal,
    add_person,
    add_portal,
    answer_in,
    post_form,
    sign_in,
    tokens_for,
)
from tests.support.fixtures import Clock

GOOD = {
    "response_type": "code",
    "client_id": "portal",
    "redirect_uri": CALLBACK,
    "scope": "openid",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


def test_discovery_offers_what_is_safe_and_nothing_else(browser: FlaskClient) -> None:
    answer = browser.get("/.well-known/openid-configuration")
    document = answer.json
    assert document["issuer"] == ISSUER
    for name in ("authorization", "token", "userinfo", "end_session"):
        assert document[f"{name}_endpoint"].startswith(ISSUER + "/")
    assert document["response_types_supported"] == ["code"]
    assert document["grant_types_supported"] == ["authorization_code", "refresh_token"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["id_token_signing_alg_values_supported"] == ["ES256", "RS256"]
    assert document["authorization_response_iss_parameter_supported"] is True
    assert document["request_uri_parameter_supported"] is False
    text = answer.text
    assert not any(word in text for word in ('"none"]', "plain", "implicit", '"password"', "HS256"))
    assert "max-age" in answer.headers["Cache-Control"]


def test_the_library_s_own_judgement_finds_the_metadata_valid(browser: FlaskClient) -> None:
    from authlib.oidc.discovery import OpenIDProviderMetadata

    document = browser.get("/.well-known/openid-configuration").json
    document = {
        name: value.replace("http://localhost", "https://id.example") if isinstance(value, str) else value
        for name, value in document.items()
    }
    OpenIDProviderMetadata(document).validate()


@pytest.mark.parametrize(
    "address",
    [
        CALLBACK + "/",
        CALLBACK.upper(),
        CALLBACK.replace("portal.example", "PORTAL.example"),
        CALLBACK.replace("portal.example", "portal.example:443"),
        CALLBACK.replace("portal.example", "portal.example:8443"),
        CALLBACK + "?x=1",
        CALLBACK + "#x",
        CALLBACK.replace("/auth/", "/x/../auth/"),
        CALLBACK.replace("https://", "https://portal.example@evil.example/"),
        CALLBACK.replace("https://", "https://user@"),
        CALLBACK.replace("https", "http"),
        CALLBACK + "%00",
        CALLBACK.replace("/auth/", "/auth%2F"),
        CALLBACK.replace("/auth/", "/%61uth/"),
        CALLBACK.replace("/auth/", "/auth/./"),
        CALLBACK.replace("portal.example", "portal.example."),
        CALLBACK + "&x=1",
        CALLBACK + " ",
        "https://evil.example/",
        "javascript:alert(1)",
        "//portal.example/auth/moothall/callback",
        "/auth/moothall/callback",
        "",
        "x" * 5000,
        "https://portal.example\\@evil.example",
    ],
)
def test_op_05_bcp_11_bcp_19_an_unregistered_address_gets_a_page_and_no_redirect(
    portal: Portal, browser: FlaskClient, address: str
) -> None:
    for more in ({}, {"prompt": "none"}, {"response_type": "token"}, {"code_challenge": ""}):
        answer = browser.get("/authorize?" + urlencode(GOOD | {"redirect_uri": address} | more))
        assert answer.status_code == 400
        assert "Location" not in answer.headers
        assert "<h1" in answer.text


@pytest.mark.parametrize("client_id", ["", "unknown", "portal ", "PORTAL", "x" * 5000, "\x00", "ü", "portal\n"])
def test_bcp_19_an_unknown_client_gets_a_page_and_no_redirect(
    portal: Portal, browser: FlaskClient, client_id: str
) -> None:
    answer = browser.get("/authorize?" + urlencode(GOOD | {"client_id": client_id}))
    assert answer.status_code == 400
    assert "Location" not in answer.headers


ODD = [None, "", "x" * 9000, "\x00", "\r\nSet-Cookie: a=b", "ü", '"\\', "-1", "[]", "{}", " ", "none login"]


def test_odd_parameters_in_a_body_are_asked_again_here_and_nowhere_else(portal: Portal, browser: FlaskClient) -> None:
    for name in (*LONGEST, "unknown"):
        for value in ODD:
            sent = urlencode([*GOOD.items(), (name, value or "")])
            answer = browser.post("/authorize", data=sent, content_type=FORM)
            assert answer.status_code == 303
            moved = urlsplit(answer.location)
            if f"{moved.scheme}://{moved.netloc}{moved.path}" == GOOD["redirect_uri"]:
                assert parse_qsl(moved.query)[0] == ("error", "invalid_request"), "too long to be asked again"
                continue
            assert (moved.scheme, moved.netloc, moved.path) == ("", "", "/authorize")
            again = parse_qsl(moved.query, keep_blank_values=True)
            asked = [(each, text) for each, text in parse_qsl(sent, keep_blank_values=True) if each in LONGEST]
            assert sorted(again) == sorted((each, text[: LONGEST[each] + 1]) for each, text in asked)


FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "email"}, "invalid_scope"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"request": "x.y.z"}, "request_not_supported"),
        ({"request_uri": "https://portal.example/r"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "none"}, "login_required"),
        ({"max_age": "soon"}, "invalid_request"),
    ],
)
def test_bcp_12_bcp_18_mistakes_go_back_to_the_client_with_state_and_iss(
    portal: Portal, browser: FlaskClient, change: dict[str, str | None], error: str
) -> None:
    answer = answer_in(browser.get(portal.ask(**change)).location)
    assert (answer["error"], answer["state"], answer["iss"]) == (error, "state-1", ISSUER)


def test_unknown_and_merely_decorative_parameters_change_nothing(
    portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    back = sign_in(
        browser,
        portal.ask(display="popup", claims_locales="se", acr_values="1 2", extra="foobar", claims='{"userinfo":{}}'),
    )
    assert "code" in answer_in(back)


def test_op_09_bcp_15_pages_cannot_be_framed_or_stored_and_authorize_is_closed_to_scripts(
    portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    tokens = tokens_for(portal, browser)
    page = browser.get(browser.get(portal.ask(prompt="login")).location)
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    for answer in (page, browser.get(portal.ask()), portal.userinfo(tokens["access_token"]), portal.exchange("x")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_sign_in_form_may_lead_to_the_client_s_origin(portal: Portal, browser: FlaskClient) -> None:
    page = browser.get(browser.get(portal.ask()).location)
    assert "form-action 'self' https://portal.example;" in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "uri",
    [
        "http://portal.example/cb",
        "https://portal.example/cb#f",
        "https://*.example/cb",
        "https://user@portal.example/cb",
        "portal.example/cb",
        "javascript:alert(1)",
        "myapp:/cb",
        "https://portal.example:99999/cb",
        "https://portal.example/c b",
    ],
)
def test_bcp_13_an_unsafe_redirect_uri_cannot_be_registered(app: Flask, uri: str) -> None:
    with pytest.raises(SetupError, match="redirect URI"):
        add_portal(app, redirect_uris=[uri])


def test_bcp_13_http_is_for_this_machine_only(app: Flask) -> None:
    add_portal(app, redirect_uris=["http://localhost:8000/cb", "http://127.0.0.1/cb", "http://[::1]:9/cb"])


def test_prompt_login_asks_again_and_gives_a_new_auth_time(
    at: Clock, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    first = portal.claims(tokens_for(portal, browser)["id_token"])
    at.advance(seconds=5)
    assert "code" in answer_in(browser.get(portal.ask(prompt="none")).location)
    second = portal.claims(tokens_for(portal, browser, prompt="login")["id_token"])
    assert second["auth_time"] == first["auth_time"] + 5
    assert second["sid"] == first["sid"]  # the same sign-in, renewed: no client has been signed out


def test_max_age_asks_again_once_it_has_passed(
    at: Clock, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    first = portal.claims(tokens_for(portal, browser)["id_token"])
    at.advance(seconds=10)
    assert "code" in answer_in(browser.get(portal.ask(max_age="10000")).location)
    assert answer_in(browser.get(portal.ask(max_age="1", prompt="none")).location)["error"] == "login_required"
    second = portal.claims(tokens_for(portal, browser, max_age="1")["id_token"])
    assert second["auth_time"] >= first["auth_time"] + 10
    assert "code" in answer_in(sign_in(browser, portal.ask(max_age="0")))


def test_id_token_hint_of_the_same_person_passes_and_of_another_asks(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    add_person(app, "other@example.org")
    hers = tokens_for(portal, browser)["id_token"]
    assert "code" in answer_in(browser.get(portal.ask(prompt="none", id_token_hint=hers)).location)
    elsewhere = app.test_client()
    sign_in(elsewhere, portal.ask(), email="other@example.org")
    refused = answer_in(elsewhere.get(portal.ask(prompt="none", id_token_hint=hers)).location)
    assert refused["error"] == "login_required"
    forged = answer_in(browser.get(portal.ask(id_token_hint="x.y.z")).location)
    assert forged["error"] == "invalid_request"


def test_login_hint_and_ui_locales_are_respected(portal: Portal, browser: FlaskClient) -> None:
    to_page = browser.get(portal.ask(login_hint="sam@example.org", ui_locales="fr cy en")).location
    page = browser.get(to_page)
    assert 'value="sam@example.org"' in page.text
    assert '<html lang="cy"' in page.text


def test_fifty_unfinished_sign_ins_cost_nothing(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    pages = [browser.get(portal.ask(state=f"state-{number}")).location for number in range(50)]
    for page in pages:
        browser.get(page)
    answer = post_form(browser, pages[0], email="priya@example.org", password=PASSWORD)
    assert answer_in(browser.get(answer.location).location)["state"] == "state-0"
    assert answer_in(browser.get(portal.ask(state="state-49")).location)["state"] == "state-49"
