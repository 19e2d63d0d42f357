"""Another password: by a mailed link, or with the old one. Nothing here commits."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from portal import clock
from portal.audit import operations as audit
from portal.db.session import release, session
from portal.errors import NotFound
from portal.notify import operations as notify
from portal.provider import factors, mailed_links, taking_turns
from portal.provider.mailed_links import MAIL, RESET
from portal.provider.models import Person
from portal.provider.passwords import hash_password, is_right
from portal.provider.queries import find_link, find_person
from portal.provider.sign_ins import end_every_login, end_other_logins


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who has chosen a new password by mail, and where they were going."""

    person: Person
    onward: str


def choose_new_password(
    token: str, *, password: str, kept: Collection[uuid.UUID], language: str, reset_page: str
) -> Chosen:
    """Set the password of the person to whom the link was mailed, and end all their sign-ins here.

    Of their passkeys only those in `kept` stay: each opens the account without the password, and may have been made
    by whoever knew the old one. The app stays, which opens nothing alone: a mailbox must not be enough to get round
    it. Raises NotFound when the link is used, too old or not ours.
    """
    release()  # hashing waits for its turn, and nobody else should wait for our connection meanwhile
    hashed = hash_password(password)
    person = _held(token)
    link = mailed_links.spend(token, RESET)
    now = clock.now()
    person.password_hash, person.changed_at = hashed, now
    person.email_verified_at = person.email_verified_at or now
    end_every_login(person)
    removed = factors.remove_passkeys(person, kept=kept)
    audit.record("provider.password_changed", actor=_about(person), subject=_about(person))
    letter = f"{MAIL}/password_changed.txt"
    notify.send(person.email, letter, language, None, link=reset_page, removed=removed)
    return Chosen(person, link.onward)


def change_password(person_id: uuid.UUID, *, old: str, new: str, kept: uuid.UUID, language: str) -> bool:
    """Set another password when the old one is right; every sign-in but `kept` ends. Whether it was right."""
    person = session().get_one(Person, person_id)
    about, stored = _about(person), person.password_hash
    release()  # as above
    if not is_right(stored, old):
        audit.record("provider.password_change_refused", actor=about, subject=about)
        return False
    hashed = hash_password(new)
    if taking_turns.change(person_id) is None or person.password_hash != stored:
        return False  # it was changed in this very moment
    person.password_hash, person.changed_at = hashed, clock.now()
    end_other_logins(person, kept=kept)
    mailed_links.end_resets(person.email)
    audit.record("provider.password_changed", actor=about, subject=about)
    factors.tell(person, "password", language=language)
    return True


def _held(token: str) -> Person:
    """Whose link it is, before it is spent: the person comes before all that is theirs (`taking_turns`)."""
    link = find_link(token, RESET)
    person = find_person(link.email) if link is not None else None
    held = taking_turns.change(person.id) if person is not None else None
    if held is None:
        raise NotFound
    return held


def _about(person: Person) -> str:
    return f"person:{person.id}"
