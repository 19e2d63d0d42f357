"""Read the audit trail."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.db.session import session


def entries_about(account_id: uuid.UUID, *, before: int | None = None, limit: int = 50) -> Sequence[AuditEntry]:
    """The newest entries on one resident's record, keyset-paged: `before` is the last id seen."""
    query = select(AuditEntry).where(AuditEntry.account_id == account_id)
    if before is not None:
        query = query.where(AuditEntry.id < before)
    return session().scalars(query.order_by(AuditEntry.id.desc()).limit(limit)).all()
