"""What was said and done about reports, as the API gives it: mySociety's extension `servicerequestupdates`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import Select, bindparam, or_, select
from sqlalchemy.sql.elements import ColumnElement

from portal.kit import session
from services.reporting.models.following import Update
from services.reporting.models.reports import Report
from services.reporting.rules.open311.statuses import said
from services.reporting.rules.open311.writing import Value, moment

MOST: Final = 1000


def _between(whose: ColumnElement[bool]) -> Select[UUID, str, str, datetime, str, str, datetime | None]:
    return (
        select(
            Update.id,
            Update.words,
            Update.status,
            Update.created_at,
            Report.reference,
            Report.status.label("stands"),
            Report.closed_at,
        )
        .join(Report, Report.id == Update.report_id)
        .where(
            Update.moderation == "shown",
            Update.created_at >= bindparam("since"),
            Update.created_at < bindparam("until"),
            whose,
        )
        .order_by(Update.created_at, Update.id)
        .limit(MOST)
    )


# Whoever sent a private report hears what becomes of it, and nobody else does.
_PUBLIC: Final = _between(Report.private.is_(False) & (Report.moderation != "hidden"))
_PUBLIC_AND_OWN: Final = _between(
    or_(Report.private.is_(False) & (Report.moderation != "hidden"), Report.api_key_id == bindparam("key"))
)


def updates_between(since: datetime, until: datetime, key_id: UUID | None) -> Sequence[dict[str, Value]]:
    """What was said between two moments, oldest first, 1,000 at most; of a key's own reports also what is private."""
    values = {"since": since, "until": until}
    if key_id is None:
        rows = session().execute(_PUBLIC, values).all()
    else:
        rows = session().execute(_PUBLIC_AND_OWN, {**values, "key": key_id}).all()
    return [
        {
            "update_id": str(row.id),
            "service_request_id": row.reference,
            "status": said(row.status or row.stands, is_open=row.closed_at is None),
            "description": row.words,
            "updated_datetime": moment(row.created_at),
            "media_url": None,
        }
        for row in rows
    ]
