"""Clients as this process has read them a moment ago: each sign-in asks for the same few, three times.

A client that another process has removed or changed, its secret included, lives on here as it was for up to `SECONDS`;
the process that makes the change forgets it. A removed one gets no code meanwhile: codes are written from its row.
"""

import time
from collections.abc import Callable
from typing import Final

from flask import current_app

from portal.provider.clients import Client

SECONDS: Final = 5.0
MOST: Final = 500
_KEY: Final = "moothall.provider.clients"


def find(client_id: str, read: Callable[[str], Client | None]) -> Client | None:
    """The client as it was a moment ago, or as `read` finds it now. What is no client is never remembered."""
    kept = _kept()
    known = kept.get(client_id)
    if known is not None and time.monotonic() < known[1]:
        return known[0]
    client = read(client_id)
    # One whose keys are fetched changes by itself, and whichever process has fetched them shares them by its row.
    if client is not None and client.jwks_uri is None:
        if len(kept) >= MOST:
            kept.clear()
        kept[client_id] = (client, time.monotonic() + SECONDS)
    return client


def forget() -> None:
    """Read each client anew: one of them has changed."""
    _kept().clear()


def _kept() -> dict[str, tuple[Client, float]]:
    kept: dict[str, tuple[Client, float]] = current_app.extensions.setdefault(_KEY, {})
    return kept
