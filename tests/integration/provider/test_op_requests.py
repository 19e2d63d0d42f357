"""What a certified provider does with each parameter of an authorization request (OIDF plans, Basic and Config OP)."""

import json
import re
import uuid
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.provider.levels import LEVELS, MFA, SFA
from tests.integration.provider.flows import (
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


def silently(portal: Portal, browser: FlaskClient, **changes: str | None) -> dict[str, str]:
    """What the client hears at once, with nobody asked anything."""
    answer = browser.get(portal.ask(**changes))
    assert answer.status_code == 303, answer.text
    assert answer.location.startswith(portal.redirect_uri + "?"), answer.location
    return answer_in(answer.location)


def asks_to_sign_in(portal: Portal, browser: FlaskClient, **changes: str | None) -> bool:
    return browser.get(portal.ask(**changes)).location.startswith("/sign-in?to=")


def claims_of(portal: Portal, answer: dict[str, str]) -> dict[str, Any]:
    """The claims of the ID token that this code leads to."""
    return portal.claims(portal.exchange(answer["code"]).json["id_token"])


@pytest.fixture
def signed_in(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> FlaskClient:
    """Priya's browser, after a first visit."""
    sign_in(browser, portal.ask())
    return browser


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


def test_op_prompt_login_gives_a_new_auth_time(at: Clock, portal: Portal, signed_in: FlaskClient) -> None:
    before = claims_of(portal, silently(portal, signed_in))["auth_time"]
    at.advance(seconds=5)
    assert asks_to_sign_in(portal, signed_in, prompt="login")
    after = claims_of(portal, answer_in(sign_in(signed_in, portal.ask(prompt="login"))))["auth_time"]
    assert after == before + 5


def test_op_prompt_none_not_logged_in_is_login_required(portal: Portal, browser: FlaskClient) -> None:
    answer = silently(portal, browser, prompt="none")
    assert (answer["error"], answer["state"], answer["iss"]) == ("login_required", "state-1", ISSUER)


def test_op_prompt_none_logged_in_gives_the_same_person_and_auth_time(portal: Portal, signed_in: FlaskClient) -> None:
    first = claims_of(portal, silently(portal, signed_in))
    second = claims_of(portal, silently(portal, signed_in, prompt="none"))
    assert [first[name] for name in ("sub", "auth_time", "sid")] == [
        second[name] for name in ("sub", "auth_time", "sid")
    ]


def test_op_prompt_none_is_consent_required_where_consent_is_missing(app: Flask, signed_in: FlaskClient) -> None:
    outside = add_portal(app, "outside")
    ask_for_consent(app, "outside")
    assert silently(outside, signed_in, prompt="none")["error"] == "consent_required"


def test_op_prompt_none_is_interaction_required_where_a_second_step_would_be_needed(
    portal: Portal, signed_in: FlaskClient
) -> None:
    assert silently(portal, signed_in, prompt="none", claims=needs(MFA))["error"] == "interaction_required"


def test_op_prompt_none_stands_alone(portal: Portal, signed_in: FlaskClient) -> None:
    for together in ("none login", "consent none", "none none login"):
        assert silently(portal, signed_in, prompt=together)["error"] == "invalid_request"


def test_op_prompt_select_account_lets_another_person_sign_in(
    app: Flask, portal: Portal, signed_in: FlaskClient
) -> None:
    other = add_person(app, "other@example.org")
    assert asks_to_sign_in(portal, signed_in, prompt="select_account")
    back = sign_in(signed_in, portal.ask(prompt="select_account"), email="other@example.org")
    assert claims_of(portal, answer_in(back))["sub"] == str(other)


@pytest.mark.parametrize("prompt", ["create", "Login", "login surprise", "NONE"])
def test_op_prompt_values_that_we_do_not_know_are_refused_and_not_overlooked(
    portal: Portal, signed_in: FlaskClient, prompt: str
) -> None:
    assert silently(portal, signed_in, prompt=prompt)["error"] == "invalid_request"


def test_op_max_age_1_asks_again_and_gives_a_new_auth_time(at: Clock, portal: Portal, signed_in: FlaskClient) -> None:
    before = claims_of(portal, silently(portal, signed_in))["auth_time"]
    at.advance(seconds=2)
    assert silently(portal, signed_in, max_age="1", prompt="none")["error"] == "login_required"
    after = claims_of(portal, answer_in(sign_in(signed_in, portal.ask(max_age="1"))))["auth_time"]
    assert after > before


def test_op_max_age_10000_keeps_the_sign_in_and_its_auth_time(
    at: Clock, portal: Portal, signed_in: FlaskClient
) -> None:
    before = claims_of(portal, silently(portal, signed_in))["auth_time"]
    at.advance(seconds=600)
    assert claims_of(portal, silently(portal, signed_in, max_age="10000"))["auth_time"] == before


def test_op_max_age_0_always_asks(at: Clock, portal: Portal, priya: uuid.UUID, signed_in: FlaskClient) -> None:
    sign_in(signed_in, portal.ask(prompt="login"))  # in this very instant: the clock stands still
    assert asks_to_sign_in(portal, signed_in, max_age="0")
    assert "code" in answer_in(sign_in(signed_in, portal.ask(max_age="0")))


def path_of(portal: Portal, browser: FlaskClient, **changes: str | None) -> str:
    """Where the sign-in page for this request leads back to."""
    return browser.get(portal.ask(**changes)).location.replace("/sign-in?", "/authorize?")


ASKS_ANEW = [{"prompt": "login"}, {"max_age": "0"}, {"prompt": "select_account"}]


@pytest.mark.parametrize("asked", ASKS_ANEW, ids=["prompt login", "max_age 0", "select_account"])
def test_op_a_sign_in_that_was_made_for_something_else_answers_no_request_to_sign_in_again(
    at: Clock, portal: Portal, priya: uuid.UUID, browser: FlaskClient, asked: dict[str, str]
) -> None:
    waits = path_of(portal, browser, **asked)
    for page in ("/sign-in", path_of(portal, browser, state="other", **asked).replace("/authorize?", "/sign-in?")):
        at.advance(minutes=5)
        assert post_form(browser, page, email="priya@example.org", password=PASSWORD).status_code == 303
        assert browser.get(waits).location.startswith("/sign-in?to="), page
    answer = post_form(browser, waits.replace("/authorize?", "/sign-in?"), email="priya@example.org", password=PASSWORD)
    assert "code" in answer_in(browser.get(answer.location).location)
    at.advance(minutes=16)
    assert browser.get(waits).location.startswith("/sign-in?to="), "nor for ever the one that it was made for"


def test_op_nobody_writes_down_that_they_have_signed_in_again(
    at: Clock, portal: Portal, signed_in: FlaskClient, app: Flask
) -> None:
    """Whoever finds a browser signed in can read and write its cookies, and still cannot confirm who they are."""
    waits = path_of(portal, signed_in, prompt="login")
    for mark in ("", "x", "ü", "0" * 64):
        signed_in.set_cookie("moothall_id_for", mark)
        assert signed_in.get(waits).location.startswith("/sign-in?to="), mark
    answer = post_form(
        signed_in, waits.replace("/authorize?", "/sign-in?"), email="priya@example.org", password=PASSWORD
    )
    assert "code" in answer_in(signed_in.get(answer.location).location)
    kept = signed_in.get_cookie("moothall_id_for")
    assert kept is not None
    at.advance(minutes=1)
    post_form(signed_in, "/sign-in", email="priya@example.org", password=PASSWORD)
    signed_in.set_cookie("moothall_id_for", kept.value)
    assert signed_in.get(waits).location.startswith("/sign-in?to="), "it was true of another moment"


def test_op_id_token_hint_of_who_is_signed_in_passes_silently(portal: Portal, signed_in: FlaskClient) -> None:
    hint = portal.exchange(silently(portal, signed_in)["code"]).json["id_token"]
    assert "code" in silently(portal, signed_in, prompt="none", id_token_hint=hint)


def test_op_id_token_hint_of_somebody_else_never_signs_in_the_wrong_one(
    app: Flask, portal: Portal, signed_in: FlaskClient
) -> None:
    hint = portal.exchange(silently(portal, signed_in)["code"]).json["id_token"]
    add_person(app, "other@example.org")
    elsewhere = app.test_client()
    back = sign_in(elsewhere, portal.ask(id_token_hint=hint), email="other@example.org")
    assert answer_in(back)["error"] == "login_required"


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


def test_op_a_sign_in_made_for_a_request_does_not_answer_it_for_hours(
    at: Clock, portal: Portal, signed_in: FlaskClient
) -> None:
    for how in ({"max_age": "60"}, {"prompt": "login"}):
        at.advance(seconds=61)
        to_page = signed_in.get(portal.ask(**how)).location
        back = post_form(signed_in, to_page, email="priya@example.org", password=PASSWORD).location
        at.advance(minutes=14)
        assert "code" in answer_in(signed_in.get(back).location)
        at.advance(minutes=2)
        assert signed_in.get(back).location.startswith("/sign-in?to=")


def test_op_request_uri_of_somebody_else_s_is_not_supported(portal: Portal, signed_in: FlaskClient) -> None:
    refused = silently(portal, signed_in, request_uri="https://portal.example/request.jwt")
    assert refused["error"] == "request_uri_not_supported"


def test_op_unsigned_request_object_is_not_supported(portal: Portal, signed_in: FlaskClient) -> None:
    unsigned = "eyJhbGciOiJub25lIn0.eyJjbGllbnRfaWQiOiJwb3J0YWwifQ."
    assert silently(portal, signed_in, request=unsigned)["error"] == "request_not_supported"


# --- The level of a sign-in.


def needs(*levels: str) -> str:
    return json.dumps({"id_token": {"acr": {"essential": True, "values": levels}}})


def test_op_acr_says_what_was_reached(portal: Portal, signed_in: FlaskClient) -> None:
    assert claims_of(portal, silently(portal, signed_in))["acr"] == SFA
    assert claims_of(portal, silently(portal, signed_in, acr_values=SFA))["acr"] == SFA
    assert claims_of(portal, silently(portal, signed_in, acr_values=f"{MFA} {SFA}"))["acr"] == SFA


def test_op_acr_values_that_nobody_knows_change_nothing(portal: Portal, signed_in: FlaskClient) -> None:
    assert claims_of(portal, silently(portal, signed_in, acr_values="1 2"))["acr"] == SFA


def test_op_acr_values_of_a_higher_level_lead_to_the_second_step(portal: Portal, signed_in: FlaskClient) -> None:
    to_page = signed_in.get(portal.ask(acr_values=MFA)).location
    assert to_page.startswith("/second-step?to=")


def test_op_acr_values_are_a_wish_that_a_person_may_decline(portal: Portal, signed_in: FlaskClient) -> None:
    back = signed_in.get(way_without(signed_in, portal.ask(acr_values=MFA))).location
    assert claims_of(portal, answer_in(back))["acr"] == SFA
    assert claims_of(portal, silently(portal, signed_in, acr_values=MFA, prompt="none"))["acr"] == SFA


def test_op_acr_declined_stays_declined_on_the_consent_page(app: Flask, portal: Portal, signed_in: FlaskClient) -> None:
    to_page = signed_in.get(way_without(signed_in, portal.ask(acr_values=MFA, prompt="consent"))).location
    assert to_page.startswith("/consent?")
    back = signed_in.get(post_form(signed_in, to_page, answer="allow").location).location
    assert claims_of(portal, answer_in(back))["acr"] == SFA


def way_without(browser: FlaskClient, asked: str) -> str:
    """The link on the page of the second step, for who has nothing to take it with."""
    page = browser.get(browser.get(browser.get(asked).location).location)
    found = re.search(r'href="(/authorize\?to=[^"]+)"', page.text)
    assert found, page.text
    return unescape(found[1])


def test_op_an_essential_acr_is_a_condition(portal: Portal, signed_in: FlaskClient) -> None:
    assert claims_of(portal, silently(portal, signed_in, claims=needs(SFA)))["acr"] == SFA
    assert silently(portal, signed_in, claims=needs("gold"))["error"] == "unmet_authentication_requirements"
    back = signed_in.get(way_without(signed_in, portal.ask(claims=needs(MFA)))).location
    assert answer_in(back)["error"] == "unmet_authentication_requirements"


def test_nobody_declines_a_level_beforehand_for_an_essential_acr(portal: Portal, signed_in: FlaskClient) -> None:
    to_page = signed_in.get(portal.ask(claims=needs(MFA)) + "&declined=1").location
    assert to_page.startswith("/second-step?to=")


# --- Claims asked for one by one.


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


def ask_for_consent(app: Flask, client_id: str) -> None:
    """Set the client so that people are asked before it learns anything."""
    from sqlalchemy import update

    from portal.db.session import session
    from portal.provider import remembered_clients
    from portal.provider.models import ClientRow

    with app.app_context():
        session().execute(update(ClientRow).where(ClientRow.id == client_id).values(consent=True))
        session().commit()
        remembered_clients.forget()
