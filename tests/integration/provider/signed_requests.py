"""A client with a key, and authorization requests that it signs."""

import json
import uuid
from typing import Any

from flask import Flask
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import update

from portal import clock
from portal.db.session import session
from portal.provider import remembered_clients
from portal.provider.models import ClientRow
from tests.integration.provider.flows import CALLBACK, CHALLENGE, ISSUER, Portal, add_portal

KEY = ECKey.generate_key("P-256", {"kid": "one"}, private=True)
RSA = RSAKey.generate_key(2048, {"kid": "two"}, private=True)
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


def add_signer(app: Flask, client_id: str = "signer", **changes: Any) -> Portal:
    """A client that proves itself and signs requests by its keys."""
    keys = [key.as_dict(private=False) for key in (KEY, RSA)]
    return add_portal(app, client_id, secret=None, jwks={"keys": keys}, **changes)


def claims(client_id: str = "signer", **changes: object) -> dict[str, object]:
    """What a right request object says, but for `changes`; None leaves a claim out."""
    now = int(clock.now().timestamp())
    values: dict[str, object] = {
        "iss": client_id,
        "aud": ISSUER,
        "iat": now,
        "exp": now + 300,
        "jti": uuid.uuid4().hex,
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": CALLBACK,
        "scope": "openid email",
        "state": "signed-state",
        "nonce": "signed-nonce",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return {name: value for name, value in (values | changes).items() if value is not None}


def signed(said: dict[str, object], key: Any = KEY, alg: str = "ES256", **header: object) -> str:
    """The claims as a request object."""
    head = {"alg": alg, "kid": key.kid, "typ": "oauth-authz-req+jwt"} | header
    return token({name: value for name, value in head.items() if value is not None}, said, key)


def assertion(client_id: str = "signer", **changes: object) -> dict[str, str]:
    """The two parameters by which the client proves who it is."""
    now = int(clock.now().timestamp())
    said = {"iss": client_id, "sub": client_id, "aud": ISSUER, "iat": now, "exp": now + 60, "jti": uuid.uuid4().hex}
    made = token({"alg": "ES256", "kid": "one"}, said | changes, KEY)
    return {"client_assertion": made, "client_assertion_type": ASSERTION_TYPE}


def token(head: dict[str, Any], said: dict[str, object], key: Any) -> str:
    """Signed whatever is said: as JSON that escapes what is not ASCII, half a surrogate pair too."""
    return jws.serialize_compact(head, json.dumps(said).encode(), key, algorithms=[head["alg"]])


def unsigned(said: dict[str, object]) -> str:
    """The claims under the header that says that nobody signed them."""
    from base64 import urlsafe_b64encode

    head, body = (
        urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in ({"alg": "none"}, said)
    )
    return f"{head}.{body}."


def set_client(app: Flask, client_id: str, **switches: bool) -> None:
    """Turn on what a client is to be held to."""
    with app.app_context():
        session().execute(update(ClientRow).where(ClientRow.id == client_id).values(**switches))
        session().commit()
        remembered_clients.forget()
