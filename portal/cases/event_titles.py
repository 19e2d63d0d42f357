"""What an entry of the ledger is about, in the words that were typed for it: its details hold ids alone.

One query for all the entries of a page, by the keys of the tables, and one for those that name a team; none for entries
that are about nothing by name.
"""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, bindparam, case, func, select, union_all

from portal.cases.talk_models import DocumentRow, MessageRow, TaskRow
from portal.cases.teams import all_teams
from portal.db.session import session

KEYS: Final = ("task", "document", "message")
"""What in the details of an entry is the id of something that has a title."""
BESIDE_MESSAGES: Final = ("task", "document")
"""The same on the page of a case, where the messages themselves stand."""
OF_TEAMS: Final = frozenset({"moved", "team_changed"})
"""The kinds of entry that name a team."""
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


def titles_of(entries: Sequence[Row[*tuple[Any, ...]]], keys: Collection[str] = KEYS) -> Mapping[str, str]:
    """The titles of what these rows of EVENTS name, by id. What was deleted since has none."""
    named: dict[str, set[uuid.UUID]] = {key: set() for key in KEYS}
    for entry in entries:
        for key in keys:
            if key in entry.details:
                named[key].add(uuid.UUID(entry.details[key]))
    titles = _team_names(entries)
    if not any(named.values()):
        return titles
    found = session().execute(_TITLES, {key: list(ids) for key, ids in named.items()})
    return {**titles, **{str(row.id): row.title for row in found}}


def _team_names(entries: Iterable[Row[*tuple[Any, ...]]]) -> Mapping[str, str]:
    """The names of the teams that these entries are about, by slug: one query more, if there is any."""
    slugs = {entry.details["team"] for entry in entries if entry.kind in OF_TEAMS and "team" in entry.details}
    if not slugs:
        return {}
    names = {team.slug: team.name for team in all_teams(closed=True)}
    return {slug: names.get(slug, slug) for slug in slugs}


def about(details: Mapping[str, Any], titles: Mapping[str, str]) -> str:  # plain JSON values: ids and codes
    """What an entry with these details is about; empty when it has no name, or none any more."""
    if "rating" in details:
        return str(details["rating"])
    if details.get("team") in titles:
        return titles[details["team"]]
    return next((titles[details[key]] for key in KEYS if details.get(key) in titles), "")
