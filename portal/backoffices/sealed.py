"""What back offices say and are sent, sealed for the table: a copy of the database tells nobody anything."""

import hashlib
import hmac
import uuid
from typing import Final

from cryptography.fernet import InvalidToken

from portal.signing.box import box, derived
from portal.web.state import web_state

DELIVERIES: Final = "deliveries to back offices"
DIGESTS: Final = "digests of last answers"


def seal(content: bytes, purpose: str) -> str:
    """What is stored. What is sealed for one purpose is not opened for another."""
    return box(web_state().settings, purpose).encrypt(content).decode()


def unseal(stored: str, purpose: str) -> bytes | None:
    """The content again; None when no secret key of ours opens it any more."""
    try:
        return box(web_state().settings, purpose).decrypt(stored.encode())
    except InvalidToken:
        return None


def answer_purpose(account_id: uuid.UUID, service: str, key: str) -> str:
    """The purpose that ties an answer to its place: nobody is ever shown another resident's."""
    return f"last answer {account_id} {service} {key}"


def digest(content: bytes, purpose: str) -> str:
    """Tells whether the content is the same. Keyed, since a balance can be guessed from a bare hash."""
    key = derived(web_state().settings.secret_key.get_secret_value(), DIGESTS)
    return hmac.new(key, purpose.encode() + b"\0" + content, hashlib.sha256).hexdigest()
