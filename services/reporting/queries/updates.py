"""What was said on reports, as everybody may read it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select, tuple_

from portal.kit import session
from services.reporting.models.following import Update
from services.reporting.rules.personal import masked
from services.reporting.rules.wanted import Mark

MOST: Final = 50
RESIDENTS: Final = frozenset({"reporter", "resident"})


@dataclass(frozen=True, slots=True)
class PublicUpdate:
    """One entry on a report: words, a new status, or both. `said_by`: reporter, resident, staff or office."""

    id: UUID
    at: datetime
    said_by: str
    words: str
    status: str

    @property
    def mark(self) -> Mark:
        """Where a list goes on after it."""
        return Mark(self.at, self.id)


_COLUMNS = (Update.id, Update.created_at, Update.said_by, Update.words, Update.status)
_OF_ONE = (
    select(*_COLUMNS)
    .where(Update.report_id == bindparam("report"), Update.moderation == "shown")
    .order_by(Update.created_at.desc(), Update.id.desc())
    .limit(bindparam("most"))
)
_OLDER = _OF_ONE.where(tuple_(Update.created_at, Update.id) < tuple_(bindparam("at"), bindparam("id")))


def updates_of(
    report_id: UUID, *, before: Mark | None = None, limit: int = MOST
) -> tuple[Sequence[PublicUpdate], Mark | None]:
    """What everybody may read on a report, newest first, and the mark where older ones begin, if there are any."""
    values = {"report": report_id, "most": limit + 1}
    if before is None:
        rows = session().execute(_OF_ONE, values).all()
    else:
        rows = session().execute(_OLDER, {**values, "at": before.at, "id": before.id}).all()
    found = [_shown(PublicUpdate(*row)) for row in rows[:limit]]
    return found, found[-1].mark if len(rows) > limit else None


def _shown(update: PublicUpdate) -> PublicUpdate:
    """Without what leads to a person, where a resident wrote it. The council may name its own telephone."""
    return replace(update, words=masked(update.words)) if update.said_by in RESIDENTS else update
