"""What people have allowed clients to learn: remembered for each, added to, taken back. Nothing here commits."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.audit import operations as audit
from portal.db.session import session
from portal.errors import NotFound
from portal.provider import claims, revocation
from portal.provider.clients import Client
from portal.provider.models import ClientRow, Consent
from portal.provider.parameters import Asked
from portal.web.languages import current_language

_CONSENT = select(Consent.scopes, Consent.claims, Consent.given_at).where(
    Consent.person_id == bindparam("person"), Consent.client_id == bindparam("client")
)
_CONSENTS = (
    select(
        Consent.client_id, ClientRow.title, ClientRow.title_cy, Consent.scopes, Consent.claims, Consent.first_given_at
    )
    .join(ClientRow, ClientRow.id == Consent.client_id)
    .where(Consent.person_id == bindparam("person"))
    .order_by(ClientRow.title, ClientRow.id)
)


@dataclass(frozen=True, slots=True)
class Given:
    """What a person has allowed one client so far."""

    scopes: frozenset[str]
    claims: frozenset[str]
    given_at: datetime

    def covers(self, asked: Asked) -> bool:
        """Whether the request asks for nothing more."""
        more = wanted_claims(asked) - claims.opened(self.scopes) - self.claims
        return set(asked.scope.split()) <= self.scopes and not more


@dataclass(frozen=True, slots=True)
class Allowed:
    """One client that a person has allowed something, for their own list."""

    client_id: str
    title: str
    """In the reader's language."""
    names: Collection[str]
    """Of claims."""
    since: datetime


def wanted_claims(asked: Asked) -> set[str]:
    """Every claim that the client would learn: by scope, or by name as far as its registered scopes open it."""
    by_name = asked.claims.names & claims.opened(asked.client.scopes)
    return claims.opened(asked.scope.split()) | by_name


def find_given(person_id: uuid.UUID, client_id: str) -> Given | None:
    """What the person has allowed the client."""
    row = session().execute(_CONSENT, {"person": person_id, "client": client_id}).one_or_none()
    return Given(frozenset(row.scopes), frozenset(row.claims), row.given_at) if row else None


def allowed_by(person_id: uuid.UUID) -> Sequence[Allowed]:
    """All that the person has allowed, by the clients' titles."""
    rows = session().execute(_CONSENTS, {"person": person_id})
    return [
        Allowed(
            client_id=row.client_id,
            title=row.title_cy if current_language() == "cy" and row.title_cy else row.title,
            names=claims.opened(row.scopes) | set(row.claims),
            since=row.first_given_at,
        )
        for row in rows
    ]


def allow(person_id: uuid.UUID, asked: Asked) -> None:
    """Remember that the person has allowed what this request asks for, beside what they allowed before."""
    before = find_given(person_id, asked.client.client_id)
    scopes, names, now = set(asked.scope.split()), wanted_claims(asked), clock.now()
    if before is not None:
        scopes, names = scopes | before.scopes, names | before.claims
    said = {"scopes": sorted(scopes), "claims": sorted(names - claims.opened(scopes)), "given_at": now}
    row = {"person_id": person_id, "client_id": asked.client.client_id, "first_given_at": now}
    statement = insert(Consent).values(row | said)
    session().execute(statement.on_conflict_do_update(index_elements=["person_id", "client_id"], set_=said))
    audit.record(
        "provider.consent_given",
        actor=f"person:{person_id}",
        subject=f"client:{asked.client.client_id}",
        scopes=said["scopes"],
        claims=said["claims"],
    )


def refuse(person_id: uuid.UUID, asked: Asked) -> None:
    """Note that the person said no. What they allowed earlier stays allowed."""
    audit.record("provider.consent_refused", actor=f"person:{person_id}", subject=f"client:{asked.client.client_id}")


def take_back(person_id: uuid.UUID, client: Client) -> None:
    """Forget the consent, and take back every token of that client for this person.

    Raises NotFound when there is nothing to take back.
    """
    if find_given(person_id, client.client_id) is None:
        raise NotFound
    session().execute(delete(Consent).where(Consent.person_id == person_id, Consent.client_id == client.client_id))
    revocation.revoke_client(person_id, client.client_id)
    audit.record("provider.consent_taken_back", actor=f"person:{person_id}", subject=f"client:{client.client_id}")
