"""Browsers in which an account was signed in to before: what strangers do elsewhere does not slow them.

Limits on wrong passwords must count by account, or guesses from many places would lead somewhere; then whoever
guesses on purpose could keep the owner out. A cookie tells the owner's own browser from all others (OWASP calls it a
device cookie). It says nothing of the account to anybody: marks under a key of ours, one for each account.
"""

import hmac
import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Final

from portal.provider.addresses import folded
from portal.provider.secrets_kept import derived
from portal.provider.state import provider
from portal.web import cookies

COOKIE: Final = "known"
KEPT: Final = timedelta(days=365)
MOST: Final = 5
"""Accounts of one browser: a family's."""


def name_for(email: str) -> str | None:
    """What to call this browser when its tries at this account are counted, or None when it is new to it."""
    name, marks = _read()
    wanted = [_mark(key, name, email) for key in _keys()]
    return name if any(hmac.compare_digest(mark, each) for mark in marks for each in wanted) else None


def remember(email: str) -> None:
    """Somebody has proved in this browser to be the account's owner."""
    name, marks = _read()
    if not name:
        name = secrets.token_urlsafe(12)
    mine = _mark(_keys()[0], name, email)
    kept = [mine, *(each for each in marks if each != mine)][:MOST]
    cookies.put(COOKIE, ".".join((name, *kept)), max_age=int(KEPT.total_seconds()))


def _read() -> tuple[str, list[str]]:
    value = cookies.get(COOKIE) or ""
    if not value.isascii() or len(value) > 300:
        return "", []
    name, *marks = value.split(".")
    return name, marks[:MOST]


def _mark(key: str, name: str, email: str) -> str:
    text = f"{name} {folded(email)}".encode("utf-8", "replace")
    return hmac.new(derived(key, "known browser"), text, sha256).hexdigest()[:32]


def _keys() -> list[str]:
    settings = provider().settings
    return [each.get_secret_value() for each in (settings.secret_key, *settings.previous_secret_keys)]
