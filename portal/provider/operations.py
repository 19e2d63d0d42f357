"""What commands and the demo do to the provider: people, clients, keys. Nothing here commits."""

import uuid
from collections.abc import Sequence
from datetime import date
from typing import Any, Literal

from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import select

from portal import clock
from portal.audit import operations as audit
from portal.db.session import session
from portal.errors import Refused, SetupError
from portal.provider import keys
from portal.provider.addresses import checked
from portal.provider.clients import SCOPES, checked_redirect_uri
from portal.provider.models import ClientRow, Person
from portal.provider.passwords import hash_password
from portal.provider.secrets_kept import digest
from portal.settings import Settings

SHORTEST_SECRET = 32


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
    audit.record("provider.person_registered", actor="system:provider", subject=f"person:{person.id}")
    return person.id


def ensure_client(
    client_id: str,
    *,
    title: str,
    redirect_uris: Sequence[str],
    post_logout_redirect_uris: Sequence[str] = (),
    secret: str | None = None,
    jwks: dict[str, Any] | None = None,
    auth_method: Literal["client_secret_basic", "client_secret_post"] = "client_secret_basic",
    id_token_alg: keys.Algorithm = keys.ES256,
    scopes: Sequence[str] = SCOPES,
    home_url: str | None = None,
    require_nonce: bool = False,
) -> None:
    """Make the client, or bring it up to date. With `jwks` (public keys) it proves itself by `private_key_jwt`.

    Raises SetupError with the reason when it could not be safe.
    """
    _check_client_id(client_id)
    if (secret is None) == (jwks is None):
        raise SetupError(f"Client {client_id} needs either a secret or public keys (jwks), not both.")
    if secret is not None and len(secret) < SHORTEST_SECRET:
        raise SetupError(f"The secret of client {client_id} must be at least {SHORTEST_SECRET} characters.")
    if not redirect_uris:
        raise SetupError(f"Client {client_id} needs a redirect URI.")
    if unknown := set(scopes) - set(SCOPES):
        raise SetupError(f"Client {client_id} asks for unknown scopes: {', '.join(sorted(unknown))}.")
    if id_token_alg not in keys.ALGORITHMS:
        raise SetupError(f"Client {client_id}: id_token_alg must be ES256 or RS256.")
    row = session().get(ClientRow, client_id)
    if row is None:
        row = ClientRow(id=client_id, created_at=clock.now(), title_cy="", subject_type="public", origin="command")
        session().add(row)
    row.title, row.home_url, row.require_nonce = title, home_url, require_nonce
    row.secret_digest = digest(secret) if secret is not None else None
    row.jwks = _public_keys(client_id, jwks) if jwks is not None else None
    row.auth_method = "private_key_jwt" if jwks is not None else auth_method
    row.redirect_uris = [checked_redirect_uri(uri) for uri in redirect_uris]
    row.post_logout_redirect_uris = [checked_redirect_uri(uri) for uri in post_logout_redirect_uris]
    row.scopes = [name for name in SCOPES if name in scopes]
    row.id_token_alg = id_token_alg
    audit.record("provider.client_ensured", actor="system:provider", subject=f"client:{client_id}")


def rotate_keys(settings: Settings) -> list[str]:
    """Publish new signing keys, which take over after the overlap. Returns their ids."""
    made = keys.ring(settings).rotate(session())
    audit.record("provider.keys_rotated", actor="system:provider", kids=made)
    return made


def _check_client_id(client_id: str) -> None:
    if not 1 <= len(client_id) <= 100 or not all(c.isascii() and (c.isalnum() or c in "-._~") for c in client_id):
        raise SetupError(f"Client id {client_id!r} must be 1 to 100 letters, digits or any of - . _ ~")
    try:
        uuid.UUID(client_id)
    except ValueError:
        return
    # RFC 9700 4.15: no client may be taken for a person. Every `sub` of ours is a UUID, so no client id is one.
    raise SetupError(f"Client id {client_id} looks like a person's id. Choose a readable name.")


def _public_keys(client_id: str, jwks: dict[str, Any]) -> dict[str, Any]:
    """The public halves alone, of kinds that can sign an assertion."""
    try:
        keyset = KeySet.import_key_set(jwks)  # type: ignore[arg-type]  # its TypedDict is what we check here
    except (JoseError, ValueError, KeyError, TypeError, AttributeError):
        raise SetupError(f"The jwks of client {client_id} cannot be read.") from None
    if not keyset.keys or any(key.key_type not in ("EC", "RSA") for key in keyset.keys):
        raise SetupError(f"The jwks of client {client_id} must hold EC or RSA keys.")
    return {"keys": [key.as_dict(private=False) for key in keyset.keys]}
