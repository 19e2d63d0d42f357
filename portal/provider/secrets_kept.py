"""Secrets that we hand out and keep only as digests, and keys derived from the one secret in the settings."""

import hashlib
import secrets

from cryptography.fernet import MultiFernet

from portal.settings.portal import Settings
from portal.signing import box as boxes


def new_secret() -> str:
    """256 random bits, fit for a URL."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    """What is kept of a secret of ours. Never for what a person chose."""
    return hashlib.sha256(secret.encode()).digest()


def derived(secret_key: str, purpose: str) -> bytes:
    """A 256-bit key for one purpose of the provider."""
    return boxes.derived(secret_key, f"provider {purpose}")


def box(settings: Settings, purpose: str) -> MultiFernet:
    """Seals for one purpose of the provider."""
    return boxes.box(settings, f"provider {purpose}")
