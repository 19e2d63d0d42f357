"""Requests and answers of the shape of GOV.UK One Login, one parameter at a time."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jws, jwt
from joserfc.jwk import ECKey, KeySet
from sqlalchemy import select

from portal import clock
from portal.db.session import session
from portal.errors import SetupError
from portal.provider import authenticator, one_login_identity, operations, sign_ins
from portal.provider.app import create_provider
from portal.provider.back_channel import EVENT, logout_token
from portal.provider.models import Person
from portal.provider.one_login_identity import Outcome
from portal.provider.queries import find_client, get_login
from portal.provider.state import KEY
from portal.settings.own_provider import OwnProvider
from portal.settings.portal import Settings
from portal.signing.ring import OVERLAP
from tests.integration.provider.flows import CHALLENGE, VERIFIER, Portal, add_portal, answer_in, close, post_form
from tests.support.fixtures import Clock
from tests.support.settings import settings_for

ISSUER = "http://localhost/"
OURS = ECKey.generate_key("P-256", {"kid": "ours", "alg": "ES256"}, private=True)
VOCABULARY = "https://vocab.account.gov.uk/v1/"
CORE, ADDRESS, CODE = (f"{VOCABULARY}{name}" for name in ("coreIdentityJWT", "address", "returnCode"))
P2 = '["Cl.Cm.P2"]'


def one_login_settings(database_url: str) -> Settings:
    own = OwnProvider(issuer=ISSUER, shape="one_login")
    return settings_for(database_url, demo=True, own_provider=own, providers={})


@pytest.fixture(scope="module")
def built(database_url: str) -> Iterator[Flask]:
    app = create_provider(one_login_settings(database_url))
    app.testing = True
    yield app
    close(app)


@pytest.fixture
def app(built: Flask, clean_database: str) -> Flask:
    for ring in (built.extensions[KEY].ring, built.extensions[one_login_identity.KEY]):
        ring._keys = None
    return built


@pytest.fixture
def portal(app: Flask) -> Portal:
    return add_portal(
        app,
        secret=None,
        jwks={"keys": [OURS.as_dict(private=False)]},
        scopes=("openid", "email", "phone"),
        identity=True,
        subject_type="pairwise",
    )


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """Priya's, signed in with both factors."""
    browser = app.test_client()
    settings = app.extensions[KEY].settings
    with app.app_context():
        sub = operations.register_person(
            email="priya@demo.example",
            password=None,
            given_name="Priya Ann",
            family_name="Shah",
            phone="07700900123",
            verified=True,
            demo=True,
            settings=settings,
        )
        authenticator.give_to_demo_person(sub, settings)
        person = session().get_one(Person, sub)
        secret = sign_ins.start_login(person, amr=["demo", "otp", "mfa"], settings=settings)
        session().commit()
    browser.set_cookie("moothall_id_login", secret)
    return browser


def ask(portal: Portal, **changes: str | None) -> str:
    values: dict[str, str | None] = {"scope": "openid email", "vtr": None}
    return portal.ask(**(values | changes))


def refused(browser: FlaskClient, address: str) -> tuple[str, str]:
    answer = browser.get(address)
    assert answer.status_code == 303, answer.text
    said = answer_in(answer.location)
    assert "iss" not in said
    return said["error"], said["error_description"]


def assertion(**changes: Any) -> str:
    now = int(clock.now().timestamp())
    said = {"iss": "portal", "sub": "portal", "aud": f"{ISSUER}token", "exp": now + 60, "jti": str(now)} | changes
    return jwt.encode({"alg": "ES256", "kid": "ours"}, said, OURS)


def tokens(portal: Portal, browser: FlaskClient, address: str) -> dict[str, Any]:
    code = answer_in(browser.get(address).location)["code"]
    sent = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": portal.redirect_uri,
        "code_verifier": VERIFIER,
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": assertion(),
    }
    answer = portal.app.test_client().post("/token", data=sent)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = json.loads(answer.text)
    return body


