"""The provider's own session with a browser: a cookie with a secret, a row in `provider.login`."""

from datetime import timedelta

from sqlalchemy import update

from portal import clock
from portal.db.session import session
from portal.provider import queries, sign_ins
from portal.provider.models import Login, Person
from portal.provider.state import provider
from portal.web import browser, cookies

COOKIE = "login"
NOTED_EVERY = timedelta(minutes=1)


def current_login() -> queries.CurrentLogin | None:
    """The live sign-in of this browser, if there is one."""
    secret = cookies.get(COOKIE)
    if not secret or len(secret) > 100:
        return None
    settings = provider().settings
    idle_since = clock.now() - timedelta(minutes=settings.sessions.idle_minutes)
    return queries.find_login(secret, idle_since=idle_since, demo=settings.demo)


def note_use(login: queries.CurrentLogin) -> None:
    """Remember that the sign-in was used, at most once a minute."""
    now = clock.now()
    if login.seen_at + NOTED_EVERY < now:
        session().execute(update(Login).where(Login.id == login.id).values(seen_at=now))


def sign_in(person: Person, *, amr: str) -> None:
    """Sign this browser in, anew: an older sign-in of it ends, and the cookie is another one."""
    before = current_login()
    if before is not None:
        sign_ins.end_login(before.id)
    cookies.put(COOKIE, sign_ins.start_login(person, amr=amr, settings=provider().settings))
    browser.renew()


def sign_out() -> None:
    """End this browser's sign-in."""
    login = current_login()
    if login is not None:
        sign_ins.end_login(login.id)
    cookies.drop(COOKIE)
    browser.renew()
