"""What the database shows, by a name: two readings under one name see the very same rows of every table.

The name is PostgreSQL's own for a snapshot, which says of each transaction whether it has ended; anything that anybody
writes makes another. So an answer that was made of the database alone may be given again under the same name, and no
way of changing a row can be forgotten. The time of the server's start is part of it: after a restore from a backup the
numbers of transactions come again.
"""

from typing import Final

from flask import g
from sqlalchemy import ColumnElement, String, cast, func, select

from portal.db.session import at_once, is_in_transaction

SNAPSHOT: Final[ColumnElement[str]] = cast(func.pg_current_snapshot(), String) + cast(
    func.pg_postmaster_start_time(), String
)
_ALONE = select(SNAPSHOT.label("snapshot"))


def remember_snapshot(name: str) -> None:
    """Keep for this request what it was shown when it came in."""
    g.snapshot = "" if is_in_transaction() else name


def snapshot() -> str:
    """The name of what this request was shown when it came in, or is now. Empty in the middle of a transaction.

    Read before what is to be kept under it: then a change that comes between makes what is kept newer than its name,
    and never older.
    """
    kept: str | None = g.get("snapshot")
    if kept is not None:
        return kept
    (row,) = at_once(_ALONE, {})
    remember_snapshot(str(row["snapshot"]))
    return str(g.snapshot)
