"""The token with One Login's identity: signed by a key of the configured DID document, and for this sign-in."""

import json
from base64 import urlsafe_b64encode
from typing import Any

import pytest
from joserfc import jwk

from tests.integration.identity.conftest import Browser
from tests.integration.identity.core_identity import (
    CORE,
    DID,
    OTHER,
    PAGE,
    OneLogin,
    Refused,
    browser,
    confirmed,
    one_login,
    proof,
    refused,
)

__all__ = ["browser", "one_login", "refused"]


@pytest.mark.parametrize("algorithm", ["RS256", "ES512"])
def test_gov_20_another_algorithm_is_refused(refused: Refused, one_login: OneLogin, algorithm: str) -> None:
    key = jwk.ECKey.generate_key("P-521", private=True) if algorithm == "ES512" else one_login.provider.rsa
    one_login.key, one_login.header = key, {"alg": algorithm, "kid": f"{DID}#one"}  # type: ignore[assignment]  # of any kind
    refused("id_token_algorithm")


@pytest.mark.parametrize(
    ("kid", "code"),
    [
        *(
            (kid, "id_token_unknown_key")
            for kid in (None, "one", f"{DID}#two", f"{DID}/path#one", f"{DID}#one#one", "")
        ),
        ("did:web:evil.example#one", "id_token_unknown_key"),
        (7, "id_token_kid"),
    ],
)
def test_gov_20_a_key_that_the_document_does_not_name_is_refused(
    refused: Refused, one_login: OneLogin, kid: object, code: str
) -> None:
    header = {"alg": "ES256"} | ({"kid": kid} if kid is not None else {})
    if isinstance(kid, int):
        honest = str(one_login.token()).split(".")
        one_login.raw = ".".join([_encoded(json.dumps(header)), *honest[1:]])
    one_login.header = header
    refused(code)


def test_gov_20_the_document_named_in_the_token_is_never_fetched(refused: Refused, one_login: OneLogin) -> None:
    evil = "did:web:127.0.0.1"
    one_login.provider.documents["/evil.json"] = one_login.document(OTHER, evil)
    one_login.key, one_login.header = OTHER, {"alg": "ES256", "kid": f"{evil}#one"}
    refused("id_token_unknown_key")
    assert one_login.provider.count("/evil.json") == 0


def test_gov_20_a_wrong_signature_is_refused(refused: Refused, one_login: OneLogin) -> None:
    one_login.key = OTHER
    refused("id_token_signature")


def test_gov_20_a_rotated_key_is_fetched_once(browser: Browser, one_login: OneLogin) -> None:
    assert proof(browser).status_code == 303
    provider = one_login.provider
    provider.documents["/did.json"] = one_login.document(OTHER, fragment="next")
    one_login.key, one_login.header = OTHER, {"alg": "ES256", "kid": f"{DID}#next"}
    second = Browser(browser.client.application.test_client(), provider)
    assert proof(second).status_code == 303
    assert provider.count("/did.json") == 2


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("iss", None, "identity_iss"),
        ("iss", "https://identity.example.org", "identity_iss"),
        ("aud", None, "identity_aud"),
        ("aud", "somebody-else", "identity_aud"),
        ("aud", ["portal", "somebody-else"], "identity_aud"),
        ("aud", [], "identity_aud"),
        ("sub", None, "identity_sub"),
        ("sub", "ann", "identity_sub"),
        ("exp", None, "exp"),
        ("exp", 1_700_000_000, "exp"),
        ("exp", "tomorrow", "exp"),
        ("nbf", 90_000_000_000, "nbf"),
        ("vot", None, "identity_vot"),
        ("vot", "P1", "identity_vot"),
        ("vot", "P0", "identity_vot"),
        ("vot", "Cl.Cm.P2", "identity_vot"),
        ("vot", 2, "identity_vot"),
    ],
)
def test_gov_21_an_identity_that_is_not_for_this_sign_in_is_refused(
    refused: Refused, one_login: OneLogin, name: str, value: object, code: str, rows: Any
) -> None:
    one_login.claims[name] = value
    refused(f"id_token_{code}")
    assert "given_name" not in confirmed(rows)


def test_gov_21_the_openid_issuer_is_not_the_identity_s(refused: Refused, one_login: OneLogin) -> None:
    one_login.claims["iss"] = one_login.provider.issuer
    refused("id_token_identity_iss")


def test_gov_21_a_higher_confidence_is_enough(browser: Browser, one_login: OneLogin) -> None:
    one_login.claims["vot"] = "P3"
    assert proof(browser).headers["Location"] == PAGE


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        *((raw, "id_token_identity_form") for raw in (7, [], {})),
        *((raw, "id_token_form") for raw in ("", "no token", "a.b.c")),
    ],
)
def test_gov_21_what_is_no_token_is_refused(refused: Refused, one_login: OneLogin, raw: object, code: str) -> None:
    one_login.provider.userinfo[CORE] = raw
    refused(code)


def test_gov_21_an_absent_identity_is_not_proven(refused: Refused, one_login: OneLogin, rows: Any) -> None:
    one_login.provider.userinfo[CORE] = None
    assert "We could not confirm who you are" in refused("asked_identity_missing").text
    assert "given_name" not in confirmed(rows)


def _encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()
