"""Is this logout token true, for us, and now? Pure, as `tokens` is, and from the same parts.

OpenID Connect Back-Channel Logout 1.0, section 2.6. What differs from an ID token is what keeps the two apart: the
event that it must carry, the nonce that it must not, and a time to live of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from portal.identity.keys import Keys
from portal.identity.tokens import Expected, TokenRefused, check_parties, is_name, seconds, verified

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
KEYCLOAKS: Final = "revoke_offline_access"
"""What Keycloak puts beside the event when it is set to revoke offline sessions too. Nothing else may stand there."""
OWN_TYPES: Final = frozenset({"logout+jwt", "application/logout+jwt"})
GOOD_FOR: Final = 180.0
"""Seconds that a token without `exp` is good for."""
LONGEST: Final = 86_400.0
"""Seconds that one is good for at most: so long we remember that it was used."""


@dataclass(frozen=True, slots=True)
class LogoutToken:
    """A token that passed. It names a person, a session of theirs at the provider, or both. Times as in `tokens`."""

    jti: str
    subject: str | None
    sid: str | None
    issued_at: float
    good_until: float


def validate_logout_token(token: str, keys: Keys, expected: Expected, *, strict_type: bool) -> LogoutToken:
    """The token's content. Raises TokenRefused; NoSuchKey and BadSignature when fresher keys may help."""
    header, claims = verified(token, keys, expected.algorithms)
    _check_type(header, strict=strict_type)
    check_parties(claims, expected)
    _check_event(claims)
    subject, sid = _name(claims, "sub"), _name(claims, "sid")
    if subject is None and sid is None:
        raise TokenRefused("sub_and_sid")
    jti = _name(claims, "jti")
    if jti is None:
        raise TokenRefused("jti")
    return LogoutToken(
        jti=jti,
        subject=subject,
        sid=sid,
        issued_at=seconds(claims, "iat"),
        good_until=_good_until(claims, expected),
    )


def _check_type(header: Mapping[str, object], *, strict: bool) -> None:
    kind = header.get("typ", "JWT")
    kind = kind.lower() if isinstance(kind, str) else ""
    if kind not in OWN_TYPES and (strict or kind != "jwt"):
        raise TokenRefused("typ")


def _check_event(claims: Mapping[str, object]) -> None:
    events = claims.get("events")
    if events not in ({EVENT: {}}, {EVENT: {}, KEYCLOAKS: True}, {EVENT: {}, KEYCLOAKS: False}):
        raise TokenRefused("events")
    if "nonce" in claims:
        raise TokenRefused("nonce")  # so that nothing made for signing in can be used to sign somebody out


def _good_until(claims: Mapping[str, object], expected: Expected) -> float:
    issued_at = seconds(claims, "iat")
    if issued_at - expected.leeway > expected.now:
        raise TokenRefused("iat")
    if "nbf" in claims and seconds(claims, "nbf") - expected.leeway > expected.now:
        raise TokenRefused("nbf")
    if "exp" in claims:
        good_until, cause = min(seconds(claims, "exp"), issued_at + LONGEST), "exp"
    else:
        good_until, cause = issued_at + GOOD_FOR, "iat"
    if good_until + expected.leeway <= expected.now:
        raise TokenRefused(cause)
    return good_until


def _name(claims: Mapping[str, object], claim: str) -> str | None:
    """The claim, or None when it is not there. A name that could be nobody's is no name left out: it is refused."""
    if claim not in claims:
        return None
    value = claims[claim]
    if not isinstance(value, str) or not is_name(value):
        raise TokenRefused(claim)
    return value
