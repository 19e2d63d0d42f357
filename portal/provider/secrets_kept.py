"""Secrets that we hand out and keep only as digests, and keys derived from the one secret in the settings."""

import base64
import hashlib
import secrets

from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.settings import Settings


def new_secret() -> str:
    """256 random bits, fit for a URL."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is kept of a secret of ours. Never for what a person chose."""
    return hashlib.sha256(secret.encode()).digest()


def derived(secret_key: str, purpose: str) -> bytes:
    """A 256-bit key for one purpose, so that no two uses of `secret_key` share a key."""
    info = f"moothall provider {purpose}".encode()
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=info).derive(secret_key.encode())


def box(settings: Settings, purpose: str) -> MultiFernet:
    """Seals with the present secret key; opens what older ones have sealed too."""
    every = [settings.secret_key, *settings.previous_secret_keys]
    return MultiFernet([Fernet(base64.urlsafe_b64encode(derived(key.get_secret_value(), purpose))) for key in every])
