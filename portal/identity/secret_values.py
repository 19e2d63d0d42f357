"""Values that nobody can guess, and how we keep them: as hashes, so that a copy of the table opens nothing."""

import secrets
from hashlib import sha256


def new_secret() -> str:
    """256 bits, fit for a cookie, a query or a PKCE verifier."""
    return secrets.token_urlsafe(32)


def kept_as(secret: str) -> str:
    """What is stored. A plain hash is enough for a value that cannot be guessed."""
    return sha256(secret.encode("utf-8", "replace")).hexdigest()
