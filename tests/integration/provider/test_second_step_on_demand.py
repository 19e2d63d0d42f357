"""A second step because the service demands it: taken, or set up on the way."""

import uuid

from flask.testing import FlaskClient

from tests.integration.provider.flows import Portal, answer_in, post_form
from tests.integration.provider.people_with_factors import recovery_codes_shown, set_up_app, signs_in
from tests.support.fixtures import Clock
from tests.support.passkey_device import Device

MFA = "https://refeds.org/profile/mfa"


def test_a_service_that_demands_two_factors_gets_a_second_step_and_the_sign_in_stays_the_same(
    at: Clock, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    at.move_to("2026-11-22T09:00:05")
    answer = signs_in(browser, page=browser.get(portal.ask()).location)
    plain = portal.claims(portal.exchange(answer_in(browser.get(answer.location).location)["code"]).json["id_token"])
    assert plain["amr"] == ["pwd"]
    at.advance(minutes=1)
    second = browser.get(portal.ask(acr_values=MFA)).location
    assert second.startswith("/second-step")
    set_up = browser.get(second).location  # she has none yet
    assert set_up.startswith("/your-sign-in/authenticator?to=")
    assert "The service that you want needs a second proof" in browser.get(set_up).text
    _secret, answer = set_up_app(browser, set_up)
    assert len(recovery_codes_shown(browser, answer)) == 10
    answer = post_form(browser, answer.location)
    tokens = portal.exchange(answer_in(browser.get(answer.location).location)["code"]).json
    claims = portal.claims(tokens["id_token"])
    assert (claims["amr"], claims["acr"], claims["sid"]) == (["pwd", "otp", "mfa"], MFA, plain["sid"])
    assert claims["auth_time"] == plain["auth_time"]


def test_a_demand_with_an_old_sign_in_asks_for_the_password_before_anything_is_set_up(
    at: Clock, portal: Portal, priya: uuid.UUID, browser: FlaskClient
) -> None:
    signs_in(browser)
    at.advance(minutes=11)
    set_up = browser.get(browser.get(portal.ask(acr_values=MFA)).location).location
    again = browser.get(set_up).location
    assert again.startswith("/sign-in?to=")
    answer = signs_in(browser, page=again)
    assert answer.location.startswith("/your-sign-in/authenticator?to=")
    assert browser.get(answer.location).status_code == 200


def test_a_demand_can_be_met_by_adding_a_passkey(portal: Portal, priya: uuid.UUID, browser: FlaskClient) -> None:
    second = signs_in(browser, page=browser.get(portal.ask(acr_values=MFA)).location)
    second = browser.get(second.location)
    set_up = browser.get(second.location).location
    assert "Or add a passkey" in browser.get(set_up).text
    options = browser.get("/your-sign-in/passkeys/options").json
    assert options
    page = set_up.replace("/authenticator", "/passkeys/add")
    answer = post_form(browser, page, answer=Device().create(options), name="my phone")
    tokens = portal.exchange(answer_in(browser.get(answer.location).location)["code"]).json
    assert portal.claims(tokens["id_token"])["amr"] == ["pwd", "hwk", "user", "mfa"]
