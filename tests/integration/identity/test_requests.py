"""The authorization request in each of its forms: plain, with vectors of trust, signed, pushed."""

import json
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwk, jwt
from pydantic import SecretStr, ValidationError

from portal.conformance.pages import Page, faults
from portal.settings.providers import Provider
from tests.integration.identity.conftest import Browser, provider_settings, query_of
from tests.support.fixtures import Clock
from tests.support.hostile_provider import HostileProvider
from tests.support.hostile_requests import claims_of

KEY = jwk.RSAKey.generate_key(2048)
VECTORS = {"low": "Cl.Cm", "medium": "Cl.Cm.P2"}
NAME = "https://vocab.account.gov.uk/v1/coreIdentityJWT"


@pytest.fixture
def key_file(tmp_path: Path) -> str:
    file = tmp_path / "key.pem"
    file.write_bytes(KEY.as_pem(private=True))
    return str(file)


def by_vectors(make: Any, provider: HostileProvider, **changes: Any) -> Browser:
    values = {"level_by": "vtr", "vtr": VECTORS, "identity_claims": (NAME,), "scopes": ("openid", "email", "phone")}
    made: Browser = make(provider, **(values | changes))
    return made


def test_gov_02_the_code_flow_with_the_scopes_that_are_set(make: Any, provider: HostileProvider) -> None:
    browser = by_vectors(make, provider)
    provider.claims["vot"] = "Cl.Cm"
    assert browser.sign_in().status_code == 303
    asked = provider.authorizations[0]
    assert (asked["response_type"], asked["scope"]) == ("code", "openid email phone")


def test_bcp_01_no_settings_ask_for_tokens_in_the_address_or_for_a_password(browser: Browser) -> None:
    browser.sign_in()
    assert browser.provider.authorizations[0]["response_type"] == "code"
    form = browser.provider.token_requests[0][1]
    assert form["grant_type"] == "authorization_code"
    assert {"password", "username"}.isdisjoint(form)


def test_gov_03_bcp_03_state_is_small_opaque_and_of_one_sign_in(browser: Browser) -> None:
    states = [query_of(browser.begin(f"/home?secret={number}"))["state"] for number in range(20)]
    assert len(set(states)) == 20
    assert {len(state) for state in states} == {43}
    assert not any("home" in state for state in states)


def test_gov_03_the_whole_address_stays_below_what_one_login_takes(make: Any, provider: HostileProvider) -> None:
    browser = by_vectors(make, provider)
    assert len(browser.begin("/home?" + "x" * 1900)) < 4096


def test_bcp_03_a_state_serves_only_the_browser_that_it_was_made_for(
    browser: Browser, make: Any, provider: HostileProvider
) -> None:
    back, stranger = provider.authorize(browser.begin()), make(provider)
    stranger.token()
    assert stranger.come_back(back).status_code == 400
    assert not stranger.is_signed_in()


def test_gov_04_bcp_04_the_nonce_is_of_one_sign_in_and_judged_before_any_token_is_used(browser: Browser) -> None:
    browser.begin()
    browser.sign_in()
    browser.client.delete_cookie("moothall_session")
    browser.provider.claims["nonce"] = query_of(browser.begin())["nonce"]  # another sign-in's
    asked = browser.provider.count("/userinfo")
    assert browser.sign_in().status_code == 400
    assert browser.provider.count("/userinfo") == asked
    assert len(browser.provider.authorizations[0]["nonce"]) >= 43


def test_gov_05_vtr_asks_for_the_credentials_and_never_for_an_identity_at_the_first_sign_in(
    make: Any, provider: HostileProvider
) -> None:
    browser = by_vectors(make, provider)
    browser.begin()
    asked = query_of(browser.begin())
    assert json.loads(asked["vtr"]) == ["Cl.Cm"]
    assert {"claims", "acr_values"}.isdisjoint(asked)


@pytest.mark.parametrize("vectors", [{"medium": "P2"}, {"low": "Cl.Cm", "high": "P2"}, {"low": ""}])
def test_gov_05_an_identity_without_credentials_is_a_fault_of_the_settings(vectors: Any) -> None:
    values = {"issuer": "https://id.example", "client_id": "x", "client_secret": SecretStr("y"), "level_by": "vtr"}
    with pytest.raises(ValidationError, match="vtr must"):
        Provider(**(values | {"vtr": vectors}))


