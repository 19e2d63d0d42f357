"""What forgetting a person would come to: done, counted and taken back."""

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.engine.default import DefaultExecutionContext

from portal.db.session import session
from portal.db.taken_back import taken_back
from portal.home.forgetting import forget_person

DELETED: Final = "deleted"
CHANGED: Final = "changed"


def would_forget(account_id: uuid.UUID) -> Mapping[tuple[str, str], int]:
    """How many rows would be deleted or changed, by table and `deleted` or `changed`; what hangs on them goes along.

    Raises NotFound when the account is closed.
    """
    with taken_back(), _counted() as found:
        forget_person(account_id)
        session().flush()  # what is only changed so far, so that it is counted too
    return dict(sorted(found.items()))


@contextmanager
def _counted() -> Iterator[Counter[tuple[str, str]]]:
    found: Counter[tuple[str, str]] = Counter()
    connection = session().connection()

    def count(
        _connection: Any, cursor: Any, _said: str, _values: Any, context: DefaultExecutionContext, _many: bool
    ) -> None:  # as SQLAlchemy calls it
        if (context.isdelete or context.isupdate) and cursor.rowcount > 0:
            table = context.compiled.compile_state.dml_table  # type: ignore[union-attr]  # of a delete or an update there is one
            found[table.fullname, DELETED if context.isdelete else CHANGED] += cursor.rowcount

    event.listen(connection, "after_cursor_execute", count)
    try:
        yield found
    finally:
        event.remove(connection, "after_cursor_execute", count)
