"""Providers by their issuer: which can be signed in with today, and what pages and letters call them."""

from urllib.parse import urlsplit

from portal.identity.relying_party import RelyingParty, all_parties


def usable_issuers() -> frozenset[str]:
    """The issuers that somebody can sign in with today: those in the settings."""
    return frozenset(party.settings.issuer for party in all_parties())


def party_of(issuer: str) -> RelyingParty | None:
    """The provider with that issuer."""
    return next((party for party in all_parties() if party.settings.issuer == issuer), None)


def title_of(issuer: str, language: str) -> str:
    """What it is called in that language; its host, when it is no longer among the settings."""
    party = party_of(issuer)
    return party.settings.called(language) if party else urlsplit(issuer).hostname or issuer