def test_gov_06_the_identity_is_asked_for_in_a_second_request_by_userinfo_claims_alone(
    make: Any, provider: HostileProvider
) -> None:
    browser = by_vectors(make, provider)
    provider.claims["vot"] = "Cl.Cm"
    browser.sign_in()
    browser.leave_to_prove("/strict/page")
    browser.prove_more("/strict/page")
    asked = provider.authorizations[-1]
    assert json.loads(asked["vtr"]) == ["Cl.Cm.P2"]
    assert json.loads(asked["claims"]) == {"userinfo": {NAME: None}}


@pytest.mark.parametrize(("page", "allowed", "sent"), [("cy", ("en", "cy"), "cy"), ("cy", ("en",), None)])
def test_gov_07_the_page_s_language_goes_along_where_it_is_allowed(
    make: Any, provider: HostileProvider, page: str, allowed: Any, sent: str | None
) -> None:
    browser = make(provider, locales=allowed)
    browser.client.get(f"/sign-in?lang={page}")
    assert query_of(browser.begin()).get("ui_locales") == sent


def test_gov_08_bcp_02_pkce_is_s256_whatever_metadata_says(browser: Browser) -> None:
    browser.provider.metadata["code_challenge_methods_supported"] = ["plain"]
    browser.sign_in()
    browser.client.delete_cookie("moothall_session")
    browser.sign_in()
    first, second = browser.provider.authorizations
    assert first["code_challenge_method"] == second["code_challenge_method"] == "S256"
    assert first["code_challenge"] != second["code_challenge"]
    assert first["nonce"] and first["state"]  # noqa: PT018  # what protects where the provider ignores PKCE
    verifiers = [form["code_verifier"] for _headers, form in browser.provider.token_requests]
    assert len(set(verifiers)) == 2
    assert min(map(len, verifiers)) >= 43


@pytest.mark.parametrize("vot", [None, "Cl", "Cl.Cm.P2", "P2", "Cm.Cl", 7, ["Cl.Cm"]])
def test_gov_18_rp_48_vot_must_be_the_very_credentials_asked_for(
    make: Any, provider: HostileProvider, vot: Any, rows: Any
) -> None:
    browser = by_vectors(make, provider)
    provider.claims["vot"] = vot
    assert browser.sign_in().status_code == 403
    assert not browser.is_signed_in()
    assert rows("select details->>'code' from portal.audit_entry") == [("asked_vot_other",)]


def test_gov_18_vot_of_a_request_for_an_identity_is_its_credentials(make: Any, provider: HostileProvider) -> None:
    browser = by_vectors(make, provider)
    provider.claims["vot"] = "Cl.Cm"
    browser.sign_in()
    provider.claims["vot"] = "Cl.Cm.P2"
    assert browser.prove_more("/strict/page").status_code == 403
    provider.claims["vot"] = "Cl.Cm"
    # The credentials alone prove no identity: without its own token the level is not reached.
    assert browser.prove_more("/strict/page").status_code == 403
    assert browser.client.get("/strict/page").status_code == 303


def test_a_level_of_credentials_alone_is_reached_by_its_vector(make: Any, provider: HostileProvider) -> None:
    browser = by_vectors(make, provider, vtr={"low": "Cl", "medium": "Cl.Cm"})
    provider.claims["vot"] = "Cl"
    browser.sign_in()
    assert browser.client.get("/strict/page").status_code == 303
    provider.claims["vot"] = "Cl.Cm"
    assert browser.prove_more("/strict/page").status_code == 303
    assert browser.client.get("/strict/page").status_code == 200


def test_a_level_may_not_be_asked_for_and_counts_all_the_same(make: Any, provider: HostileProvider) -> None:
    browser = make(provider, level_by="nothing")
    browser.sign_in()
    provider.claims["acr"] = "documents"
    assert browser.prove_more("/strict/page").status_code == 303
    assert {"acr_values", "vtr"}.isdisjoint(provider.authorizations[-1])


