"""What was found out about a provider: one line each, in words that an engineer can act on."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from portal.identity.metadata import Metadata
from portal.identity.relying_party import RelyingParty

Verdict = Literal["good", "look", "fault", "note"]
"""`look`: works, but somebody should know. `fault`: residents cannot sign in, or soon cannot. `note`: what to register
at the provider."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line."""

    verdict: Verdict
    about: str
    says: str


def good(about: str, says: str) -> Finding:
    """As it should be."""
    return Finding("good", about, says)


def look(about: str, says: str) -> Finding:
    """Works, but somebody should know."""
    return Finding("look", about, says)


def fault(about: str, says: str) -> Finding:
    """Must be mended; the sentence says how."""
    return Finding("fault", about, says)


def note(about: str, says: str) -> Finding:
    """To be registered at the provider."""
    return Finding("note", about, says)


@dataclass(frozen=True, slots=True)
class Examined:
    """One provider under examination: its settings and its own words, `document` as they came."""

    party: RelyingParty
    public_url: str
    document: Mapping[str, object]
    metadata: Metadata

    def listed(self, name: str) -> list[str] | None:
        """A list of words in the metadata; None when the provider does not say."""
        value = self.document.get(name)
        return [str(each) for each in value] if isinstance(value, list) else None

    def says(self, name: str) -> bool:
        """Whether the metadata say yes to it."""
        return self.document.get(name) is True

    def variable(self, field: str) -> str:
        """The environment variable of one of its settings."""
        return variable(self.party, field)


def variable(party: RelyingParty, field: str) -> str:
    """The environment variable of one of a provider's settings."""
    return f"MOOTHALL_PROVIDERS__{party.name.upper()}__{field.upper()}"


def words(values: object) -> str:
    """Several words in a row, or `none`."""
    return ", ".join(map(str, values)) if isinstance(values, list | tuple | set | frozenset) and values else "none"


def counted_keys(count: int) -> str:
    """“1 key”, “2 keys”."""
    return f"{count} key" if count == 1 else f"{count} keys"
