"""Between the first proof and the second: who has typed the right password and is not signed in yet.

Kept apart from sign-ins, so that nothing that asks for a sign-in can take half of one for a whole. The cookie holds
a secret, which ties it to this browser; ten minutes later, or when the password changes, it opens nothing.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import bindparam, delete, select

from portal import clock
from portal.audit import operations as audit
from portal.db.session import session
from portal.provider.factor_models import HalfLogin
from portal.provider.models import Person
from portal.provider.secrets_kept import digest, new_secret
from portal.web import cookies

COOKIE = "half"
LIFETIME = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Half:
    """Who has given the first proof in this browser, and which."""

    person_id: uuid.UUID
    amr: tuple[str, ...]


_HALF = (
    select(HalfLogin.person_id, HalfLogin.amr, Person.demo)
    .join(Person, Person.id == HalfLogin.person_id)
    .where(HalfLogin.digest == bindparam("digest"), HalfLogin.expires_at > bindparam("now"))
)


def begin(person: Person, *, amr: Sequence[str]) -> None:
    """Remember the first proof for this browser."""
    end()
    secret = new_secret()
    session().add(
        HalfLogin(digest=digest(secret), person_id=person.id, amr=list(amr), expires_at=clock.now() + LIFETIME)
    )
    cookies.put(COOKIE, secret, max_age=int(LIFETIME.total_seconds()))
    audit.record("provider.second_step_asked", actor=f"person:{person.id}", subject=f"person:{person.id}")


def current(*, demo: bool) -> Half | None:
    """Who is half-way in this browser. Demo people are nobody outside the demo."""
    secret = cookies.get(COOKIE)
    if not secret or len(secret) > 100:
        return None
    row = session().execute(_HALF, {"digest": digest(secret), "now": clock.now()}).one_or_none()
    if row is None or (row.demo and not demo):
        return None
    return Half(row.person_id, tuple(row.amr))


def end() -> None:
    """Forget it: it has become whole, or begins anew."""
    secret = cookies.get(COOKIE)
    if secret:
        session().execute(delete(HalfLogin).where(HalfLogin.digest == digest(secret)))
        cookies.drop(COOKIE)