@pytest.mark.parametrize("audience", ["issuer", "authorization_endpoint"])
def test_rp_26_gov_10_a_signed_request_says_everything_and_the_address_only_what_it_must(
    make: Any, provider: HostileProvider, key_file: str, audience: str
) -> None:
    settings = {"client_key_file": key_file, "client_key_id": "k1", "request_object_audience": audience}
    browser = make(provider, request_object=True, **settings)
    assert browser.sign_in().status_code == 303
    beside = provider.asked_in_address[0]
    assert set(beside) == {"response_type", "scope", "client_id", "request"}
    read = jwt.decode(beside["request"], KEY, algorithms=["RS256"])
    claims = read.claims
    assert (read.header["typ"], read.header["kid"]) == ("oauth-authz-req+jwt", "k1")
    assert claims["aud"] == (provider.issuer if audience == "issuer" else f"{provider.issuer}/authorize")
    assert (claims["iss"], claims["client_id"]) == ("portal", "portal")
    assert claims["exp"] - claims["iat"] == 300
    assert {"state", "nonce", "code_challenge", "redirect_uri", "ui_locales", "jti"} <= claims.keys()
    assert {name: claims[name] for name in ("response_type", "scope")} == {
        name: beside[name] for name in ("response_type", "scope")
    }
    browser.begin()
    provider.authorize(browser.begin())
    assert claims_of(provider.asked_in_address[-1]["request"])["jti"] != claims["jti"]


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_rp_26_a_request_is_signed_with_the_keys_that_we_publish(
    make: Any, provider: HostileProvider, algorithm: str
) -> None:
    browser = make(provider, request_object=True, client_key_algorithm=algorithm)
    assert browser.sign_in().status_code == 303
    keys = jwk.KeySet.import_key_set(browser.client.get("/auth/jwks").json)
    read = jwt.decode(provider.asked_in_address[0]["request"], keys, algorithms=[algorithm])
    assert read.claims["client_id"] == "portal"


def test_gov_10_asking_anew_names_the_person_within_the_signed_request(
    make: Any, provider: HostileProvider, key_file: str, at: Clock
) -> None:
    browser = make(provider, request_object=True, client_key_file=key_file)
    browser.sign_in()
    at.advance(minutes=11)
    assert browser.prove_more("/letter").status_code == 303
    provider.claims["auth_time"] = lambda honest: honest - 3600
    at.advance(minutes=11)
    again = browser.prove_more("/letter").headers["Location"]  # it has not asked the person: we start over once
    provider.authorize(again)
    for asked, beside in zip(provider.authorizations[1:], provider.asked_in_address[1:], strict=True):
        assert asked["prompt"] == "login"
        assert claims_of(asked["id_token_hint"])["sub"] == "resident-1"
        assert "id_token_hint" not in beside
    assert len(provider.authorizations) == 4


def test_bcp_07_no_token_ever_stands_in_an_address(browser: Browser, at: Clock) -> None:
    browser.sign_in()
    at.advance(minutes=11)
    browser.prove_more("/letter")
    assert all("id_token_hint" not in asked for asked in browser.provider.asked_in_address)
    assert all("access_token" not in asked["query"] for asked in browser.provider.userinfo_requests)


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "private_key_jwt"])
def test_a_request_is_pushed_where_that_is_offered(
    make: Any, provider: HostileProvider, key_file: str, method: str
) -> None:
    provider.offer_pushed()
    browser = make(provider, client_auth=method, client_key_file=key_file)
    assert browser.sign_in().status_code == 303
    ((headers, form),) = provider.pushes
    assert set(provider.asked_in_address[0]) == {"client_id", "request_uri"}
    assert {"state", "nonce", "code_challenge", "redirect_uri", "response_type", "scope"} <= form.keys()
    assert form["client_id"] == "portal"
    assert ("Authorization" in headers) is (method == "client_secret_basic")
    assert headers["User-Agent"].startswith("Moothall/")
    if method == "private_key_jwt":
        assert claims_of(form["client_assertion"])["aud"] == f"{provider.issuer}/token"


def test_pushing_and_signing_go_together(make: Any, provider: HostileProvider, key_file: str) -> None:
    provider.offer_pushed()
    browser = make(provider, request_object=True, client_key_file=key_file)
    assert browser.sign_in().status_code == 303
    ((_headers, form),) = provider.pushes
    assert set(form) == {"client_id", "request"}
    assert set(provider.asked_in_address[0]) == {"client_id", "request_uri"}


@pytest.mark.parametrize(("required", "pushed"), [(False, 0), (True, 1)])
def test_a_request_is_not_pushed_when_settings_say_never_unless_it_must_be(
    make: Any, provider: HostileProvider, required: bool, pushed: int
) -> None:
    provider.offer_pushed(required=required)
    assert make(provider, pushed_requests="never").sign_in().status_code == 303
    assert len(provider.pushes) == pushed


