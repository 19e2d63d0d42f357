"""How a client proves who it is at the token endpoint: by secret in the header or the body, or by a signed assertion.

Authlib's own readers of secrets answer a header that is not UTF-8 with an error of ours, so they are replaced; its
reader of assertions is kept, with algorithms pinned, lifetimes limited and each `jti` taken once.
"""

import base64
import binascii
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from authlib.oauth2.rfc6749.errors import InvalidClientError
from authlib.oauth2.rfc7523 import JWTBearerClientAssertion
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.db.session import session
from portal.provider.clients import Client
from portal.provider.models import UsedAssertion
from portal.provider.secrets_kept import digest

LONGEST_ASSERTION_LIFE = timedelta(hours=1)
"""What Authlib's clients send unasked. Each jti is kept as long, so a long life opens no way to replay."""
LEEWAY_SECONDS = 60
ASSERTION_ALGORITHMS = ["ES256", "RS256", "PS256"]

FindClient = Callable[[str], Client | None]


def by_basic(find: FindClient, request: Any) -> Client | None:
    """The client whose id and secret are in the Authorization header. `request` is Authlib's, without types."""
    found = _basic(request.headers.get("Authorization", ""))
    return _with_secret(find, *found) if found else None


def by_post(find: FindClient, request: Any) -> Client | None:
    """The client whose id and secret are in the body."""
    return _with_secret(find, request.form.get("client_id"), request.form.get("client_secret"))


def _with_secret(find: FindClient, client_id: str | None, secret: str | None) -> Client | None:
    client = find(client_id) if client_id and secret else None
    return client if client is not None and client.check_client_secret(secret or "") else None


def _basic(header: str) -> tuple[str, str] | None:
    scheme, _, rest = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(rest.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    name, colon, secret = text.partition(":")
    return (unquote_plus(name), unquote_plus(secret)) if colon else None


def ways_tried(headers: Any, form: Any) -> int:
    """In how many ways the caller tries to prove who it is. More than one is forbidden (RFC 6749 2.3)."""
    return sum(
        (
            headers.get("Authorization", "").lower().startswith("basic "),
            "client_secret" in form,
            "client_assertion" in form,
        )
    )


class ByAssertion(JWTBearerClientAssertion):  # type: ignore[misc]  # Authlib has no types
    """`private_key_jwt` (RFC 7523), with the issuer or the token URL as audience."""

    CLIENT_AUTH_METHOD = "private_key_jwt"

    def __init__(self, audiences: list[str]) -> None:
        super().__init__(leeway=LEEWAY_SECONDS)
        self._audiences = audiences

    def __call__(self, query_client: FindClient, request: Any) -> Client | None:
        """The client that signed the assertion, or None when there is no assertion."""
        try:
            client: Client | None = super().__call__(query_client, request)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            # What Authlib and joserfc raise on tokens that are no tokens differs by where they notice.
            raise InvalidClientError(description="The client assertion is not valid.") from None
        return client

    def get_audiences(self) -> list[str]:
        """Who may be addressed."""
        return self._audiences

    def resolve_client_public_key(self, client: Client) -> KeySet:
        """The keys that were registered for the client."""
        if client.jwks is None:
            raise InvalidClientError(description="The client has no keys.")
        return KeySet.import_key_set(client.jwks)  # type: ignore[arg-type]  # checked when it was registered

    def process_assertion_claims(self, assertion: str, resolve_key: KeySet) -> dict[str, Any]:
        """Signature, by an algorithm of ours, then claims."""
        token = jwt.decode(assertion, resolve_key, algorithms=ASSERTION_ALGORITHMS)
        self.verify_claims(token.claims)
        return dict(token.claims)

    def validate_jti(self, claims: dict[str, Any], jti: object) -> bool:
        """Take the `jti`, once. Also refuses an assertion that lives longer than it needs to."""
        expires_at = datetime.fromtimestamp(int(claims["exp"]), UTC)
        if expires_at > clock.now() + LONGEST_ASSERTION_LIFE + timedelta(seconds=LEEWAY_SECONDS):
            raise InvalidClientError(description="The client assertion lives longer than an hour.")
        if not isinstance(jti, str) or not jti or len(jti) > 500:
            raise InvalidClientError(description="The jti of the client assertion is not valid.")
        taken = session().execute(
            insert(UsedAssertion)
            .values(digest=digest(f"{claims['sub']}\n{jti}"), expires_at=expires_at)
            .on_conflict_do_nothing()
            .returning(UsedAssertion.digest)
        )
        return taken.first() is not None
