"""Write to the audit trail."""

import uuid
from collections.abc import Sequence
from typing import Any, Final, cast

from sqlalchemy import CTE, ColumnElement, Table, bindparam, insert, select

from portal import clock
from portal.audit.models import AuditEntry
from portal.db.session import beside, session

_TABLE: Final = cast(Table, AuditEntry.__table__)
_ENTRY: Final = insert(_TABLE)
_KINDS: Final = ("account:", "staff:", "person:", "client:", "provider:", "system:")
_WRITTEN: Final = [column for column in _TABLE.c if column is not _TABLE.c.id]


def record(act: str, *, actor: str, subject: str = "", account_id: uuid.UUID | None = None, **details: Any) -> None:
    """Record an act in the current transaction.

    `act` is a dotted name (`profile.changed`); `actor` who did it (`account:<id>`, `staff:<id>`, `system:<room>`);
    `account_id` the resident whose record it is; `subject` the thing (`case:<id>`). `details` are ids, codes and names
    of fields, never what a person typed.
    """
    session().execute(_ENTRY, _values(act, actor, subject, account_id, details))


def record_beside(act: str, *, actor: str, **details: Any) -> None:
    """The same in a transaction of its own, for a page that reads and shows what somebody may have to answer for."""
    with beside() as connection:
        connection.execute(_ENTRY, _values(act, actor, "", None, details))


def entry_for(written: CTE, *, subject: ColumnElement[str] | None = None) -> CTE:
    """A part of a statement: one entry for each row of `written`, which is another part of it.

    For acts that are one statement as a whole. Its values are those of `entry`; `subject` is for what only the
    database knows.
    """
    values: dict[str, ColumnElement[Any]] = {
        column.name: bindparam(f"audit_{column.name}", type_=column.type) for column in _WRITTEN
    }
    if subject is not None:
        values["subject"] = subject
    return insert(_TABLE).from_select(list(values), select(*values.values()).select_from(written)).cte("audited")


def entry(act: str, *, actor: str, subject: str = "", **details: Any) -> dict[str, Any]:
    """The values for `entry_for`: as those of `record`."""
    return {f"audit_{name}": value for name, value in _values(act, actor, subject, None, details).items()}


def _values(
    act: str, actor: str, subject: str, account_id: uuid.UUID | None, details: dict[str, Any]
) -> dict[str, Any]:
    if not actor.startswith(_KINDS):
        raise ValueError(f"who did it begins with one of {', '.join(_KINDS)}")  # an auditor searches by this
    return {
        "at": clock.now(),
        "act": act,
        "actor": actor,
        "subject": subject,
        "account_id": account_id,
        "details": details,
    }


def record_for_each(account_ids: Sequence[uuid.UUID], act: str, *, actor: str, **details: Any) -> None:
    """Record one act on many residents' records at once, such as a command that changes a thousand of them."""
    rows = [_values(act, actor, "", account_id, details) for account_id in account_ids]
    if rows:
        session().execute(_ENTRY, rows)
