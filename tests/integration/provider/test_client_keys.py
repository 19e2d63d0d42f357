"""Clients that publish their keys: fetched, shared by all processes, read again for a new key, never in a storm."""

import json
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from portal import clock
from portal.provider.app import create_provider
from portal.provider.state import KEY as STATE
from tests.integration.provider.flows import ISSUER, Portal, add_portal, answer_in, close, sign_in
from tests.integration.provider.test_token_endpoint import by_key
from tests.support.fixtures import Clock


class Published:
    """A client's JWKS address. `fetched` counts who came."""

    def __init__(self) -> None:
        self.fetched, self.status, self.keys = 0, 200, [new_key("one")]
        self.beside: list[object] = []
        """What else stands among the keys."""
        self.document: object = ...
        """Said in the place of a key set, unless it is ..."""
        published = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                published.fetched += 1
                self.send_response(published.status)
                self.end_headers()
                keys = [*published.beside, *(key.as_dict(private=False) for key in published.keys)]
                document = {"keys": keys} if published.document is ... else published.document
                self.wfile.write(json.dumps(document).encode())

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.uri = f"http://127.0.0.1:{self.server.server_port}/jwks"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def new_key(kid: str) -> ECKey:
    return ECKey.generate_key("P-256", {"kid": kid}, private=True)


@pytest.fixture
def published() -> Iterator[Published]:
    made = Published()
    yield made
    made.close()


@pytest.fixture
def keyed(app: Flask, published: Published) -> Portal:
    return add_portal(app, "keyed", secret=None, jwks_uri=published.uri, settings=app.extensions[STATE].settings)


def is_known(portal: Portal, key: Any, kid: str | None = None, alg: str = "ES256") -> bool:
    """Whether an assertion signed with this key is believed; then it is the made-up code that is refused."""
    now = int(clock.now().timestamp())
    claims = {"iss": "keyed", "sub": "keyed", "aud": ISSUER, "iat": now, "exp": now + 60, "jti": uuid.uuid4().hex}
    head = {"alg": alg} | ({"kid": kid or key.kid} if kid != "" else {})
    answer = by_key(portal.app, "no-such-code", jwt.encode(head, claims, key, algorithms=[alg]))
    assert answer.json["error"] in ("invalid_grant", "invalid_client")
    return bool(answer.json["error"] == "invalid_grant")


def test_keys_are_fetched_once_and_shared_by_all_processes(
    at: Clock, app: Flask, keyed: Portal, published: Published, priya: uuid.UUID, browser: FlaskClient
) -> None:
    assert is_known(keyed, published.keys[0])
    other = create_provider(app.extensions[STATE].settings)
    assert is_known(Portal(other, "keyed"), published.keys[0])
    close(other)
    assert published.fetched == 1
    code = answer_in(sign_in(browser, keyed.ask()))["code"]
    now = int(clock.now().timestamp())
    claims = {"iss": "keyed", "sub": "keyed", "aud": ISSUER, "exp": now + 60, "jti": "a-whole-flow"}
    signed = jwt.encode({"alg": "ES256", "kid": "one"}, claims, published.keys[0], algorithms=["ES256"])
    assert by_key(app, code, signed).status_code == 200


def test_a_new_key_is_fetched_at_once_and_an_old_one_is_forgotten(
    at: Clock, keyed: Portal, published: Published
) -> None:
    old, new = published.keys[0], new_key("two")
    assert is_known(keyed, old)
    at.advance(minutes=2)
    published.keys = [new]
    assert is_known(keyed, new)
    assert not is_known(keyed, old)


@pytest.mark.parametrize(
    "unusual",
    [
        {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "kid": "ed"},
        {"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA", "kid": "after-quantum"},
        {"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA", "kid": "coin"},
        {"kty": "EC", "crv": "P-512", "x": "AA", "y": "AA", "kid": "no such curve"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "off the curve"},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "weak"},
        {"kty": "RSA", "n": 7, "e": None, "kid": 3},
        {"kty": "oct", "k": "c2VjcmV0", "kid": "secret"},
        {"kid": "nothing"},
        {},
        "text",
        None,
        [],
    ],
    ids=lambda key: str(key.get("kid", "empty") if isinstance(key, dict) else key),
)
def test_op_01_a_key_that_we_do_not_understand_leaves_the_others_good(
    app: Flask, keyed: Portal, published: Published, unusual: object
) -> None:
    published.beside = [unusual]
    assert is_known(keyed, published.keys[0])
    assert is_known(keyed, published.keys[0], kid=""), "and it is the only one"


@pytest.mark.parametrize("document", [[], {}, {"keys": {}}, {"keys": None}, "keys", None], ids=json.dumps)
def test_op_01_what_is_no_key_set_leaves_the_client_with_the_keys_that_it_had(
    at: Clock, keyed: Portal, published: Published, document: object
) -> None:
    assert is_known(keyed, published.keys[0])
    published.document = document
    at.advance(hours=2)
    assert is_known(keyed, published.keys[0])
    assert published.fetched == 2


def test_made_up_keys_cause_one_fetch_a_minute(at: Clock, keyed: Portal, published: Published) -> None:
    assert is_known(keyed, published.keys[0])
    for number in range(10):
        assert not is_known(keyed, new_key(f"made-up-{number}"))
        at.advance(seconds=12)
    assert published.fetched == 1 + 1
    assert is_known(keyed, published.keys[0])


def test_while_the_address_does_not_answer_the_keys_serve_for_a_day(
    at: Clock, keyed: Portal, published: Published
) -> None:
    assert is_known(keyed, published.keys[0])
    published.status = 500
    at.advance(hours=23)
    assert is_known(keyed, published.keys[0])
    at.advance(hours=2)
    assert not is_known(keyed, published.keys[0])
    at.advance(minutes=2)
    published.status = 200
    assert is_known(keyed, published.keys[0])


def test_a_key_that_is_too_weak_or_for_encryption_is_not_believed(
    at: Clock, keyed: Portal, published: Published
) -> None:
    encrypting = ECKey.generate_key("P-256", {"kid": "enc", "use": "enc"}, private=True)
    signing = ECKey.import_key(encrypting.as_dict(private=True) | {"use": "sig"})
    published.keys = [new_key("one"), encrypting]
    assert not is_known(keyed, signing)
    at.advance(minutes=2)
    assert is_known(keyed, published.keys[0])


def test_without_a_key_id_only_a_client_with_one_key_is_believed(
    at: Clock, keyed: Portal, published: Published
) -> None:
    assert is_known(keyed, published.keys[0], kid="")
    at.advance(hours=2)
    published.keys = [*published.keys, new_key("two")]
    assert not is_known(keyed, published.keys[0], kid="")


def test_a_key_is_good_for_its_own_algorithm_alone(at: Clock, app: Flask) -> None:
    key = RSAKey.generate_key(2048, {"kid": "rsa", "alg": "PS256"}, private=True)
    portal = add_portal(app, "keyed", secret=None, jwks={"keys": [key.as_dict(private=False)]})
    free = RSAKey.import_key({k: v for k, v in key.as_dict(private=True).items() if k != "alg"})
    assert is_known(portal, free, kid="rsa", alg="PS256")
    assert not is_known(portal, free, kid="rsa", alg="RS256")
