"""Tokens of the provider, sealed for the table: whoever reads a copy of it holds none that opens anything."""

from cryptography.fernet import InvalidToken

from portal.signing.box import box
from portal.web.state import web_state

PURPOSE = "tokens of sessions"


def seal(token: str) -> str:
    """What is stored."""
    return box(web_state().settings, PURPOSE).encrypt(token.encode()).decode()


def unseal(stored: str | None) -> str | None:
    """The token again; None when there is none, or no secret key of ours opens it any more."""
    if stored is None:
        return None
    try:
        return box(web_state().settings, PURPOSE).decrypt(stored.encode()).decode()
    except InvalidToken:
        return None
