"""The demo's named people: one click in the demo, and nothing at all outside it."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.errors import Refused
from portal.provider import operations
from tests.integration.provider.flows import (
    PASSWORD,
    Portal,
    add_person,
    add_portal,
    answer_in,
    post_form,
    sign_in,
)


def test_demo_people_sign_in_with_one_click(demo_app: Flask) -> None:
    portal, browser = add_portal(demo_app), demo_app.test_client()
    settings = demo_app.extensions["moothall.provider"].settings
    sub = add_person(demo_app, password=None, demo=True, note="Has a report that was fixed", settings=settings)
    page = browser.get(browser.get(portal.ask()).location)
    assert "Sign in as Priya Shah" in page.text
    assert "Has a report that was fixed" in page.text
    action = re.search(r'action="(/demo-people/[^"]+)"', page.text)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert action
    assert token
    address = action[1].replace("&amp;", "&")
    assert browser.post(address).status_code == 400
    assert browser.get(address).status_code == 405
    answer = browser.post(address, data={"csrf_token": token[1]})
    tokens = portal.exchange(answer_in(browser.get(answer.location).location)["code"]).json
    claims = portal.claims(tokens["id_token"])
    assert (claims["sub"], claims["amr"]) == (str(sub), ["demo"])
    ways = browser.get("/your-sign-in").text
    assert "You have none: you are one of the demonstration’s invented people" in ways
    assert "your password" not in ways
    assert '<form method="post" action="/sign-out"' in ways


def test_one_click_never_signs_in_a_real_person(demo_app: Flask) -> None:
    sub, browser = add_person(demo_app), demo_app.test_client()
    page = browser.get("/sign-in")
    assert "Priya" not in page.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    assert browser.post(f"/demo-people/{sub}", data={"csrf_token": token[1]}).status_code == 404


def test_outside_the_demo_there_are_no_demo_people(
    app: Flask, demo_app: Flask, portal: Portal, browser: FlaskClient
) -> None:
    settings = demo_app.extensions["moothall.provider"].settings
    sub = add_person(demo_app, demo=True, settings=settings)
    page = browser.get(browser.get(portal.ask()).location)
    assert "Priya" not in page.text
    assert "demo-people" not in page.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    assert browser.post(f"/demo-people/{sub}", data={"csrf_token": token[1]}).status_code == 404
    assert browser.post(f"/demo-people/{sub}").status_code == 404
    # A demo's database carried elsewhere: neither a session made there nor a password lets them in.
    inside = demo_app.test_client()
    sign_in(inside, portal.ask())
    cookie = inside.get_cookie("moothall_id_login")
    assert cookie
    browser.set_cookie("moothall_id_login", cookie.value)
    assert answer_in(browser.get(portal.ask(prompt="none")).location)["error"] == "login_required"
    answer = post_form(browser, "/sign-in", email="priya@example.org", password=PASSWORD)
    assert "is not right" in answer.text


def test_demo_people_cannot_be_made_outside_the_demo(app: Flask) -> None:
    settings = app.extensions["moothall.provider"].settings
    with app.app_context():
        for given in (None, settings):
            with pytest.raises(Refused):
                operations.register_person(
                    email="x@example.org", password=None, given_name="X", family_name="Y", demo=True, settings=given
                )
