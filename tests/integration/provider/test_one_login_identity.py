"""Identities in the shape of GOV.UK One Login: asked for, proven or not, signed, and told at userinfo."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jws, jwt
from joserfc.jwk import ECKey

from portal.db.session import session
from portal.errors import SetupError
from portal.provider import one_login_identity, operations
from portal.provider.one_login_identity import Outcome
from portal.provider.state import KEY
from portal.settings.portal import Settings
from portal.signing.ring import OVERLAP
from tests.integration.provider.flows import Portal, add_portal, answer_in, post_form
from tests.integration.provider.one_login import (
    ADDRESS,
    CODE,
    CORE,
    ISSUER,
    OURS,
    P2,
    VOCABULARY,
    app,
    ask,
    browser,
    built,
    portal,
    prove,
    refused,
    tokens,
)
from tests.support.fixtures import Clock

__all__ = ["app", "browser", "built", "portal"]


def test_gov_05_a_client_that_may_not_ask_for_identities_is_refused(app: Flask, browser: FlaskClient) -> None:
    portal = add_portal(app, secret=None, jwks={"keys": [OURS.as_dict(private=False)]})
    error, _ = refused(browser, ask(portal, vtr=P2))
    assert error == "invalid_request"


def test_gov_12_a_client_with_a_secret_may_not_ask_for_identities(app: Flask) -> None:
    with app.app_context(), pytest.raises(SetupError, match="private_key_jwt"):
        operations.ensure_client(
            "portal", title="x", redirect_uris=["https://x.example/"], secret="s" * 40, identity=True
        )


@pytest.mark.parametrize(
    "claims",
    [
        {"id_token": {CORE: None}},
        {"userinfo": {"name": None}},
        {"userinfo": {CORE: None}, "id_token": {}},
        {"userinfo": {f"{VOCABULARY}shoeSize": None}},
    ],
)
def test_gov_06_claims_are_those_of_the_vocabulary_and_in_userinfo(
    portal: Portal, browser: FlaskClient, claims: dict[str, Any]
) -> None:
    assert refused(browser, ask(portal, vtr=P2, claims=json.dumps(claims)))[0] == "invalid_request"


def test_gov_20_21_the_core_identity_is_signed_by_a_key_of_the_did_document(
    app: Flask, portal: Portal, browser: FlaskClient
) -> None:
    prove(app, Outcome.RENAMED)
    wanted = json.dumps({"userinfo": {CORE: None, ADDRESS: None, CODE: None}})
    given = tokens(portal, browser, ask(portal, vtr=P2, claims=wanted))
    claims = portal.claims(given["id_token"])
    assert claims["vot"] == "Cl.Cm"  # never the identity
    told = portal.userinfo(given["access_token"]).json
    assert told
    assert set(told) == {"sub", "email", "email_verified", CORE, ADDRESS}
    document = app.test_client().get("/.well-known/did.json").json
    assert document
    head = jws.extract_compact(told[CORE].encode()).headers()
    [method] = [each for each in document["assertionMethod"] if each["id"] == head["kid"]]
    key = ECKey.import_key(method["publicKeyJwk"])
    said = jwt.decode(told[CORE], key, algorithms=["ES256"]).claims
    assert (said["iss"], said["aud"], said["sub"]) == (f"{ISSUER}identity/", "portal", claims["sub"])
    assert (said["vot"], said["exp"] - said["nbf"]) == ("P2", 1800)
    earlier, now = said["vc"]["credentialSubject"]["name"]
    assert "validUntil" in earlier
    assert [each["value"] for each in now["nameParts"]] == ["Priya", "Ann", "Shah"]


@pytest.mark.parametrize("vtr", [None, '["Cl.Cm"]'])
def test_gov_06_no_identity_without_p2(app: Flask, portal: Portal, browser: FlaskClient, vtr: str | None) -> None:
    prove(app, Outcome.PROVEN)
    given = tokens(portal, browser, ask(portal, vtr=vtr, claims=json.dumps({"userinfo": {CORE: None}})))
    assert CORE not in json.loads(portal.userinfo(given["access_token"]).text)


def test_gov_24_a_code_and_no_identity_where_nothing_was_proven(
    app: Flask, portal: Portal, browser: FlaskClient
) -> None:
    wanted = json.dumps({"userinfo": {CORE: None, CODE: None}})
    page = browser.get(ask(portal, vtr=P2, claims=wanted))
    assert "/prove-your-identity?" in page.location
    again = post_form(browser, page.location, outcome="not_proven")
    given = tokens(portal, browser, again.location)
    told = portal.userinfo(given["access_token"]).json
    assert told
    assert (told[CODE], CORE in told) == ([{"code": "N"}], False)
    assert "/prove-your-identity?" in browser.get(ask(portal, vtr=P2, claims=wanted)).location  # the next time anew


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        ("not_proven", "access_denied"),
        ("post_office", "access_denied"),
        ("no_capacity", "temporarily_unavailable"),
    ],
)
def test_gov_26_what_came_of_it_is_an_error_where_no_code_is_asked_for(
    portal: Portal, browser: FlaskClient, outcome: str, error: str
) -> None:
    page = browser.get(ask(portal, vtr=P2, claims=json.dumps({"userinfo": {CORE: None}})))
    answer = post_form(browser, page.location, outcome=outcome)
    assert (answer_in(answer.location)["error"], answer_in(answer.location)["state"]) == (error, "state-1")


@pytest.mark.parametrize("outcome", ["", "governor", "PROVEN"])
def test_nothing_but_what_is_offered_can_come_of_it(portal: Portal, browser: FlaskClient, outcome: str) -> None:
    page = browser.get(ask(portal, vtr=P2))
    answer = post_form(browser, page.location, outcome=outcome)
    assert "Select what shall happen" in answer.text


def test_the_page_without_a_request_or_a_person_leads_elsewhere(
    app: Flask, portal: Portal, browser: FlaskClient
) -> None:
    assert browser.get("/prove-your-identity").location.endswith("/signed-in")
    page = browser.get(ask(portal, vtr=P2)).location
    assert "/authorize?" in app.test_client().get(page).location


def test_gov_19_core_identity_keys_rotate_with_the_others(app: Flask, at: Clock) -> None:
    settings: Settings = app.extensions[KEY].settings
    ring = app.extensions[one_login_identity.KEY]
    methods = "/.well-known/did.json"
    assert len(json.loads(app.test_client().get(methods).text)["assertionMethod"]) == 1
    with app.app_context():
        assert len(operations.rotate_keys(settings)) == 3
        session().commit()
    ring._keys = None
    assert len(json.loads(app.test_client().get(methods).text)["assertionMethod"]) == 2
    at.advance(seconds=2 * OVERLAP.total_seconds() + 1)
    ring._keys = None
    assert len(json.loads(app.test_client().get(methods).text)["assertionMethod"]) == 1
