"""What providers answer beyond the ordinary: signed or broken userinfo, further algorithms, demanded claims."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, request
from pydantic import SecretStr, ValidationError

from portal import clock
from portal.settings.providers import Provider
from tests.integration.identity.conftest import Browser, query_of
from tests.support.hostile_provider import HostileProvider, sign

JWT = "application/jwt"


def refused(browser: Browser, rows: Any, code: str) -> None:
    assert browser.sign_in().status_code in (400, 503)
    assert not browser.is_signed_in()
    assert rows("select details->>'code' from portal.audit_entry") == [(code,)]


def signed_userinfo(
    provider: HostileProvider, claims: dict[str, Any] | None = None, header: dict[str, Any] | None = None
) -> None:
    """Let userinfo answer with a signed token, changed as ordered; None leaves a claim out."""
    said = {"iss": provider.issuer, "aud": provider.client_id, "sub": "resident-1", "given_name": "Signed"}
    said |= {"email": "ada@example.org"} | (claims or {})
    payload = json.dumps({name: value for name, value in said.items() if value is not None}).encode()
    told = {"alg": "RS256", "kid": provider.rsa.kid} | (header or {})
    provider.userinfo_answer = (200, f"{JWT}; charset=utf-8", sign(told, payload, provider.rsa).encode())


def test_rp_50_signed_userinfo_is_read_once_it_is_verified(browser: Browser) -> None:
    signed_userinfo(browser.provider)
    assert browser.sign_in().status_code == 303
    assert "Signed" in browser.client.get("/home").text
    assert JWT in browser.provider.userinfo_requests[0]["Accept"]


def test_rp_50_several_audiences_with_us_among_them_are_accepted(browser: Browser) -> None:
    signed_userinfo(browser.provider, {"aud": ["other", "portal"], "exp": int(clock.now().timestamp()) + 60})
    assert browser.sign_in().status_code == 303


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"iss": "https://other.example"}, "userinfo_iss"),
        ({"iss": None}, "userinfo_iss"),
        ({"aud": "other"}, "userinfo_aud"),
        ({"aud": ["other"]}, "userinfo_aud"),
        ({"aud": []}, "userinfo_aud"),
        ({"aud": None}, "userinfo_aud"),
        ({"sub": "resident-2"}, "userinfo_sub"),
        ({"sub": None}, "userinfo_sub"),
        ({"exp": 1}, "userinfo_exp"),
        ({"exp": "soon"}, "exp"),
    ],
)
def test_rp_50_signed_userinfo_of_another_for_another_or_of_another_time_is_refused(
    browser: Browser, rows: Any, claims: dict[str, Any], code: str
) -> None:
    signed_userinfo(browser.provider, claims)
    refused(browser, rows, f"id_token_{code}")


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ({"alg": "none"}, "algorithm"),
        ({"alg": "RS512"}, "algorithm"),
        ({"kid": "no-such-key"}, "unknown_key"),
        ({"typ": "logout+jwt"}, "typ"),
        ({"crit": ["x"], "x": 1}, "crit"),
    ],
)
def test_rp_50_signed_userinfo_by_another_algorithm_key_or_kind_is_refused(
    browser: Browser, rows: Any, header: dict[str, Any], code: str
) -> None:
    signed_userinfo(browser.provider, header=header)
    refused(browser, rows, f"id_token_{code}")


@pytest.mark.parametrize("body", [b"", b"{}", b"a.b.c.d.e", b"\xff", b"x" * 5000])
def test_rp_50_what_is_no_signed_token_is_refused(browser: Browser, body: bytes) -> None:
    browser.provider.userinfo_answer = (200, JWT, body)
    assert browser.sign_in().status_code in (400, 503)
    assert not browser.is_signed_in()


def test_rp_50_the_wrong_signature_is_refused(browser: Browser, rows: Any) -> None:
    signed_userinfo(browser.provider)
    status, kind, token = browser.provider.userinfo_answer or (0, "", b"")
    browser.provider.userinfo_answer = (
        status,
        kind,
        token[:-6] + (b"AAAAAA" if token[-6:] != b"AAAAAA" else b"BBBBBB"),
    )
    refused(browser, rows, "id_token_signature")


BROKEN = [
    (401, "text/plain", b"no"),
    (500, "text/plain", b"no"),
    (200, "text/html", b"<html>"),
    (302, "text/html", b""),
]


@pytest.mark.parametrize("answer", BROKEN)
def test_rp_46_settings_decide_whether_userinfo_may_fail(
    make: Any, provider: HostileProvider, answer: tuple[int, str, bytes]
) -> None:
    provider.userinfo_answer = answer
    assert make(provider).sign_in().status_code == 503
    tolerant = make(provider, userinfo_failure="go_on")
    assert tolerant.sign_in().status_code == 303
    assert tolerant.is_signed_in()


def test_rp_46_userinfo_of_another_subject_is_refused_whatever_settings_say(
    make: Any, provider: HostileProvider
) -> None:
    provider.userinfo["sub"] = "resident-2"
    assert make(provider, userinfo_failure="go_on").sign_in().status_code == 400


def test_rp_46_an_identity_is_never_proven_without_userinfo(make: Any, provider: HostileProvider) -> None:
    vectors = {"level_by": "vtr", "vtr": {"low": "Cl.Cm", "medium": "Cl.Cm.P2"}}
    browser = make(provider, userinfo_failure="go_on", **vectors)
    provider.claims["vot"] = "Cl.Cm"
    browser.sign_in()
    provider.userinfo_answer = BROKEN[0]
    assert browser.prove_more("/strict/page").status_code == 503


@pytest.mark.parametrize("status", [400, 401, 500])
def test_rp_45_the_page_has_a_reference_and_no_trace(browser: Browser, status: int) -> None:
    body = json.dumps({"error": "server_error", "error_description": "Traceback (most recent call last)"}).encode()
    browser.provider.token_answer = (status, "application/json", body)
    page = browser.sign_in()
    assert page.headers["X-Request-Id"] in page.text
    assert "Traceback" not in page.text


@pytest.mark.parametrize("error", ["invalid_client", "unauthorized_client"])
def test_gov_26_a_client_that_the_token_endpoint_does_not_know_cannot_use_the_service(
    browser: Browser, error: str
) -> None:
    browser.provider.token_answer = (401, "application/json", json.dumps({"error": error}).encode())
    page = browser.sign_in()
    assert page.status_code == 503
    assert "You cannot use the service at the moment" in page.text


def test_rp_44_an_algorithm_counts_only_where_settings_list_it(make: Any, provider: HostileProvider) -> None:
    provider.header["alg"] = "RS512"
    provider.claims["at_hash"] = None
    assert make(provider).sign_in().status_code == 400
    assert make(provider, algorithms=("RS512",)).sign_in().status_code == 303
    provider.header["alg"] = "RS256"
    assert make(provider, algorithms=("RS512",)).sign_in().status_code == 400


def test_gov_15_short_bearer_tokens_without_refresh_are_enough(browser: Browser) -> None:
    browser.provider.token_fields.update(expires_in=180, token_type="Bearer", refresh_token=None)
    assert browser.sign_in().status_code == 303
    browser.provider.token_fields["expires_in"] = None
    browser.client.delete_cookie("moothall_session")
    assert browser.sign_in().status_code == 303


def test_gov_16_the_algorithm_must_be_the_one_that_the_key_says(browser: Browser, rows: Any) -> None:
    provider = browser.provider
    listed = provider.rsa.as_dict(private=False) | {"alg": "RS256"}
    provider.published = [listed, provider.ec]
    assert browser.sign_in().status_code == 303
    browser.client.delete_cookie("moothall_session")
    provider.header["alg"] = "PS256"
    assert browser.sign_in().status_code == 400


@pytest.mark.parametrize("kid", ["no-such-key", "", "../x"])
def test_gov_16_a_token_by_an_unknown_key_is_never_trusted(browser: Browser, rows: Any, kid: str) -> None:
    browser.provider.header["kid"] = kid
    refused(browser, rows, "id_token_unknown_key")


@pytest.mark.parametrize("header", [{"jwk": True}, {"jku": True}, {"x5u": True}])
def test_gov_16_a_key_that_the_token_itself_names_is_not_used(
    browser: Browser, rows: Any, header: dict[str, Any]
) -> None:
    provider = browser.provider
    own = {"jwk": provider.other_rsa.as_dict(private=False), "jku": f"{provider.issuer}/jwks", "x5u": provider.issuer}
    provider.signing_key = provider.other_rsa
    provider.header.update({name: own[name] for name in header})
    refused(browser, rows, "id_token_unknown_key")


def later(seconds: int) -> Callable[[int], int]:
    return lambda honest: honest + seconds


@pytest.mark.parametrize(
    ("name", "order"),
    [
        ("iss", lambda honest: honest.rstrip("n")),
        ("iss", lambda honest: honest.upper()),
        ("aud", "other"),
        ("exp", later(-3600)),
        ("iat", later(3600)),
        ("nonce", lambda honest: honest.swapcase()),
    ],
)
def test_gov_17_each_claim_must_be_the_very_one(browser: Browser, rows: Any, name: str, order: Any) -> None:
    browser.provider.claims[name] = order
    refused(browser, rows, f"id_token_{name}")


@pytest.mark.parametrize(("tid", "status"), [("ours", 303), ("theirs", 400), (None, 400), (7, 400), (["ours"], 400)])
def test_ux_11_a_demanded_claim_must_have_its_very_value(
    make: Any, provider: HostileProvider, tid: Any, status: int
) -> None:
    provider.claims["tid"] = tid
    assert make(provider, required_claims={"tid": "ours"}).sign_in().status_code == status


def test_ux_11_a_demanded_claim_of_userinfo_does_not_count(make: Any, provider: HostileProvider) -> None:
    provider.userinfo["tid"] = "ours"
    assert make(provider, required_claims={"tid": "ours"}).sign_in().status_code == 400


@pytest.mark.parametrize("tenant", ["common", "organizations", "{tenantid}"])
def test_ux_11_an_issuer_for_many_tenants_is_a_fault_of_the_settings(tenant: str) -> None:
    with pytest.raises(ValidationError, match="one tenant's own"):
        Provider(issuer=f"https://login.microsoftonline.com/{tenant}/v2.0", client_id="x", client_secret=SecretStr("y"))


@pytest.mark.parametrize(
    ("proxies", "seen"),
    [
        (0, ("127.0.0.1", "http", "[::1]")),
        (1, ("192.0.2.7", "https", "127.0.0.1")),
        (2, ("203.0.113.9", "http", "localhost")),
    ],
)
def test_bcp_10_forwarded_headers_count_from_our_own_proxies_and_no_further(
    make_portal: Any, proxies: int, seen: tuple[str, str, str]
) -> None:
    """Each proxy adds what it saw at the end; what stands further in front was written by a stranger."""
    app: Flask = make_portal({}, trusted_proxies=proxies)
    heard: list[tuple[str | None, str, str]] = []
    app.before_request(lambda: heard.append((request.remote_addr, request.scheme, request.host)))
    forwarded = {
        "Host": "[::1]",
        "X-Forwarded-For": "198.51.100.1, 203.0.113.9, 192.0.2.7",
        "X-Forwarded-Proto": "https, http, https",
        "X-Forwarded-Host": "evil.example, localhost, 127.0.0.1",
        "X-Forwarded-Port": "8443",
        "X-Forwarded-Prefix": "/evil",
        "Forwarded": "for=198.51.100.1;host=evil.example;proto=https",
    }
    assert app.test_client().get("/", headers=forwarded).status_code == 200
    assert heard == [seen]


@pytest.mark.parametrize(("proxies", "status"), [(0, 200), (1, 400)])
def test_bcp_10_a_proxy_that_passes_a_stranger_s_host_on_reaches_no_page(
    make_portal: Any, proxies: int, status: int
) -> None:
    """Should it not strip what the browser sent: we answer to our own names only."""
    app: Flask = make_portal({}, trusted_proxies=proxies)
    page = app.test_client().get("/", headers={"X-Forwarded-Host": "evil.example"})
    assert page.status_code == status
    assert "evil.example" not in page.text


def test_bcp_10_what_is_forwarded_is_no_part_of_the_address_to_come_back_to(
    make: Any, provider: HostileProvider
) -> None:
    browser = make(provider, {"trusted_proxies": 1})
    browser.client.environ_base |= {"HTTP_X_FORWARDED_HOST": "127.0.0.1", "HTTP_X_FORWARDED_PROTO": "https"}
    assert query_of(browser.begin())["redirect_uri"] == "http://localhost/auth/town/callback"
