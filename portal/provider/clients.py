"""A relying party as the protocol sees it: what it may ask for and how it proves who it is."""

import hmac
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.provider.secrets_kept import digest

AUTH_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
SCOPES = ("openid", "profile", "email", "phone")
OFFLINE = "offline_access"
"""Opens no claims: with it comes a refresh token. For clients that are registered for it."""
GROUPS = "groups"
"""Opens what people belong to as staff. For clients that are registered for it: no resident's service needs it."""
EVERY_SCOPE = (*SCOPES, OFFLINE, GROUPS)
SUBJECT_TYPES = ("public", "pairwise")
LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Client:
    """A registered relying party."""

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
    identity: bool = False
    max_age: bool = False
    origin: str = "command"

    def title_in(self, language: str) -> str:
        """What residents know it as, in their language as far as it has a name there."""
        return self.title_cy if language == "cy" and self.title_cy else self.title

    def granted_scope(self, asked: str) -> str:
        """The scopes asked for that this client may have; "" (refuse) without `openid`."""
        names = asked.split()
        return " ".join(name for name in self.scopes if name in names) if "openid" in names else ""

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Character for character: no patterns, no free ports, no tidying up first."""
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, secret: str) -> bool:
        """Whether this is the secret, told in constant time."""
        return self.secret_digest is not None and hmac.compare_digest(self.secret_digest, digest(secret))
