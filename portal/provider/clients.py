"""A relying party as the protocol sees it: what it may ask for and how it proves who it is."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from portal.errors import SetupError
from portal.provider.secrets_kept import digest

AUTH_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
SCOPES = ("openid", "profile", "email", "phone")
OFFLINE = "offline_access"
"""Opens no claims: with it comes a refresh token. For clients that are registered for it."""
EVERY_SCOPE = (*SCOPES, OFFLINE)
SUBJECT_TYPES = ("public", "pairwise")
LOOPBACK = ("localhost", "127.0.0.1", "::1")
LONGEST_URI = 500


@dataclass(frozen=True, slots=True)
class Client:
    """A registered relying party. The methods have the names by which Authlib asks."""

    client_id: str
    title: str
    home_url: str | None
    auth_method: str
    secret_digest: bytes | None
    jwks: dict[str, Any] | None
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    scopes: tuple[str, ...]
    id_token_signed_response_alg: str
    require_nonce: bool
    consent: bool = False
    require_signed_request: bool = False
    require_pushed_request: bool = False
    title_cy: str = ""
    sector: str | None = None
    """With pairwise subjects: whose clients share them."""
    jwks_uri: str | None = None
    jwks_read_at: datetime | None = None
    backchannel_logout_uri: str | None = None
    origin: str = "command"

    def get_client_id(self) -> str:
        """The client id."""
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """There is none: every request names its redirect URI."""
        return

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The scopes asked for that this client may have; None (refuse) without `openid`."""
        asked = (scope or "").split()
        if "openid" not in asked:
            return None
        return " ".join(name for name in self.scopes if name in asked)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Character for character: no patterns, no free ports, no tidying up first."""
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, secret: str) -> bool:
        """Whether this is the secret, told in constant time."""
        return self.secret_digest is not None and hmac.compare_digest(self.secret_digest, digest(secret))

    def check_response_type(self, response_type: str) -> bool:
        """The code flow alone."""
        return response_type == "code"


def checked_redirect_uri(uri: str) -> str:
    """The URI itself if a code may be sent there. Raises SetupError with the reason."""
    try:
        parts = urlsplit(uri)
        host, _port = parts.hostname, parts.port
    except ValueError:
        raise SetupError(f"The redirect URI {uri} cannot be read.") from None
    if parts.scheme not in ("https", "http") or not host:
        raise SetupError(f"The redirect URI {uri} must be a whole https address.")
    if parts.scheme == "http" and host not in LOOPBACK:
        raise SetupError(f"The redirect URI {uri} must be https; http is for this machine only.")
    if parts.fragment or "#" in uri or parts.username is not None or "*" in uri or len(uri) > LONGEST_URI:
        raise SetupError(
            f"The redirect URI {uri} must have no fragment, no user name, no * and at most {LONGEST_URI} characters."
        )
    if not uri.isascii() or any(character <= " " for character in uri):
        raise SetupError(f"The redirect URI {uri!r} must be plain ASCII without spaces.")
    return uri
