"""What residents do: sign in, sign out, register, confirm an address, ask for a new password. Nothing here commits."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import Select, any_, delete, literal, select, update
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.audit import operations as audit
from portal.db.session import release, session
from portal.errors import NotFound
from portal.notify import operations as notify
from portal.provider import mailed_links, taking_turns
from portal.provider.addresses import folded
from portal.provider.back_channel import tell_clients
from portal.provider.factor_models import HalfLogin
from portal.provider.mailed_links import CONFIRM, MAIL, REGISTER, RESET, LinkAddress
from portal.provider.models import Login, Person
from portal.provider.passwords import hash_password, is_dated, is_right
from portal.provider.queries import find_link, find_person, get_login
from portal.provider.revocation import revoke_logins
from portal.provider.secrets_kept import digest, new_secret
from portal.settings.portal import Settings


def check_password(email: str, password: str, *, settings: Settings) -> Person | None:
    """Who this is, or None. Takes the same time for an address that nobody has. Raises Unavailable.

    Demo people are nobody outside the demo, should its database ever be carried elsewhere.
    """
    person = find_person(email)
    if person is not None and person.demo and not settings.demo:
        person = None
    # Taken before the release, after which the person would be read again: a wrong password for an account that is
    # there would cost one query more than for one that is not.
    about, stored = _about(person), person.password_hash if person is not None else None
    person_id = person.id if person is not None else None
    release()  # hashing waits for its turn, and nobody else should wait for our connection meanwhile
    right = is_right(stored, password)
    renewed = hash_password(password) if right and stored is not None and is_dated(stored) else stored
    if right and person_id is not None:
        # Read again, and held: it may have been changed meanwhile, and must not be before there is a sign-in to end.
        held = taking_turns.stay(person_id) if renewed == stored else taking_turns.change(person_id)
        if held is not None and held.password_hash == stored:
            held.password_hash = renewed
            return held
    audit.record("provider.sign_in_refused", actor="system:provider", subject=about)
    return None


def start_login(person: Person, *, amr: Sequence[str], settings: Settings) -> str:
    """Open a sign-in for this browser. `amr` names the proofs given (RFC 8176). Returns the cookie's secret."""
    now, secret = clock.now(), new_secret()
    login = Login(
        id=uuid.uuid4(),
        digest=digest(secret),
        person_id=person.id,
        auth_at=now,
        amr=list(amr),
        seen_at=now,
        expires_at=now + timedelta(hours=settings.sessions.absolute_hours),
        ended_at=None,
    )
    session().add(login)
    audit.record("provider.signed_in", actor=_about(person), subject=f"login:{login.id}", amr=list(amr))
    return secret


def renew_login(login_id: uuid.UUID, *, amr: Sequence[str], settings: Settings) -> str:
    """The same person has signed in again in the same browser: the sign-in stays, with today's time and proofs.

    Were it ended, every client would hear that the person has signed out. Returns the cookie's new secret.
    """
    now, secret = clock.now(), new_secret()
    login = get_login(login_id)
    login.digest, login.auth_at, login.amr, login.seen_at = digest(secret), now, list(amr), now
    login.expires_at = now + timedelta(hours=settings.sessions.absolute_hours)
    audit.record(
        "provider.signed_in_again", actor=f"person:{login.person_id}", subject=f"login:{login.id}", amr=list(amr)
    )
    return secret


def raise_login(login_id: uuid.UUID, *, amr: Sequence[str]) -> str:
    """Add the proofs of a second step to a sign-in, whose time stays that of the first. Returns the new secret."""
    secret = new_secret()
    login = get_login(login_id)
    login.digest = digest(secret)
    login.amr = [*login.amr, *(each for each in amr if each not in login.amr)]
    audit.record(
        "provider.second_step_done", actor=f"person:{login.person_id}", subject=f"login:{login.id}", amr=list(amr)
    )
    return secret


def end_login(login_id: uuid.UUID) -> None:
    """End one sign-in and what came of it, at the clients too that want to hear of it."""
    if _end(select(Login.id).where(Login.id == login_id)):
        audit.record("provider.signed_out", actor="system:provider", subject=f"login:{login_id}")


def end_every_login(person: Person) -> None:
    """End every sign-in of a person, in every browser, here and at the clients that want to hear of it.

    A way to a new password that was mailed ends too: whoever does this no longer trusts what went before.
    """
    taking_turns.change(person.id)
    _end(select(Login.id).where(Login.person_id == person.id))
    session().execute(delete(HalfLogin).where(HalfLogin.person_id == person.id))
    mailed_links.end_resets(person.email)
    audit.record("provider.signed_out_everywhere", actor=_about(person), subject=_about(person))


