"""Our provider against a client that we did not write: Authlib's, over real HTTP on loopback (OP-04)."""

import re
import threading
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from flask import Flask
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from werkzeug.serving import make_server

from portal.db.session import dispose, session
from portal.provider import operations
from portal.provider.app import create_provider
from portal.settings import OwnProvider
from tests.support.settings import settings_for

CALLBACK = "http://127.0.0.1:9/auth/moothall/callback"
AFTER_LOGOUT = "http://127.0.0.1:9/signed-out"
SECRET = "a-secret-of-the-client-for-tests-only-0123456789"
PASSWORD = "three random words"
VERIFIER = "a-code-verifier-of-forty-three-characters-or-more"


@pytest.fixture
def issuer(clean_database: str) -> Iterator[str]:
    """A provider that listens on a loopback port."""
    holder: list[Flask] = []
    server = make_server("127.0.0.1", 0, lambda *call: holder[0](*call), threaded=True)
    address = f"http://127.0.0.1:{server.port}"
    app = create_provider(
        settings_for(clean_database, public_url=address, own_provider=OwnProvider(issuer=address), providers={})
    )
    holder.append(app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    with app.app_context():
        for client_id, proof in (("by-secret", {"secret": SECRET}), ("by-key", {"jwks": PUBLIC})):
            operations.ensure_client(
                client_id,
                title="Peer",
                redirect_uris=[CALLBACK],
                post_logout_redirect_uris=[AFTER_LOGOUT],
                **proof,  # type: ignore[arg-type]  # one or the other
            )
        operations.register_person(
            sub=SUB,
            email="priya@example.org",
            password=PASSWORD,
            given_name="Priya",
            family_name="Shah",
            verified=True,
        )
        session().commit()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()
    with app.app_context():
        dispose()


SUB = uuid.uuid4()
KEY = ECKey.generate_key("P-256", {"kid": "peer", "alg": "ES256"}, private=True)
PUBLIC = {"keys": [KEY.as_dict(private=False)]}


def person_signs_in(browser: requests.Session, address: str) -> str:
    """What the resident does. Returns the address of the client's callback."""
    page = browser.get(address, timeout=10)
    assert page.status_code == 200, page.text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert token
    sent = {"csrf_token": token[1], "email": "priya@example.org", "password": PASSWORD}
    answer = browser.post(page.url, data=sent, allow_redirects=False, timeout=10)
    while not answer.headers["Location"].startswith(CALLBACK):
        assert answer.status_code == 303
        onward = requests.compat.urljoin(answer.url, answer.headers["Location"])
        answer = browser.get(onward, allow_redirects=False, timeout=10)
    return answer.headers["Location"]


@pytest.mark.parametrize("client_id", ["by-secret", "by-key"])
def test_op04_authlib_signs_in_reads_userinfo_and_signs_out(issuer: str, client_id: str) -> None:
    metadata = requests.get(f"{issuer}/.well-known/openid-configuration", timeout=10).json()
    assert metadata["issuer"] == issuer
    proof: dict[str, Any] = {"client_secret": SECRET, "token_endpoint_auth_method": "client_secret_basic"}
    if client_id == "by-key":
        method = PrivateKeyJWT(metadata["token_endpoint"], alg="ES256", headers={"kid": "peer"})
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
