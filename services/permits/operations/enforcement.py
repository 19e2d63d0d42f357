"""Who may ask which cars may park: tokens, made and taken back by command, known to us by their digest alone."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, select, update

from portal.kit import NotFound, Refused, clock, limit, record, session, settings_of
from portal.kit import gettext as _
from services.permits.models.enforcement import EnforcementToken
from services.permits.settings import PermitSettings

ACTOR: Final = "system:cli"
MINUTE: Final = 60
TEN_MINUTES: Final = 600
MOST_WRONG: Final = 60
"""Wrong tokens from one address in ten minutes before it is no longer listened to. Right ones are not counted."""
LONGEST_NAME: Final = 80
_KNOWN = select(EnforcementToken.id, EnforcementToken.name).where(
    EnforcementToken.digest == bindparam("digest"), EnforcementToken.revoked_at.is_(None)
)
_ALL = select(EnforcementToken).order_by(EnforcementToken.created_at, EnforcementToken.id).limit(1000)


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that may ask, and by what name the council knows it."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class KnownToken:
    """A token in the list of them; the token itself is kept nowhere."""

    id: UUID
    name: str
    created_at: datetime
    revoked_at: datetime | None


def make_token(name: str) -> str:
    """A new token for a caller of that name, to be shown once. Raises Refused for a name that is none."""
    called = " ".join(name.split())
    if not called or len(called) > LONGEST_NAME or not called.isprintable():
        raise Refused(_("Name who will use the token, in at most 80 characters."))
    token, row_id = secrets.token_urlsafe(32), uuid4()
    session().add(EnforcementToken(id=row_id, name=called, digest=_digest(token), created_at=clock.now()))
    record("permits.enforcement_token_made", actor=ACTOR, subject=f"enforcement_token:{row_id}")
    return token


def revoke_token(token_id: UUID) -> None:
    """Take a token back, at once. Raises NotFound when there is no such token in force."""
    gone = (
        update(EnforcementToken)
        .where(EnforcementToken.id == token_id, EnforcementToken.revoked_at.is_(None))
        .values(revoked_at=clock.now())
        .returning(EnforcementToken.id)
    )
    if session().execute(gone).one_or_none() is None:
        raise NotFound(_("There is no such token in force."))
    record("permits.enforcement_token_revoked", actor=ACTOR, subject=f"enforcement_token:{token_id}")


def tokens() -> list[KnownToken]:
    """All tokens that there ever were, the oldest first."""
    rows = session().scalars(_ALL)
    return [KnownToken(row.id, row.name, row.created_at, row.revoked_at) for row in rows]


def admit(token: str, *, address: str) -> Caller | None:
    """Who brings this token; None when we do not know it. Counts the call.

    Raises TooMany when the caller has called too often in a minute, or when too many wrong tokens came from `address`.
    """
    row = session().execute(_KNOWN, {"digest": _digest(token)}).one_or_none()
    if row is None:
        limit(f"permits.enforcement.wrong:{address}", limit=MOST_WRONG, seconds=TEN_MINUTES)
        return None
    most = settings_of(PermitSettings).enforcement_calls_a_minute
    limit(f"permits.enforcement:{row.id}", limit=most, seconds=MINUTE)
    return Caller(row.id, row.name)


def _digest(token: str) -> str:
    """What is kept of a token. A plain hash is enough for 256 bits that nobody can guess."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()
