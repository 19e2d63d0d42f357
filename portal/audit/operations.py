"""Write to the audit trail."""

import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert

from portal import clock
from portal.audit.models import AuditEntry
from portal.db.session import session


def record(act: str, *, actor: str, subject: str = "", account_id: uuid.UUID | None = None, **details: Any) -> None:
    """Record an act in the current transaction.

    `act` is a dotted name (`profile.changed`); `actor` who did it (`account:<id>`, `system:<room>`); `account_id` the
    resident whose record it is; `subject` the thing (`case:<id>`). `details` are ids, codes and names of fields,
    never what a person typed.
    """
    session().execute(
        insert(AuditEntry).values(
            at=clock.now(), act=act, actor=actor, subject=subject, account_id=account_id, details=details
        )
    )


def record_for_each(account_ids: Sequence[uuid.UUID], act: str, *, actor: str, **details: Any) -> None:
    """Record one act on many residents' records at once, such as a command that changes a thousand of them."""
    now = clock.now()
    rows = [
        {"at": now, "act": act, "actor": actor, "subject": "", "account_id": account_id, "details": details}
        for account_id in account_ids
    ]
    if rows:
        session().execute(insert(AuditEntry), rows)
