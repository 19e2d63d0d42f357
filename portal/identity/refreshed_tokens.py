"""Is the ID token that came with a refresh of the same sign-in? Pure, as `tokens` is (OpenID Connect Core 12.2)."""

from collections.abc import Mapping
from dataclasses import dataclass

from portal.identity.keys import Keys
from portal.identity.tokens import (
    Expected,
    TokenRefused,
    check_at_hash,
    check_parties,
    check_times,
    check_type,
    same_text,
    seconds,
    subject_of,
    verified,
)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """What we know of the sign-in. `nonce` is None when its ID token is not kept; times as in `tokens`."""

    subject: str
    authenticated_at: float
    nonce: str | None


def validate_refreshed(token: str, keys: Keys, expected: Expected, signed_in: SignedIn) -> Mapping[str, object]:
    """The token's claims. Raises TokenRefused; NoSuchKey and BadSignature when fresher keys may help."""
    header, claims = verified(token, keys, expected.algorithms)
    check_type(header)
    check_parties(claims, expected)
    check_times(claims, expected)
    if not same_text(subject_of(claims), signed_in.subject):
        raise TokenRefused("sub")
    # A whole second of grace: tokens say whole seconds, and our row may say more.
    if "auth_time" in claims and seconds(claims, "auth_time") > signed_in.authenticated_at + 1:
        raise TokenRefused("auth_time")  # nobody has proved anything: a refresh is no sign-in
    if "nonce" in claims and signed_in.nonce is not None and not same_text(claims["nonce"], signed_in.nonce):
        raise TokenRefused("nonce")
    if expected.access_token is not None and "at_hash" in claims:
        check_at_hash(claims["at_hash"], expected.access_token, str(header["alg"]))
    return claims
