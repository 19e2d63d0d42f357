"""How sure we are of who somebody is: three levels, and what a provider's words mean in them."""

from collections.abc import Mapping
from enum import IntEnum


class Assurance(IntEnum):
    """The level of a sign-in. A service names the least that it accepts."""

    LOW = 1
    """Holds the account at the provider; nobody has checked who they are."""
    MEDIUM = 2
    """The provider has checked the person, or asks for a second factor, as the council's settings say."""
    HIGH = 3
    """The provider has checked the person against documents."""


def level_of(claims: Mapping[str, object], acr_levels: Mapping[str, str]) -> Assurance:
    """The level that an ID token's `acr` or `vot` stands for. What the settings do not list is `LOW`.

    Where both are there and listed, the lower one counts.
    """
    said = (claims.get(name) for name in ("acr", "vot"))
    listed = [Assurance[acr_levels[each].upper()] for each in said if isinstance(each, str) and each in acr_levels]
    return min(listed, default=Assurance.LOW)
