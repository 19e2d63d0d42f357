"""What a provider says about itself, checked. Pure; `documents` fetches and keeps it."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

LONGEST_URL: Final = 2000
"""Far more than a provider needs, and no more than our tables hold."""
ODD: Final = frozenset(' "#<>\\^`{|}')
"""Printable, and yet no part of an address without a fragment."""


class ProviderDown(Exception):
    """The provider does not answer, or not with what it must. `code` says which, for the log."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Metadata:
    """The parts of the discovery document that we use."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    end_session_endpoint: str | None
    promises_iss: bool
    """Whether it sends `iss` with each authorization answer (RFC 9207)."""
    revocation_endpoint: str | None = None
    scopes: frozenset[str] = frozenset()
    """The scopes that it says it knows; it need not say."""
    pushed_request_endpoint: str | None = None
    """Where requests are pushed before the browser goes there (RFC 9126)."""
    requires_pushed: bool = False
    """Whether it takes no others."""


def read_metadata(document: object, *, issuer: str, allow_http: bool) -> Metadata:
    """The document, checked. Raises ProviderDown when it is another issuer's or not whole."""
    if not isinstance(document, dict):
        raise ProviderDown("metadata_form")
    if document.get("issuer") != issuer:
        raise ProviderDown("metadata_issuer")
    schemes = ("https", "http") if allow_http else ("https",)

    def address(name: str) -> str | None:
        value = document.get(name)
        if value is None:
            return None
        if not isinstance(value, str) or not is_address(value, schemes):
            raise ProviderDown(f"metadata_{name}")
        return value

    def needed(name: str) -> str:
        value = address(name)
        if value is None:
            raise ProviderDown(f"metadata_{name}")
        return value

    scopes = document.get("scopes_supported")
    return Metadata(
        issuer=issuer,
        authorization_endpoint=needed("authorization_endpoint"),
        token_endpoint=needed("token_endpoint"),
        jwks_uri=needed("jwks_uri"),
        userinfo_endpoint=address("userinfo_endpoint"),
        end_session_endpoint=address("end_session_endpoint"),
        promises_iss=document.get("authorization_response_iss_parameter_supported") is True,
        revocation_endpoint=address("revocation_endpoint"),
        scopes=frozenset(map(str, scopes)) if isinstance(scopes, list) else frozenset(),
        pushed_request_endpoint=address("pushed_authorization_request_endpoint"),
        requires_pushed=document.get("require_pushed_authorization_requests") is True,
    )


def is_address(value: str, schemes: Collection[str]) -> bool:
    """Whether this may be asked or led to: a URL in full, as RFC 3986 writes it, of one of these schemes.

    `urlsplit` alone drops line breaks, keeps what no header holds, and looks at a port only when asked for it. A name
    and password are no part of an endpoint, nor is a fragment (RFC 6749, 3.1).
    """
    if len(value) > LONGEST_URL or not value.isascii() or not value.isprintable() or any(odd in value for odd in ODD):
        return False
    try:
        parts = urlsplit(value)
        _port = parts.port
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname) and "@" not in parts.netloc
