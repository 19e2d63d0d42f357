"""What was said and done about reports, as the API gives it: mySociety's extension `servicerequestupdates`."""

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import ColumnElement

from portal.kit import clock, session
from services.reporting.models.following import Update
from services.reporting.models.reports import Photo, Report
from services.reporting.queries.open311 import PhotoAddress
from services.reporting.queries.updates import RESIDENTS
from services.reporting.rules.open311.asking import Asked
from services.reporting.rules.open311.describing import note_of
from services.reporting.rules.open311.statuses import said
from services.reporting.rules.open311.writing import Value, moment
from services.reporting.rules.personal import masked

_STAYS = aliased(Report)
_FIRST_PHOTO = (
    select(func.min(Photo.position))
    .where(Photo.update_id == Update.id, Photo.moderation == "shown")
    .correlate(Update)
    .scalar_subquery()
)


def _between(whose: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            Update.id,
            Update.words,
            Update.said_by,
            Update.status,
            Update.shown_at,
            Report.reference,
            Report.status.label("stands"),
            Report.closed_at,
            Report.private,
            _STAYS.reference.label("stays"),
            _FIRST_PHOTO.label("photo"),
        )
        .join(Report, Report.id == Update.report_id)
        .outerjoin(
            _STAYS,
            and_(
                _STAYS.id == Report.merged_into_id,
                Update.status == "duplicate",
                _STAYS.private.is_(False),
                _STAYS.moderation != "hidden",
            ),
        )
        .where(
            Update.moderation == "shown",
            Update.shown_at >= bindparam("since"),
            Update.shown_at < bindparam("until"),
            whose,
        )
        .order_by(Update.shown_at, Update.id)
        .limit(bindparam("most"))
        .offset(bindparam("before"))
    )


# Whoever sent a private report hears what becomes of it, and nobody else does.
_PUBLIC: Final = _between(Report.private.is_(False) & (Report.moderation != "hidden"))
_PUBLIC_AND_OWN: Final = _between(
    or_(Report.private.is_(False) & (Report.moderation != "hidden"), Report.api_key_id == bindparam("key"))
)


def updates_between(asked: Asked, key_id: UUID | None, photo: PhotoAddress) -> Sequence[dict[str, Value]]:
    """The page of updates asked for, oldest first; of a key's own reports also what is private.

    `photo` makes the address of a photo that everybody may see.
    """
    until = asked.until or clock.now()
    values: dict[str, object] = {"since": asked.since, "until": until, "most": asked.page_size, "before": asked.before}
    query = _PUBLIC
    if key_id is not None:
        query, values["key"] = _PUBLIC_AND_OWN, key_id
    if asked.references:
        query = query.where(Report.reference.in_(asked.references))
    rows = session().execute(query, values).all()
    return [
        {
            "update_id": str(row.id),
            "service_request_id": row.reference,
            "status": said(row.status or row.stands, is_open=row.closed_at is None),
            "description": note_of(_readable(row.words, row.said_by), row.stays) or "",
            "updated_datetime": moment(row.shown_at),
            "media_url": None if row.photo is None or row.private else photo(row.reference, row.photo),
        }
        for row in rows
    ]


def _readable(words: str, said_by: str) -> str:
    """Without what leads to a person, where a resident wrote it."""
    return masked(words) if said_by in RESIDENTS else words
