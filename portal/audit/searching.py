"""Search the audit trail. Every combination begins with an index whose order is that of the page: newest first."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select, text, tuple_

from portal.audit.models import AuditEntry
from portal.db.session import session

# Each act once, by as many look-ups in the index as there are acts: `distinct` would read every entry.
_ACTS: Final = text(
    "with recursive known as ("
    " (select act from portal.audit_entry order by act limit 1) union all"
    " select (select act from portal.audit_entry where act > known.act order by act limit 1) from known"
    " where known.act is not null)"
    " select act from known where act is not null"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is searched for. None asks for nothing in particular; `before` is left out of the time."""

    act: str | None = None
    actor: str | None = None
    account_id: uuid.UUID | None = None
    subject: str | None = None
    since: datetime | None = None
    before: datetime | None = None


def search(wanted: Wanted, *, older_than: tuple[datetime, int] | None = None, limit: int = 50) -> Sequence[AuditEntry]:
    """The newest entries that fit, keyset-paged: `older_than` is (at, id) of the last one seen."""
    query = select(AuditEntry).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit)
    if wanted.act is not None:
        query = query.where(AuditEntry.act == wanted.act)
    if wanted.actor is not None:
        query = query.where(AuditEntry.actor == wanted.actor)
    if wanted.account_id is not None:
        query = query.where(AuditEntry.account_id == wanted.account_id)
    if wanted.subject is not None:
        query = query.where(AuditEntry.subject == wanted.subject)
    if wanted.since is not None:
        query = query.where(AuditEntry.at >= wanted.since)
    if wanted.before is not None:
        query = query.where(AuditEntry.at < wanted.before)
    if older_than is not None:
        query = query.where(tuple_(AuditEntry.at, AuditEntry.id) < older_than)
    return session().scalars(query).all()


def known_acts() -> Sequence[str]:
    """Every act that was ever written down, by name."""
    return session().scalars(_ACTS).all()
