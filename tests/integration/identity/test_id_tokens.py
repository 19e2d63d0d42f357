"""Every kind of bad ID token, served over real HTTP: nobody is signed in, and the page helps."""

import json
import secrets
import time
from base64 import urlsafe_b64decode
from collections.abc import Callable
from typing import Any

import pytest
from joserfc import jwk

from tests.integration.identity.conftest import Browser
from tests.support.hostile_provider import HostileProvider, sign


class Shared:
    """A shared secret of any bytes: the library would warn of a public key that is used as one."""

    def __init__(self, secret: bytes) -> None:
        self.secret = secret

    def get_op_key(self, _operation: str) -> bytes:
        return self.secret


Order = Callable[[HostileProvider], None]


def refuses(browser: Browser, order: Order, code: str, rows: Any) -> None:
    """With that order the sign-in fails for that reason, on a page with a way on, and leaves no session."""
    order(browser.provider)
    answer = browser.sign_in()
    assert answer.status_code in (400, 503), answer.text
    assert "Sign in again" in answer.text
    assert not browser.is_signed_in()
    assert rows("select details->>'code' from portal.audit_entry") == [(code,)]
    assert rows("select 1 from portal.session") == []


def claims(**orders: Any) -> Order:
    return lambda provider: provider.claims.update(orders)


def header(**orders: Any) -> Order:
    return lambda provider: provider.header.update(orders)


def test_rp_01_the_whole_code_flow_with_userinfo_signs_in(browser: Browser) -> None:
    answer = browser.sign_in("/home?a=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/home?a=1")
    assert "Ada" in browser.client.get("/home").text


def test_rp_02_another_issuer_in_the_token_is_refused(browser: Browser, rows: Any) -> None:
    refuses(browser, claims(iss=lambda honest: honest + "/"), "id_token_iss", rows)


def test_rp_03_a_token_without_subject_is_refused(browser: Browser, rows: Any) -> None:
    refuses(browser, claims(sub=None), "id_token_sub", rows)


@pytest.mark.parametrize("aud", ["other", ["other"], {"portal": 1}, 7, "portal "])
def test_rp_04_another_audience_is_refused(browser: Browser, rows: Any, aud: Any) -> None:
    refuses(browser, claims(aud=aud), "id_token_aud", rows)


def test_rp_05_a_token_without_audience_is_refused(browser: Browser, rows: Any) -> None:
    refuses(browser, claims(aud=None), "id_token_aud", rows)


def test_rp_06_a_token_without_iat_is_refused(browser: Browser, rows: Any) -> None:
    refuses(browser, claims(iat=None), "id_token_iat", rows)


def test_rp_07_a_token_without_kid_is_accepted_when_there_is_one_key(browser: Browser) -> None:
    browser.provider.published = [browser.provider.rsa]
    browser.provider.header["kid"] = None
    assert browser.sign_in().status_code == 303


def test_rp_08_a_token_without_kid_is_refused_when_there_are_several_keys(browser: Browser, rows: Any) -> None:
    browser.provider.published = [browser.provider.rsa, browser.provider.other_rsa]
    refuses(browser, header(kid=None), "id_token_unknown_key", rows)


def test_rp_09_rs256_is_accepted(browser: Browser) -> None:
    assert browser.sign_in().status_code == 303


@pytest.mark.parametrize("algorithm", ["ES256", "PS256"])
def test_rp_09_other_listed_algorithms_are_accepted(browser: Browser, algorithm: str) -> None:
    provider = browser.provider
    provider.signing_key = provider.ec if algorithm == "ES256" else provider.rsa
    provider.header["alg"] = algorithm
    assert browser.sign_in().status_code == 303


def test_rp_10_an_unsigned_token_is_refused_though_metadata_lists_none(browser: Browser, rows: Any) -> None:
    refuses(browser, header(alg="none"), "id_token_algorithm", rows)


@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_rp_11_a_wrong_signature_is_refused(browser: Browser, rows: Any, algorithm: str) -> None:
    provider = browser.provider
    provider.signing_key = provider.ec if algorithm == "ES256" else provider.rsa
    provider.header["alg"] = algorithm
    provider.raw_id_token = lambda token: token[:-8] + ("A" * 8 if token[-8:] != "A" * 8 else "B" * 8)
    refuses(browser, claims(), "id_token_signature", rows)


def test_rp_11_a_signature_by_another_key_under_the_known_kid_is_refused(browser: Browser, rows: Any) -> None:
    browser.provider.signing_key = browser.provider.other_rsa
    refuses(browser, header(kid=browser.provider.rsa.kid), "id_token_signature", rows)


@pytest.mark.parametrize("secret", ["the client's secret", "our public key"])
def test_rp_12_a_shared_secret_signature_is_refused(browser: Browser, rows: Any, secret: str) -> None:
    provider = browser.provider
    public = provider.rsa.as_pem(private=False)
    key = Shared(public if secret == "our public key" else provider.client_secret.encode())
    provider.raw_id_token = lambda token: _signed_again(token, {"alg": "HS256", "kid": provider.rsa.kid}, key)
    refuses(browser, claims(), "id_token_algorithm", rows)


def test_rp_12_a_symmetric_key_in_the_key_set_is_never_used(browser: Browser, rows: Any) -> None:
    key = jwk.OctKey.import_key(secrets.token_bytes(32))
    browser.provider.published = [key.as_dict(private=True) | {"kid": "shared"}, browser.provider.rsa]
    browser.provider.raw_id_token = lambda token: _signed_again(token, {"alg": "HS256", "kid": "shared"}, key)
    refuses(browser, claims(), "id_token_algorithm", rows)


