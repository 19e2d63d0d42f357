"""RP-initiated logout: redirects only where the client in the hint has registered, otherwise shows a page."""

import base64
import re
import uuid
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey

from portal.provider.state import KEY
from tests.integration.provider.flows import (
    AFTER_LOGOUT,
    SECRET,
    Portal,
    add_person,
    add_portal,
    answer_in,
    sign_in,
    tokens_for,
)
from tests.support.fixtures import Clock


def signed_in(portal: Portal, browser: FlaskClient) -> bool:
    return "code" in answer_in(browser.get(portal.ask(prompt="none")).location)


def logout(**values: str) -> str:
    return "/logout?" + urlencode(values)


def test_op_logout_with_a_good_hint_ends_the_session_and_goes_back(
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
def test_op_logout_to_an_address_that_is_not_registered(
    portal: Portal, priya: uuid.UUID, browser: FlaskClient, uri: str
) -> None:
    hint = tokens_for(portal, browser)["id_token"]
    answer = browser.get(logout(id_token_hint=hint, post_logout_redirect_uri=uri, state="s"))
    assert answer.location == "/signed-out"
    assert "You are signed out" in browser.get("/signed-out").text
    assert not signed_in(portal, browser)


# --- The rows of the certification: in every bad case a page, and nobody is sent anywhere.


def is_asked(portal: Portal, browser: FlaskClient, address: str) -> bool:
    """Whether the person is asked on a page, is sent nowhere and stays signed in."""
    answer = browser.get(address)
    asked = answer.status_code == 200 and "Do you want to sign out?" in answer.text
    return asked and answer.location is None and signed_in(portal, browser)


def forged(portal: Portal, hint: str, *, key: Any = None, typ: str = "JWT", **changes: object) -> str:
    """The hint's claims with `changes`, signed again: by our own key unless another is given."""
    ours = portal.app.extensions[KEY].ring.keys().signing["ES256"]
    head = {"alg": "ES256", "typ": typ, "kid": ours.kid}
    return jwt.encode(head, portal.claims(hint) | changes, key or ours, algorithms=["ES256"])


TO = {"post_logout_redirect_uri": AFTER_LOGOUT, "state": "s"}


def test_op_logout_by_somebody_else_s_signature(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    hint = tokens_for(portal, browser)["id_token"]
    stranger = ECKey.generate_key("P-256", private=True)
    assert is_asked(portal, browser, logout(id_token_hint=forged(portal, hint, key=stranger), **TO))


def test_op_logout_with_a_modified_hint(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    head, body, tail = tokens_for(portal, browser)["id_token"].split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none"}').decode().rstrip("=")
    for modified in (f"{none}.{body}.", f"{none}.{body}.{tail}", f"{head}.{body}.{tail[:-4]}AAAA", f"{head}.{body}."):
        assert is_asked(portal, browser, logout(id_token_hint=modified, **TO))


def test_op_logout_without_a_hint(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    tokens_for(portal, browser)
    assert is_asked(portal, browser, logout(**TO))
    assert is_asked(portal, browser, logout(client_id="portal", **TO))


def test_op_logout_without_parameters(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    tokens_for(portal, browser)
    assert is_asked(portal, browser, "/logout")


def test_op_logout_with_state_alone(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    tokens_for(portal, browser)
    assert is_asked(portal, browser, logout(state="s"))


def test_op_logout_without_state(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    hint = tokens_for(portal, browser)["id_token"]
    answer = browser.get(logout(id_token_hint=hint, post_logout_redirect_uri=AFTER_LOGOUT))
    assert answer.location == AFTER_LOGOUT


def test_op_logout_without_an_address(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    hint = tokens_for(portal, browser)["id_token"]
    answer = browser.get(logout(id_token_hint=hint, state="s"), follow_redirects=True)
    assert "You are signed out" in answer.text
    assert not signed_in(portal, browser)


def test_op_logout_where_the_hint_names_several_clients(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    add_portal(app, "other")
    hint = forged(portal, tokens_for(portal, browser)["id_token"], aud=["portal", "elsewhere"])
    assert is_asked(portal, browser, logout(id_token_hint=hint, **TO))
    assert is_asked(portal, browser, logout(id_token_hint=hint, client_id="other", **TO))
    assert is_asked(portal, browser, logout(id_token_hint=hint, client_id="elsewhere", **TO))
    answer = browser.get(logout(id_token_hint=hint, client_id="portal", **TO))
    assert answer.location == f"{AFTER_LOGOUT}?state=s"


def test_op_logout_by_another_client_than_the_hint_s(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    add_portal(app, "other")
    hint = tokens_for(portal, browser)["id_token"]
    assert is_asked(portal, browser, logout(id_token_hint=hint, client_id="other", **TO))
    assert is_asked(portal, browser, logout(id_token_hint=hint, client_id="portal", **TO) + "&client_id=other")


def test_op_logout_with_another_kind_of_token(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    hint = tokens_for(portal, browser)["id_token"]
    assert is_asked(portal, browser, logout(id_token_hint=forged(portal, hint, typ="logout+jwt"), **TO))


def test_op_logout_with_what_is_no_token(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    hint = tokens_for(portal, browser)["id_token"]
    for bad in ("x", "ü", "x" * 9000, "\x00", "..", "W10.W10.W10"):
        assert is_asked(portal, browser, logout(id_token_hint=bad, **TO)), bad[:20]
    assert is_asked(portal, browser, logout(id_token_hint=hint, **TO) + "&" + urlencode({"id_token_hint": hint}))


def test_op_logout_hint_whose_claims_are_of_the_wrong_type(
    portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    hint = tokens_for(portal, browser)["id_token"]
    for changes in ({"sub": 7}, {"sid": None}, {"sid": "x"}, {"aud": {}}, {"aud": []}, {"iss": "x"}, {"sub": "\x00"}):
        again = forged(portal, hint, **changes)
        assert is_asked(portal, browser, logout(id_token_hint=again, **TO)), changes


def test_op_logout_by_post(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    hint = tokens_for(portal, browser)["id_token"]
    moved = browser.post("/logout", data={"id_token_hint": hint, **TO})
    assert moved.status_code == 303
    assert browser.get(moved.location).location == f"{AFTER_LOGOUT}?state=s"
    assert not signed_in(portal, browser)


def test_op_logout_by_post_leaves_behind_what_is_odd(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    tokens_for(portal, browser)
    huge = {"id_token_hint": "x" * 100_000, "state": ["a", "b", "c"], "other": "y" * 100_000}
    moved = browser.post("/logout", data=huge)
    assert moved.location == "/logout?state=a&state=b"
    assert browser.post("/logout").location == "/logout"
    assert is_asked(portal, browser, moved.location)


def test_op_13_a_pairwise_client_s_hint(app: Flask, priya: uuid.UUID, browser: FlaskClient) -> None:
    portal = add_portal(app, "apart", subject_type="pairwise")
    hint = tokens_for(portal, browser)["id_token"]
    answer = browser.get(logout(id_token_hint=hint, **TO))
    assert answer.location == f"{AFTER_LOGOUT}?state=s"
    assert not signed_in(portal, browser)


def test_the_person_presses_sign_out(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
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


# --- Without a hint the person's own button is the proof.


def press_sign_out(browser: FlaskClient, address: str, **changes: str) -> str | None:
    """Press the button on the page that asks. Returns where that leads."""
    page = browser.get(address)
    form = re.search(r'<form method="post" action="/sign-out".*?</form>', page.text, re.DOTALL)
    assert form
    fields = {name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', form[0])}
    return browser.post("/sign-out", data=fields | changes).location


def test_op_logout_without_a_hint_goes_back_once_the_person_has_confirmed(
    portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    tokens_for(portal, browser)
    address = logout(client_id="portal", **TO | {"state": 's&"1'})
    assert is_asked(portal, browser, address)
    assert "form-action 'self' https://portal.example;" in browser.get(address).headers["Content-Security-Policy"]
    carried = {"client_id": "portal", **TO}
    assert browser.post("/sign-out", data=carried).status_code == 400  # a form of another site is nobody's button
    assert signed_in(portal, browser)
    assert press_sign_out(browser, address) == AFTER_LOGOUT + "?state=s%26%221"
    assert not signed_in(portal, browser)


@pytest.mark.parametrize(
    "said",
    [
        {"client_id": "other", **TO},
        {"client_id": "nobody", **TO},
        {"client_id": "\x00", **TO},
        TO,
        {"client_id": "portal", "state": "s"},
        {"client_id": "portal", "post_logout_redirect_uri": AFTER_LOGOUT + "/"},
        {"client_id": "portal", "post_logout_redirect_uri": "https://evil.example/"},
        {"client_id": "portal", "id_token_hint": "x", **TO},
        {"client_id": "portal", "id_token_hint": "", **TO},
        {"client_id": ["portal", "other"], **TO},
        {"client_id": "portal", "post_logout_redirect_uri": [AFTER_LOGOUT, AFTER_LOGOUT]},
    ],
)
def test_op_logout_without_a_hint_sends_nobody_where_it_is_not_registered(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient, said: dict[str, Any]
) -> None:
    add_portal(app, "other", post_logout_redirect_uris=["https://other.example/out"])
    tokens_for(portal, browser)
    address = "/logout?" + urlencode(said, doseq=True)
    assert is_asked(portal, browser, address)
    assert press_sign_out(browser, address) == "/signed-out"
    assert not signed_in(portal, browser)
    assert '<a href="/sign-in" role="button"' in browser.get("/signed-out").text


def test_op_logout_looks_again_at_what_the_button_carries(
    portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    tokens_for(portal, browser)
    asked = logout(client_id="portal", **TO)
    assert press_sign_out(browser, asked, post_logout_redirect_uri="https://evil.example/") == "/signed-out"


def test_op_logout_with_an_old_token_from_elsewhere_ends_nothing(
    at: Clock, app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    tokens = tokens_for(portal, browser)
    asked = logout(id_token_hint=tokens["id_token"], post_logout_redirect_uri=AFTER_LOGOUT)
    at.advance(seconds=301)
    assert app.test_client().get(asked).location == AFTER_LOGOUT  # where nobody is signed in
    assert signed_in(portal, browser)
    assert browser.get(asked).location == AFTER_LOGOUT
    assert not signed_in(portal, browser)


def test_op_logout_from_the_browser_of_an_idle_sign_in_ends_what_it_led_to(
    at: Clock, app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    portal = add_portal(app, "lasting", scopes=["openid", "offline_access"])
    tokens = tokens_for(portal, browser, scope="openid offline_access")
    at.advance(hours=3)
    browser.get(logout(id_token_hint=tokens["id_token"]))
    form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    assert app.test_client().post("/token", data=form, auth=("lasting", SECRET)).json["error"] == "invalid_grant"


def test_op_logout_by_head_ends_nothing(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    hint = tokens_for(portal, browser)["id_token"]
    answer = browser.head(logout(id_token_hint=hint, **TO))
    assert (answer.status_code, answer.location) == (200, None)
    assert signed_in(portal, browser)
