"""Our ID tokens: as we issue them, and when they come back as a hint: expired ones too, never anyone else's."""

import base64
import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jws import JWSRegistry

from portal import clock
from portal.db.session import session
from portal.provider import claims as person_claims
from portal.provider import levels
from portal.provider.clients import Client
from portal.provider.keys import ALGORITHMS
from portal.provider.models import Person
from portal.provider.queries import find_client
from portal.provider.secrets_kept import new_secret
from portal.provider.session_ids import login_of, sid_of
from portal.provider.state import provider
from portal.provider.subjects import person_of, subject_of

TOKEN_SECONDS: Final = 300
LONGEST: Final = 4096
_SIGNING: Final = JWSRegistry(algorithms=ALGORITHMS)


@dataclass(frozen=True, slots=True)
class Granted:
    """What a code or a refresh token grants, to whom and about whom."""

    client: Client
    code_digest: bytes
    """Of the code that it all came from."""
    login_id: uuid.UUID
    sid_key: uuid.UUID
    person_id: uuid.UUID
    scope: str
    claims: Mapping[str, Sequence[str]] | None
    """Names of claims that were granted one by one, for `userinfo` and `id_token`."""
    said: Mapping[str, Any]
    """Of the sign-in, in these words in every ID token that comes of it."""
    nonce: str | None


@dataclass(frozen=True, slots=True)
class Hint:
    """What an ID token of ours said."""

    person_id: uuid.UUID
    login_id: uuid.UUID
    client: Client
    is_fresh: bool
    """Whether it has not expired."""


def said_of(*, auth_at: datetime, amr: Sequence[str], vector: str | None = None) -> dict[str, Any]:
    """When and how the person proved who they are, and what level that reaches.

    A client that asked by a vector of trust hears the credentials in it and nothing else, as One Login has it.
    """
    if vector is not None:
        return {"auth_time": int(auth_at.timestamp()), "vot": vector, "vtm": provider().url("/trustmark")}
    return {"auth_time": int(auth_at.timestamp()), "acr": levels.acr_of(amr), "amr": list(amr)}


def issue(granted: Granted, access_token: str) -> str:
    """A signed ID token (OpenID Connect Core 2). Its `jti` makes any two differ, those of one instant too."""
    algorithm, now = granted.client.id_token_signed_response_alg, int(clock.now().timestamp())
    claims = _about_the_person(granted) | {
        **granted.said,
        "iss": provider().issuer,
        "sub": subject_of(granted.person_id, granted.client),
        "aud": granted.client.client_id,
        "iat": now,
        "exp": now + TOKEN_SECONDS,
        "at_hash": _half_hash(access_token),
        "sid": sid_of(granted.login_id, granted.sid_key, granted.client),
        "jti": new_secret(),
    }
    if granted.nonce is not None:
        claims["nonce"] = granted.nonce
    key = provider().ring.keys().signing[algorithm]
    # With `typ`, so that no other token of ours can be taken for an ID token.
    return jwt.encode({"alg": algorithm, "kid": key.kid, "typ": "JWT"}, claims, key, registry=_SIGNING)


def read_hint(token: str, *, client_id: str | None = None) -> Hint | None:
    """The hint, or None when the token is not an ID token that we have signed. It may have expired.

    `client_id` says which client it is, where the token names several; it must be one of them.
    """
    if not token or len(token) > LONGEST or not token.isascii():
        return None
    state = provider()
    try:
        decoded = jwt.decode(token, state.ring.keys().ours, algorithms=list(ALGORITHMS))
        claims = decoded.claims
        client = _audience(claims["aud"], client_id)
        if decoded.header.get("typ") != "JWT" or claims["iss"] != state.issuer or client is None:
            return None
        person_id = person_of(claims["sub"], client)
        login_id = login_of(claims["sid"], person_id, client) if person_id is not None else None
        if person_id is None or login_id is None:
            return None
        return Hint(person_id, login_id, client, is_fresh=claims["exp"] > clock.now().timestamp())
    except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # A hint is whatever a stranger wrote: joserfc names its faults differently by where it notices them.
        return None


def _audience(named: object, client_id: str | None) -> Client | None:
    audience = named if isinstance(named, list) else [named]
    if client_id is None and len(audience) == 1:
        client_id = str(audience[0])
    return find_client(client_id) if client_id in audience else None


def _about_the_person(granted: Granted) -> dict[str, Any]:
    """Claims that were asked for one by one. Those of the scopes are at userinfo."""
    names = (granted.claims or {}).get("id_token")
    return {**person_claims.named(session().get_one(Person, granted.person_id), names)} if names else {}


def _half_hash(token: str) -> str:
    """Of SHA-256, which goes with both of our algorithms."""
    return base64.urlsafe_b64encode(hashlib.sha256(token.encode()).digest()[:16]).rstrip(b"=").decode()
