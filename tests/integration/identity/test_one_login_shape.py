"""The whole way with our own provider in the shape of GOV.UK One Login: two sites, real HTTP, settings alone."""

import json
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.integration.identity.one_login_house import ADDRESS, CODE, CORE, DONE, House, Priya, house, relying
from tests.support.fixtures import Clock


@pytest.fixture(scope="module")
def built(database_url: str) -> Iterator[House]:
    with house(database_url) as made:
        yield made


@pytest.fixture
def one_login(built: House, clean_database: str) -> House:
    built.furnish()
    return built


@pytest.fixture
def priya(one_login: House) -> Priya:
    return Priya(one_login)


def inside(request_object: str) -> dict[str, Any]:
    """What a request object says."""
    payload = request_object.split(".")[1]
    said: dict[str, Any] = json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return said


def test_gov_05_06_10_13_18_a_resident_signs_in_and_then_proves_who_they_are(priya: Priya, rows: Any) -> None:
    page = priya.sign_in()
    assert page.url == f"{priya.address}/profile"
    page = priya.prove("proven")
    assert page.url == f"{priya.address}{DONE}"
    assert "You have proved who you are" in page.text
    first, second = (inside(each["request"]) for each in priya.requests_made())
    assert (first["vtr"], "claims" in first) == (["Cl.Cm"], False)
    assert second["vtr"] == ["Cl.Cm.P2"]
    assert json.loads(second["claims"]) == {"userinfo": {CORE: None, ADDRESS: None, CODE: None}}
    assert all(
        set(each) == {"client_id", "response_type", "scope", "request"} for each in priya.requests_made()
    )  # everything else is inside
    assert "iss=" not in "".join(each for each in priya.seen if "/callback" in each)


def test_gov_22_23_the_confirmed_name_and_address_are_in_the_profile(priya: Priya, rows: Any) -> None:
    priya.sign_in()
    priya.prove("proven_renamed")
    profile = priya.get("/profile").text
    assert "Confirmed by your council account" in profile
    assert all(each in profile for each in ("Priya Ann", "29 February 1980", "14 Larkspur Lane, Marlowe, W6 9JU"))
    kept = dict(rows("select name, value from portal.verified_claim"))
    assert (kept["given_name"], kept["family_name"], kept["birthdate"]) == ("Priya Ann", "Shah", "1980-02-29")
    assert kept["address"] == "14 Larkspur Lane, Marlowe, W6 9JU"
    assert "Formerly" not in str(kept)


def test_gov_23_24_an_address_abroad_and_a_code_beside_a_proven_identity(priya: Priya, rows: Any) -> None:
    priya.sign_in()
    assert priya.prove("proven_abroad").url.endswith(DONE)
    kept = dict(rows("select name, value from portal.verified_claim"))
    assert kept["address"] == "742 Maple Avenue, Springfield, Illinois, 62701, US"


def test_gov_21_24_not_proven_with_a_code_leads_onward_and_a_later_try_may_succeed(priya: Priya) -> None:
    priya.sign_in()
    page = priya.prove("not_proven")
    assert page.status_code == 403
    assert "We could not confirm who you are" in page.text
    assert priya.is_signed_in()
    assert priya.prove("proven").url.endswith(DONE)


def test_gov_24_26_not_proven_without_asking_for_codes_is_refused_at_the_callback(
    built: House, clean_database: str
) -> None:
    built.furnish(relying(built.issuer, identity_claims=(CORE,)))
    priya = Priya(built)
    priya.sign_in()
    page = priya.prove("not_proven")
    assert page.status_code == 403
    assert "error=access_denied" in priya.seen[-1]
    assert "We could not confirm who you are" in page.text
    assert priya.is_signed_in()


def test_gov_26_no_capacity_is_said_and_the_session_stays(priya: Priya) -> None:
    priya.sign_in()
    page = priya.prove("no_capacity")
    assert (page.status_code, "error=temporarily_unavailable" in priya.seen[-1]) == (503, True)
    assert priya.is_signed_in()
    assert priya.get(DONE).url != f"{priya.address}{DONE}"


def test_gov_29_whoever_went_to_a_post_office_comes_back_later(one_login: House, priya: Priya, at: Clock) -> None:
    priya.sign_in()
    page = priya.prove("post_office")
    assert (page.status_code, "error=access_denied" in priya.seen[-1]) == (403, True)
    assert "If you chose to prove it at a Post Office" in page.text
    at.advance(days=5)
    later = Priya(one_login)
    page = later.sign_in(later.begin("/prove-your-identity"))
    assert page.url == f"{priya.address}/prove-your-identity"
    assert f'href="{DONE}"' in page.text
    asks = later.go_to_prove()
    assert "Post Office" in asks.text
    assert later.press(asks, 'name="outcome"', outcome="proven").url.endswith(DONE)


