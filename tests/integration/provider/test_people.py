"""Registering, confirming, forgetting the password; the same answer whoever asks. OP-10."""

import re
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from portal.db.session import session
from portal.errors import Refused
from portal.provider import operations
from portal.provider.models import MailedLink
from tests.integration.provider.flows import (
    CALLBACK,
    PASSWORD,
    Portal,
    add_person,
    add_portal,
    answer_in,
    letters,
    link_in,
    post_form,
    sign_in,
    tokens_for,
)
from tests.support.fixtures import Clock

NEW = "correct horse battery"
# 60 letters that `casefold` would make 180.
LENGTHENED = "\u0390" * 60 + "@" + "a" * 50 + "." + "a" * 50 + ".example"


def test_a_resident_registers_and_arrives_at_the_service(app: Flask, portal: Portal, browser: FlaskClient) -> None:
    page = browser.get(browser.get(portal.ask()).location)
    register = re.search(r'href="(/register[^"]*)"', page.text)
    assert register
    answer = post_form(browser, register[1].replace("&amp;", "&"), email="New@Example.org")
    assert answer.location == "/check-your-email"
    assert "Check your email" in browser.get(answer.location).text
    link = link_in(app)
    browser.get(link)  # a mail scanner
    app.test_client().get(link)
    done = post_form(browser, link, given_name="Nia", family_name="O’Brien", password=PASSWORD)
    assert done.status_code == 303, done.text
    back = browser.get(done.location).location
    assert back.startswith(CALLBACK)
    tokens = portal.exchange(answer_in(back)["code"]).json
    claims = portal.userinfo(tokens["access_token"]).json
    assert (claims["email"], claims["email_verified"]) == ("new@example.org", True)
    assert claims["name"] == "Nia O’Brien"
    used = browser.get(link)
    assert used.status_code == 404
    assert "This link no longer works" in used.text


def test_of_two_links_to_one_address_finished_at_once_one_makes_the_account(app: Flask) -> None:
    links = []
    for _ in range(2):
        post_form(app.test_client(), "/register", email="new@example.org")
        links.append(link_in(app))

    def finish(link: str) -> int:
        return post_form(app.test_client(), link, given_name="A", family_name="B", password=PASSWORD).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(finish, links)) in ([303, 404], [303, 409])
    with app.app_context():
        assert session().execute(text("select count(*) from provider.person")).scalar() == 1


def test_op10_registering_an_address_that_exists_says_the_same_and_mails_its_owner(
    app: Flask, priya: uuid.UUID, browser: FlaskClient
) -> None:
    unknown = post_form(browser, "/register", email="nobody@example.org")
    known = post_form(browser, "/register", email="priya@example.org")
    assert (unknown.status_code, unknown.location) == (known.status_code, known.location)
    first, second = letters(app)
    assert first.to_address == "nobody@example.org"
    assert "/register/" in first.body
    assert second.to_address == "priya@example.org"
    assert "already have" in second.subject
    assert "/new-password/" in second.body


def test_nobody_can_choose_the_password_of_a_stranger_s_future_account(app: Flask, browser: FlaskClient) -> None:
    post_form(browser, "/register", email="victim@example.org", password="attacker's own words")
    with app.app_context():
        assert session().execute(text("select count(*) from provider.person")).scalar() == 0