def end_passkey_logins(person: Person, *, kept: uuid.UUID) -> None:
    """End every sign-in in which a passkey was used, but the one that they are at: a passkey was removed.

    Which of several it was is not written down, so those of the others end too; they can sign in again with theirs.
    """
    taking_turns.change(person.id)
    by_passkey = literal("user") == any_(Login.amr)  # said of passkeys alone
    if _end(select(Login.id).where(Login.person_id == person.id, by_passkey, Login.id != kept)):
        audit.record("provider.signed_out_elsewhere", actor=_about(person), subject=_about(person))


def end_other_logins(person: Person, *, kept: uuid.UUID) -> None:
    """End every sign-in of a person but the one that they are at.

    What clients were given ends with that one too: refresh tokens go with the password (RFC 9700 4.14.2).
    """
    taking_turns.change(person.id)
    _end(select(Login.id).where(Login.person_id == person.id, Login.id != kept))
    revoke_logins(select(Login.id).where(Login.id == kept))
    session().execute(delete(HalfLogin).where(HalfLogin.person_id == person.id))
    audit.record("provider.signed_out_elsewhere", actor=_about(person), subject=_about(person))


def ask_to_register(email: str, *, onward: str, language: str, address_of: LinkAddress) -> None:
    """Mail whoever reads that mailbox: a link to go on, or, when they have an account already, that they do.

    The page says the same either way, so that nobody learns from it who has an account. Nothing is kept of a person
    until the link is opened: whoever typed a stranger's address cannot have chosen that account's password.
    """
    person = find_person(email)
    purpose, template = (REGISTER, "register.txt") if person is None else (RESET, "have_account.txt")
    _mail_link(purpose, email, f"{MAIL}/{template}", onward=onward, language=language, address_of=address_of)


def finish_registration(token: str, *, password: str, given_name: str, family_name: str) -> tuple[Person, str]:
    """Make the person for whom the link was mailed: opening it has proved the address.

    Returns them and where they were going. Raises NotFound when the link is used, too old or not ours.
    """
    release()  # as in `check_password`
    hashed = hash_password(password)
    known = find_link(token, REGISTER)
    if known is None or find_person(known.email) is not None:
        raise NotFound
    link = mailed_links.spend(token, REGISTER)
    now = clock.now()
    person = Person(
        id=uuid.uuid4(),
        email=link.email,
        email_verified_at=now,
        password_hash=hashed,
        given_name=given_name,
        family_name=family_name,
        birthdate=None,
        phone=None,
        demo=False,
        note="",
        created_at=now,
        changed_at=now,
    )
    try:
        with session().begin_nested():  # written now: the sign-in that follows refers to the row
            session().add(person)
    except IntegrityError:
        raise NotFound from None  # a second link to the same address was finished in this very moment
    audit.record("provider.person_registered", actor=_about(person), subject=_about(person))
    return person, link.onward


def ask_to_confirm(person: Person, *, onward: str, language: str, address_of: LinkAddress) -> None:
    """Mail a link by which the person confirms their address."""
    token = mailed_links.make(CONFIRM, person.email, onward)
    notify.send(person.email, f"{MAIL}/confirm.txt", language, None, link=address_of(CONFIRM, token))


def confirm(token: str) -> str:
    """Confirm the address for which the link was mailed. Returns where they were going. Raises NotFound."""
    link = mailed_links.spend(token, CONFIRM)
    person = find_person(link.email)
    if person is None:
        raise NotFound
    person.email_verified_at = person.email_verified_at or clock.now()
    audit.record("provider.email_confirmed", actor=_about(person), subject=_about(person))
    return link.onward


def ask_to_reset(email: str, *, onward: str, language: str, address_of: LinkAddress) -> None:
    """Mail a link to choose a new password; where nobody has that address, say so to whoever reads that mailbox.

    So the page says, and the server does, the same either way; and who forgot which address they used is helped.
    """
    person = find_person(email)
    purpose, template = (REGISTER, "no_account.txt") if person is None else (RESET, "reset.txt")
    _mail_link(purpose, email, f"{MAIL}/{template}", onward=onward, language=language, address_of=address_of)


def _mail_link(purpose: str, email: str, template: str, *, onward: str, language: str, address_of: LinkAddress) -> None:
    """To the address as it is kept, and not as it was typed.

    Some mail servers tell capitals from small letters: the mailbox at `Priya@` may be another person's.
    """
    token = mailed_links.make(purpose, email, onward)
    notify.send(folded(email), template, language, None, link=address_of(purpose, token))


def _end(logins: Select[uuid.UUID]) -> int:
    """End these sign-ins. Returns how many had not ended before."""
    ending = update(Login).where(Login.id.in_(logins), Login.ended_at.is_(None)).values(ended_at=clock.now())
    ended = session().scalars(ending.returning(Login.id)).all()
    tell_clients(ended)
    revoke_logins(logins)
    return len(ended)


def _about(person: Person | None) -> str:
    return f"person:{person.id}" if person is not None else "person:unknown"
