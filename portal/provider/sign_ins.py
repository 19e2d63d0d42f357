"""What residents do: sign in, sign out, register, confirm an address, choose a new password. Nothing here commits."""

import uuid
from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import Select, delete, select, update
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.audit import operations as audit
from portal.db.session import release, session
from portal.errors import NotFound
from portal.notify import operations as notify
from portal.provider.addresses import folded
from portal.provider.back_channel import tell_clients
from portal.provider.factor_models import HalfLogin
from portal.provider.models import Login, MailedLink, Person
from portal.provider.passwords import hash_password, is_dated, is_right
from portal.provider.queries import find_link, find_person, get_login
from portal.provider.revocation import revoke_logins
from portal.provider.secrets_kept import digest, new_secret
from portal.settings import Settings

LINK_LIFETIME = timedelta(hours=1)
REGISTER, CONFIRM, RESET = "register", "confirm", "reset"
MAIL = "provider/mail"
LinkAddress = Callable[[str, str], str]
"""Purpose and token to the whole address of the page that takes the link."""


def check_password(email: str, password: str, *, settings: Settings) -> Person | None:
    """Who this is, or None. Takes the same time for an address that nobody has. Raises Unavailable.

    Demo people are nobody outside the demo, should its database ever be carried elsewhere.
    """
    person = find_person(email)
    if person is not None and person.demo and not settings.demo:
        person = None
    stored = person.password_hash if person is not None else None
    release()  # hashing waits for its turn, and nobody else should wait for our connection meanwhile
    right = is_right(stored, password)
    renewed = hash_password(password) if right and stored is not None and is_dated(stored) else stored
    if not right or person is None or person.password_hash != stored:  # read again: it may have been changed meanwhile
        audit.record("provider.sign_in_refused", actor="system:provider", subject=_about(person))
        return None
    person.password_hash = renewed
    return person


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
    """End every sign-in of a person, in every browser, here and at the clients that want to hear of it."""
    _end(select(Login.id).where(Login.person_id == person.id))
    session().execute(delete(HalfLogin).where(HalfLogin.person_id == person.id))
    audit.record("provider.signed_out_everywhere", actor=_about(person), subject=_about(person))


def end_other_logins(person: Person, *, kept: uuid.UUID) -> None:
    """End every sign-in of a person but the one that they are at."""
    _end(select(Login.id).where(Login.person_id == person.id, Login.id != kept))
    session().execute(delete(HalfLogin).where(HalfLogin.person_id == person.id))
    audit.record("provider.signed_out_elsewhere", actor=_about(person), subject=_about(person))


def ask_to_register(email: str, *, onward: str, language: str, address_of: LinkAddress) -> None:
    """Mail whoever reads that mailbox: a link to go on, or, when they have an account already, that they do.

    The page says the same either way, so that nobody learns from it who has an account. Nothing is kept of a person
    until the link is opened: whoever typed a stranger's address cannot have chosen that account's password.
    """
    person = find_person(email)
    if person is None:
        token = _mail_link(REGISTER, email, onward)
        notify.send(email, f"{MAIL}/register.txt", language, None, link=address_of(REGISTER, token))
    else:
        token = _mail_link(RESET, email, onward)
        notify.send(email, f"{MAIL}/have_account.txt", language, None, link=address_of(RESET, token))


def finish_registration(token: str, *, password: str, given_name: str, family_name: str) -> tuple[Person, str]:
    """Make the person for whom the link was mailed: opening it has proved the address.

    Returns them and where they were going. Raises NotFound when the link is used, too old or not ours.
    """
    release()  # as in `check_password`
    hashed = hash_password(password)
    known = find_link(token, REGISTER)
    if known is None or find_person(known.email) is not None:
        raise NotFound
    link = _spend(token, REGISTER)
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
    token = _mail_link(CONFIRM, person.email, onward)
    notify.send(person.email, f"{MAIL}/confirm.txt", language, None, link=address_of(CONFIRM, token))


def confirm(token: str) -> str:
    """Confirm the address for which the link was mailed. Returns where they were going. Raises NotFound."""
    link = _spend(token, CONFIRM)
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
    token = _mail_link(purpose, email, onward)
    notify.send(email, f"{MAIL}/{template}", language, None, link=address_of(purpose, token))


def choose_new_password(token: str, *, password: str, language: str, reset_page: str) -> str:
    """Set the password of the person to whom the link was mailed, and end all their sign-ins here.

    Returns where they were going. Raises NotFound when the link is used, too old or not ours.
    """
    release()  # as in `check_password`
    hashed = hash_password(password)
    link = _spend(token, RESET)
    person = find_person(link.email)
    if person is None:
        raise NotFound
    now = clock.now()
    person.password_hash, person.changed_at = hashed, now
    person.email_verified_at = person.email_verified_at or now
    end_every_login(person)
    session().execute(
        update(MailedLink)
        .where(MailedLink.email == person.email, MailedLink.purpose == RESET, MailedLink.used_at.is_(None))
        .values(used_at=now)
    )
    audit.record("provider.password_changed", actor=_about(person), subject=_about(person))
    notify.send(person.email, f"{MAIL}/password_changed.txt", language, None, link=reset_page)
    return link.onward


def change_password(person_id: uuid.UUID, *, old: str, new: str, kept: uuid.UUID, language: str) -> bool:
    """Set another password when the old one is right; every sign-in but `kept` ends. Whether it was right."""
    person = session().get_one(Person, person_id)
    stored = person.password_hash
    release()  # as in `check_password`
    if not is_right(stored, old):
        audit.record("provider.password_change_refused", actor=_about(person), subject=_about(person))
        return False
    hashed = hash_password(new)
    if person.password_hash != stored:  # read again: it was changed in this very moment
        return False
    person.password_hash, person.changed_at = hashed, clock.now()
    end_other_logins(person, kept=kept)
    audit.record("provider.password_changed", actor=_about(person), subject=_about(person))
    notify.send(person.email, f"{MAIL}/sign_in_changed.txt", language, None, what="password")
    return True


def _end(logins: Select[uuid.UUID]) -> int:
    """End these sign-ins. Returns how many had not ended before."""
    ending = update(Login).where(Login.id.in_(logins), Login.ended_at.is_(None)).values(ended_at=clock.now())
    ended = session().scalars(ending.returning(Login.id)).all()
    tell_clients(ended)
    revoke_logins(logins)
    return len(ended)


def _mail_link(purpose: str, email: str, onward: str) -> str:
    token = new_secret()
    link = MailedLink(
        digest=digest(token),
        purpose=purpose,
        email=folded(email),
        onward=onward,
        expires_at=clock.now() + LINK_LIFETIME,
        used_at=None,
    )
    session().add(link)
    return token


def _spend(token: str, purpose: str) -> MailedLink:
    """Use a link up. Of two who send it at once, one gets NotFound."""
    now = clock.now()
    spent: MailedLink | None = session().scalar(
        update(MailedLink)
        .where(
            MailedLink.digest == digest(token),
            MailedLink.purpose == purpose,
            MailedLink.used_at.is_(None),
            MailedLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(MailedLink)
    )
    if spent is None:
        raise NotFound
    return spent


def _about(person: Person | None) -> str:
    return f"person:{person.id}" if person is not None else "person:unknown"