def test_a_forgotten_password_is_replaced_and_every_session_ends(
    at: Clock, app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    elsewhere = app.test_client()
    tokens = tokens_for(portal, elsewhere)
    answer = post_form(browser, "/forgotten-password", email="PRIYA@example.org")
    assert answer.location == "/check-your-email"
    at.advance(seconds=1)
    link = link_in(app)
    browser.get(link)  # a mail scanner
    done = post_form(browser, link, password=NEW)
    assert done.location.startswith("/sign-in")
    assert answer_in(elsewhere.get(portal.ask(prompt="none")).location)["error"] == "login_required"
    assert portal.userinfo(tokens["access_token"]).status_code == 401
    assert browser.get(link).status_code == 404
    at.advance(seconds=1)
    assert "password was changed" in letters(app)[-1].subject
    assert "code" in answer_in(sign_in(browser, portal.ask(), password=NEW))
    old = post_form(
        browser, browser.get(portal.ask(prompt="login")).location, email="priya@example.org", password=PASSWORD
    )
    assert old.status_code == 200


def test_a_new_password_says_that_every_sign_in_ends(app: Flask, priya: uuid.UUID, browser: FlaskClient) -> None:
    post_form(browser, "/forgotten-password", email="priya@example.org")
    page = browser.get(link_in(app)).text
    assert "signed out of your council account and of council services, here and on every other device" in page


def test_a_link_works_for_one_hour(at: Clock, app: Flask, priya: uuid.UUID, browser: FlaskClient) -> None:
    post_form(browser, "/forgotten-password", email="priya@example.org")
    link = link_in(app)
    at.advance(minutes=59)
    assert browser.get(link).status_code == 200
    at.advance(minutes=2)
    assert browser.get(link).status_code == 404


def test_op10_a_forgotten_password_of_nobody_says_the_same(app: Flask, browser: FlaskClient) -> None:
    answer = post_form(browser, "/forgotten-password", email="nobody@example.org")
    assert answer.location == "/check-your-email"
    assert [letter.subject for letter in letters(app)] == ["No council account with this address"]


def test_an_unconfirmed_address_is_confirmed_by_a_button_and_not_by_opening_the_link(
    app: Flask, portal: Portal, browser: FlaskClient
) -> None:
    add_person(app, "new@example.org", verified=False)
    page = browser.get(portal.ask()).location
    assert post_form(browser, page, email="new@example.org", password=PASSWORD).location == "/check-your-email"
    link = link_in(app)
    app.test_client().get(link)  # a mail scanner
    done = post_form(browser, link)
    assert done.location.startswith("/sign-in?to=")
    assert "Your email address is confirmed" in browser.get(done.location).text
    answer = post_form(browser, done.location, email="new@example.org", password=PASSWORD)
    assert browser.get(answer.location).location.startswith(CALLBACK)


@pytest.mark.parametrize(
    ("password", "sentence"),
    [("short", "at least 10"), ("password123", "harder to guess"), ("x" * 129, "128"), ("", "Enter a password")],
)
def test_a_bad_password_is_refused_with_a_sentence(
    app: Flask, browser: FlaskClient, password: str, sentence: str
) -> None:
    post_form(browser, "/register", email="new@example.org")
    answer = post_form(browser, link_in(app), given_name="A", family_name="B", password=password)
    assert answer.status_code == 200
    assert sentence in answer.text


@pytest.mark.parametrize("path", ["/sign-in", "/register", "/forgotten-password"])
@pytest.mark.parametrize(
    "email",
    [
        "",
        "x",
        "x" * 5000,
        "a@b",
        "\x00@example.org",
        "a@example.org\r\nBcc: b@c.d",
        "ü@ü",
        "jörg@example.org",
        LENGTHENED,
    ],
)
def test_a_bad_address_is_refused_with_a_sentence(browser: FlaskClient, path: str, email: str) -> None:
    answer = post_form(browser, path, email=email, password="whatever words")
    assert answer.status_code == 200
    assert "There is a problem" in answer.text


@pytest.mark.parametrize("to", ["", "x", "x" * 5000, "\x00", "ü", "https://evil.example/", "//evil.example"])
def test_a_bad_onward_request_leads_to_our_own_page(priya: uuid.UUID, browser: FlaskClient, to: str) -> None:
    from urllib.parse import urlencode

    answer = post_form(browser, "/sign-in?" + urlencode({"to": to}), email="priya@example.org", password=PASSWORD)
    assert answer.location == "/signed-in"
    assert "You are signed in" in browser.get("/signed-in").text


@pytest.mark.parametrize("path", ["/register/", "/confirm/", "/new-password/"])
@pytest.mark.parametrize("token", ["x", "x" * 3000, "%00", "%C3%BC", "..%2F"])
def test_a_bad_link_gets_a_page(browser: FlaskClient, path: str, token: str) -> None:
    assert browser.get(path + token).status_code == 404


def test_an_address_at_another_host_is_another_address(app: Flask, browser: FlaskClient) -> None:
    post_form(browser, "/register", email="ann@straße.example")
    with app.app_context():
        asked = session().scalars(select(MailedLink.email))
        assert asked.all() == ["ann@straße.example"]


@pytest.mark.parametrize("email", ["jörg@example.org", LENGTHENED, "x", "a@example.org\nBcc: b@c.d"])
def test_nobody_is_added_to_whom_we_could_not_write(app: Flask, email: str) -> None:
    with app.app_context(), pytest.raises(Refused, match="no email address"):
        operations.register_person(email=email, password=None, given_name="X", family_name="Y")


def test_registering_and_clients_are_idempotent(app: Flask, portal: Portal, browser: FlaskClient) -> None:
    sub = uuid.uuid4()
    for name in ("Ann", "Anne"):
        assert add_person(app, "ann@example.org", sub=sub, given_name=name) == sub
        add_portal(app, title=f"Title for {name}")
    tokens = portal.exchange(answer_in(sign_in(browser, portal.ask(), "ann@example.org"))["code"]).json
    assert portal.userinfo(tokens["access_token"]).json["given_name"] == "Anne"
    with app.app_context(), pytest.raises(Refused, match="Another person"):
        operations.register_person(email="ANN@example.org", password=None, given_name="X", family_name="Y")


def test_the_session_cookie_is_closed_to_scripts_and_other_sites(
    app: Flask, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    page = browser.get(portal.ask()).location
    answer = post_form(browser, page, email="priya@example.org", password=PASSWORD)
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("moothall_id_login="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie


def test_sessions_end_when_idle_and_at_their_limit(
    at: Clock, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    tokens_for(portal, browser)
    for _ in range(25):
        at.advance(minutes=28)
        assert "code" in answer_in(browser.get(portal.ask(prompt="none")).location)
    at.advance(minutes=28)  # 12 hours and 8 minutes after signing in
    assert answer_in(browser.get(portal.ask(prompt="none")).location)["error"] == "login_required"
    tokens_for(portal, browser)
    at.advance(minutes=31)
    assert answer_in(browser.get(portal.ask(prompt="none")).location)["error"] == "login_required"


@pytest.mark.parametrize("page", ["/your-sign-in", "/consents", "/signed-in"])
def test_whoever_uses_our_own_pages_is_not_idle(
    at: Clock, app: Flask, priya: uuid.UUID, browser: FlaskClient, page: str
) -> None:
    assert post_form(browser, "/sign-in", email="priya@example.org", password=PASSWORD).location == "/signed-in"
    for _ in range(3):
        at.advance(minutes=28)
        assert browser.get(page).status_code == 200
    at.advance(minutes=31)
    assert browser.get(page).status_code == 303
