"""An app that shows codes: set up, removed, and shown for the people of a demo."""

import re
import uuid

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from portal.db.session import session
from portal.provider.factor_models import Authenticator, RecoveryCode
from tests.integration.provider.flows import add_person, letters, post_form
from tests.integration.provider.people_with_factors import (
    acts,
    code_of,
    enters,
    recovery_codes_shown,
    secret,
    set_up_app,
    signs_in,
)
from tests.support.fixtures import Clock

__all__ = ["secret"]


def test_an_app_is_set_up_with_a_picture_or_letters_and_counts_only_once_a_code_proves_it(
    app: Flask, priya: uuid.UUID, browser: FlaskClient, elsewhere: FlaskClient
) -> None:
    signs_in(browser)
    page = browser.get("/your-sign-in/authenticator").text
    assert '<img class="moot-code-picture" src="data:image/svg+xml' in page
    assert re.search(r"<code>([A-Z2-7]{4} ){7}[A-Z2-7]{4}</code>", page)
    assert signs_in(elsewhere).location == "/signed-in"  # looking at the page has changed nothing
    secret, answer = set_up_app(browser)
    codes = recovery_codes_shown(browser, answer)
    assert len(set(codes)) == 10
    with app.app_context():
        kept = session().scalars(select(Authenticator)).one()
        assert secret.encode() not in kept.sealed
        assert not any(code.encode() in row.hashed for code in codes for row in session().scalars(select(RecoveryCode)))
    assert "authenticator app was set up" in letters(app)[-1].body
    assert len(acts(app, "provider.authenticator_set_up")) == 1
    assert signs_in(app.test_client()).location == "/second-step"


def test_a_wrong_code_sets_nothing_up_and_a_wrong_clock_is_named(
    at: Clock, priya: uuid.UUID, browser: FlaskClient
) -> None:
    at.move_to("2026-11-22T09:00:05")
    signs_in(browser)
    page = browser.get("/your-sign-in/authenticator")
    found = re.search(r"<code>([A-Z2-7 ]+)</code>", page.text)
    assert found
    secret = found[1].replace(" ", "")
    answer = browser.submit(code=code_of(secret, steps=-6))  # type: ignore[attr-defined]  # our own client
    assert "about 3 minutes wrong" in answer.text
    answer = browser.submit(code="000000")  # type: ignore[attr-defined]
    assert "not the code that your app shows now" in answer.text
    assert found[1] in answer.text  # the same secret: the app has scanned it already
    at.advance(minutes=9)
    assert browser.submit(code=code_of(secret)).status_code == 303  # type: ignore[attr-defined]


def test_the_secret_of_another_persons_page_is_not_taken(
    app: Flask, priya: uuid.UUID, browser: FlaskClient, elsewhere: FlaskClient
) -> None:
    add_person(app, "omar@example.org")
    signs_in(elsewhere, "omar@example.org")
    theirs = elsewhere.get("/your-sign-in/authenticator").text
    found, sealed = re.search(r"<code>([A-Z2-7 ]+)</code>", theirs), re.search(r'name="secret" value="([^"]+)"', theirs)
    assert found
    assert sealed
    signs_in(browser)
    code = code_of(found[1].replace(" ", ""))
    answer = post_form(browser, "/your-sign-in/authenticator", secret=sealed[1], code=code)
    assert "You took too long" in answer.text
    with app.app_context():
        assert session().scalars(select(Authenticator)).all() == []


def test_the_app_is_removed_and_the_password_is_enough_again(
    at: Clock, app: Flask, secret: str, browser: FlaskClient, elsewhere: FlaskClient
) -> None:
    assert post_form(browser, "/your-sign-in/authenticator/remove").location == "/your-sign-in"
    assert signs_in(elsewhere).location == "/signed-in"
    assert "authenticator app of your account" in letters(app)[-1].body


def test_a_demo_person_is_shown_the_code_and_nobody_else_ever(at: Clock, demo_app: Flask) -> None:
    at.move_to("2026-11-22T09:00:05")
    settings = demo_app.extensions["moothall.provider"].settings
    sub = add_person(demo_app, password=None, demo=True, settings=settings)
    browser = demo_app.test_client()
    page = browser.get("/sign-in").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    browser.post(f"/demo-people/{sub}", data={"csrf_token": token[1]})
    set_up = browser.get("/your-sign-in/authenticator").text
    shown = re.search(r"would show now is (\d{6})", set_up)
    assert shown
    secret, _answer = set_up_app(browser)
    again = demo_app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', again.get("/sign-in").text)
    assert token
    assert again.post(f"/demo-people/{sub}", data={"csrf_token": token[1]}).location == "/second-step"
    shown = re.search(r"would show now is (\d{6})", again.get("/second-step").text)
    assert shown
    assert shown[1] == code_of(secret, 1)  # the present one set the app up
    assert enters(again, shown[1]).status_code == 303
    add_person(demo_app, "real@example.org")
    real = demo_app.test_client()
    signs_in(real, "real@example.org")
    assert "would show now" not in real.get("/your-sign-in/authenticator").text
