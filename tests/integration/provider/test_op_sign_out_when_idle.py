"""Signing out after the idle limit ends the sign-in all the same, here and at the clients. OP-12, BCP-16."""

import re
import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from portal.db.session import session
from portal.provider.state import KEY
from tests.integration.provider.flows import AFTER_LOGOUT, SECRET, Portal, add_person, add_portal, tokens_for
from tests.integration.provider.people_with_factors import signs_in
from tests.support.fixtures import Clock

TOLD = text("select count(*) from jobs.procrastinate_jobs where task_name = 'provider.tell_client'")
ASKED = {"scope": "openid offline_access"}


@pytest.fixture
def portal(app: Flask) -> Portal:
    """A client that keeps refresh tokens and wants to hear of sign-outs."""
    scopes = ["openid", "offline_access"]
    return add_portal(app, scopes=scopes, backchannel_logout_uri="https://portal.example/bc")


def refresh(portal: Portal, token: str) -> int:
    sent = {"grant_type": "refresh_token", "refresh_token": token}
    return portal.app.test_client().post("/token", data=sent, auth=(portal.client_id, SECRET)).status_code


def told(app: Flask) -> int:
    with app.app_context():
        return session().scalar(TOLD) or 0


def grow_idle(app: Flask, at: Clock) -> None:
    at.advance(minutes=app.extensions[KEY].settings.sessions.idle_minutes + 1)


def button(browser: FlaskClient, page: str = "/logout") -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text)
    assert found
    return found[1]


def test_bcp_16_sign_out_on_a_page_left_open_past_the_idle_limit_ends_tokens_and_tells_clients(
    at: Clock, app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    token = tokens_for(portal, browser, **ASKED)["refresh_token"]
    pressed = button(browser)
    grow_idle(app, at)
    assert browser.post("/sign-out", data={"csrf_token": pressed}).location == "/signed-out"
    assert told(app) == 1
    assert refresh(portal, token) == 400


def test_op_logout_of_an_idle_sign_in_asks_and_does_not_say_that_it_is_over(
    at: Clock, app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    token = tokens_for(portal, browser, **ASKED)["refresh_token"]
    grow_idle(app, at)
    asked = f"/logout?client_id=portal&post_logout_redirect_uri={AFTER_LOGOUT}"
    page = browser.get(asked)
    assert page.status_code == 200
    assert "Do you want to sign out?" in page.text
    answer = browser.post("/sign-out", data={"csrf_token": button(browser, asked)})
    assert answer.status_code == 303
    assert (told(app), refresh(portal, token)) == (1, 400)


def test_op_logout_by_the_client_s_hint_ends_an_idle_sign_in(
    at: Clock, app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    tokens = tokens_for(portal, browser, **ASKED)
    at.advance(days=2)  # the hint is no longer fresh by itself
    asked = f"/logout?id_token_hint={tokens['id_token']}&post_logout_redirect_uri={AFTER_LOGOUT}"
    assert browser.get(asked).location == AFTER_LOGOUT
    assert (told(app), refresh(portal, tokens["refresh_token"])) == (1, 400)


def test_bcp_16_another_person_s_sign_in_ends_an_idle_one_in_the_same_browser(
    at: Clock, app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    add_person(app, "two@example.org")
    token = tokens_for(portal, browser, **ASKED)["refresh_token"]
    grow_idle(app, at)
    signs_in(browser, email="two@example.org")
    assert (told(app), refresh(portal, token)) == (1, 400)


def test_bcp_16_sign_out_after_coming_back_from_idling_ends_what_was_granted_before_it(
    at: Clock, app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    token = tokens_for(portal, browser, **ASKED)["refresh_token"]
    grow_idle(app, at)
    signs_in(browser)
    assert told(app) == 0, "the same person has come back: nobody hears of a sign-out"
    browser.post("/sign-out", data={"csrf_token": button(browser)})
    assert (told(app), refresh(portal, token)) == (1, 400)