def test_gov_06_an_identity_proven_once_is_not_asked_for_again(one_login: House, priya: Priya, at: Clock) -> None:
    priya.sign_in()
    priya.prove("proven")
    at.advance(hours=13)
    later = Priya(one_login)
    later.sign_in()
    assert later.go_to_prove().url == f"{priya.address}{DONE}"


def test_gov_27_signing_out_clears_both_and_comes_back(one_login: House, priya: Priya) -> None:
    page = priya.sign_in()
    page = priya.press(page, "/sign-out")
    assert urlsplit(page.url).path == "/signed-out"
    left = next(each for each in priya.seen if each.startswith(f"{one_login.issuer}logout"))
    sent = parse_qs(urlsplit(left).query)
    assert sent["post_logout_redirect_uri"] == [f"{priya.address}/signed-out"]
    assert "id_token_hint" in sent
    assert not priya.is_signed_in()
    assert "/sign-in" in priya.begin().url  # there too: it asks again who they are


def test_gov_28_signing_out_at_the_provider_ends_every_session_and_twice_does_no_harm(
    one_login: House, priya: Priya, at: Clock
) -> None:
    priya.sign_in()
    at.advance(minutes=1)  # a code counts once
    other = Priya(one_login)
    other.sign_in()
    page = priya.browser.get(f"{one_login.issuer}logout", timeout=20)
    priya.press(page, "/sign-out")
    assert one_login.work().count("provider.tell_client") == 1
    assert not priya.is_signed_in()
    assert not other.is_signed_in()  # it names the person and no session


def test_gov_07_the_page_s_language_passes_through(priya: Priya) -> None:
    priya.get("/sign-in?lang=cy")
    page = priya.begin()
    assert '<html lang="cy"' in page.text
    assert inside(priya.requests_made()[0]["request"])["ui_locales"] == "cy"


def test_gov_10_asking_again_goes_within_a_request_object_and_another_person_ends_the_session(
    one_login: House, priya: Priya, at: Clock
) -> None:
    priya.sign_in()
    at.advance(minutes=25)
    page = priya.press(priya.get("/profile/email"), "/confirm-it-is-you")
    asked = inside(priya.requests_made()[-1]["request"])
    assert (asked["prompt"], asked["aud"]) == ("login", f"{one_login.issuer}authorize")
    assert "id_token_hint" in asked
    assert "max_age" not in asked
    page = priya.sign_in(page, as_=one_login.gita)
    assert "error=login_required" in priya.seen[-1]
    assert "We have signed you out" in page.text
    assert not priya.is_signed_in()


def test_gov_10_the_same_person_asked_again_goes_on_as_surely_known_as_before(priya: Priya, at: Clock) -> None:
    priya.sign_in()
    priya.prove("proven")
    at.advance(minutes=25)
    page = priya.sign_in(priya.press(priya.get("/profile/email"), "/confirm-it-is-you"))
    assert page.url == f"{priya.address}/profile/email"
    assert priya.get(DONE).url == f"{priya.address}{DONE}"


def test_gov_15_20_what_the_provider_says_of_itself(one_login: House) -> None:
    said = requests.get(f"{one_login.issuer}.well-known/openid-configuration", timeout=10).json()
    assert said["issuer"] == one_login.issuer
    assert said["scopes_supported"] == ["openid", "email", "phone"]
    assert said["grant_types_supported"] == ["authorization_code"]
    assert (said["backchannel_logout_supported"], said["backchannel_logout_session_supported"]) == (True, False)
    absent = {"pushed_authorization_request_endpoint", "authorization_response_iss_parameter_supported"}
    assert not absent & set(said)
    identities = requests.get(f"{one_login.issuer}.well-known/did.json", timeout=10).json()
    host = urlsplit(one_login.issuer).netloc.replace(":", "%3A")
    [method] = identities["assertionMethod"]
    assert identities["id"] == method["controller"] == f"did:web:{host}"
    assert method["id"].startswith(f"did:web:{host}#")
    others = requests.get(said["jwks_uri"], timeout=10).json()["keys"]
    assert method["publicKeyJwk"]["kid"] not in {each["kid"] for each in others}
