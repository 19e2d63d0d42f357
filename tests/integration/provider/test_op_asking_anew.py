"""Who is asked to sign in: prompt, max_age and id_token_hint (OIDF plans, Basic and Config OP)."""

import uuid

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.integration.provider.flows import (
    ISSUER,
    PASSWORD,
    Portal,
    add_person,
    add_portal,
    answer_in,
    asks_to_sign_in,
    claims_of,
    post_form,
    sign_in,
    silently,
)
from tests.integration.provider.signed_requests import set_client
from tests.support.fixtures import Clock


def test_op_prompt_login_gives_a_new_auth_time(at: Clock, portal: Portal, signed_in: FlaskClient) -> None:
    before = claims_of(portal, silently(portal, signed_in))["auth_time"]
    at.advance(seconds=5)
    assert asks_to_sign_in(portal, signed_in, prompt="login")
    after = claims_of(portal, answer_in(sign_in(signed_in, portal.ask(prompt="login"))))["auth_time"]
    assert after == before + 5


def test_op_prompt_none_not_logged_in_is_login_required(portal: Portal, browser: FlaskClient) -> None:
    answer = silently(portal, browser, prompt="none")
    assert (answer["error"], answer["state"], answer["iss"]) == ("login_required", "state-1", ISSUER)


def test_op_prompt_none_logged_in_gives_the_same_person_and_auth_time(portal: Portal, signed_in: FlaskClient) -> None:
    first = claims_of(portal, silently(portal, signed_in))
    second = claims_of(portal, silently(portal, signed_in, prompt="none"))
    assert [first[name] for name in ("sub", "auth_time", "sid")] == [
        second[name] for name in ("sub", "auth_time", "sid")
    ]


def test_op_prompt_none_is_consent_required_where_consent_is_missing(app: Flask, signed_in: FlaskClient) -> None:
    outside = add_portal(app, "outside")
    set_client(app, "outside", consent=True)
    assert silently(outside, signed_in, prompt="none")["error"] == "consent_required"


def test_op_prompt_none_stands_alone(portal: Portal, signed_in: FlaskClient) -> None:
    for together in ("none login", "consent none", "none none login"):
        assert silently(portal, signed_in, prompt=together)["error"] == "invalid_request"


def test_op_prompt_select_account_lets_another_person_sign_in(
    app: Flask, portal: Portal, signed_in: FlaskClient
) -> None:
    other = add_person(app, "other@example.org")
    assert asks_to_sign_in(portal, signed_in, prompt="select_account")
    back = sign_in(signed_in, portal.ask(prompt="select_account"), email="other@example.org")
    assert claims_of(portal, answer_in(back))["sub"] == str(other)


@pytest.mark.parametrize("prompt", ["create", "Login", "login surprise", "NONE"])
def test_op_prompt_values_that_we_do_not_know_are_refused_and_not_overlooked(
    portal: Portal, signed_in: FlaskClient, prompt: str
) -> None:
    assert silently(portal, signed_in, prompt=prompt)["error"] == "invalid_request"


def test_op_max_age_1_asks_again_and_gives_a_new_auth_time(at: Clock, portal: Portal, signed_in: FlaskClient) -> None:
    before = claims_of(portal, silently(portal, signed_in))["auth_time"]
    at.advance(seconds=2)
    assert silently(portal, signed_in, max_age="1", prompt="none")["error"] == "login_required"
    after = claims_of(portal, answer_in(sign_in(signed_in, portal.ask(max_age="1"))))["auth_time"]
    assert after > before


def test_op_max_age_10000_keeps_the_sign_in_and_its_auth_time(
    at: Clock, portal: Portal, signed_in: FlaskClient
) -> None:
    before = claims_of(portal, silently(portal, signed_in))["auth_time"]
    at.advance(seconds=600)
    assert claims_of(portal, silently(portal, signed_in, max_age="10000"))["auth_time"] == before


def test_op_max_age_0_always_asks(at: Clock, portal: Portal, priya: uuid.UUID, signed_in: FlaskClient) -> None:
    sign_in(signed_in, portal.ask(prompt="login"))  # in this very instant: the clock stands still
    assert asks_to_sign_in(portal, signed_in, max_age="0")
    assert "code" in answer_in(sign_in(signed_in, portal.ask(max_age="0")))


