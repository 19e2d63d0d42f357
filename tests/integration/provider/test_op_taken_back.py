"""What was taken back buys nothing, whatever was on its way at that moment (RFC 9700 4.5, OP-06)."""

import threading
import uuid
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, delete, select, text, update

from portal import clock
from portal.db.session import session
from portal.provider import codes, refresh, revocation
from portal.provider.access_tokens import new_token
from portal.provider.models import AccessToken, Consent, Login, RefreshFamily
from portal.provider.queries import find_client
from tests.integration.provider.flows import (
    CALLBACK,
    SECRET,
    VERIFIER,
    Portal,
    add_portal,
    answer_in,
    link_in,
    post_form,
    sign_in,
    signed_in_at_once,
    tokens_for,
)

LASTING = {"scopes": ["openid", "email", "profile", "offline_access"]}
OFFLINE = "openid email offline_access"


def refreshed(app: Flask, client_id: str, token: str, **more: str) -> Any:
    """The answer to a refresh token."""
    form = {"grant_type": "refresh_token", "refresh_token": token, **more}
    return app.test_client().post("/token", data=form, auth=(client_id, SECRET))


# --- A code handed out before: by every way, and each guard alone.


def test_op_06_a_code_given_before_signing_out_buys_nothing(
    portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    code = answer_in(sign_in(browser, portal.ask()))["code"]
    page = browser.get("/logout").text
    browser.post("/sign-out", data={"csrf_token": page.split('name="csrf_token" value="')[1].split('"')[0]})
    assert portal.exchange(code).json["error"] == "invalid_grant"


def test_op_06_a_code_given_before_a_new_password_buys_nothing(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    code = answer_in(sign_in(browser, portal.ask()))["code"]
    stranger = app.test_client()
    post_form(stranger, "/forgotten-password", email="priya@example.org")
    assert post_form(stranger, link_in(app), password="another three words").status_code == 303
    assert portal.exchange(code).json["error"] == "invalid_grant"


@pytest.mark.parametrize("guard", ["the sign-in has ended", "the code was taken back"])
def test_op_06_each_guard_of_a_code_holds_alone(app: Flask, portal: Portal, browser: FlaskClient, guard: str) -> None:
    signed_in_at_once(app, browser)
    code = answer_in(browser.get(portal.ask()).location)["code"]
    with app.app_context():
        if guard == "the sign-in has ended":
            session().execute(update(Login).values(ended_at=clock.now()))
        else:
            revocation.revoke_logins(select(Login.id))
        session().commit()
    assert portal.exchange(code).json["error"] == "invalid_grant"


@pytest.mark.parametrize("guard", ["the sign-in has ended", "the token was taken back"])
def test_bcp_16_each_guard_of_tokens_holds_alone(app: Flask, browser: FlaskClient, guard: str) -> None:
    portal = add_portal(app, "lasting", **LASTING)
    signed_in_at_once(app, browser)
    tokens = portal.exchange(answer_in(browser.get(portal.ask(scope=OFFLINE)).location)["code"]).json
    with app.app_context():
        if guard == "the sign-in has ended":
            session().execute(update(Login).values(ended_at=clock.now()))
        else:
            for table in (AccessToken, RefreshFamily):
                session().execute(update(table).values(revoked_at=clock.now()))
        session().commit()
    assert portal.userinfo(tokens["access_token"]).status_code == 401
    assert refreshed(app, "lasting", tokens["refresh_token"]).json["error"] == "invalid_grant"


# --- Taken back while a code is being exchanged.


@pytest.mark.parametrize("how", ["consent", "sign-in"])
def test_op_what_is_taken_back_while_a_code_is_exchanged_is_taken_back_with_all_that_came_of_it(
    app: Flask, browser: FlaskClient, cleaning_engine: Engine, how: str
) -> None:
    portal = add_portal(app, "lasting", **LASTING)
    signed_in_at_once(app, browser)
    code = answer_in(browser.get(portal.ask(scope=OFFLINE)).location)["code"]

    def take_back() -> None:
        with app.test_request_context():
            login = session().scalars(select(Login)).one()
            if how == "consent":
                revocation.revoke_client(login.person_id, "lasting")
            else:
                revocation.revoke_logins(select(Login.id))
            session().commit()

    with app.test_request_context():
        client, form = find_client("lasting"), {"code": code, "code_verifier": VERIFIER, "redirect_uri": CALLBACK}
        assert client is not None
        session().connection()
        token = new_token()
        kept = refresh.begin_family(codes.spend(client, form, token))
        beside = threading.Thread(target=take_back)
        beside.start()
        wait_for_a_lock(cleaning_engine)
        session().commit()
        beside.join()
    assert portal.userinfo(token.secret).status_code == 401
    assert refreshed(app, "lasting", kept).json["error"] == "invalid_grant"


def wait_for_a_lock(engine: Engine) -> None:
    """Until somebody waits for what another holds."""
    query = text(
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    )
    for _ in range(200):
        with engine.connect() as connection:
            if connection.execute(query).scalar_one():
                return
        threading.Event().wait(0.01)
    raise AssertionError("nobody waits")


def test_op_a_code_buys_nothing_once_the_consent_is_gone(app: Flask, browser: FlaskClient) -> None:
    """As when it was given in the very moment in which the consent was taken back."""
    portal = add_portal(app, "choir", consent=True)
    signed_in_at_once(app, browser)
    back = browser.get(post_form(browser, browser.get(portal.ask()).location, answer="allow").location).location
    with app.app_context():
        session().execute(delete(Consent))
        session().commit()
    assert portal.exchange(answer_in(back)["code"]).json["error"] == "invalid_grant"


# --- A registration that became narrower.


def test_op_11_a_refresh_follows_a_registration_that_became_narrower(
    app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    portal = add_portal(app, "lasting", **LASTING)
    tokens = tokens_for(portal, browser, scope=OFFLINE, claims='{"id_token":{"name":null,"email":null}}')
    add_portal(app, "lasting", scopes=["openid", "profile", "offline_access"])
    asked_for_more = refreshed(app, "lasting", tokens["refresh_token"], scope="openid email")
    assert asked_for_more.json["error"] == "invalid_scope"
    answer = refreshed(app, "lasting", tokens["refresh_token"]).json
    assert set(answer["scope"].split()) == {"openid", "offline_access"}
    assert set(portal.userinfo(answer["access_token"]).json) == {"sub"}
    said = portal.claims(answer["id_token"])
    assert "name" in said
    assert "email" not in said
    add_portal(app, "lasting", scopes=["openid", "email"])
    assert refreshed(app, "lasting", answer["refresh_token"]).json["error"] == "unauthorized_client"
    add_portal(app, "lasting", **LASTING)
    assert "email" in refreshed(app, "lasting", answer["refresh_token"]).json["scope"]
