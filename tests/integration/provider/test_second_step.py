"""The second step: which codes count, how often one may guess, and half a sign-in."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.integration.provider.flows import PASSWORD, Portal, add_person, answer_in, link_in, post_form
from tests.integration.provider.people_with_factors import (
    acts,
    code_of,
    enters,
    half_way,
    is_signed_in,
    secret,
    signs_in,
)
from tests.support.fixtures import Clock

__all__ = ["secret"]

MFA = "https://refeds.org/profile/mfa"


def test_the_password_alone_signs_nobody_in_once_a_second_step_is_on(
    portal: Portal, secret: str, elsewhere: FlaskClient
) -> None:
    page = half_way(elsewhere, elsewhere.get(portal.ask()).location)
    assert not is_signed_in(elsewhere)
    assert elsewhere.get("/your-sign-in").location == "/sign-in?then=overview"
    assert answer_in(elsewhere.get(portal.ask(prompt="none")).location)["error"] == "login_required"
    assert elsewhere.get(portal.ask()).location.startswith("/sign-in")
    answer = enters(elsewhere, code_of(secret), page)
    tokens = portal.exchange(answer_in(elsewhere.get(answer.location).location)["code"]).json
    claims = portal.claims(tokens["id_token"])
    assert claims["amr"] == ["pwd", "otp", "mfa"]
    assert claims["acr"] == MFA


def test_half_a_sign_in_is_bound_to_its_browser_and_ends_after_ten_minutes(
    at: Clock, app: Flask, secret: str, elsewhere: FlaskClient
) -> None:
    half_way(elsewhere)
    assert app.test_client().get("/second-step").location == "/sign-in"
    at.advance(minutes=10, seconds=1)
    assert elsewhere.get("/second-step").location == "/sign-in"


def test_half_a_sign_in_ends_when_the_password_is_reset(app: Flask, secret: str, elsewhere: FlaskClient) -> None:
    half_way(elsewhere)
    stranger = app.test_client()
    post_form(stranger, "/forgotten-password", email="priya@example.org")
    post_form(stranger, link_in(app), password="correct horse battery")
    assert elsewhere.get("/second-step").location == "/sign-in"


def test_a_new_password_by_mail_leaves_the_second_step_where_it_is(
    app: Flask, secret: str, elsewhere: FlaskClient
) -> None:
    post_form(elsewhere, "/forgotten-password", email="priya@example.org")
    post_form(elsewhere, link_in(app), password="correct horse battery")
    assert signs_in(elsewhere, password="correct horse battery").location == "/second-step"


@pytest.mark.parametrize(("steps", "right"), [(-2, False), (-1, False), (0, True), (1, True), (2, False)])
def test_a_code_counts_half_a_minute_around_and_only_if_newer_than_the_last(
    at: Clock, secret: str, elsewhere: FlaskClient, steps: int, right: bool
) -> None:
    # The one of half a minute ago (-1) set the app up, so it is used up.
    half_way(elsewhere)
    assert (enters(elsewhere, code_of(secret, steps)).status_code == 303) is right
    assert is_signed_in(elsewhere) is right


def test_the_code_before_counts_too_for_slow_typing(at: Clock, secret: str, elsewhere: FlaskClient) -> None:
    at.advance(seconds=30)
    half_way(elsewhere)
    code = code_of(secret, -1)
    assert enters(elsewhere, f" {code[:3]} {code[3:]} ").status_code == 303


def test_a_code_counts_once_also_for_two_who_send_it_at_once(app: Flask, secret: str) -> None:
    browsers = [app.test_client() for _ in range(4)]
    for each in browsers:
        half_way(each)
    code = code_of(secret)
    with ThreadPoolExecutor(4) as pool:
        statuses = sorted(pool.map(lambda each: enters(each, code).status_code, browsers))
    assert statuses == [200, 200, 200, 303]


def test_five_wrong_codes_and_there_is_a_wait_for_this_account_alone(
    at: Clock, app: Flask, secret: str, elsewhere: FlaskClient
) -> None:
    page = half_way(elsewhere)
    answers = [enters(elsewhere, "000000", page) for _ in range(5)]
    assert all("not the code of this moment" in each.text for each in answers)
    token = re.search(r'name="csrf_token" value="([^"]+)"', elsewhere.get(page).text)
    assert token
    refused = elsewhere.post(page, data={"csrf_token": token[1], "code": code_of(secret)})
    assert refused.status_code == 429  # the right one too
    assert len(acts(app, "provider.second_step_refused")) == 5
    other = app.test_client()
    assert signs_in(other).location == "/second-step"  # the first proof is as free as before
    add_person(app, "omar@example.org")
    assert signs_in(app.test_client(), "omar@example.org").location == "/signed-in"
    at.advance(minutes=5, seconds=1)
    half_way(elsewhere)
    assert enters(elsewhere, code_of(secret)).status_code == 303


def test_a_right_code_forgives_the_wrong_ones(at: Clock, secret: str, elsewhere: FlaskClient) -> None:
    for _ in range(3):
        half_way(elsewhere)
        for _wrong in range(4):
            enters(elsewhere, "000000")
        assert enters(elsewhere, code_of(secret)).status_code == 303
        at.advance(seconds=30)


def test_no_account_takes_more_than_fifty_guesses_a_day(at: Clock, secret: str, elsewhere: FlaskClient) -> None:
    taken = 0
    for _ in range(14):
        half_way(elsewhere)
        taken += sum(enters(elsewhere, "000000").status_code == 200 for _wrong in range(5))
        at.advance(hours=1, seconds=1)
    assert taken == 50


def test_half_a_sign_in_can_be_left_for_somebody_else_and_the_request_still_waits(
    app: Flask, portal: Portal, secret: str, elsewhere: FlaskClient
) -> None:
    add_person(app, "other@example.org")
    page = half_way(elsewhere, elsewhere.get(portal.ask()).location)
    shown = elsewhere.get(page).text
    assert "no app, no passkey and no recovery code" in shown
    place = re.search(r'action="(/second-step/leave[^"]*)"', shown)
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown)
    assert place
    assert token
    assert elsewhere.post("/second-step/leave").status_code == 400
    assert elsewhere.get(page).status_code == 200  # still half-way
    left = elsewhere.post(place[1].replace("&amp;", "&"), data={"csrf_token": token[1]})
    assert left.location.startswith("/sign-in?to=")
    assert elsewhere.get("/second-step").location == "/sign-in"
    assert "code" in answer_in(signs_in_as_other(elsewhere, left.location))


def signs_in_as_other(browser: FlaskClient, page: str) -> str:
    """Where the client's request leads once the other person has signed in."""
    arrived = post_form(browser, page, email="other@example.org", password=PASSWORD)
    return browser.get(arrived.location).location