def prove(app: Flask, outcome: Outcome) -> None:
    with app.app_context():
        one_login_identity.keep(session().scalars(select(Person.id)).one(), outcome)
        session().commit()


@pytest.mark.parametrize("vtr", [None, '["Cl.Cm"]', '["Cm.Cl"]'])
def test_gov_15_18_the_id_token_says_the_credentials_and_no_acr(
    portal: Portal, browser: FlaskClient, vtr: str | None
) -> None:
    given = tokens(portal, browser, ask(portal, vtr=vtr))
    assert (given["expires_in"], given["token_type"], "refresh_token" in given) == (180, "Bearer", False)
    claims = portal.claims(given["id_token"])
    assert (claims["vot"], claims["vtm"]) == ("Cl.Cm", f"{ISSUER}trustmark")
    assert (claims["iss"], claims["nonce"]) == (ISSUER, "nonce-1")
    assert claims["sub"].startswith("urn:fdc:")
    assert {"sid", "auth_time"} <= set(claims)
    assert not {"acr", "amr"} & set(claims)
    told = portal.userinfo(given["access_token"]).json
    assert told == {"sub": claims["sub"], "email": "priya@demo.example", "email_verified": True}


def test_gov_05_one_factor_is_enough_for_cl_and_not_for_more(app: Flask, portal: Portal, browser: FlaskClient) -> None:
    with app.app_context():
        login = get_login(session().scalars(select(sign_ins.Login.id)).one())
        login.amr = ["demo"]
        session().commit()
    assert "/second-step?" in browser.get(ask(portal)).location
    assert portal.claims(tokens(portal, browser, ask(portal, vtr='["Cl"]'))["id_token"])["vot"] == "Cl"


@pytest.mark.parametrize(
    "vtr",
    [
        '["P2"]',
        '["Cl.P2"]',
        '["Cl.Cm.P1"]',
        '["Cl.Cm.P9"]',
        '["Cl","Cl.Cm"]',
        "[]",
        "Cl.Cm",
        "{}",
        "[1]",
        '[["Cl"]]',
        "7",
        "[" * 150,
    ],
)
def test_gov_05_another_vector_is_not_valid(portal: Portal, browser: FlaskClient, vtr: str) -> None:
    assert refused(browser, ask(portal, vtr=vtr)) == ("invalid_request", "Request vtr not valid")


def test_gov_05_a_client_that_may_not_ask_for_identities_is_refused(app: Flask, browser: FlaskClient) -> None:
    portal = add_portal(app, secret=None, jwks={"keys": [OURS.as_dict(private=False)]})
    error, _ = refused(browser, ask(portal, vtr=P2))
    assert error == "invalid_request"


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


@pytest.mark.parametrize("name", ["state", "nonce"])
def test_gov_03_04_state_and_nonce_are_required(portal: Portal, browser: FlaskClient, name: str) -> None:
    without: dict[str, str | None] = {name: None}
    assert refused(browser, ask(portal, **without)) == ("invalid_request", f"{name} is missing")


@pytest.mark.parametrize("scope", ["openid profile", "openid offline_access", "openid wallet"])
def test_gov_02_only_its_scopes(portal: Portal, browser: FlaskClient, scope: str) -> None:
    assert refused(browser, ask(portal, scope=scope))[0] == "invalid_scope"


