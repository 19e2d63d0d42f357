"""Requests and answers of the shape of GOV.UK One Login, one parameter at a time."""

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import KeySet
from sqlalchemy import select

from portal import clock
from portal.db.session import session
from portal.errors import SetupError
from portal.provider import operations, sign_ins
from portal.provider.back_channel import EVENT, logout_token
from portal.provider.queries import find_client, get_login
from portal.settings.own_provider import OwnProvider
from tests.integration.provider.flows import CHALLENGE, Portal
from tests.integration.provider.one_login import ISSUER, OURS, app, ask, browser, built, portal, refused, tokens
from tests.support.fixtures import Clock
from tests.support.settings import settings_for

__all__ = ["app", "browser", "built", "portal"]


@pytest.mark.parametrize("vtr", [None, '["Cl.Cm"]', '["Cm.Cl"]'])
def test_gov_15_18_the_id_token_says_the_credentials_and_no_acr(
    portal: Portal, browser: FlaskClient, vtr: str | None
) -> None:
    given = tokens(portal, browser, ask(portal, vtr=vtr))
    assert (given["expires_in"], given["token_type"], "refresh_token" in given) == (180, "Bearer", False)
    claims = portal.claims(given["id_token"])
    assert (claims["vot"], claims["vtm"]) == ("Cl.Cm", f"{ISSUER}trustmark")
    assert (claims["iss"], claims["nonce"]) == (ISSUER, "nonce-1")
    assert claims["sub"].startswith("urn:fdc:")
    assert {"sid", "auth_time"} <= set(claims)
    assert not {"acr", "amr"} & set(claims)
    told = portal.userinfo(given["access_token"]).json
    assert told == {"sub": claims["sub"], "email": "priya@demo.example", "email_verified": True}


def test_gov_05_one_factor_is_enough_for_cl_and_not_for_more(app: Flask, portal: Portal, browser: FlaskClient) -> None:
    with app.app_context():
        login = get_login(session().scalars(select(sign_ins.Login.id)).one())
        login.amr = ["demo"]
        session().commit()
    assert "/second-step?" in browser.get(ask(portal)).location
    assert portal.claims(tokens(portal, browser, ask(portal, vtr='["Cl"]'))["id_token"])["vot"] == "Cl"


@pytest.mark.parametrize(
    "vtr",
    [
        '["P2"]',
        '["Cl.P2"]',
        '["Cl.Cm.P1"]',
        '["Cl.Cm.P9"]',
        '["Cl","Cl.Cm"]',
        "[]",
        "Cl.Cm",
        "{}",
        "[1]",
        '[["Cl"]]',
        "7",
        "[" * 150,
    ],
)
def test_gov_05_another_vector_is_not_valid(portal: Portal, browser: FlaskClient, vtr: str) -> None:
    assert refused(browser, ask(portal, vtr=vtr)) == ("invalid_request", "Request vtr not valid")


@pytest.mark.parametrize("name", ["state", "nonce"])
def test_gov_03_04_state_and_nonce_are_required(portal: Portal, browser: FlaskClient, name: str) -> None:
    without: dict[str, str | None] = {name: None}
    assert refused(browser, ask(portal, **without)) == ("invalid_request", f"{name} is missing")


@pytest.mark.parametrize("scope", ["openid profile", "openid offline_access", "openid wallet"])
def test_gov_02_only_its_scopes(portal: Portal, browser: FlaskClient, scope: str) -> None:
    assert refused(browser, ask(portal, scope=scope))[0] == "invalid_scope"