def said(status: int, body: Any, kind: str = "application/json") -> tuple[int, str, bytes]:
    return status, kind, body if isinstance(body, bytes) else json.dumps(body).encode()


BAD_PUSHES = {
    "400": said(400, {"error": "invalid_request"}),
    "401": said(401, {"error": "invalid_client"}),
    "odd error": said(400, {"error": ["x"]}),
    "500": said(500, b"Traceback", "text/plain"),
    "302": said(302, b""),
    "html": said(201, b"<html>", "text/html"),
    "empty": said(201, b""),
    "list": said(201, []),
    "no name": said(201, {"expires_in": 60}),
    "odd name": said(201, {"request_uri": 7}),
    "name with a line break": said(201, {"request_uri": "urn:x\r\nX: y"}),
    "deep": said(201, b"[" * 50_000),
}


@pytest.mark.parametrize("kind", BAD_PUSHES)
def test_a_pushed_request_that_is_not_taken_ends_on_a_page_and_writes_nothing_down(
    browser: Browser, rows: Any, kind: str
) -> None:
    browser.provider.offer_pushed()
    browser.provider.push_answer = BAD_PUSHES[kind]
    page = browser.client.post("/sign-in/town", data={"csrf_token": browser.token(), "next": "/home"})
    assert page.status_code == 503
    assert faults(Page(page.text)) == []
    assert "Sign in again" in page.text
    assert rows("select 1 from portal.sign_in_attempt") == []


def test_bcp_09_endpoints_and_abilities_come_from_metadata(browser: Browser) -> None:
    browser.provider.offer_pushed()
    browser.provider.metadata["token_endpoint"] = f"{browser.provider.issuer}/there/token"
    browser.provider.aliases["/there/token"] = "/token"
    assert browser.sign_in().status_code == 303
    assert browser.provider.count("/there/token") == 1


def test_ux_04_scheme_and_host_of_the_way_back_are_those_of_the_settings(browser: Browser) -> None:
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example", "Forwarded": "host=evil.example"}
    sent = {"csrf_token": browser.token(), "next": "/home"}
    address = browser.client.post("/sign-in/town", data=sent, headers=forged).headers["Location"]
    assert query_of(address)["redirect_uri"] == "http://localhost/auth/town/callback"
    away = browser.client.post("/sign-in/town", data=sent, base_url="http://evil.example")
    assert away.status_code == 400


def test_bcp_05_gov_30_each_provider_has_a_way_back_of_its_own(make_portal: Any, provider: HostileProvider) -> None:
    both = {name: provider_settings(provider) for name in ("town", "county")}
    browser = Browser(make_portal(both).test_client(), provider)
    ways = [query_of(browser.begin(name=name))["redirect_uri"] for name in both]
    assert ways == ["http://localhost/auth/town/callback", "http://localhost/auth/county/callback"]


def test_bcp_06_the_next_page_is_one_of_ours(browser: Browser) -> None:
    for wanted in ("//evil.example", "/\\evil.example", "/%2f%2fevil.example", "/\tx", "https://evil.example/"):
        assert browser.sign_in(wanted).headers["Location"] == "/"
        browser.client.delete_cookie("moothall_session")


def test_further_hosts_of_the_sign_in_page_are_reached_directly_when_settings_name_them(
    make: Any, provider: HostileProvider
) -> None:
    browser = make(provider, form_targets=("https://login.example",))
    provider.metadata["authorization_endpoint"] = "https://login.example/authorize"
    provider.metadata["end_session_endpoint"] = "https://login.example/logout"
    page = browser.client.get("/sign-in")
    assert "https://login.example" in page.headers["Content-Security-Policy"]
    assert browser.begin().startswith("https://login.example/authorize?")
    provider.metadata.pop("authorization_endpoint")
    assert "login.example" not in browser.client.get("/").headers["Content-Security-Policy"]


def test_signing_out_too_may_lead_to_the_hosts_that_settings_name(make: Any, provider: HostileProvider) -> None:
    browser = make(provider, form_targets=("https://login.example",))
    provider.metadata["end_session_endpoint"] = "https://login.example/logout"
    browser.sign_in()
    assert "https://login.example" in browser.client.get("/note").headers["Content-Security-Policy"]
    left = browser.post("/sign-out", csrf_token=browser.token("/note"))
    assert left.headers["Location"].startswith("https://login.example/logout?")