@pytest.mark.parametrize("hinted", [False, True])
def test_gov_10_prompt_login_counts_within_a_request_object_that_says_whom_alone(
    portal: Portal, browser: FlaskClient, hinted: bool
) -> None:
    assert refused(browser, ask(portal, prompt="login"))[0] == "invalid_request"
    hint = {"id_token_hint": tokens(portal, browser, ask(portal))["id_token"]} if hinted else {}
    said = {
        "iss": "portal",
        "aud": f"{ISSUER}authorize",
        "exp": int((clock.now() + timedelta(minutes=5)).timestamp()),
        "response_type": "code",
        "client_id": "portal",
        "redirect_uri": portal.redirect_uri,
        "scope": "openid",
        "state": "s",
        "nonce": "n",
        "prompt": "login",
        "vtr": '["Cl.Cm"]',
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        **hint,
    }
    signed = jwt.encode({"alg": "ES256", "kid": "ours"}, said, OURS)
    beside: dict[str, str | None] = dict.fromkeys(
        ("redirect_uri", "state", "nonce", "code_challenge", "code_challenge_method")
    )
    answer = browser.get(ask(portal, request=signed, scope="openid", **beside))
    assert ("/sign-in?" in answer.location) is hinted
    assert ("code=" in answer.location) is not hinted


@pytest.mark.parametrize("may", [False, True])
def test_gov_09_max_age_counts_where_it_was_agreed(
    app: Flask, browser: FlaskClient, may: bool, portal: Portal, at: Clock
) -> None:
    with app.app_context():
        operations.ensure_client(
            "portal",
            title="Marlowe online",
            redirect_uris=[portal.redirect_uri],
            jwks={"keys": [OURS.as_dict(private=False)]},
            max_age=may,
        )
        session().commit()
    at.advance(minutes=5)
    assert ("/sign-in?" in browser.get(ask(portal, max_age="60")).location) is may


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


def test_gov_28_a_logout_token_names_the_person_and_neither_session_nor_type(
    app: Flask, portal: Portal, browser: FlaskClient
) -> None:
    claims = portal.claims(tokens(portal, browser, ask(portal))["id_token"])
    with app.app_context():
        client = find_client(portal.client_id)
        assert client
        made = logout_token(client, issuer=ISSUER, sid="one", sub=claims["sub"])
    keys = KeySet.import_key_set(app.test_client().get("/.well-known/jwks.json").json)
    token = jwt.decode(made, keys, algorithms=["ES256"])
    assert set(token.header) == {"alg", "kid"}
    assert set(token.claims) == {"iss", "aud", "iat", "exp", "jti", "events", "sub"}
    assert token.claims["events"] == {EVENT: {}}
    assert token.claims["sub"] == claims["sub"]


def test_gov_27_an_id_token_of_this_shape_is_taken_as_a_hint(app: Flask, portal: Portal, browser: FlaskClient) -> None:
    given = tokens(portal, browser, ask(portal))
    target = "https://portal.example/signed-out"
    answer = browser.get(f"/logout?id_token_hint={given['id_token']}&post_logout_redirect_uri={target}&state=s")
    assert answer.location == f"{target}?state=s"
    assert portal.userinfo(given["access_token"]).status_code == 401


@pytest.mark.parametrize("path", ["/par", "/revoke"])
def test_what_one_login_does_not_offer_is_not_there(app: Flask, path: str) -> None:
    assert app.test_client().post(path, data={}).status_code == 404


@pytest.mark.parametrize("way", ["none", "body", "basic"])
def test_userinfo_takes_the_token_in_the_header_alone(
    app: Flask, portal: Portal, browser: FlaskClient, way: str
) -> None:
    token = tokens(portal, browser, ask(portal))["access_token"]
    client = app.test_client()
    if way == "body":
        answer = client.post("/userinfo", data={"access_token": token})
    else:
        answer = client.get("/userinfo", headers={"Authorization": f"Basic {token}"} if way == "basic" else {})
    assert answer.status_code == 401


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


def test_gov_12_a_client_with_a_secret_may_not_ask_for_identities(app: Flask) -> None:
    with app.app_context(), pytest.raises(SetupError, match="private_key_jwt"):
        operations.ensure_client(
            "portal", title="x", redirect_uris=["https://x.example/"], secret="s" * 40, identity=True
        )


def test_the_shape_is_for_the_demo_alone(database_url: str) -> None:
    with pytest.raises(SetupError, match="outside the demo"):
        settings_for(database_url, own_provider=OwnProvider(issuer=ISSUER, shape="one_login"))
