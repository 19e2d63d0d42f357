"""Read the provider's tables. Statements are built once: sign-in is the busiest path that there is."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from portal import clock
from portal.db.session import at_once, session
from portal.provider import remembered_clients
from portal.provider.addresses import folded
from portal.provider.claims import About
from portal.provider.clients import Client
from portal.provider.models import AccessToken, ClientRow, Login, MailedLink, PairwiseSubject, Person
from portal.provider.secrets_kept import digest
from portal.web.languages import current_language, gettext


@dataclass(frozen=True, slots=True)
class CurrentLogin:
    """A live sign-in of this browser and whose it is."""

    id: uuid.UUID
    person_id: uuid.UUID
    email: str
    auth_at: datetime
    seen_at: datetime
    amr: list[str]


@dataclass(frozen=True, slots=True)
class OpenToken:
    """What an access token opens, and about whom. `sub` is what its client calls them."""

    scope: str
    claims: Mapping[str, Sequence[str]] | None
    sub: uuid.UUID
    person: About


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One of the named people of the demo."""

    id: uuid.UUID
    name: str
    note: str


_CLIENT = select(ClientRow.__table__).where(ClientRow.id == bindparam("id"))
_CLIENTS = select(ClientRow.__table__).order_by(ClientRow.id)
_CLIENT_HOMES = (
    select(ClientRow.title, ClientRow.title_cy, ClientRow.home_url)
    .where(ClientRow.home_url.is_not(None))
    .order_by(ClientRow.title, ClientRow.id)
    .limit(10)
)
_LOGIN = (
    select(Login.id, Login.person_id, Person.email, Login.auth_at, Login.seen_at, Login.amr, Person.demo)
    .join(Person, Person.id == Login.person_id)
    .where(
        Login.digest == bindparam("digest"),
        Login.ended_at.is_(None),
        Login.expires_at > bindparam("now"),
        Login.seen_at > bindparam("idle_since"),
    )
)
_CURRENT = [field.name for field in fields(CurrentLogin)]
_PERSON_BY_EMAIL = select(Person).where(Person.email == bindparam("email"))
_ABOUT = [field.name for field in fields(About)]
_TOKEN = (
    select(AccessToken.scope, AccessToken.claims, PairwiseSubject.sub, *(getattr(Person, name) for name in _ABOUT))
    .join(Login, Login.id == AccessToken.login_id)
    .join(Person, Person.id == Login.person_id)
    .join(ClientRow, ClientRow.id == AccessToken.client_id)
    .outerjoin(
        PairwiseSubject,
        # Who has public subjects has no sector.
        (PairwiseSubject.person_id == Person.id) & (PairwiseSubject.sector == ClientRow.sector),
    )
    .where(
        AccessToken.digest == bindparam("digest"),
        AccessToken.revoked_at.is_(None),
        AccessToken.expires_at > bindparam("now"),
        Login.ended_at.is_(None),  # it may have been issued in the very moment in which the sign-in ended
    )
)
_LINK = select(MailedLink).where(
    MailedLink.digest == bindparam("digest"),
    MailedLink.purpose == bindparam("purpose"),
    MailedLink.used_at.is_(None),
    MailedLink.expires_at > bindparam("now"),
)


def find_client(client_id: str | None) -> Client | None:
    """The registered client, if there is one of that id."""
    if not client_id or len(client_id) > 100 or "\x00" in client_id:
        return None
    return remembered_clients.find(client_id, _read_client)


def _read_client(client_id: str) -> Client | None:
    found = at_once(_CLIENT, {"id": client_id})
    return _client(found[0]) if found else None


def every_client() -> list[Client]:
    """Every registered client, by id."""
    return [_client(row._asdict()) for row in session().execute(_CLIENTS)]


def _client(row: Mapping[str, Any]) -> Client:
    return Client(
        client_id=row["id"],
        title=row["title"],
        home_url=row["home_url"],
        auth_method=row["auth_method"],
        secret_digest=row["secret_digest"],
        jwks=row["jwks"],
        redirect_uris=tuple(row["redirect_uris"]),
        post_logout_redirect_uris=tuple(row["post_logout_redirect_uris"]),
        scopes=tuple(row["scopes"]),
        id_token_signed_response_alg=row["id_token_alg"],
        require_nonce=row["require_nonce"],
        consent=row["consent"],
        require_signed_request=row["require_signed_request"],
        require_pushed_request=row["require_pushed_request"],
        title_cy=row["title_cy"],
        sector=row["sector"],
        jwks_uri=row["jwks_uri"],
        jwks_read_at=row["jwks_read_at"],
        backchannel_logout_uri=row["backchannel_logout_uri"],
        identity=row["identity"],
        max_age=row["max_age"],
        origin=row["origin"],
    )


def clients_with_a_home() -> list[tuple[str, str]]:
    """Title and address of each service to go on to, for pages outside any request of theirs."""
    in_welsh = current_language() == "cy"
    homes = session().execute(_CLIENT_HOMES).all()
    return [(title_cy if in_welsh and title_cy else title, url) for title, title_cy, url in homes if url]


def find_login(cookie: str, *, idle_since: datetime, demo: bool) -> CurrentLogin | None:
    """The live sign-in whose secret this is. Demo people's are dead outside the demo."""
    asked = {"digest": digest(cookie), "now": clock.now(), "idle_since": idle_since}
    for row in at_once(_LOGIN, asked):
        if demo or not row["demo"]:
            return CurrentLogin(*(row[name] for name in _CURRENT))
    return None


def get_login(login_id: uuid.UUID) -> Login:
    """The sign-in of that id, live or not."""
    return session().get_one(Login, login_id)


def find_person(email: str) -> Person | None:
    """Whoever has that address, in any case."""
    return session().scalars(_PERSON_BY_EMAIL, {"email": folded(email)}).one_or_none()


def find_demo_person(person_id: uuid.UUID) -> Person | None:
    """The named person of the demo. Never anyone else, whatever the id."""
    person = session().get(Person, person_id)
    return person if person is not None and person.demo else None


def demo_people(*, staff: bool) -> Sequence[DemoPerson]:
    """The named people of the demo, staff or residents, in the order in which they were made.

    Their notes are in the catalogue.
    """
    works_here = func.cardinality(Person.groups) > 0
    query = select(Person).where(Person.demo, works_here if staff else ~works_here)
    people = session().scalars(query.order_by(Person.created_at, Person.id).limit(50))
    return [
        DemoPerson(person.id, f"{person.given_name} {person.family_name}", gettext(person.note)) for person in people
    ]


def find_token(token: str) -> OpenToken | None:
    """What a live access token opens."""
    for row in at_once(_TOKEN, {"digest": digest(token), "now": clock.now()}):
        person = About(*(row[name] for name in _ABOUT))
        return OpenToken(row["scope"], row["claims"], row["sub"] or person.id, person)
    return None


def find_link(token: str, purpose: str) -> MailedLink | None:
    """The mailed link, if it is for that purpose, unused and in time."""
    asked = {"digest": digest(token), "purpose": purpose, "now": clock.now()}
    return session().scalars(_LINK, asked).one_or_none()