@pytest.mark.parametrize("sub", ["somebody-else", "", 7, ["resident-1"], None])
def test_rp_13_userinfo_of_another_subject_is_refused(browser: Browser, rows: Any, sub: Any) -> None:
    refuses(browser, lambda provider: provider.userinfo.update(sub=sub), "id_token_userinfo_sub", rows)


@pytest.mark.parametrize("nonce", ["other", None, "", 7, ["a"]])
def test_rp_14_a_wrong_or_missing_nonce_is_refused(browser: Browser, rows: Any, nonce: Any) -> None:
    refuses(browser, claims(nonce=nonce), "id_token_nonce", rows)


@pytest.mark.parametrize("aud", [[], ["other"]])
def test_rp_30_a_token_for_others_is_refused_though_azp_is_ours(browser: Browser, rows: Any, aud: Any) -> None:
    refuses(browser, claims(aud=aud, azp="portal"), "id_token_aud", rows)


@pytest.mark.parametrize("azp", [None, "other", 7])
def test_rp_31_several_audiences_need_us_as_azp(browser: Browser, rows: Any, azp: Any) -> None:
    refuses(browser, claims(aud=["portal", "other"], azp=azp), "id_token_azp", rows)


def test_rp_31_several_audiences_with_us_as_azp_are_accepted(browser: Browser) -> None:
    browser.provider.claims.update(aud=["portal", "other"], azp="portal")
    assert browser.sign_in().status_code == 303


@pytest.mark.parametrize(("name", "shift"), [("exp", -60), ("iat", 120), ("nbf", 120), ("exp", -31)], ids=str)
def test_rp_35_a_token_out_of_its_time_is_refused(browser: Browser, rows: Any, name: str, shift: int) -> None:
    refuses(browser, claims(**{name: int(time.time()) + shift}), f"id_token_{name}", rows)


@pytest.mark.parametrize(("name", "shift"), [("exp", -20), ("iat", 20), ("nbf", 20)])
def test_rp_35_a_small_difference_of_clocks_is_forgiven(browser: Browser, name: str, shift: int) -> None:
    browser.provider.claims[name] = int(time.time()) + shift
    assert browser.sign_in().status_code == 303


@pytest.mark.parametrize("exp", [None, "2999999999", True, float("inf"), float("nan"), -1, [1], 10**400])
def test_rp_36_a_missing_or_odd_exp_is_refused(browser: Browser, rows: Any, exp: Any) -> None:
    refuses(browser, claims(exp=exp), "id_token_exp", rows)


@pytest.mark.parametrize("sid", ["a\0b", "a\nb", " a", "", "x" * 256, 7, None])
def test_an_odd_sid_is_left_out_and_the_resident_let_in(browser: Browser, rows: Any, sid: Any) -> None:
    browser.provider.claims["sid"] = sid
    assert browser.sign_in().status_code == 303
    assert rows("select sid from portal.session") == [(None,)]


@pytest.mark.parametrize("sub", ["", "x" * 256, 7, None, ["a"], " ", "a\nb", "a\0b", " a"])
def test_rp_37_an_odd_subject_is_refused(browser: Browser, rows: Any, sub: Any) -> None:
    refuses(browser, claims(sub=sub), "id_token_sub", rows)


@pytest.mark.parametrize("at_hash", ["AAAAAAAAAAAAAAAAAAAAAA", "", 7])
def test_rp_38_a_wrong_at_hash_is_refused(browser: Browser, rows: Any, at_hash: Any) -> None:
    refuses(browser, claims(at_hash=at_hash), "id_token_at_hash", rows)


def test_rp_38_no_at_hash_is_accepted(browser: Browser) -> None:
    browser.provider.claims["at_hash"] = None
    assert browser.sign_in().status_code == 303


@pytest.mark.parametrize("typ", ["logout+jwt", "at+jwt", "application/at+jwt", ""])
def test_rp_39_another_type_of_token_is_refused(browser: Browser, rows: Any, typ: str) -> None:
    refuses(browser, header(typ=typ), "id_token_typ", rows)


def test_rp_40_an_unknown_critical_header_is_refused(browser: Browser, rows: Any) -> None:
    refuses(browser, header(crit=["https://example.org/x"], **{"https://example.org/x": 1}), "id_token_crit", rows)


@pytest.mark.parametrize("raw", ["", "a", "a.b", "a.b.c", "a.b.c.d.e", "é.é.é", "....", "x" * 900_000])
def test_rp_40_what_is_no_token_is_refused(browser: Browser, raw: str) -> None:
    browser.provider.raw_id_token = lambda _token: raw
    assert browser.sign_in().status_code in (400, 503)
    assert not browser.is_signed_in()


@pytest.mark.parametrize("payload", [b"[]", b"null", b"{", b'"x"', b"\xff\xfe", b"[" * 5000, b""])
def test_rp_40_a_payload_that_is_no_object_is_refused(browser: Browser, rows: Any, payload: bytes) -> None:
    provider = browser.provider
    provider.raw_id_token = lambda _token: sign({"alg": "RS256", "kid": provider.rsa.kid}, payload, provider.rsa)
    refuses(browser, claims(), "id_token_form", rows)


def test_unknown_headers_that_are_not_critical_are_ignored(browser: Browser) -> None:
    browser.provider.header["x-flavour"] = "plum"
    assert browser.sign_in().status_code == 303


def _signed_again(token: str, header: dict[str, Any], key: Any) -> str:
    payload = token.split(".")[1]
    raw = urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
    assert json.loads(raw)
    return sign(header, raw, key)
