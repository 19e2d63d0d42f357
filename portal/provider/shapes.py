"""In which shape we answer: as the standards have it, or as GOV.UK One Login does, for portals to be tested against.

All that differs on the busy paths stands here as plain values, so that those paths read one and ask nothing.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Shape:
    """What differs between the shapes."""

    name: str
    token_seconds: int = 300
    """How long an access token is good."""
    sends_issuer: bool = True
    """Whether answers of the authorization endpoint bear `iss` (RFC 9207)."""
    subject_prefix: str = ""
    """What stands before a person's id in every `sub`."""
    logout_type: str | None = "logout+jwt"
    """The `typ` of logout tokens."""
    logout_names_session: bool = True
    """Whether logout tokens bear `sid`. Without it they speak of every session of the person."""

    @property
    def proves_identities(self) -> bool:
        """Whether clients ask by vectors of trust, and may ask for proven identities."""
        return self is ONE_LOGIN


STANDARD: Final = Shape("standard")
ONE_LOGIN: Final = Shape(
    "one_login",
    token_seconds=180,
    sends_issuer=False,
    subject_prefix="urn:fdc:marlowe.example:2026:",
    logout_type=None,
    logout_names_session=False,
)
SHAPES: Final = {each.name: each for each in (STANDARD, ONE_LOGIN)}
