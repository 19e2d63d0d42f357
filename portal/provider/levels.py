"""Levels of assurance: what a sign-in reaches, as `acr` (OpenID Connect Core 2), from how it was made (`amr`).

The two values are REFEDS profiles, which relying parties know: one factor, and two of different kinds.
"""

from collections.abc import Collection
from typing import Final

SFA: Final = "https://refeds.org/profile/sfa"
MFA: Final = "https://refeds.org/profile/mfa"
LEVELS: Final = (SFA, MFA)
"""The lower first."""

# RFC 8176. `user` is not here: that somebody touched a key says nothing of who.
KINDS: Final = {
    "pwd": "known",
    "pin": "known",
    "otp": "held",
    "hwk": "held",
    "swk": "held",
    "sms": "held",
    "fpt": "inherent",
    "face": "inherent",
    "iris": "inherent",
}
SEVERAL: Final = "mfa"


def acr_of(amr: Collection[str]) -> str:
    """The level of a sign-in. Two factors count when they are of two kinds, or when the method says so itself."""
    kinds = {KINDS[method] for method in amr if method in KINDS}
    return MFA if SEVERAL in amr or len(kinds) > 1 else SFA


def known(values: Collection[str]) -> list[str]:
    """Those of the values that are levels of ours; others ask for what we do not offer."""
    return [value for value in values if value in LEVELS]


def reaches(amr: Collection[str], wanted: Collection[str]) -> bool:
    """Whether the sign-in reaches one of the levels wanted. A higher one reaches the lower."""
    own = LEVELS.index(acr_of(amr))
    return any(LEVELS.index(level) <= own for level in known(wanted))
