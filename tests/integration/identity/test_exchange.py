"""Talking to the provider: what we send, and every bad kind of answer. Over real HTTP."""

import json
import time
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwk, jwt
from pydantic import SecretStr

from portal import outbound
from tests.integration.identity.conftest import Browser, provider_settings
from tests.support.hostile_provider import HostileProvider, query_of

JSON = "application/json"
GOOD = {"access_token": "a", "token_type": "Bearer", "id_token": "x.y.z"}


def answer(status: int, body: Any, kind: str = JSON) -> tuple[int, str, bytes]:
    return status, kind, body if isinstance(body, bytes) else json.dumps(body).encode()


def assert_refused(browser: Browser, *statuses: int) -> Any:
    page = browser.sign_in()
    assert page.status_code in (statuses or (400, 503)), page.status_code
    assert "Sign in again" in page.text
    assert not browser.is_signed_in()
    return page


def test_rp_15_the_scopes_are_asked_for_and_the_claims_read(make: Any, provider: HostileProvider, rows: Any) -> None:
    browser = make(provider, scopes=("openid", "email"))
    browser.sign_in()
    assert provider.authorizations[0]["scope"] == "openid email"
    assert rows("select given_name, email from portal.profile") == [("Ada", "ada@example.org")]


def test_the_request_has_state_nonce_pkce_and_our_own_callback_path(browser: Browser) -> None:
    browser.sign_in()
    asked = browser.provider.authorizations[0]
    assert asked["redirect_uri"] == "http://localhost/auth/town/callback"
    assert (asked["response_type"], asked["code_challenge_method"], asked["ui_locales"]) == ("code", "S256", "en")
    assert min(len(asked["state"]), len(asked["nonce"]), len(asked["code_challenge"])) >= 43
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_rp_16_the_client_authenticates_by_secret(make: Any, provider: HostileProvider, method: str) -> None:
    browser = make(provider, client_auth=method)
    assert browser.sign_in().status_code == 303
    headers, form = provider.token_requests[0]
    assert ("Authorization" in headers) is (method == "client_secret_basic")
    assert ("client_secret" in form) is (method == "client_secret_post")


def test_rp_16_odd_characters_of_id_and_secret_are_encoded(make: Any, provider: HostileProvider) -> None:
    """RFC 6749 2.3.1: a colon in the id, or a percent sign, would otherwise be read as something else."""
    provider.client_id, provider.client_secret = "por:tal", "s%3Acret +ünd&mehr-for-tests-only"
    browser = make(provider)
    assert browser.sign_in().status_code == 303


@pytest.mark.parametrize("kind", ["RSA", "EC"])
def test_rp_16_private_key_jwt_is_fresh_each_time(
    make: Any, provider: HostileProvider, tmp_path: Path, kind: str
) -> None:
    key: Any = jwk.RSAKey.generate_key(2048) if kind == "RSA" else jwk.ECKey.generate_key("P-256")
    file = tmp_path / "key.pem"
    file.write_bytes(key.as_pem(private=True))
    browser = make(
        provider, client_auth="private_key_jwt", client_secret=None, client_key_file=str(file), client_key_id="k1"
    )
    for _ in range(2):
        assert browser.sign_in().status_code == 303
    assertions = [form["client_assertion"] for _headers, form in provider.token_requests]
    read = [jwt.decode(each, key, algorithms=["RS256", "ES256"]) for each in assertions]
    assert read[0].claims["jti"] != read[1].claims["jti"]
    for each in read:
        assert each.header["kid"] == "k1"
        assert each.claims["iss"] == each.claims["sub"] == "portal"
        assert each.claims["aud"] == f"{provider.issuer}/token"
        assert 0 < each.claims["exp"] - time.time() <= 300
    assert provider.token_requests[0][1]["client_id"] == "portal"


def test_rp_17_the_access_token_goes_in_the_header_only(browser: Browser) -> None:
    browser.sign_in()
    asked = browser.provider.userinfo_requests[0]
    assert asked["Authorization"].startswith("Bearer ")
    assert asked["query"] == ""


