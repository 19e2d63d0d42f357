"""How a client proves who it is at the endpoints for programs: by a secret in the header or the body, or by a key.

Ours and not a library's: algorithms are pinned, lifetimes limited, each `jti` is taken once, and whatever a stranger
sends in place of a header or an assertion is refused and never an error of ours.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeGuard
from urllib.parse import unquote_plus

from joserfc import jws, jwt
from joserfc.errors import JoseError
from sqlalchemy.dialects.postgresql import insert
from werkzeug.datastructures import Headers

from portal import clock
from portal.db.session import session
from portal.provider import client_keys
from portal.provider.clients import Client
from portal.provider.models import UsedAssertion
from portal.provider.queries import find_client
from portal.provider.refusals import Refusal
from portal.provider.secrets_kept import digest
from portal.provider.state import provider

LONGEST_ASSERTION_LIFE = timedelta(hours=1)
"""What Authlib's clients send unasked. Each jti is kept as long, so a long life opens no way to replay."""
LEEWAY = timedelta(seconds=60)
ASSERTION_ALGORITHMS: Final = ["ES256", "RS256", "PS256"]
ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_JTI = 500


def authenticate(headers: Headers, form: Mapping[str, str]) -> Client:
    """The client that asks. Raises Refusal.

    Commit afterwards, whatever the answer: an assertion's `jti` was used up. Nothing may have been written before.
    """
    authorization = headers.get("Authorization", "")
    ways = (authorization.lower().startswith("basic "), "client_secret" in form, "client_assertion" in form)
    if sum(ways) > 1:
        raise Refusal("invalid_request", "more than one way of client authentication")
    by_header, by_body, by_key = ways
    client = None
    if by_header:
        client = _by_header(authorization)
    elif by_body:
        client = _with_secret(form.get("client_id"), form["client_secret"], "client_secret_post")
    elif by_key:
        client = _by_key(form)
    if client is None or form.get("client_id", client.client_id) != client.client_id:
        raise Refusal("invalid_client", "client authentication failed")
    return client


def _by_header(header: str) -> Client | None:
    try:
        text = base64.b64decode(header.partition(" ")[2].strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    name, colon, secret = text.partition(":")
    return _with_secret(unquote_plus(name), unquote_plus(secret), "client_secret_basic") if colon else None


def _with_secret(client_id: str | None, secret: str, method: str) -> Client | None:
    """Only in the one way that was registered, so that a leaked secret is no use beside a key."""
    client = find_client(client_id)
    return client if client and client.auth_method == method and client.check_client_secret(secret) else None


def _by_key(form: Mapping[str, str]) -> Client | None:
    if form.get("client_assertion_type") != ASSERTION_TYPE:
        return None
    try:
        return _signer(form["client_assertion"])
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError, OSError):
        # What joserfc raises on tokens that are no tokens differs by where it notices; a huge time is an OSError.
        return None


def _signer(assertion: str) -> Client | None:
    """Who signed the assertion (RFC 7523 3), if it is good and new."""
    named = jws.extract_compact(assertion.encode("ascii"))
    client = find_client(_issuer_in(named.payload))
    if client is None or client.auth_method != "private_key_jwt":
        return None
    head = named.headers()
    key = client_keys.find_key(client, head.get("kid"), settings=provider().settings)
    if key is None or key.get("alg") not in (None, head["alg"]):
        return None
    claims = jwt.decode(assertion, key, algorithms=ASSERTION_ALGORITHMS).claims
    if claims["iss"] != client.client_id or claims["sub"] != client.client_id or not _is_for_us(claims["aud"]):
        return None
    return client if _is_in_time(claims) and _is_new(claims) else None


def _issuer_in(payload: bytes) -> str | None:
    claims = json.loads(payload)
    return claims["iss"] if isinstance(claims["iss"], str) else None


def _is_for_us(audience: object) -> bool:
    """The issuer, the token endpoint or that for pushed requests, alone or among others.

    Clients differ, and RFC 9126 2 has all three taken wherever a client proves itself.
    """
    named = audience if isinstance(audience, list) else [audience]
    return any(each in named for each in (provider().issuer, provider().url("/token"), provider().url("/par")))


def _is_in_time(claims: Mapping[str, Any]) -> bool:
    now = clock.now()
    starts = [datetime.fromtimestamp(claims[name], UTC) for name in ("iat", "nbf") if name in claims]
    return _expiry(claims) > now - LEEWAY and all(start <= now + LEEWAY for start in starts)


def _is_new(claims: Mapping[str, Any]) -> bool:
    """Take the `jti`, once. An assertion that lives longer than it needs to would have to be remembered as long."""
    expires_at, jti = _expiry(claims), claims["jti"]
    if expires_at > clock.now() + LONGEST_ASSERTION_LIFE + LEEWAY:
        return False
    if not is_jti(jti):
        return False
    taken = session().execute(
        insert(UsedAssertion)
        .values(digest=digest(f"{claims['sub']}\n{jti}"), expires_at=expires_at + LEEWAY)
        .on_conflict_do_nothing()
        .returning(UsedAssertion.digest)
    )
    return taken.first() is not None


def is_jti(value: object) -> TypeGuard[str]:
    """Whether it can be a token's id: some printable ASCII. Half of a surrogate pair has no digest."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_JTI and value.isascii() and value.isprintable()


def _expiry(claims: Mapping[str, Any]) -> datetime:
    return datetime.fromtimestamp(claims["exp"], UTC)
