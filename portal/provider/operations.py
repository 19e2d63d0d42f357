"""What commands and the demo do to the provider: people, clients, keys. Nothing here commits."""

import uuid
from collections.abc import Collection
from datetime import date
from typing import Any, Final, Literal

from sqlalchemy import delete, select, text

from portal import clock
from portal.audit import operations as audit
from portal.db.session import session
from portal.errors import NotFound, Refused, SetupError
from portal.provider import keys, remembered_clients, sign_ins
from portal.provider.addresses import checked
from portal.provider.models import ClientRow, MailedLink, Person
from portal.provider.passwords import hash_password
from portal.provider.registration import Registration, said_in_settings
from portal.settings.portal import Settings
from portal.signing.ring import Known

LONGEST_GROUP: Final = 200
_ONE_AT_A_TIME = text("select pg_advisory_xact_lock(1297042243)")  # two servers may start at once


def register_person(
    *,
    sub: uuid.UUID | None = None,
    email: str,
    password: str | None,
    given_name: str,
    family_name: str,
    birthdate: date | None = None,
    phone: str | None = None,
    verified: bool = False,
    demo: bool = False,
    note: str = "",
    groups: Collection[str] = (),
    settings: Settings | None = None,
) -> uuid.UUID:
    """Make a person, or bring the one with this `sub` up to date. Returns the `sub`.

    `demo` makes a person who signs in by one click: only when `settings` (then needed) say that this is a demo.
    Raises Refused outside the demo, when nobody could write to the address, and when another person has it.
    """
    if demo and not (settings and settings.demo):
        raise Refused("Demo people can be made only where MOOTHALL_DEMO is on.")
    now, address = clock.now(), checked(email)
    person = session().get(Person, sub) if sub else None
    other = session().scalar(select(Person.id).where(Person.email == address))
    if other and (person is None or other != person.id):
        raise Refused("Another person has this e-mail address.")
    if person is None:
        person = Person(id=sub or uuid.uuid4(), created_at=now, email_verified_at=None, password_hash=None)
        session().add(person)
    if password is not None:
        person.password_hash = hash_password(password)
    if verified and person.email_verified_at is None:
        person.email_verified_at = now
    person.email, person.given_name, person.family_name = address, given_name, family_name
    person.birthdate, person.phone = birthdate, phone
    person.demo, person.note, person.changed_at = demo, note, now
    person.groups = _checked_groups(groups)
    audit.record("provider.person_registered", actor="system:provider", subject=f"person:{person.id}")
    return person.id


def change_groups(person_id: uuid.UUID, *, add: Collection[str] = (), remove: Collection[str] = ()) -> list[str]:
    """Change what somebody belongs to as staff. Returns all that they belong to now.

    Clients hear of it at the next sign-in or refresh. Raises NotFound when there is nobody of that id.
    """
    person = session().get(Person, person_id)
    if person is None:
        raise NotFound
    person.groups = _checked_groups((set(person.groups) | set(add)) - set(remove))
    person.changed_at = clock.now()
    changed = [*(f"+{group}" for group in sorted(add)), *(f"-{group}" for group in sorted(remove))]
    audit.record("provider.groups_changed", actor="system:provider", subject=f"person:{person_id}", changed=changed)
    return person.groups


def _checked_groups(groups: Collection[str]) -> list[str]:
    """In order, each once. Raises Refused for one that no program would read as we do."""
    for group in groups:
        if not group or len(group) > LONGEST_GROUP or not group.isprintable() or group != group.strip():
            raise Refused(f"A group is 1 to {LONGEST_GROUP} plain characters, with no space at either end.")
    return sorted(set(groups))


def remove_person(person_id: uuid.UUID) -> None:
    """Forget a person and all that hangs on them. Every sign-in of theirs ends, at the clients too.

    Raises NotFound when there is nobody of that id.
    """
    person = session().get(Person, person_id)
    if person is None:
        raise NotFound
    sign_ins.end_every_login(person)
    session().execute(delete(MailedLink).where(MailedLink.email == person.email))
    session().execute(delete(Person).where(Person.id == person_id))
    audit.record("provider.person_removed", actor="system:provider", subject=f"person:{person_id}")


def ensure_client(
    client_id: str,
    *,
    origin: Literal["command", "settings"] = "command",
    settings: Settings | None = None,
    **said: Any,  # the fields of Registration, which names and types them
) -> bool:
    """Make the client as a Registration of what is `said`, or bring it up to date. Returns whether anything changed.

    A client that is known and of which no secret is said keeps the one that it has. `settings` say which inner
    addresses may be called. Raises SetupError with the reason when the client could not be safe.
    """
    row = session().get(ClientRow, client_id)
    if row is not None and origin == "command":
        _check_origin(row)
    values = Registration(**said).values(client_id, before=row, settings=settings) | {"origin": origin}
    if row is None:
        session().add(ClientRow(id=client_id, created_at=clock.now(), **values))
        changed = sorted(values)
    else:
        changed = [name for name, value in values.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, values[name])
    if changed:
        remembered_clients.forget()
        audit.record("provider.client_ensured", actor="system:provider", subject=f"client:{client_id}", changed=changed)
    return bool(changed)


def remove_client(client_id: str) -> None:
    """Forget a client with all that was issued to it. Raises NotFound, and SetupError when the settings name it."""
    row = session().get(ClientRow, client_id)
    if row is None:
        raise NotFound
    _check_origin(row)
    _remove(client_id)


def _check_origin(row: ClientRow) -> None:
    if row.origin == "settings":
        raise SetupError(
            f"Client {row.id} stands in the settings (MOOTHALL_OWN_PROVIDER__CLIENTS__{row.id.upper()}__…)."
            " Change it there; the next start of the provider follows."
        )


def _remove(client_id: str) -> None:
    session().execute(delete(ClientRow).where(ClientRow.id == client_id))
    remembered_clients.forget()
    audit.record("provider.client_removed", actor="system:provider", subject=f"client:{client_id}")


def follow_settings(settings: Settings) -> None:
    """Bring the clients that the settings name into the table, and take out those that they name no longer.

    So there is one place to look a client up, and it cannot differ from the settings: they win over what a command
    has said of the same id. Called by whatever is about to serve the provider, before it does.
    """
    named = settings.own_provider.clients
    session().execute(_ONE_AT_A_TIME)
    for client_id, own in named.items():
        ensure_client(client_id, origin="settings", settings=settings, **said_in_settings(client_id, own))
    gone = select(ClientRow.id).where(ClientRow.origin == "settings", ClientRow.id.not_in(named))
    for client_id in session().scalars(gone.order_by(ClientRow.id)).all():
        _remove(client_id)


def rotate_keys(settings: Settings) -> list[str]:
    """Publish new signing keys, which take over after the overlap. Returns their ids."""
    made = [kid for ring in keys.rings(settings) for kid in ring.rotate(session())]
    audit.record("provider.keys_rotated", actor="system:provider", kids=made)
    return made


def known_keys(settings: Settings) -> list[Known]:
    """Every signing key that is or will be published, the oldest of each ring first."""
    return [known for ring in keys.rings(settings) for known in ring.known(session())]


def retire_key(settings: Settings, kid: str) -> None:
    """Forget a signing key at once, with another in its place. Raises NotFound when there is none of that id."""
    if not any(ring.retire(session(), kid) for ring in keys.rings(settings)):
        raise NotFound
    audit.record("provider.key_retired", actor="system:provider", kid=kid)