def test_rp_18_endpoints_come_from_the_discovery_document(browser: Browser) -> None:
    provider = browser.provider
    moved = {
        "authorization_endpoint": "/authorize",
        "token_endpoint": "/token",
        "jwks_uri": "/jwks",
        "userinfo_endpoint": "/userinfo",
        "end_session_endpoint": "/logout",
    }
    for name, usual in moved.items():
        provider.metadata[name] = f"{provider.issuer}/moved{usual}"
        provider.aliases[f"/moved{usual}"] = usual
    assert browser.sign_in().status_code == 303
    left = browser.post("/sign-out", csrf_token=browser.token("/note")).headers["Location"]
    assert left.startswith(f"{provider.issuer}/moved/logout?")
    asked = [path for _method, path in provider.requests]
    assert asked == [
        *("/.well-known/openid-configuration", "/moved/authorize"),
        *("/moved/token", "/moved/jwks", "/moved/userinfo"),
    ]


def test_rp_18_what_the_discovery_document_leaves_out_is_not_asked_for(browser: Browser) -> None:
    browser.provider.metadata["userinfo_endpoint"] = None
    assert browser.sign_in().status_code == 303
    assert browser.provider.count("/userinfo") == 0


@pytest.mark.parametrize("issuer", ["https://other.example", None, 7])
def test_rp_19_metadata_of_another_issuer_is_refused(browser: Browser, issuer: Any) -> None:
    browser.provider.metadata["issuer"] = issuer
    page = browser.client.post("/sign-in/town", data={"csrf_token": browser.token()})
    assert page.status_code == 503
    assert browser.provider.count("/authorize") == 0


def test_rp_19_a_last_slash_makes_another_issuer(browser: Browser) -> None:
    browser.provider.metadata["issuer"] = lambda honest: honest + "/"
    assert browser.client.post("/sign-in/town", data={"csrf_token": browser.token()}).status_code == 503


def test_rp_20_a_rotated_key_is_fetched_once(browser: Browser) -> None:
    provider = browser.provider
    assert browser.sign_in().status_code == 303
    provider.published = [provider.other_rsa]
    provider.signing_key = provider.other_rsa
    assert browser.sign_in().status_code == 303
    assert provider.count("/jwks") == 2


def test_rp_20_a_key_that_was_removed_is_no_longer_accepted(browser: Browser) -> None:
    provider = browser.provider
    browser.sign_in()
    provider.published, provider.signing_key = [provider.other_rsa], provider.other_rsa
    browser.sign_in()
    browser.client.delete_cookie("moothall_session")
    provider.signing_key = provider.rsa
    assert_refused(browser, 400)


def test_rp_21_a_key_that_is_rotated_within_one_sign_in_is_fetched(browser: Browser) -> None:
    provider = browser.provider
    browser.sign_in()
    back = provider.authorize(browser.begin())
    provider.published, provider.signing_key = [provider.other_rsa], provider.other_rsa
    assert browser.come_back(back).status_code == 303


def test_unknown_keys_cause_one_fetch_and_no_storm(browser: Browser) -> None:
    provider = browser.provider
    provider.header["kid"] = "no-such-key"
    for _ in range(5):
        assert_refused(browser, 400)
    assert provider.count("/jwks") == 2


def test_rp_27_a_missing_id_token_is_refused(browser: Browser) -> None:
    browser.provider.raw_id_token = lambda _token: None
    assert_refused(browser, 503)


@pytest.mark.parametrize("iss", ["https://other.example", "", "http://127.0.0.1"])
def test_rp_28_another_iss_in_the_callback_stops_before_the_token_request(browser: Browser, iss: str) -> None:
    browser.provider.callback["iss"] = iss
    assert_refused(browser, 400)
    assert browser.provider.count("/token") == 0


def test_rp_29_a_missing_iss_is_refused_when_metadata_promises_it(browser: Browser) -> None:
    browser.provider.metadata["authorization_response_iss_parameter_supported"] = True
    browser.provider.callback["iss"] = None
    assert_refused(browser, 400)
    assert browser.provider.count("/token") == 0


def test_rp_29_a_missing_iss_is_accepted_when_it_is_not_promised(browser: Browser) -> None:
    browser.provider.callback["iss"] = None
    assert browser.sign_in().status_code == 303


