"""Browsers in which an account was signed in to before: what strangers do elsewhere does not slow them.

Limits on wrong passwords and codes must count by account, or guesses from many places would lead somewhere; then
whoever guesses on purpose could keep the owner out. A cookie tells the owner's own browser from all others (OWASP
calls it a device cookie). It says nothing of the account to anybody: marks under a key of ours, one for each account.

A mark is made only after a whole sign-in, and dies with the password: a thief who had the old one is a stranger
again. One made by the password alone says nothing where codes are tried, or each browser in which a stolen password
is typed would have its own tries; the one that does dies with the app as well.
"""

import hmac
import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Final

from sqlalchemy import bindparam, select

from portal.db.session import at_once
from portal.provider.addresses import folded
from portal.provider.factor_models import Authenticator
from portal.provider.models import Person
from portal.provider.secrets_kept import derived
from portal.provider.state import provider
from portal.web import cookies

COOKIE: Final = "known"
KEPT: Final = timedelta(days=365)
MOST: Final = 5
"""Accounts of one browser: a family's."""

_STAMP = (
    select(Person.password_hash, Authenticator.made_at)
    .outerjoin(Authenticator, Authenticator.person_id == Person.id)
    .where(Person.email == bindparam("email"))
)


def name_for(email: str, *, second_step: bool = False) -> str | None:
    """What to call this browser when its tries at this account are counted, or None when it is new to it.

    With `second_step`, only a browser in which a second step was taken is not new.
    """
    name, marks = _read()
    if not marks:
        return None
    by_password, by_both = _stamps(email)
    stamps = (by_both,) if second_step else (by_both, by_password)
    wanted = [_mark(key, name, email, stamp) for key in _keys() for stamp in stamps]
    return name if any(hmac.compare_digest(mark, each) for mark in marks for each in wanted) else None


def remember(email: str, *, second_step: bool) -> None:
    """Somebody has proved in this browser to be the account's owner, perhaps by a second step too."""
    name, marks = _read()
    if not name:
        name = secrets.token_urlsafe(12)
    both_kinds = [_mark(_keys()[0], name, email, stamp) for stamp in _stamps(email)]
    kept = [both_kinds[second_step], *(each for each in marks if each not in both_kinds)][:MOST]
    cookies.put(COOKIE, ".".join((name, *kept)), max_age=int(KEPT.total_seconds()))


def _read() -> tuple[str, list[str]]:
    value = cookies.get(COOKIE) or ""
    if not value.isascii() or len(value) > 300:
        return "", []
    name, *marks = value.split(".")
    return name, marks[:MOST]


def _stamps(email: str) -> tuple[str, str]:
    """What marks made by the password, and by both steps, hang on. The same work for an address that nobody has."""
    found = at_once(_STAMP, {"email": folded(email)}) if "\x00" not in email else []
    password, app = (found[0]["password_hash"], found[0]["made_at"]) if found else (None, None)
    return f"password {password}", f"second step {password} {app and app.timestamp()}"


def _mark(key: str, name: str, email: str, stamp: str) -> str:
    text = f"{name} {folded(email)} {stamp}".encode("utf-8", "replace")
    return hmac.new(derived(key, "known browser"), text, sha256).hexdigest()[:32]


def _keys() -> list[str]:
    settings = provider().settings
    return [each.get_secret_value() for each in (settings.secret_key, *settings.previous_secret_keys)]
