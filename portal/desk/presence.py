"""Two people at one case see each other: a row for each of them, kept fresh while their pages are open.

It is a courtesy and no lock: what keeps them from overwriting each other is the case's version. So it costs one
statement for each page and each poll, in a transaction of its own, and a row that is late hurts nobody.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import DateTime, Uuid, bindparam, delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.db.session import beside, session
from portal.desk.models import CaseViewerRow
from portal.jobs.queue import job
from portal.staff.models import StaffMemberRow

POLL_SECONDS: Final = 15
HERE_FOR: Final = timedelta(seconds=60)
"""How long a page without script, or one that was closed, counts as open."""
SWEPT_AFTER: Final = timedelta(minutes=10)
FRESH_FOR: Final = timedelta(seconds=5)
"""Pages turned faster than this write nothing."""
MOST: Final = 10

_NEW = insert(CaseViewerRow).values(
    case_id=bindparam("case", type_=Uuid),
    staff_id=bindparam("staff", type_=Uuid),
    acting=bindparam("acting"),
    seen_at=bindparam("now", type_=DateTime(timezone=True)),
)
_HERE = _NEW.on_conflict_do_update(
    index_elements=["case_id", "staff_id"],
    set_={"acting": _NEW.excluded.acting, "seen_at": _NEW.excluded.seen_at},
    where=or_(
        CaseViewerRow.seen_at < bindparam("fresh", type_=DateTime(timezone=True)),
        CaseViewerRow.acting != _NEW.excluded.acting,
    ),
).cte("here")
_OTHERS = (
    select(StaffMemberRow.name, CaseViewerRow.acting, CaseViewerRow.seen_at)
    .join(StaffMemberRow, StaffMemberRow.id == CaseViewerRow.staff_id)
    .where(
        CaseViewerRow.case_id == bindparam("case", type_=Uuid),
        CaseViewerRow.staff_id != bindparam("staff", type_=Uuid),
        CaseViewerRow.seen_at > bindparam("since", type_=DateTime(timezone=True)),
    )
    .order_by(StaffMemberRow.name, StaffMemberRow.id)
    .limit(MOST)
    .add_cte(_HERE)
)
_SWEEP = delete(CaseViewerRow).where(CaseViewerRow.seen_at < bindparam("before", type_=DateTime(timezone=True)))


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody else at the same case. `acting`: they are about to change something."""

    name: str
    acting: bool
    seen_at: datetime


def note_here(case_id: uuid.UUID, staff_id: uuid.UUID, *, acting: bool = False) -> Sequence[Viewer]:
    """Note that this member of staff is at the case now; who else is."""
    now = clock.now()
    values = {
        "case": case_id,
        "staff": staff_id,
        "acting": acting,
        "now": now,
        "fresh": now - FRESH_FOR,
        "since": now - HERE_FOR,
    }
    with beside() as connection:
        return [Viewer(row.name, row.acting, row.seen_at) for row in connection.execute(_OTHERS, values)]


@job("desk.sweep_viewers", cron="*/10 * * * *")
def sweep() -> None:
    """Forget who was at which case some minutes ago."""
    session().execute(_SWEEP, {"before": clock.now() - SWEPT_AFTER}, execution_options={"synchronize_session": False})
