"""The address that a payer comes back to: known to them and the gateway, and worth nothing but to find the payment.

The token follows from the payment's id and our secret, so that it can be said again when an answer of the gateway was
lost; the database has its hash alone.
"""

import hmac
import uuid
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Final

from portal.web.state import web_state

PATH: Final = "/payments/return/"
"""The page is `portal.home`'s, which stands above this room: the address is spelt out, and a test holds it."""


def address_for(payment_id: uuid.UUID) -> str:
    """Where the gateway sends the payer back to."""
    return f"{web_state().settings.public_url}{PATH}{token_for(payment_id)}"


def token_for(payment_id: uuid.UUID) -> str:
    """43 characters that nobody can guess."""
    key = web_state().settings.secret_key.get_secret_value().encode()
    digest = hmac.new(key, b"return of payment " + payment_id.bytes, sha256).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()


def hash_of(token: str) -> str:
    """What is kept of a token, and looked up by."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()
