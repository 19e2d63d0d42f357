"""Consent: asked for clients that are not the council's own, remembered, added to, and taken back by the person."""

import json
import uuid
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from werkzeug.test import TestResponse

from portal.db.session import session
from tests.integration.provider.flows import (
    CALLBACK,
    ISSUER,
    SECRET,
    Portal,
    add_person,
    add_portal,
    answer_in,
    post_form,
    sign_in,
)
from tests.integration.provider.signed_requests import set_client
from tests.support.client import Client
from tests.support.fixtures import Clock


@pytest.fixture
def choir(app: Flask) -> Portal:
    """A client that is not the council's own."""
    made = add_portal(app, "choir", title="The Town Choir")
    set_client(app, "choir", consent=True)
    return made


@pytest.fixture
def signed_in(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> Client:
    """Priya's browser, after a visit to the council's own portal."""
    sign_in(browser, portal.ask())
    assert isinstance(browser, Client)
    return browser


def asked_on(browser: Client, address: str) -> str:
    """The address of the consent page that a request leads to."""
    to_page = browser.get(address).location
    assert to_page.startswith("/consent?to="), to_page
    return to_page


def say(browser: Client, answer: str, address: str) -> TestResponse:
    """Press one of the two buttons."""
    return post_form(browser, asked_on(browser, address), answer=answer)


def allow(browser: Client, address: str) -> dict[str, str]:
    """Allow, and come back to the client."""
    pressed = say(browser, "allow", address)
    assert pressed.status_code == 303
    return answer_in(browser.get(pressed.location).location)


def silent(browser: Client, address: str) -> dict[str, str]:
    """What the client hears at once."""
    return answer_in(browser.get(address).location)


def test_op_consent_page_names_the_client_and_what_it_would_learn(choir: Portal, signed_in: Client) -> None:
    page = signed_in.get(asked_on(signed_in, choir.ask(scope="openid email profile")))
    for words in ("The Town Choir", "your name", "your date of birth", "your email address", "priya@example.org"):
        assert words in page.text
    assert "your telephone number" not in page.text
    assert "form-action 'self' https://portal.example;" in page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Frame-Options"] == "DENY"


def test_op_consent_is_not_asked_for_the_council_s_own_clients(portal: Portal, signed_in: Client) -> None:
    assert "code" in silent(signed_in, portal.ask())


def test_op_consent_follows_sign_in_and_leads_to_a_code_that_works(
    choir: Portal, priya: uuid.UUID, browser: Client
) -> None:
    to_page = browser.get(choir.ask()).location
    arrived = post_form(browser, to_page, email="priya@example.org", password="three random words")
    back = allow(browser, arrived.location)
    assert (back["state"], back["iss"]) == ("state-1", ISSUER)
    tokens = choir.exchange(back["code"]).json
    assert choir.userinfo(tokens["access_token"]).json["email"] == "priya@example.org"


def test_op_consent_is_remembered(choir: Portal, signed_in: Client) -> None:
    allow(signed_in, choir.ask())
    assert "code" in silent(signed_in, choir.ask())
    assert "code" in silent(signed_in, choir.ask(prompt="none", scope="openid"))


def test_op_consent_is_remembered_for_the_person_and_not_for_the_browser(
    app: Flask, choir: Portal, signed_in: Client
) -> None:
    allow(signed_in, choir.ask())
    add_person(app, "other@example.org")
    elsewhere = app.test_client()
    to_page = elsewhere.get(choir.ask()).location
    arrived = post_form(elsewhere, to_page, email="other@example.org", password="three random words")
    asked_on(elsewhere, arrived.location)  # type: ignore[arg-type]  # the fixture's class


def test_op_consent_is_asked_again_only_for_more(choir: Portal, signed_in: Client) -> None:
    allow(signed_in, choir.ask(scope="openid email"))
    more = choir.ask(scope="openid phone")
    assert silent(signed_in, more + "&prompt=none")["error"] == "consent_required"
    allow(signed_in, more)
    assert "code" in silent(signed_in, choir.ask(scope="openid email phone", prompt="none"))


def test_op_consent_covers_claims_asked_for_one_by_one(choir: Portal, signed_in: Client) -> None:
    allow(signed_in, choir.ask(scope="openid email"))
    by_name = json.dumps({"userinfo": {"birthdate": None, "email": None}})
    to_page = asked_on(signed_in, choir.ask(scope="openid", claims=by_name))
    page = signed_in.get(to_page)
    assert "your date of birth" in page.text
    assert "your name" not in page.text
    allow(signed_in, choir.ask(scope="openid", claims=by_name))
    assert "code" in silent(signed_in, choir.ask(scope="openid", claims=by_name, prompt="none"))
    assert silent(signed_in, choir.ask(scope="openid profile", prompt="none"))["error"] == "consent_required"


def test_op_consent_refused_is_access_denied_and_nothing_is_remembered(choir: Portal, signed_in: Client) -> None:
    back = say(signed_in, "refuse", choir.ask())
    assert back.status_code == 303
    assert back.location.startswith(CALLBACK)
    answer = answer_in(back.location)
    assert (answer["error"], answer["state"], answer["iss"]) == ("access_denied", "state-1", ISSUER)
    assert silent(signed_in, choir.ask(prompt="none"))["error"] == "consent_required"


def test_op_consent_refused_by_form_post_travels_in_a_form(choir: Portal, signed_in: Client) -> None:
    page = say(signed_in, "refuse", choir.ask(response_mode="form_post"))
    assert page.status_code == 200
    assert signed_in.page.form_with("error").values["error"] == ["access_denied"]


@pytest.mark.parametrize("answer", ["", "Allow", "yes", "allow\x00"])
def test_op_consent_is_given_by_one_button_and_nothing_else(choir: Portal, signed_in: Client, answer: str) -> None:
    again = say(signed_in, answer, choir.ask())
    assert again.status_code == 200
    assert "Do you want to let" in again.text
    assert silent(signed_in, choir.ask(prompt="none"))["error"] == "consent_required"


def test_op_consent_needs_the_form_of_this_very_browser(choir: Portal, signed_in: Client) -> None:
    to_page = asked_on(signed_in, choir.ask())
    for sent in ({"answer": "allow"}, {"answer": "allow", "csrf_token": "x" * 55}):
        assert signed_in.post(to_page, data=sent).status_code == 400
    assert (
        signed_in.post(to_page, data={"answer": "allow"}, headers={"Origin": "https://evil.example"}).status_code == 400
    )
    assert silent(signed_in, choir.ask(prompt="none"))["error"] == "consent_required"


def test_op_consent_prompt_consent_asks_again(at: Clock, choir: Portal, portal: Portal, signed_in: Client) -> None:
    allow(signed_in, choir.ask())
    at.advance(seconds=5)
    assert "code" in allow(signed_in, choir.ask(prompt="consent"))
    assert "code" in allow(signed_in, portal.ask(prompt="consent"))
    at.advance(seconds=5)
    asked_on(signed_in, choir.ask(prompt="consent"))


def test_op_consent_with_prompt_login_asks_for_both(at: Clock, choir: Portal, signed_in: Client) -> None:
    allow(signed_in, choir.ask())
    at.advance(seconds=5)
    to_page = signed_in.get(choir.ask(prompt="login consent")).location
    assert to_page.startswith("/sign-in")
    arrived = post_form(signed_in, to_page, email="priya@example.org", password="three random words")
    assert "code" in allow(signed_in, arrived.location)


def test_op_consent_page_without_request_or_person_leads_on(app: Flask, choir: Portal, signed_in: Client) -> None:
    assert signed_in.get("/consent").location == "/signed-in"
    assert signed_in.get("/consent?to=x.y").location == "/signed-in"
    to_page = asked_on(signed_in, choir.ask())
    stranger = app.test_client()
    assert urlsplit(stranger.get(to_page).location).path == "/authorize"


# --- The person's own list.


def test_consents_are_listed_for_the_person_in_plain_words(choir: Portal, signed_in: Client) -> None:
    assert "You have allowed no other service" in signed_in.get("/consents").text
    assert "/consents" in signed_in.get("/signed-in").text
    allow(signed_in, choir.ask(scope="openid email"))
    page = signed_in.get("/consents")
    assert "The Town Choir" in page.text
    assert "your email address" in page.text


def test_a_consent_taken_back_takes_back_tokens_and_codes(choir: Portal, portal: Portal, signed_in: Client) -> None:
    tokens = choir.exchange(allow(signed_in, choir.ask())["code"]).json
    others = portal.exchange(silent(signed_in, portal.ask())["code"]).json
    unspent = silent(signed_in, choir.ask())["code"]
    signed_in.get("/consents")
    form = next(form for form in signed_in.page.forms() if form.action == "/consents/choir")
    assert signed_in.post("/consents/choir", data=form.values).status_code == 303
    assert "can no longer look up your details" in signed_in.get("/consents").text
    assert choir.userinfo(tokens["access_token"]).status_code == 401
    assert choir.exchange(unspent).json["error"] == "invalid_grant"
    assert portal.userinfo(others["access_token"]).status_code == 200
    assert silent(signed_in, choir.ask(prompt="none"))["error"] == "consent_required"


def test_a_consent_taken_back_takes_back_refresh_tokens(app: Flask, signed_in: Client) -> None:
    choir = add_portal(app, "choir", title="The Town Choir", scopes=["openid", "email", "offline_access"])
    set_client(app, "choir", consent=True)
    page = signed_in.get(asked_on(signed_in, choir.ask(scope="openid email offline_access")))
    assert "stay connected after you have closed the page" in page.text
    code = allow(signed_in, choir.ask(scope="openid email offline_access"))["code"]
    held = choir.exchange(code).json["refresh_token"]
    signed_in.get("/consents")
    form = next(form for form in signed_in.page.forms() if form.action == "/consents/choir")
    signed_in.post("/consents/choir", data=form.values)
    sent = {"grant_type": "refresh_token", "refresh_token": held}
    again = app.test_client().post("/token", data=sent, auth=("choir", SECRET))
    assert again.json["error"] == "invalid_grant"


@pytest.mark.parametrize("client_id", ["portal", "nobody", "%00", "x" * 300, "%FF", ".."])
def test_nothing_is_taken_back_that_was_not_given(choir: Portal, signed_in: Client, client_id: str) -> None:
    allow(signed_in, choir.ask())
    signed_in.get("/consents")
    form = next(form for form in signed_in.page.forms() if form.action == "/consents/choir")
    assert signed_in.post(f"/consents/{client_id}", data=form.values).status_code in (400, 404, 405)
    assert "code" in silent(signed_in, choir.ask(prompt="none"))


def test_consents_are_for_who_is_signed_in(app: Flask, choir: Portal, signed_in: Client) -> None:
    allow(signed_in, choir.ask())
    assert app.test_client().get("/consents").location == "/sign-in?then=consents"
    assert app.test_client().post("/consents/choir").status_code == 400


def test_consent_leaves_a_trail_without_what_was_learnt(app: Flask, choir: Portal, signed_in: Client) -> None:
    allow(signed_in, choir.ask())
    say(signed_in, "refuse", choir.ask(prompt="consent"))
    with app.app_context():
        rows = session().execute(text("select act, details::text from portal.audit_entry order by at")).all()
    acts = [row.act for row in rows]
    assert acts.count("provider.consent_given") == acts.count("provider.consent_refused") == 1
    assert not any("priya@" in row.details for row in rows)


def test_op_consent_says_what_staying_connected_means(app: Flask, choir: Portal, signed_in: Client) -> None:
    words = "stay connected after you have closed the page, until you sign out"
    assert words not in signed_in.get(asked_on(signed_in, choir.ask(scope="openid email"))).text
    set_client(app, "choir", scopes=["openid", "email", "offline_access"])
    page = signed_in.get(asked_on(signed_in, choir.ask(scope="openid email offline_access"))).text
    assert f"The Town Choir also wants to {words}. In that time it could look these details up again." in page
    nothing = signed_in.get(asked_on(signed_in, choir.ask(scope="openid offline_access"))).text
    assert words in nothing
    assert "look these details up" not in nothing


def test_op_consent_sends_people_to_a_link_that_is_there_by_that_name(choir: Portal, signed_in: Client) -> None:
    page = signed_in.get(asked_on(signed_in, choir.ask())).text
    assert "go to your council account and choose “Services that you have allowed”" in page
    for found_on in ("/signed-in", "/your-sign-in"):
        assert (
            '<a class="govuk-link" href="/consents">Services that you have allowed</a>' in signed_in.get(found_on).text
        )


def test_op_consents_are_shown_to_whoever_wanted_them_before_signing_in(priya: uuid.UUID, browser: Client) -> None:
    to_page = browser.get("/consents").location
    assert to_page == "/sign-in?then=consents"
    arrived = post_form(browser, to_page, email="priya@example.org", password="three random words")
    assert arrived.location == "/consents"
    assert "Services that you have allowed" in browser.get(arrived.location).text


@pytest.mark.parametrize("then", ["consent.consents", "ask", "consents.", "Consents", "//evil.example", "take_back"])
def test_op_no_other_page_can_be_named_to_go_on_to(priya: uuid.UUID, browser: Client, then: str) -> None:
    arrived = post_form(browser, f"/sign-in?then={then}", email="priya@example.org", password="three random words")
    assert arrived.location == "/signed-in"
