"""Read the audit trail."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select, tuple_

from portal.audit.models import AuditEntry
from portal.db.session import session


def entries_about(
    account_id: uuid.UUID,
    *,
    before: tuple[datetime, int] | None = None,
    limit: int = 50,
    without: Collection[str] = (),
) -> Sequence[AuditEntry]:
    """The newest entries on one resident's record, keyset-paged: `before` is (at, id) of the last one seen.

    By the time of the act, not by the order of writing: what is brought over from elsewhere is written later.
    `without` names acts that are left out.
    """
    query = select(AuditEntry).where(AuditEntry.account_id == account_id)
    if without:
        query = query.where(AuditEntry.act.not_in(sorted(without)))
    if before is not None:
        query = query.where(tuple_(AuditEntry.at, AuditEntry.id) < before)
    return session().scalars(query.order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit)).all()
