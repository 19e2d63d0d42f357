"""Two tabs at the sign-in page: the first to sign in makes the other's form an old one, and both end well."""

import re
import uuid

from flask import Flask
from flask.testing import FlaskClient

from tests.integration.provider.flows import (
    CALLBACK,
    PASSWORD,
    Portal,
    add_person,
    add_portal,
    answer_in,
    link_in,
    post_form,
    sign_in,
)

HERE = {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}
PRIYA = {"email": "Priya@Example.org ", "password": PASSWORD}
TO_THE_PORTAL = "form-action 'self' https://portal.example;"


def opened(browser: FlaskClient, portal: Portal, **changes: str) -> tuple[str, str]:
    """A tab at the sign-in page: its address and the token of its forms."""
    address = browser.get(portal.ask(**changes)).location
    return address, opened_at(browser, address)


def opened_at(browser: FlaskClient, address: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(address).text)
    assert found
    return found[1]


def test_the_second_tab_goes_on_to_the_portal(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    address, token = opened(browser, portal, state="second")
    sign_in(browser, portal.ask(state="first"))
    answer = browser.post(address, data={"csrf_token": token, **PRIYA}, headers=HERE)
    assert answer.status_code == 303
    back = browser.get(answer.location).location
    assert back.startswith(CALLBACK)
    assert answer_in(back)["state"] == "second"


def test_the_second_tab_asks_again_where_its_client_wants_the_person_asked_for_it(
    portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    """What was typed there has been looked at by nobody, and the other tab's sign-in was made for something else."""
    address, token = opened(browser, portal, state="second", prompt="login")
    sign_in(browser, portal.ask(state="first"))
    answer = browser.post(address, data={"csrf_token": token, **PRIYA}, headers=HERE)
    page = browser.get(answer.location).location
    assert page.startswith("/sign-in?to=")
    answer = browser.post(page, data={"csrf_token": opened_at(browser, page), **PRIYA}, headers=HERE)
    assert answer_in(browser.get(answer.location).location)["state"] == "second"


def test_the_second_tab_goes_on_for_a_demo_person_too(demo_app: Flask) -> None:
    portal, browser = add_portal(demo_app), demo_app.test_client()
    settings = demo_app.extensions["moothall.provider"].settings
    one, other = (
        add_person(demo_app, email=f"{name}@example.org", password=None, demo=True, settings=settings)
        for name in ("one", "other")
    )
    address, token = opened(browser, portal)
    query = address.partition("?")[2]
    assert browser.post(f"/demo-people/{one}?{query}", data={"csrf_token": token}, headers=HERE).status_code == 303
    again = browser.post(f"/demo-people/{one}?{query}", data={"csrf_token": token}, headers=HERE)
    assert browser.get(again.location).location.startswith(CALLBACK)
    asked = browser.post(f"/demo-people/{other}?{query}", data={"csrf_token": token}, headers=HERE)
    assert asked.status_code == 400  # somebody else: never signed in as the first without being asked
    assert "Send your answers again" in asked.text


def test_nobody_goes_on_as_somebody_else_or_from_elsewhere(
    portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    address, token = opened(browser, portal)
    sign_in(browser, portal.ask())
    other = {"csrf_token": token, **PRIYA, "email": "dev@example.org"}
    assert browser.post(address, data=other, headers=HERE).status_code == 400
    away = {"Origin": "https://evil.example"}
    assert browser.post(address, data={"csrf_token": token, **PRIYA}, headers=away).status_code == 400
    assert browser.post("/sign-in", data={"csrf_token": token, **PRIYA}, headers=HERE).status_code == 400


def test_the_form_that_is_sent_again_may_lead_to_the_portal(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    address, _token = opened(browser, portal)
    answer = browser.post(address, data={"csrf_token": "old", **PRIYA}, headers=HERE)
    assert answer.status_code == 400
    assert TO_THE_PORTAL in answer.headers["Content-Security-Policy"]
    post_form(browser, address.replace("/sign-in", "/register"), email="new@example.org")
    answer = browser.post(link_in(app).partition("?")[0], data={"csrf_token": "old"}, headers=HERE)
    assert answer.status_code == 400
    assert TO_THE_PORTAL in answer.headers["Content-Security-Policy"]
    answer = browser.post("/sign-in?to=nonsense", data={"csrf_token": "old", **PRIYA}, headers=HERE)
    assert "form-action 'self';" in answer.headers["Content-Security-Policy"]
