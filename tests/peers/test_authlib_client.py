"""Our provider against a client that we did not write: Authlib's, over real HTTP on loopback (OP-04)."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.peers.values import AFTER_LOGOUT, CALLBACK, KEYS, PLAIN_SECRET, SUB

VERIFIER = "a-code-verifier-of-forty-three-characters-or-more"
KEY = KEYS["by-es256"]


@pytest.mark.parametrize("client_id", ["by-plain", "by-es256"])
def test_op_04_authlib_signs_in_reads_userinfo_and_signs_out(
    issuer: str, person_signs_in: Callable[[requests.Session, str], str], client_id: str
) -> None:
    metadata = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=10).json()
    assert metadata["issuer"] == issuer
    proof: dict[str, Any] = {"client_secret": PLAIN_SECRET, "token_endpoint_auth_method": "client_secret_basic"}
    if client_id == "by-es256":
        method = PrivateKeyJWT(metadata["token_endpoint"], alg="ES256", headers={"kid": "peer-ec"})
        proof = {"client_secret": KEY, "token_endpoint_auth_method": method}
    client = OAuth2Session(
        client_id,
        scope="openid email profile",
        redirect_uri=CALLBACK,
        code_challenge_method="S256",
        **proof,
    )
    asked, state = client.create_authorization_url(
        metadata["authorization_endpoint"], code_verifier=VERIFIER, nonce="a-nonce"
    )
    browser = requests.Session()
    back = person_signs_in(browser, asked)
    answer = parse_qs(urlsplit(back).query)
    assert answer["state"] == [state]
    assert answer["iss"] == [issuer]

    token = client.fetch_token(
        metadata["token_endpoint"], authorization_response=back, code_verifier=VERIFIER, timeout=10
    )
    keys = KeySet.import_key_set(requests.get(metadata["jwks_uri"], timeout=10).json())
    claims = jwt.decode(token["id_token"], keys, algorithms=["ES256"]).claims
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (issuer, client_id, "a-nonce")
    assert claims["sub"] == str(SUB)
    person = client.get(metadata["userinfo_endpoint"], timeout=10).json()
    assert (person["sub"], person["email"]) == (str(SUB), "priya@example.org")

    asked = requests.Request(
        "GET",
        metadata["end_session_endpoint"],
        params={"id_token_hint": token["id_token"], "post_logout_redirect_uri": AFTER_LOGOUT, "state": "bye"},
    )
    gone = browser.get(asked.prepare().url, allow_redirects=False, timeout=10)
    assert gone.headers["Location"] == f"{AFTER_LOGOUT}?state=bye"
    assert client.get(metadata["userinfo_endpoint"], timeout=10).status_code == 401
    for used in (client, browser):
        used.close()
