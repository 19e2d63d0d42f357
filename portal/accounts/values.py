"""What other rooms see of an account: values, never rows."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Account:
    """A resident who is signed in, or whose record is worked on. `language` is `en` or `cy`."""

    id: uuid.UUID
    display_name: str
    language: str


@dataclass(frozen=True, slots=True)
class Called:
    """What a letter to somebody needs: `name` is what they want to be called, empty where nothing is known."""

    language: str
    name: str
    full_name: str


@dataclass(frozen=True, slots=True)
class PostalAddress:
    """An address as it is printed. `uprn` is None when the resident typed it by hand."""

    kind: str
    uprn: str | None
    lines: tuple[str, ...]
    postcode: str
    since_at: datetime


@dataclass(frozen=True, slots=True)
class VerifiedClaim:
    """One thing that a provider has verified. `name` is the claim's OpenID Connect name; dates are ISO text."""

    name: str
    value: str
    issuer: str
    level: str
    verified_at: datetime


@dataclass(frozen=True, slots=True)
class EmailChange:
    """A new e-mail address that waits to be confirmed."""

    email: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Profile:
    """What the resident told us, and apart from it what providers have verified. Unanswered text is empty."""

    account_id: uuid.UUID
    language: str
    given_name: str
    family_name: str
    preferred_name: str
    date_of_birth: date | None
    email: str | None
    email_confirmed_at: datetime | None
    phone: str | None
    contact_by: str | None
    contact_needs: str
    addresses: tuple[PostalAddress, ...]
    verified: tuple[VerifiedClaim, ...]
    email_change: EmailChange | None

    @property
    def full_name(self) -> str:
        """Given and family name as one text; empty when neither is known."""
        return f"{self.given_name} {self.family_name}".strip()

    def address(self, kind: str) -> PostalAddress | None:
        """The address of that kind."""
        return next((address for address in self.addresses if address.kind == kind), None)
