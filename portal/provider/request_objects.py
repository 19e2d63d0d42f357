"""Authorization requests that the client has signed (RFC 9101, OpenID Connect Core 6.1).

Only what is signed counts. What stands beside the object is looked at for one thing: where it repeats who asks for
what, it must say the same, or somebody is playing two readers against each other.
"""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from joserfc import jws, jwt
from joserfc.errors import JoseError
from sqlalchemy.dialects.postgresql import insert
from werkzeug.datastructures import MultiDict

from portal import clock
from portal.db.session import session
from portal.provider import client_keys
from portal.provider.client_authentication import is_jti
from portal.provider.clients import Client
from portal.provider.models import UsedAssertion
from portal.provider.parameters import LONGEST, Asked, ProtocolError, read
from portal.provider.secrets_kept import digest
from portal.provider.state import provider

ALGORITHMS: Final = ["ES256", "RS256", "PS256"]
TYPES: Final = ("oauth-authz-req+jwt", "jwt")
LONGEST_LIFE: Final = timedelta(minutes=10)
"""One Login advises five. Each `jti` is kept as long."""
LEEWAY: Final = timedelta(seconds=30)
REPEATED: Final = ("client_id", "response_type", "scope")
BAD: Final = "invalid_request_object"


def unwrapped(asked: Asked) -> Asked:
    """The request inside the signed object; `asked` itself when there is none.

    Raises ProtocolError when the object is not to be trusted, and BadRequest when its address is none of the client's.
    """
    token = asked.values.get("request")
    if token is None:
        if asked.client.require_signed_request:
            raise ProtocolError("invalid_request", "this client must sign its requests")
        return asked
    if asked.fault:
        raise ProtocolError("invalid_request", asked.fault)
    claims = _signed(token, asked.client)
    _check_claims(claims, asked.client)
    inside = _parameters(claims)
    for name in REPEATED:
        if name in asked.values and asked.values[name] != inside.get(name):
            raise ProtocolError(BAD, f"{name} differs inside and beside the request object")
    _take_jti(claims, asked.client)
    return replace(read(inside), signed=True)


def _signed(token: str, client: Client) -> dict[str, Any]:
    """The claims, if one of the client's keys has signed them by an algorithm of ours. Never `none`.

    May ask the client's own server for its keys, so nothing must have been written yet.
    """
    if client.jwks is None and client.jwks_uri is None:
        raise ProtocolError("request_not_supported", "this client has no keys with which to sign a request")
    try:
        head = jws.extract_compact(token.encode("ascii")).headers()
        kind = head.get("typ", "JWT").lower()
        key = client_keys.find_key(client, head.get("kid"), settings=provider().settings)
        claims = None
        if key is not None and key.get("alg") in (None, head["alg"]):
            claims = dict(jwt.decode(token, key, algorithms=ALGORITHMS).claims)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # As with client assertions: what joserfc raises on tokens that are no tokens differs by where it notices.
        claims = None
    if claims is None:
        raise ProtocolError(BAD, "the request object is not signed by a key of this client")
    if kind not in TYPES:
        raise ProtocolError(BAD, "the typ of the request object is that of another kind of token")
    return claims


def _check_claims(claims: dict[str, Any], client: Client) -> None:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != client.client_id or claims.get("sub") == client.client_id:
        # RFC 9101 10.8: an object with this `sub` could pass for a client assertion, and the other way round.
        raise ProtocolError(BAD, "iss must be the client_id, and sub must not")
    if not {provider().issuer, provider().url("/authorize")} & {each for each in audiences if isinstance(each, str)}:
        raise ProtocolError(BAD, "aud must be our issuer or our authorization endpoint")
    now, expires_at = clock.now(), _moment(claims, "exp")
    if expires_at is None or not now - LEEWAY < expires_at <= now + LONGEST_LIFE + LEEWAY:
        raise ProtocolError(BAD, "exp must be there, in the future, and no further than ten minutes")
    for name in ("nbf", "iat"):
        begins_at = _moment(claims, name)
        if begins_at is not None and begins_at > now + LEEWAY:
            raise ProtocolError(BAD, f"{name} is in the future")


def _moment(claims: dict[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if value is None:
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (TypeError, ValueError, OverflowError, OSError):
        raise ProtocolError(BAD, f"{name} is not a time") from None


def _parameters(claims: dict[str, Any]) -> MultiDict[str, str]:
    """The authorization request's own parameters, as if they had come in a query."""
    if "request" in claims or "request_uri" in claims:
        raise ProtocolError(BAD, "a request object must hold no other")
    return MultiDict({name: _text(name, claims[name]) for name in LONGEST.keys() & claims.keys()})


def _text(name: str, value: object) -> str:
    if (name == "claims" and isinstance(value, dict)) or (name == "vtr" and isinstance(value, list)):
        return json.dumps(value, separators=(",", ":"))
    if name == "max_age" and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise ProtocolError(BAD, f"{name} is of the wrong type")
    return value


def _take_jti(claims: dict[str, Any], client: Client) -> None:
    """A `jti` counts once. The standard does not ask for one, and a request without it opens nothing by itself."""
    jti = claims.get("jti")
    if jti is None:
        return
    if not is_jti(jti):
        raise ProtocolError(BAD, "jti is not some printable ASCII")
    expires_at = _moment(claims, "exp")
    kept = insert(UsedAssertion).values(digest=digest(f"{client.client_id}\nrequest\n{jti}"), expires_at=expires_at)
    if session().execute(kept.on_conflict_do_nothing().returning(UsedAssertion.digest)).first() is None:
        raise ProtocolError(BAD, "this request object was used before")