@pytest.mark.parametrize("hinted", [False, True])
def test_gov_10_prompt_login_counts_within_a_request_object_that_says_whom_alone(
    portal: Portal, browser: FlaskClient, hinted: bool
) -> None:
    assert refused(browser, ask(portal, prompt="login"))[0] == "invalid_request"
    hint = {"id_token_hint": tokens(portal, browser, ask(portal))["id_token"]} if hinted else {}
    said = {
        "iss": "portal",
        "aud": f"{ISSUER}authorize",
        "exp": int((clock.now() + timedelta(minutes=5)).timestamp()),
        "response_type": "code",
        "client_id": "portal",
        "redirect_uri": portal.redirect_uri,
        "scope": "openid",
        "state": "s",
        "nonce": "n",
        "prompt": "login",
        "vtr": '["Cl.Cm"]',
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **hint,
    }
    signed = jwt.encode({"alg": "ES256", "kid": "ours"}, said, OURS)
    beside: dict[str, str | None] = dict.fromkeys(
        ("redirect_uri", "state", "nonce", "code_challenge", "code_challenge_method")
    )
    answer = browser.get(ask(portal, request=signed, scope="openid", **beside))
    assert ("/sign-in?" in answer.location) is hinted
    assert ("code=" in answer.location) is not hinted


@pytest.mark.parametrize("may", [False, True])
def test_gov_09_max_age_counts_where_it_was_agreed(
    app: Flask, browser: FlaskClient, may: bool, portal: Portal, at: Clock
) -> None:
    with app.app_context():
        operations.ensure_client(
            "portal",
            title="Marlowe online",
            redirect_uris=[portal.redirect_uri],
            jwks={"keys": [OURS.as_dict(private=False)]},
            max_age=may,
        )
        session().commit()
    at.advance(minutes=5)
    assert ("/sign-in?" in browser.get(ask(portal, max_age="60")).location) is may


def test_gov_28_a_logout_token_names_the_person_and_neither_session_nor_type(
    app: Flask, portal: Portal, browser: FlaskClient
) -> None:
    claims = portal.claims(tokens(portal, browser, ask(portal))["id_token"])
    with app.app_context():
        client = find_client(portal.client_id)
        assert client
        made = logout_token(client, issuer=ISSUER, sid="one", sub=claims["sub"])
    keys = KeySet.import_key_set(app.test_client().get("/.well-known/jwks.json").json)
    token = jwt.decode(made, keys, algorithms=["ES256"])
    assert set(token.header) == {"alg", "kid"}
    assert set(token.claims) == {"iss", "aud", "iat", "exp", "jti", "events", "sub"}
    assert token.claims["events"] == {EVENT: {}}
    assert token.claims["sub"] == claims["sub"]


def test_gov_27_an_id_token_of_this_shape_is_taken_as_a_hint(app: Flask, portal: Portal, browser: FlaskClient) -> None:
    given = tokens(portal, browser, ask(portal))
    target = "https://portal.example/signed-out"
    answer = browser.get(f"/logout?id_token_hint={given['id_token']}&post_logout_redirect_uri={target}&state=s")
    assert answer.location == f"{target}?state=s"
    assert portal.userinfo(given["access_token"]).status_code == 401


@pytest.mark.parametrize("path", ["/par", "/revoke"])
def test_what_one_login_does_not_offer_is_not_there(app: Flask, path: str) -> None:
    assert app.test_client().post(path, data={}).status_code == 404


@pytest.mark.parametrize("way", ["none", "body", "basic"])
def test_userinfo_takes_the_token_in_the_header_alone(
    app: Flask, portal: Portal, browser: FlaskClient, way: str
) -> None:
    token = tokens(portal, browser, ask(portal))["access_token"]
    client = app.test_client()
    if way == "body":
        answer = client.post("/userinfo", data={"access_token": token})
    else:
        answer = client.get("/userinfo", headers={"Authorization": f"Basic {token}"} if way == "basic" else {})
    assert answer.status_code == 401


def test_the_shape_is_for_the_demo_alone(database_url: str) -> None:
    with pytest.raises(SetupError, match="outside the demo"):
        settings_for(database_url, own_provider=OwnProvider(issuer=ISSUER, shape="one_login"))