def path_of(portal: Portal, browser: FlaskClient, **changes: str | None) -> str:
    """Where the sign-in page for this request leads back to."""
    return browser.get(portal.ask(**changes)).location.replace("/sign-in?", "/authorize?")


ASKS_ANEW = [{"prompt": "login"}, {"max_age": "0"}, {"prompt": "select_account"}]


@pytest.mark.parametrize("asked", ASKS_ANEW, ids=["prompt login", "max_age 0", "select_account"])
def test_op_a_sign_in_that_was_made_for_something_else_answers_no_request_to_sign_in_again(
    at: Clock, portal: Portal, priya: uuid.UUID, browser: FlaskClient, asked: dict[str, str]
) -> None:
    waits = path_of(portal, browser, **asked)
    for page in ("/sign-in", path_of(portal, browser, state="other", **asked).replace("/authorize?", "/sign-in?")):
        at.advance(minutes=5)
        assert post_form(browser, page, email="priya@example.org", password=PASSWORD).status_code == 303
        assert browser.get(waits).location.startswith("/sign-in?to="), page
    answer = post_form(browser, waits.replace("/authorize?", "/sign-in?"), email="priya@example.org", password=PASSWORD)
    assert "code" in answer_in(browser.get(answer.location).location)
    at.advance(minutes=16)
    assert browser.get(waits).location.startswith("/sign-in?to="), "nor for ever the one that it was made for"


def test_op_nobody_writes_down_that_they_have_signed_in_again(
    at: Clock, portal: Portal, signed_in: FlaskClient, app: Flask
) -> None:
    """Whoever finds a browser signed in can read and write its cookies, and still cannot confirm who they are."""
    waits = path_of(portal, signed_in, prompt="login")
    for mark in ("", "x", "ü", "0" * 64):
        signed_in.set_cookie("moothall_id_for", mark)
        assert signed_in.get(waits).location.startswith("/sign-in?to="), mark
    answer = post_form(
        signed_in, waits.replace("/authorize?", "/sign-in?"), email="priya@example.org", password=PASSWORD
    )
    assert "code" in answer_in(signed_in.get(answer.location).location)
    kept = signed_in.get_cookie("moothall_id_for")
    assert kept is not None
    at.advance(minutes=1)
    post_form(signed_in, "/sign-in", email="priya@example.org", password=PASSWORD)
    signed_in.set_cookie("moothall_id_for", kept.value)
    assert signed_in.get(waits).location.startswith("/sign-in?to="), "it was true of another moment"


def test_op_id_token_hint_of_who_is_signed_in_passes_silently(portal: Portal, signed_in: FlaskClient) -> None:
    hint = portal.exchange(silently(portal, signed_in)["code"]).json["id_token"]
    assert "code" in silently(portal, signed_in, prompt="none", id_token_hint=hint)


def test_op_id_token_hint_of_somebody_else_never_signs_in_the_wrong_one(
    app: Flask, portal: Portal, signed_in: FlaskClient
) -> None:
    hint = portal.exchange(silently(portal, signed_in)["code"]).json["id_token"]
    add_person(app, "other@example.org")
    elsewhere = app.test_client()
    back = sign_in(elsewhere, portal.ask(id_token_hint=hint), email="other@example.org")
    assert answer_in(back)["error"] == "login_required"


def test_op_a_sign_in_made_for_a_request_does_not_answer_it_for_hours(
    at: Clock, portal: Portal, signed_in: FlaskClient
) -> None:
    for how in ({"max_age": "60"}, {"prompt": "login"}):
        at.advance(seconds=61)
        to_page = signed_in.get(portal.ask(**how)).location
        back = post_form(signed_in, to_page, email="priya@example.org", password=PASSWORD).location
        at.advance(minutes=14)
        assert "code" in answer_in(signed_in.get(back).location)
        at.advance(minutes=2)
        assert signed_in.get(back).location.startswith("/sign-in?to=")
