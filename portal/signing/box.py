"""Keys derived from the one secret in the settings, and what is sealed under them."""

import base64

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.settings.portal import Settings


def derived(secret_key: str, purpose: str) -> bytes:
    """A 256-bit key for one purpose, so that no two uses of `secret_key` share a key."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"moothall {purpose}".encode()).derive(
        secret_key.encode()
    )


def box(settings: Settings, purpose: str) -> MultiFernet:
    """Seals with the present secret key; opens what older ones have sealed too."""
    every = [settings.secret_key, *settings.previous_secret_keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(derived(key.get_secret_value(), purpose))) for key in every])
