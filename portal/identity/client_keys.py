"""How a key proves to a provider who we are: assertions (RFC 7523) and signed requests (RFC 9101).

The key is the one in `client_key_file`, read once, or where there is none the portal's own (`own_keys`).
"""

import secrets
import warnings
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from authlib.oauth2.rfc7523 import PrivateKeyJWT
from flask import Flask, current_app
from joserfc import jwk, jwt
from joserfc.errors import JoseError

from portal import clock
from portal.errors import SetupError
from portal.identity import own_keys
from portal.settings.portal import Settings
from portal.settings.providers import Provider
from portal.signing.ring import KeyRing

EXTENSION: Final = "moothall.client_keys"
REQUEST_TYPE: Final = "oauth-authz-req+jwt"
LEAST_RSA_BITS: Final = 2048
WANTED: Final = "MOOTHALL_PROVIDERS: client_key_file must be a PEM file with a P-256 or RSA (2048 bits) private key"


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A private key of ours, with the algorithm that it signs by and the id that the provider knows it by."""

    key: jwk.RSAKey | jwk.ECKey = field(repr=False)
    algorithm: str
    key_id: str | None


class FreshAssertion(PrivateKeyJWT):  # type: ignore[misc]  # Authlib is untyped
    """`private_key_jwt` with a `jti` of its own each time. Authlib's keeps its claims, and so the `jti`."""

    def __init__(self, provider: Provider, token_endpoint: str | None = None) -> None:
        super().__init__(token_endpoint)
        self._provider = provider

    def sign(self, _auth: Any, token_endpoint: str) -> str:  # Authlib is untyped
        """The signed assertion for one request."""
        return client_assertion(self._provider, token_endpoint=token_endpoint)


def client_assertion(provider: Provider, *, token_endpoint: str) -> str:
    """An assertion that it is we who ask, good once and for a few minutes."""
    audience = provider.issuer if provider.assertion_audience == "issuer" else token_endpoint
    claims = {"iss": provider.client_id, "sub": provider.client_id, "aud": audience}
    return _signed(provider, {"typ": "JWT"}, claims)


def sign_request(claims: Mapping[str, object], *, provider: Provider) -> str:
    """A request object (RFC 9101) with these parameters, made out by us to the provider and good for a few minutes.

    `iss`, `jti` and the times are ours to say. `aud` is the issuer unless `claims` says another: One Login wants its
    authorization endpoint.
    """
    return _signed(provider, {"typ": REQUEST_TYPE}, {"aud": provider.issuer, **claims, "iss": provider.client_id})


def key_for(provider: Provider) -> ClientKey:
    """What signs for us at this provider now. Raises SetupError when its file cannot be used."""
    if provider.client_key_file is not None:
        return _from_file(provider.client_key_file, provider.client_key_id, provider.client_key_algorithm)
    ring: KeyRing = current_app.extensions[EXTENSION].ring
    key = ring.keys().signing[provider.client_key_algorithm]
    return ClientKey(key, provider.client_key_algorithm, key.kid)


def published() -> list[dict[str, object]]:
    """Every public key that a provider of ours may want: those of the files, and of the ring when one signs by it."""
    kept: ClientKeys = current_app.extensions[EXTENSION]
    return [*kept.files.values(), *(kept.ring.keys().published if kept.needs_ring else ())]


@dataclass(frozen=True, slots=True)
class ClientKeys:
    """Our keys in this process."""

    files: dict[str, dict[str, object]]
    """The public keys of the key files, by key id."""
    ring: KeyRing
    needs_ring: bool


def install(app: Flask, settings: Settings) -> None:
    """Give `app` its client keys; makes none yet. Raises SetupError when a key file cannot be used."""
    signing = [each for each in settings.providers.values() if own_keys.signs(each)]
    app.extensions[EXTENSION] = ClientKeys(
        files=_public_files(signing),
        ring=own_keys.key_ring(app, settings),
        needs_ring=bool(own_keys.algorithms(settings)),
    )


def _public_files(providers: Iterable[Provider]) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = {}
    for provider in providers:
        if provider.client_key_file is None:
            continue
        mine = key_for(provider)
        kid = file_key_id(provider)
        public: dict[str, object] = {**mine.key.as_dict(private=False), "kid": kid, "use": "sig", "alg": mine.algorithm}
        if found.setdefault(kid, public) != public:
            raise SetupError(f"MOOTHALL_PROVIDERS: client_key_id {kid} names two different keys. Give each its own.")
    return found


def file_key_id(provider: Provider) -> str:
    """By which id `/auth/jwks` publishes the key of a file: the one in the settings, or the key's own (RFC 7638)."""
    mine = key_for(provider)
    return mine.key_id or mine.key.thumbprint()


def _signed(provider: Provider, header: dict[str, str], claims: Mapping[str, object]) -> str:
    mine, now = key_for(provider), int(clock.now().timestamp())
    header |= {"alg": mine.algorithm} | ({"kid": mine.key_id} if mine.key_id else {})
    times = {"iat": now, "nbf": now, "exp": now + provider.assertion_seconds}
    return jwt.encode(
        header, {**claims, "jti": secrets.token_urlsafe(24), **times}, mine.key, algorithms=[mine.algorithm]
    )


@lru_cache(maxsize=32)
def _from_file(path: str, key_id: str | None, algorithm: str) -> ClientKey:
    try:
        pem = Path(path).read_bytes()
    except OSError as error:
        raise SetupError(f"{WANTED} ({path}: {error.strerror}).") from None
    key = _read(pem)
    if isinstance(key, jwk.ECKey) and key.is_private and key.curve_name == "P-256":
        return ClientKey(key, "ES256", key_id)
    if isinstance(key, jwk.RSAKey) and key.is_private and key.public_key.key_size >= LEAST_RSA_BITS:
        return ClientKey(key, "PS256" if algorithm == "PS256" else "RS256", key_id)
    raise SetupError(f"{WANTED} ({path}).")


def _read(pem: bytes) -> jwk.RSAKey | jwk.ECKey | None:
    kinds: tuple[type[jwk.RSAKey | jwk.ECKey], ...] = (jwk.ECKey, jwk.RSAKey)
    for kind in kinds:
        with suppress(JoseError, ValueError, TypeError), warnings.catch_warnings(action="ignore"):
            return kind.import_key(pem)  # a weak key only warns, and is refused by who asks
    return None
