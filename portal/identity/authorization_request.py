"""The authorization request: every parameter that goes to a provider, in one place. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from authlib.oauth2.rfc7636 import create_s256_code_challenge

from portal.identity import asking
from portal.identity.attempts import Attempt
from portal.settings.providers import Provider

LONGEST_HINT: Final = 254
REPEATED: Final = ("response_type", "client_id", "scope")
"""What stands beside a request object as well: OAuth demands it of every request, and the object must say the same."""
NEVER_IN_ADDRESSES: Final = frozenset({"id_token_hint"})
"""Tokens stay out of histories and logs: they go only within a pushed or a signed request."""


@dataclass(frozen=True, slots=True)
class Hints:
    """What may spare the person a question at the provider: the page's language, and who they are."""

    language: str = "en"
    login: str = ""
    id_token: str | None = None


def parameters(provider: Provider, attempt: Attempt, *, redirect_uri: str, hints: Hints) -> dict[str, str]:
    """The whole request. PKCE is always sent and always S256; `state` and `nonce` are opaque and used once."""
    wanted = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(provider.scopes),
        "state": attempt.state,
        "nonce": attempt.nonce,
        "code_challenge": create_s256_code_challenge(attempt.code_verifier),
        "code_challenge_method": "S256",
        **asking.parameters(provider, asking.read_asked(attempt.asked)),
    }
    if hints.language in provider.locales:
        wanted["ui_locales"] = hints.language
    if provider.response_mode != "query":
        wanted["response_mode"] = provider.response_mode
    if hints.login:
        wanted["login_hint"] = hints.login
    if hints.id_token:
        wanted["id_token_hint"] = hints.id_token
    return wanted


def with_refresh(request: Mapping[str, str], provider: Provider, offered: Collection[str]) -> dict[str, str]:
    """The request, asking for a refresh token as well where the settings want one and the provider must be asked.

    `offered` are the scopes that the provider says it knows. Asking for what it does not know may be an error.
    """
    wanted, scopes = dict(request), request["scope"].split()
    if not provider.refresh_minutes or provider.offline_access == "never":
        return wanted
    if "offline_access" in offered and "offline_access" not in scopes:
        wanted["scope"] = " ".join([*scopes, "offline_access"])
    if provider.offline_access == "with_consent" and "offline_access" in wanted["scope"].split():
        wanted["prompt"] = " ".join(dict.fromkeys([*wanted.get("prompt", "").split(), "consent"]))
    return wanted


def login_hint(sent: str | None) -> str:
    """A hint that came from elsewhere, or nothing when it is odd."""
    return sent if sent and len(sent) <= LONGEST_HINT and sent.isprintable() else ""
