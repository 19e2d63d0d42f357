"""How a browser is led away from a form of ours: by a page where a redirect might be held to that form's policy."""

import re
import uuid
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.integration.provider.flows import AFTER_LOGOUT, CALLBACK, Portal, add_portal
from tests.integration.provider.people_with_factors import signs_in

FROM_OUR_FORM = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


def after_signing_in(browser: FlaskClient, asked: str) -> str:
    """Where the answer to the sign-in form leads."""
    return signs_in(browser, page=browser.get(asked).location).location


def test_op_a_browser_that_comes_from_a_form_goes_to_the_client_by_a_page_of_its_own(
    portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    answer = browser.get(after_signing_in(browser, portal.ask()), headers=FROM_OUR_FORM)
    assert answer.status_code == 200
    assert answer.location is None
    seconds, _, address = answer.headers["Refresh"].partition("; url=")
    assert seconds == "0"
    assert address.startswith(f"{CALLBACK}?code=")
    assert f'href="{address}"' in unescape(answer.text), "for whoever has forbidden it to go on by itself"
    assert "Going back to Marlowe online" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("site", [None, "none", "cross-site", "same-site"])
def test_op_everybody_else_is_redirected(
    portal: Portal, priya: uuid.UUID, browser: FlaskClient, site: str | None
) -> None:
    said = {"Sec-Fetch-Site": site} if site else {}
    answer = browser.get(after_signing_in(browser, portal.ask()), headers=said)
    assert answer.status_code == 303
    assert answer.location.startswith(f"{CALLBACK}?code=")


def test_op_a_client_at_our_own_address_is_redirected_to_with_no_page_between(
    app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    """So the demo's one click costs nothing more."""
    portal = add_portal(app, redirect_uris=["http://localhost/auth/callback"])
    portal.redirect_uri = "http://localhost/auth/callback"
    answer = browser.get(after_signing_in(browser, portal.ask()), headers=FROM_OUR_FORM)
    assert answer.status_code == 303
    assert answer.location.startswith("http://localhost/auth/callback?code=")


def test_op_sign_out_by_the_button_leaves_by_a_page_too(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    signs_in(browser)
    asked = {"client_id": "portal", "post_logout_redirect_uri": AFTER_LOGOUT}
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/logout", query_string=asked).text)
    assert token
    answer = browser.post("/sign-out", data=asked | {"csrf_token": token[1]}, headers=FROM_OUR_FORM)
    assert (answer.status_code, answer.headers["Refresh"]) == (200, f"0; url={AFTER_LOGOUT}")
