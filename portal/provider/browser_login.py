"""The provider's own session with a browser: a cookie with a secret, a row in `provider.login`."""

import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import bindparam, select, update

from portal import clock
from portal.db.session import beside, session
from portal.provider import half_logins, known_browsers, onward, queries, sign_ins
from portal.provider.models import Login, Person
from portal.provider.secrets_kept import derived, digest
from portal.provider.state import provider
from portal.web import browser, cookies

COOKIE = "login"
MADE_FOR = "for"
NOTED_EVERY = timedelta(minutes=1)

_CARRIED = select(Login.id, Login.person_id).where(Login.digest == bindparam("digest"), Login.ended_at.is_(None))


@dataclass(frozen=True, slots=True)
class Carried:
    """A sign-in that has not ended, live or not, and whose it is."""

    id: uuid.UUID
    person_id: uuid.UUID


def current_login() -> queries.CurrentLogin | None:
    """The live sign-in of this browser, if there is one."""
    secret = cookies.get(COOKIE)
    if not secret or len(secret) > 100:
        return None
    settings = provider().settings
    idle_since = clock.now() - timedelta(minutes=settings.sessions.idle_minutes)
    return queries.find_login(secret, idle_since=idle_since, demo=settings.demo)


def carried_login() -> Carried | None:
    """The sign-in whose secret this browser holds, as long as nobody has ended it: even one left idle for too long.

    It opens nothing any more, but its refresh tokens live and its clients' sessions too: ending it must end those.
    """
    secret = cookies.get(COOKIE)
    if not secret or len(secret) > 100:
        return None
    row = session().execute(_CARRIED, {"digest": digest(secret)}).one_or_none()
    return Carried(*row) if row is not None else None


def seen_login() -> queries.CurrentLogin | None:
    """The live sign-in, for pages of our own: whoever reads them is here, and is not signed out in the middle of it.

    Noted in a transaction of its own, at most once a minute: a page that only reads writes nothing in its own.
    """
    login = current_login()
    now = clock.now()
    if login is not None and login.seen_at + NOTED_EVERY < now:
        with beside() as connection:
            connection.execute(update(Login).where(Login.id == login.id).values(seen_at=now))
    return login


def note_use(login: queries.CurrentLogin) -> None:
    """Remember that the sign-in was used, at most once a minute."""
    now = clock.now()
    if login.seen_at + NOTED_EVERY < now:
        session().execute(update(Login).where(Login.id == login.id).values(seen_at=now))


def sign_in(person: Person, *, amr: Sequence[str], to: str = "") -> None:
    """Sign this browser in: the cookie is another one, and somebody else's sign-in in it ends.

    The same person's goes on, even after the idle limit: otherwise it would live beside the new one, out of reach of
    every "Sign out" in this browser. `to` is the client's request, sealed, for which the person was asked.
    """
    before, settings = carried_login(), provider().settings
    if before is not None and before.person_id == person.id:
        secret = sign_ins.renew_login(before.id, amr=amr, settings=settings)
    else:
        if before is not None:
            sign_ins.end_login(before.id)
        secret = sign_ins.start_login(person, amr=amr, settings=settings)
    _carry(secret)
    login = current_login()
    if to and login is not None:
        cookies.put(MADE_FOR, _mark(_keys()[0], login, to), max_age=int(onward.JUST_NOW.total_seconds()))
    known_browsers.remember(person.email, second_step="mfa" in amr)


def was_made_for(login: queries.CurrentLogin, to: str) -> bool:
    """Whether the person was asked to sign in for this very request, and did so then.

    A sign-in made for something else, however late, answers no `prompt=login`: its person has confirmed nothing of
    this. The cookie says of which request and which moment it is, under a key of ours, so that nobody writes another.
    """
    mark = cookies.get(MADE_FOR) or ""
    return mark.isascii() and any(hmac.compare_digest(mark, _mark(key, login, to)) for key in _keys())


def _mark(key: str, login: queries.CurrentLogin, to: str) -> str:
    text = f"{login.id} {login.auth_at.timestamp()} {to}".encode("utf-8", "replace")
    return hmac.new(derived(key, "made for"), text, sha256).hexdigest()


def _keys() -> list[str]:
    settings = provider().settings
    return [each.get_secret_value() for each in (settings.secret_key, *settings.previous_secret_keys)]


def add_proof(login: queries.CurrentLogin, *, amr: Sequence[str]) -> None:
    """The person who is signed in has passed a second step."""
    _carry(sign_ins.raise_login(login.id, amr=amr))


def _carry(secret: str) -> None:
    half_logins.end()
    cookies.put(COOKIE, secret)
    browser.renew()


def sign_out() -> None:
    """End this browser's sign-in, live or idle."""
    login = carried_login()
    if login is not None:
        sign_ins.end_login(login.id)
    half_logins.end()
    cookies.drop(COOKIE)
    browser.renew()
