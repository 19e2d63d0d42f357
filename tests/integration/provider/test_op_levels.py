"""The level of a sign-in: acr_values as a wish, an essential acr as a condition (OIDF plans, Basic and Config OP)."""

import json
import re
from html import unescape

from flask import Flask
from flask.testing import FlaskClient

from portal.provider.levels import MFA, SFA
from tests.integration.provider.flows import Portal, answer_in, claims_of, post_form, silently


def needs(*levels: str) -> str:
    return json.dumps({"id_token": {"acr": {"essential": True, "values": levels}}})


def test_op_acr_says_what_was_reached(portal: Portal, signed_in: FlaskClient) -> None:
    assert claims_of(portal, silently(portal, signed_in))["acr"] == SFA
    assert claims_of(portal, silently(portal, signed_in, acr_values=SFA))["acr"] == SFA
    assert claims_of(portal, silently(portal, signed_in, acr_values=f"{MFA} {SFA}"))["acr"] == SFA


def test_op_acr_values_that_nobody_knows_change_nothing(portal: Portal, signed_in: FlaskClient) -> None:
    assert claims_of(portal, silently(portal, signed_in, acr_values="1 2"))["acr"] == SFA


def test_op_acr_values_of_a_higher_level_lead_to_the_second_step(portal: Portal, signed_in: FlaskClient) -> None:
    to_page = signed_in.get(portal.ask(acr_values=MFA)).location
    assert to_page.startswith("/second-step?to=")


def test_op_acr_values_are_a_wish_that_a_person_may_decline(portal: Portal, signed_in: FlaskClient) -> None:
    back = signed_in.get(way_without(signed_in, portal.ask(acr_values=MFA))).location
    assert claims_of(portal, answer_in(back))["acr"] == SFA
    assert claims_of(portal, silently(portal, signed_in, acr_values=MFA, prompt="none"))["acr"] == SFA


def test_op_acr_declined_stays_declined_on_the_consent_page(app: Flask, portal: Portal, signed_in: FlaskClient) -> None:
    to_page = signed_in.get(way_without(signed_in, portal.ask(acr_values=MFA, prompt="consent"))).location
    assert to_page.startswith("/consent?")
    back = signed_in.get(post_form(signed_in, to_page, answer="allow").location).location
    assert claims_of(portal, answer_in(back))["acr"] == SFA


def way_without(browser: FlaskClient, asked: str) -> str:
    """The link on the page of the second step, for who has nothing to take it with."""
    page = browser.get(browser.get(browser.get(asked).location).location)
    found = re.search(r'href="(/authorize\?to=[^"]+)"', page.text)
    assert found, page.text
    return unescape(found[1])


def test_op_an_essential_acr_is_a_condition(portal: Portal, signed_in: FlaskClient) -> None:
    assert claims_of(portal, silently(portal, signed_in, claims=needs(SFA)))["acr"] == SFA
    assert silently(portal, signed_in, claims=needs("gold"))["error"] == "unmet_authentication_requirements"
    back = signed_in.get(way_without(signed_in, portal.ask(claims=needs(MFA)))).location
    assert answer_in(back)["error"] == "unmet_authentication_requirements"


def test_nobody_declines_a_level_beforehand_for_an_essential_acr(portal: Portal, signed_in: FlaskClient) -> None:
    to_page = signed_in.get(portal.ask(claims=needs(MFA)) + "&declined=1").location
    assert to_page.startswith("/second-step?to=")


def test_op_prompt_none_is_interaction_required_where_a_second_step_would_be_needed(
    portal: Portal, signed_in: FlaskClient
) -> None:
    assert silently(portal, signed_in, prompt="none", claims=needs(MFA))["error"] == "interaction_required"
