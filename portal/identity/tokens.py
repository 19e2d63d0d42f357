"""Is this ID token true, for us, and now? Pure: no network, no clock, no settings.

OpenID Connect Core 3.1.3.7 with the negative cases of the certification tests. Each refusal carries a short code for
the log; no value out of a token is ever put into it.
"""

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from joserfc import jws
from joserfc.errors import JoseError

from portal.identity.keys import FindsKeys, Keys, NoSuchKey

SIGNATURES: Final = frozenset({"ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
"""All that we can be set to accept: signatures by a key pair. Never `none`, never a shared secret."""
LONGEST_SUBJECT: Final = 255
LATEST: Final = 10**11


class TokenRefused(Exception):
    """The token is not to be trusted. `code` says why, in words for the log."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Expected:
    """What a good ID token says. Times are in seconds since 1970; `access_token` is the one that came with it."""

    issuer: str
    client_id: str
    nonce: str
    algorithms: Collection[str]
    now: float
    leeway: float
    access_token: str | None = None


@dataclass(frozen=True, slots=True)
class IdToken:
    """A token that passed. `claims` are all of them; `auth_time` in seconds since 1970, when the provider says."""

    subject: str
    sid: str | None
    auth_time: float | None
    claims: Mapping[str, object]


class _Registry(jws.JWSRegistry):
    max_header_length = 8192  # some providers send their certificate chain along


def validate_id_token(token: str, keys: Keys, expected: Expected) -> IdToken:
    """The token's claims. Raises TokenRefused; NoSuchKey and BadSignature when fresher keys may help."""
    header, claims = verified(token, keys, expected.algorithms)
    check_type(header)
    check_parties(claims, expected)
    check_times(claims, expected)
    if not same_text(claims.get("nonce"), expected.nonce):
        raise TokenRefused("nonce")
    if expected.access_token is not None and "at_hash" in claims:
        check_at_hash(claims["at_hash"], expected.access_token, str(header["alg"]))
    sid = claims.get("sid")
    return IdToken(
        subject=subject_of(claims),
        sid=sid if isinstance(sid, str) and is_name(sid) else None,
        auth_time=seconds(claims, "auth_time") if "auth_time" in claims else None,
        claims=claims,
    )


def check_required(claims: Mapping[str, object], required: Mapping[str, str]) -> None:
    """The claims that the settings demand, with these very values: Entra's `tid`. Raises TokenRefused."""
    for name, value in required.items():
        if not same_text(claims.get(name), value):
            raise TokenRefused("required_claim")


def signed_userinfo(token: str, keys: Keys, expected: Expected) -> Mapping[str, object]:
    """The claims of a signed userinfo answer: by this provider, for us (Core 5.3.2). It has no nonce, and need not
    say times.

    Raises TokenRefused; NoSuchKey and BadSignature when fresher keys may help.
    """
    header, claims = verified(token, keys, expected.algorithms)
    check_type(header)
    audience = claims.get("aud")
    if claims.get("iss") != expected.issuer:
        raise TokenRefused("userinfo_iss")
    if audience != expected.client_id and not (isinstance(audience, list) and expected.client_id in audience):
        raise TokenRefused("userinfo_aud")
    if "exp" in claims and seconds(claims, "exp") + expected.leeway <= expected.now:
        raise TokenRefused("userinfo_exp")
    return claims


def check_userinfo(answer: object, subject: str) -> Mapping[str, object]:
    """The userinfo claims, when they are of the very person whom the ID token names (Core 5.3.2)."""
    if not isinstance(answer, dict):
        raise TokenRefused("userinfo_form")
    if not same_text(answer.get("sub"), subject):
        raise TokenRefused("userinfo_sub")
    return answer


class BadSignature(TokenRefused):
    """The signature is wrong by the key that we know; the provider may have put a new key under the same id."""


def verified(
    token: str, keys: FindsKeys, algorithms: Collection[str]
) -> tuple[Mapping[str, object], dict[str, object]]:
    """Header and claims of a token whose signature is good; what they say is not judged yet.

    Raises TokenRefused; NoSuchKey and BadSignature when fresher keys may help.
    """
    allowed = SIGNATURES.intersection(algorithms)
    # Not strict on names: RFC 7515 4 has unknown header members ignored, unless `crit` says otherwise.
    registry = _Registry(algorithms=sorted(allowed), strict_check_header=False)
    try:
        signed = jws.extract_compact(token.encode("ascii"), registry=registry)
        header = signed.headers()
        algorithm, kid = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in allowed:
            raise TokenRefused("algorithm")
        if "crit" in header or header.get("b64") is False:
            raise TokenRefused("crit")
        if kid is not None and not isinstance(kid, str):
            raise TokenRefused("kid")
        key = keys.find(kid, algorithm)
        if not jws.validate_compact(signed, key, registry=registry):
            raise BadSignature("signature")
        claims = json.loads(signed.payload or b"")
    except (JoseError, ValueError, TypeError, KeyError, RecursionError):
        raise TokenRefused("form") from None
    if not isinstance(claims, dict):
        raise TokenRefused("form")
    return header, claims


def check_type(header: Mapping[str, object]) -> None:
    """Is it meant as an ID token? Raises TokenRefused."""
    kind = header.get("typ", "JWT")
    if not isinstance(kind, str) or kind.upper() != "JWT":
        raise TokenRefused("typ")  # a logout token or an access token is signed by the same key


def check_parties(claims: Mapping[str, object], expected: Expected) -> None:
    """Is it by this issuer, for us? Raises TokenRefused."""
    if claims.get("iss") != expected.issuer:
        raise TokenRefused("iss")
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or expected.client_id not in audiences:
        raise TokenRefused("aud")
    if "azp" in claims and claims["azp"] != expected.client_id:
        raise TokenRefused("azp")
    if len(audiences) > 1 and "azp" not in claims:
        raise TokenRefused("azp")  # made out to several, and none of them named as the one it was given to


def check_times(claims: Mapping[str, object], expected: Expected) -> None:
    """Is it good now? Raises TokenRefused."""
    if seconds(claims, "exp") + expected.leeway <= expected.now:
        raise TokenRefused("exp")
    if seconds(claims, "iat") - expected.leeway > expected.now:
        raise TokenRefused("iat")
    if "nbf" in claims and seconds(claims, "nbf") - expected.leeway > expected.now:
        raise TokenRefused("nbf")


def seconds(claims: Mapping[str, object], name: str) -> float:
    """A time of the token, in seconds since 1970. Raises TokenRefused when it is none."""
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefused(name)
    if not 0 <= value < LATEST:  # not true of NaN either; and JSON's integers may be too large for a float
        raise TokenRefused(name)
    return float(value)


def subject_of(claims: Mapping[str, object]) -> str:
    """Whom it is about. Raises TokenRefused."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not is_name(subject):
        raise TokenRefused("sub")
    return subject


def is_name(text: str) -> bool:
    """Whether it can name somebody or something: our tables hold it, and it is what it looks like."""
    return 0 < len(text) <= LONGEST_SUBJECT and text.isprintable() and text == text.strip()


def check_at_hash(said: object, access_token: str, algorithm: str) -> None:
    """Does it belong to this access token? Raises TokenRefused."""
    digest = hashlib.new(f"sha{algorithm[-3:]}", access_token.encode()).digest()
    half = urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    if not same_text(said, half):
        raise TokenRefused("at_hash")


def same_text(said: object, wanted: str) -> bool:
    """Whether both are the same text, in a time that tells nothing."""
    return isinstance(said, str) and hmac.compare_digest(said.encode("utf-8", "replace"), wanted.encode())


__all__ = [
    "BadSignature",
    "Expected",
    "IdToken",
    "NoSuchKey",
    "TokenRefused",
    "check_at_hash",
    "check_parties",
    "check_required",
    "check_times",
    "check_type",
    "check_userinfo",
    "is_name",
    "same_text",
    "seconds",
    "signed_userinfo",
    "subject_of",
    "validate_id_token",
    "verified",
]
