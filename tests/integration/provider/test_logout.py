"""RP-initiated logout: redirects only where the client in the hint has registered, otherwise shows a page."""

import uuid
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey

from portal.provider.state import KEY
from tests.integration.provider.flows import (
    AFTER_LOGOUT,
    Portal,
    add_person,
    add_portal,
    answer_in,
    post_form,
    sign_in,
    tokens_for,
)
from tests.support.fixtures import Clock


def signed_in(portal: Portal, browser: FlaskClient) -> bool:
    return "code" in answer_in(browser.get(portal.ask(prompt="none")).location)


def logout(**values: str) -> str:
    return "/logout?" + urlencode(values)


def test_logout_with_a_good_hint_ends_the_session_and_goes_back(
    portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    tokens = tokens_for(portal, browser)
    asked = logout(id_token_hint=tokens["id_token"], post_logout_redirect_uri=AFTER_LOGOUT, state="s&1")
    answer = browser.get(asked)
    assert (answer.status_code, answer.location) == (303, AFTER_LOGOUT + "?state=s%261")
    assert not signed_in(portal, browser)
    assert portal.userinfo(tokens["access_token"]).status_code == 401
    assert browser.get(asked).location == AFTER_LOGOUT + "?state=s%261"  # twice does no harm


def test_op_12_logout_by_post_with_an_expired_token_after_the_keys_were_rotated(
    at: Clock, app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    from portal.db.session import session
    from portal.provider import operations

    hint = tokens_for(portal, browser)["id_token"]
    with app.app_context():
        operations.rotate_keys(app.extensions[KEY].settings)
        session().commit()
    at.advance(days=3)
    app.extensions[KEY].ring._keys = None
    sign_in(browser, portal.ask())
    moved = browser.post("/logout", data={"id_token_hint": hint, "post_logout_redirect_uri": AFTER_LOGOUT})
    assert browser.get(moved.location).location == AFTER_LOGOUT
    assert not signed_in(portal, browser)


@pytest.mark.parametrize("uri", [AFTER_LOGOUT + "/", AFTER_LOGOUT + "?x=1", "https://evil.example/", "", "\x00"])
def test_a_post_logout_address_that_is_not_registered_gets_a_page(
    portal: Portal, priya: uuid.UUID, browser: FlaskClient, uri: str
) -> None:
    hint = tokens_for(portal, browser)["id_token"]
    answer = browser.get(logout(id_token_hint=hint, post_logout_redirect_uri=uri, state="s"))
    assert answer.location == "/signed-out"
    assert "You are signed out" in browser.get("/signed-out").text
    assert not signed_in(portal, browser)


def test_without_a_valid_hint_the_person_is_asked_and_never_sent_on(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    good = tokens_for(portal, browser)["id_token"]
    other = add_portal(app, "other")
    claims = portal.claims(good)
    stranger = ECKey.generate_key("P-256", private=True)
    forged = jwt.encode({"alg": "ES256", "typ": "JWT"}, claims, stranger, algorithms=["ES256"])
    ours = app.extensions[KEY].ring.keys().signing["ES256"]
    logout_token = jwt.encode(
        {"alg": "ES256", "typ": "logout+jwt", "kid": ours.kid}, claims, ours, algorithms=["ES256"]
    )
    head, body, tail = good.split(".")
    unsigned = "eyJhbGciOiJub25lIn0." + body + "."
    to = {"post_logout_redirect_uri": AFTER_LOGOUT, "state": "s"}
    asked = [logout(), logout(state="s"), logout(**to), logout(client_id="portal", **to)]
    for bad in (forged, unsigned, logout_token, f"{head}.{body}.{tail[:-4]}AAAA", "x", "ü", "x" * 9000, "\x00"):
        asked.append(logout(id_token_hint=bad, **to))
    asked.append(logout(id_token_hint=good, client_id=other.client_id, **to))
    asked.append(logout(id_token_hint=good, **to) + "&" + urlencode({"id_token_hint": good}))
    for address in asked:
        answer = browser.get(address)
        assert answer.status_code == 200, address[:100]
        assert "Do you want to sign out?" in answer.text
    assert signed_in(portal, browser)
    assert post_form(browser, asked[2], none="").status_code in (303, 405)


def test_the_person_presses_sign_out(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    import re

    tokens_for(portal, browser)
    page = browser.get("/logout")
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    assert browser.post("/sign-out").status_code == 400
    assert signed_in(portal, browser)
    assert browser.post("/sign-out", data={"csrf_token": token[1]}).location == "/signed-out"
    assert not signed_in(portal, browser)


def test_a_hint_about_somebody_else_does_not_sign_this_person_out(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    add_person(app, "other@example.org")
    elsewhere = app.test_client()
    hint = portal.exchange(answer_in(sign_in(elsewhere, portal.ask(), "other@example.org"))["code"]).json["id_token"]
    tokens_for(portal, browser)
    answer = browser.get(logout(id_token_hint=hint, post_logout_redirect_uri=AFTER_LOGOUT))
    assert "Do you want to sign out?" in answer.text
    assert signed_in(portal, browser)


def test_signing_out_with_nobody_signed_in_shows_the_page(portal: Portal, browser: FlaskClient) -> None:
    answer = browser.get(logout(), follow_redirects=True)
    assert "You are signed out" in answer.text
    assert "https://portal.example/" in answer.text
