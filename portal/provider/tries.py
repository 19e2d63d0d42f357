"""How often a password may be tried, a letter asked for, a passkey shown. Counted over all processes.

An account that does not exist is counted as one that does, so the limits tell nobody which there are.
"""

from typing import Final

from flask import request

from portal.provider import known_browsers
from portal.provider.addresses import folded
from portal.web import limits

MINUTE: Final = 60
FIVE_MINUTES: Final = 300
HOUR: Final = 3600


def count_password(email: str) -> None:
    """Count a password before it is looked at. Raises TooMany.

    By account and place together, so that nobody can keep a neighbour signed out by guessing wrong; by the account
    alone and by all accounts together only so far that guesses from many places lead nowhere; and by the place. A
    browser that the owner has used before is counted by itself alone, whatever strangers do.
    """
    name = known_browsers.name_for(email)
    if name is not None:
        limits.hit(f"provider password {folded(email)} in {name}", limit=10, seconds=FIVE_MINUTES)
        return
    limits.hit(f"provider password from {request.remote_addr}", limit=20, seconds=MINUTE)
    limits.hit(_account_here(email), limit=10, seconds=FIVE_MINUTES)
    limits.hit(f"provider password {folded(email)}", limit=100, seconds=FIVE_MINUTES)
    limits.hit("provider password everywhere", limit=3000, seconds=FIVE_MINUTES)


def password_was_right(email: str) -> None:
    """The wrong ones of this person at this place no longer count, and the browser is known from now on."""
    name = known_browsers.name_for(email)
    limits.forget(_account_here(email) if name is None else f"provider password {folded(email)} in {name}")
    known_browsers.remember(email)


def count_passkey() -> None:
    """Count the answer of a passkey. It names an account only once it is right, so the place is all there is."""
    limits.hit(f"provider passkey from {request.remote_addr}", limit=20, seconds=MINUTE)


def count_letter(email: str) -> None:
    """Letters to one address, from one place and in all are limited, so that nobody is buried in them."""
    limits.hit(f"provider mail from {request.remote_addr}", limit=20, seconds=MINUTE)
    limits.hit(f"provider mail {folded(email)}", limit=5, seconds=HOUR)
    limits.hit("provider mail everywhere", limit=2000, seconds=HOUR)


def _account_here(email: str) -> str:
    return f"provider password {folded(email)} {request.remote_addr}"
