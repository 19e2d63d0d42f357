"""The riddles that a passkey signs: made without writing anything down, good once, for five minutes, in one browser.

A challenge carries its own proof: random bits and the time, under a key of ours, for one purpose, one browser and,
where it is known, one person. So a page that offers a passkey writes nothing; only an answer does.
"""

import hmac
import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.db.session import session
from portal.provider.factor_models import SpentChallenge
from portal.provider.secrets_kept import derived
from portal.provider.state import provider
from portal.web.browser import browser_id, find_browser_id

LIFETIME: Final = timedelta(minutes=5)
RANDOM: Final = 16
TIME: Final = 8
SEAL: Final = 32


def new_challenge(purpose: str, about: str = "") -> bytes:
    """A challenge for this browser."""
    head = secrets.token_bytes(RANDOM) + _milliseconds().to_bytes(TIME, "big")
    key = provider().settings.secret_key.get_secret_value()
    return head + _sealed(key, head, purpose, about, browser_id())


def is_good(challenge: bytes, purpose: str, about: str = "") -> bool:
    """Whether we made it for this purpose and this browser, and in time."""
    browser = find_browser_id()
    if browser is None or len(challenge) != RANDOM + TIME + SEAL:
        return False
    head, seal = challenge[:-SEAL], challenge[-SEAL:]
    age = _milliseconds() - int.from_bytes(head[RANDOM:], "big")
    settings = provider().settings
    keys = (settings.secret_key, *settings.previous_secret_keys)
    made = any(
        hmac.compare_digest(seal, _sealed(key.get_secret_value(), head, purpose, about, browser)) for key in keys
    )
    # Two servers' clocks may differ by a moment, so a challenge can seem to come from the future.
    return made and age <= LIFETIME.total_seconds() * 1000


def spend(challenge: bytes) -> bool:
    """Use it up. Of two answers to one challenge, one gets False, in whichever processes they arrive."""
    spent = (
        insert(SpentChallenge)
        .values(digest=sha256(challenge).digest(), expires_at=clock.now() + LIFETIME)
        .on_conflict_do_nothing()
        .returning(SpentChallenge.digest)
    )
    return session().scalar(spent) is not None


def _milliseconds() -> int:
    return int(clock.now().timestamp() * 1000)


def _sealed(key: str, head: bytes, purpose: str, about: str, browser: str) -> bytes:
    text = "\0".join((purpose, about, browser)).encode()
    return hmac.new(derived(key, "passkey challenge"), head + text, sha256).digest()
