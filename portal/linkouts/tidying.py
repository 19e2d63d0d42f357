"""Let go, each night, of what is over: items that have expired, residents who come no more, erasures long told."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import DateTime, bindparam, delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.db.session import session
from portal.jobs.queue import job
from portal.linkouts.models import LinkOutErasureRow, LinkOutItemRow, LinkOutPersonRow

AWAY_FOR: Final = timedelta(days=730)
"""How long a resident is known to an application that they do not sign in to."""
ASKED_FOR: Final = timedelta(days=400)
"""How long an application is asked to forget somebody. It was told each time that it asked; that it never did is on
the list of link-outs."""
PORTION: Final = 500

_BEFORE = bindparam("before", type_=DateTime(timezone=True))
_OLD_ITEMS = (
    select(LinkOutItemRow.person_id, LinkOutItemRow.kind, LinkOutItemRow.key)
    .where(LinkOutItemRow.expires_at <= _BEFORE)
    .order_by(LinkOutItemRow.expires_at)
    .limit(PORTION)
    .with_for_update(skip_locked=True)
)
_ITEM = tuple_(LinkOutItemRow.person_id, LinkOutItemRow.kind, LinkOutItemRow.key)
_OLD_ERASURES = (
    select(LinkOutErasureRow.id)
    .where(LinkOutErasureRow.erased_at <= _BEFORE)
    .order_by(LinkOutErasureRow.erased_at)
    .limit(PORTION)
)
_AWAY = (
    select(LinkOutPersonRow.id, LinkOutPersonRow.slug)
    .where(LinkOutPersonRow.seen_at <= _BEFORE)
    .order_by(LinkOutPersonRow.seen_at, LinkOutPersonRow.id)
    .limit(PORTION)
    .with_for_update(skip_locked=True)
)


@job("linkouts.tidy", cron="37 3 * * *")
def tidy() -> None:
    """Let go of it all; a resident who is let go is one whom the application is asked to forget as well."""
    now = clock.now()
    for portion in (_let_items_go, _let_people_go, _let_erasures_go):
        while portion(now):
            session().commit()


def _let_items_go(now: datetime) -> bool:
    found = [tuple(row) for row in session().execute(_OLD_ITEMS, {"before": now})]
    if found:
        session().execute(delete(LinkOutItemRow).where(_ITEM.in_(found)))
    return bool(found)


def _let_people_go(now: datetime) -> bool:
    found = [row._asdict() | {"erased_at": now} for row in session().execute(_AWAY, {"before": now - AWAY_FOR})]
    if found:
        session().execute(insert(LinkOutErasureRow), found)
        session().execute(delete(LinkOutPersonRow).where(LinkOutPersonRow.id.in_([each["id"] for each in found])))
    return bool(found)


def _let_erasures_go(now: datetime) -> bool:
    found = session().scalars(_OLD_ERASURES, {"before": now - ASKED_FOR}).all()
    if found:
        session().execute(delete(LinkOutErasureRow).where(LinkOutErasureRow.id.in_(found)))
    return bool(found)
