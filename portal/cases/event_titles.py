"""What an entry of the ledger is about, in the words that were typed for it: its details hold ids alone.

One query for all the entries of a page, by the keys of the tables; none for entries that are about nothing by name.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import Row, bindparam, case, func, select, union_all

from portal.cases.talk_models import DocumentRow, MessageRow, TaskRow
from portal.db.session import session

KEYS: Final = ("task", "document", "message")
"""What in the details of an entry is the id of something that has a title."""
BESIDE_MESSAGES: Final = ("task", "document")
"""The same on the page of a case, where the messages themselves stand."""
LONGEST: Final = 80
"""How much of a message's first line stands for it."""

_FIRST = func.left(func.split_part(MessageRow.body, "\n", 1), LONGEST)
_TITLES = union_all(
    select(TaskRow.id, TaskRow.title.label("title")).where(TaskRow.id.in_(bindparam("task", expanding=True))),
    select(DocumentRow.id, DocumentRow.title).where(DocumentRow.id.in_(bindparam("document", expanding=True))),
    select(MessageRow.id, case((MessageRow.body != _FIRST, _FIRST + "…"), else_=_FIRST)).where(
        MessageRow.id.in_(bindparam("message", expanding=True))
    ),
)


def titles_of(entries: Iterable[Row[*tuple[Any, ...]]], keys: Collection[str] = KEYS) -> Mapping[str, str]:
    """The titles of what these rows of EVENTS name, by id. What was deleted since has none."""
    named: dict[str, set[uuid.UUID]] = {key: set() for key in KEYS}
    for entry in entries:
        for key in keys:
            if key in entry.details:
                named[key].add(uuid.UUID(entry.details[key]))
    if not any(named.values()):
        return {}
    found = session().execute(_TITLES, {key: list(ids) for key, ids in named.items()})
    return {str(row.id): row.title for row in found}


def about(details: Mapping[str, Any], titles: Mapping[str, str]) -> str:  # plain JSON values: ids and codes
    """What an entry with these details is about; empty when it has no name, or none any more."""
    if "rating" in details:
        return str(details["rating"])
    return next((titles[details[key]] for key in KEYS if details.get(key) in titles), "")
