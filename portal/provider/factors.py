"""What a person proves themselves with beside the password, read and, when all is lost, taken away."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select

from portal.audit import operations as audit
from portal.db.session import session
from portal.errors import NotFound
from portal.notify import operations as notify
from portal.provider import sign_ins, taking_turns
from portal.provider.factor_models import Authenticator, HalfLogin, Passkey, RecoveryCode
from portal.provider.models import Person
from portal.provider.state import provider

MAIL = "provider/mail/sign_in_changed.txt"


@dataclass(frozen=True, slots=True)
class KnownPasskey:
    """A passkey as its owner knows it."""

    id: uuid.UUID
    name: str
    made_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class Factors:
    """All that a person has beside the password."""

    authenticator_at: datetime | None
    passkeys: Sequence[KnownPasskey]
    codes_left: int

    @property
    def any(self) -> bool:
        """Whether there is anything to ask for in a second step. Codes on paper only stand in for the others."""
        return self.authenticator_at is not None or bool(self.passkeys)


_AUTHENTICATOR = select(Authenticator.made_at).where(Authenticator.person_id == bindparam("person"))
_PASSKEYS = (
    select(Passkey.id, Passkey.name, Passkey.made_at, Passkey.used_at)
    .where(Passkey.person_id == bindparam("person"))
    .order_by(Passkey.made_at, Passkey.id)
)
_CODES = select(func.count()).where(RecoveryCode.person_id == bindparam("person"), RecoveryCode.used_at.is_(None))


def factors_of(person_id: uuid.UUID) -> Factors:
    """What this person has."""
    asked = {"person": person_id}
    return Factors(
        authenticator_at=session().scalar(_AUTHENTICATOR, asked),
        passkeys=[KnownPasskey(*row) for row in session().execute(_PASSKEYS, asked)],
        codes_left=session().scalar(_CODES, asked) or 0,
    )


def asks_second_step(person_id: uuid.UUID) -> bool:
    """Whether the person has switched the second step on, which is done by setting up an authenticator.

    A passkey alone does not: it lives on one device, and its owner may still want to sign in elsewhere by password.
    A service that demands two factors gets them from it all the same.
    """
    return session().scalar(_AUTHENTICATOR, {"person": person_id}) is not None


def remove_passkeys(person: Person, *, kept: Collection[uuid.UUID]) -> int:
    """Remove the person's passkeys but these, and codes that then stand in for nothing. Returns how many went."""
    taking_turns.change(person.id)
    gone = delete(Passkey).where(Passkey.person_id == person.id, Passkey.id.not_in(kept)).returning(Passkey.id)
    removed = session().scalars(gone).all()
    for each in removed:
        audit.record("provider.passkey_removed", actor=f"person:{person.id}", subject=f"passkey:{each}")
    forget_lone_codes(person)
    return len(removed)


def forget_lone_codes(person: Person) -> None:
    """Recovery codes stand in for an app or a passkey, and do not outlive them: a thief may have made them."""
    if not factors_of(person.id).any:
        session().execute(delete(RecoveryCode).where(RecoveryCode.person_id == person.id))


def tell(person: Person, what: str, *, language: str, **details: str) -> None:
    """Write to the person that their sign-in was changed: the first they hear of it if it was somebody else.

    No words that anybody has typed, such as a passkey's name, stand in it: whoever plants one would write our letters.
    """
    link = provider().url("/forgotten-password")
    notify.send(person.email, MAIL, language, None, what=what, link=link, **details)


def tell_of_wrong_codes(person: Person, *, language: str) -> None:
    """Write to the person that somebody has their password, and not what is asked for next."""
    link = provider().url("/forgotten-password")
    notify.send(person.email, "provider/mail/wrong_codes.txt", language, None, link=link)


def tell_owner(person_id: uuid.UUID, what: str, *, language: str, **details: str) -> None:
    """The same, to whoever has this id."""
    tell(session().get_one(Person, person_id), what, language=language, **details)


def reset_factors(person_id: uuid.UUID, *, actor: str, language: str) -> None:
    """Take away every second factor of somebody who has lost them all and has shown the council who they are.

    Every sign-in of theirs ends. Raises NotFound.
    """
    person = taking_turns.change(person_id)
    if person is None:
        raise NotFound("There is nobody with this id.")
    for table in (Passkey, Authenticator, RecoveryCode, HalfLogin):
        session().execute(delete(table).where(table.person_id == person_id))
    sign_ins.end_every_login(person)
    audit.record("provider.factors_reset", actor=actor, subject=f"person:{person_id}")
    tell(person, "reset", language=language)