BAD_TOKEN_ANSWERS = {
    "400": answer(400, {"error": "invalid_grant"}),
    "401": answer(401, {"error": "invalid_client", "error_description": "<b>x</b>"}),
    "403": answer(403, {}),
    "302": answer(302, b"", "text/html"),
    "500": answer(500, b"Traceback", "text/plain"),
    "html": answer(200, b"<html>hello</html>", "text/html"),
    "empty": answer(200, b""),
    "list": answer(200, []),
    "null": answer(200, None),
    "deep": answer(200, b"[" * 50_000),
    "tokens with 401": answer(401, GOOD),
    "tokens with 201": answer(201, GOOD),
    "odd error": answer(400, {"error": ["x"]}),
    "odd expiry": answer(200, GOOD | {"expires_in": "soon"}),
    "odder expiry": answer(200, GOOD | {"expires_at": {}}),
    "huge expiry": answer(200, GOOD | {"expires_in": 1e400}),
    "no type": answer(200, {name: value for name, value in GOOD.items() if name != "token_type"}),
    "mac": answer(200, GOOD | {"token_type": "mac"}),
    "type 7": answer(200, GOOD | {"token_type": 7}),
    "access token with a line break": answer(200, GOOD | {"access_token": "a\r\nX: y"}),
    "empty access token": answer(200, GOOD | {"access_token": ""}),
    "id token 7": answer(200, GOOD | {"id_token": 7}),
    "too large": answer(200, b" " * (outbound.MOST_BYTES + 1)),
    "not utf-8": answer(200, b'{"access_token": "\xff"}'),
}


@pytest.mark.parametrize("kind", BAD_TOKEN_ANSWERS)
def test_rp_45_every_bad_token_answer_ends_on_a_page_that_helps(
    browser: Browser, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    browser.provider.token_answer = BAD_TOKEN_ANSWERS[kind]
    page = assert_refused(browser)
    assert "<b>x" not in page.text
    assert page.headers["X-Request-Id"] in page.text
    assert page.headers["X-Request-Id"] in caplog.text


def test_rp_49_a_lower_case_bearer_is_accepted(browser: Browser) -> None:
    browser.provider.token_fields["token_type"] = "bearer"
    assert browser.sign_in().status_code == 303


@pytest.mark.parametrize("status", [302, 401, 500])
def test_rp_46_userinfo_that_fails_ends_on_a_page_that_helps(browser: Browser, status: int) -> None:
    browser.provider.userinfo_answer = answer(status, b"no", "text/plain")
    assert_refused(browser, 503)


def test_a_silent_token_endpoint_is_given_up(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    back = browser.provider.authorize(browser.begin())
    monkeypatch.setattr(outbound, "READ_SECONDS", 0.1)
    browser.provider.delay = 0.5
    assert browser.come_back(back).status_code == 503


def test_every_call_has_a_user_agent(browser: Browser) -> None:
    browser.sign_in()
    assert browser.provider.token_requests[0][0]["User-Agent"].startswith("Moothall/")
    assert browser.provider.userinfo_requests[0]["User-Agent"].startswith("Moothall/")


def test_bcp_05_two_providers_are_kept_apart(make_portal: Any, provider: HostileProvider) -> None:
    """The answer of one provider at the other's callback is refused before its code is sent anywhere."""
    with HostileProvider(client_secret="another-secret") as second:
        both = {"town": provider_settings(provider), "county": provider_settings(second)}
        browser = Browser(make_portal(both).test_client(), provider)
        back = provider.authorize(browser.begin())
        crossed = browser.come_back(back.replace("/auth/town/", "/auth/county/"))
        assert crossed.status_code == 400
        assert (provider.count("/token"), second.count("/token")) == (0, 0)
        assert browser.come_back(back).status_code == 400  # used up
        assert browser.client.post("/sign-in/nobody", data={"csrf_token": browser.token()}).status_code == 404
        county = second.authorize(browser.begin(name="county"))
        assert query_of(county)["iss"] == second.issuer
        assert browser.come_back(county).status_code == 303


def test_the_secret_of_settings_is_never_shown(provider: HostileProvider) -> None:
    assert "another" not in repr(provider_settings(provider, client_secret=SecretStr("another-secret")))
