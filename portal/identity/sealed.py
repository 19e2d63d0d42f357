"""Tokens, the provider's and our own, sealed for the table: a copy of it holds none that opens anything."""

from typing import Final

from cryptography.fernet import InvalidToken

from portal.signing.box import box
from portal.web.state import web_state

TOKENS: Final = "tokens of sessions"
PATHS: Final = "where sign-ins lead"


def seal(token: str, purpose: str = TOKENS) -> str:
    """What is stored. What is sealed for one purpose is not opened for another."""
    return box(web_state().settings, purpose).encrypt(token.encode()).decode()


def unseal(stored: str | None, purpose: str = TOKENS) -> str | None:
    """The token again; None when there is none, or no secret key of ours opens it any more."""
    if stored is None:
        return None
    try:
        return box(web_state().settings, purpose).decrypt(stored.encode()).decode()
    except InvalidToken:
        return None
