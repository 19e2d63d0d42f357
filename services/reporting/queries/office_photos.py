"""The photos that an office is given with a report: each at an address that nobody can guess.

Whoever mends a thing has to see it at once, so they do not wait for a moderator, as those of the public do. What a
moderator covers or hides the office sees so too, or no more: the address is the photo's, not a copy of it.
"""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, select

from portal.kit import NotFound, letter_token, public_address, read_letter_token, session
from services.reporting.models.reports import Photo, Report
from services.reporting.rules.open311.telling import PHOTOS

PURPOSE: Final = "reporting.office_photo"
_SEEN = Photo.moderation != "hidden"
_OF = (
    select(Photo.id)
    .where(Photo.report_id == bindparam("report"), Photo.update_id.is_not_distinct_from(bindparam("update_id")), _SEEN)
    .order_by(Photo.position)
)
_ONE = (
    select(Photo.owner_id, func.coalesce(Photo.covered_id, Photo.file_id))
    .join(Report, Report.id == Photo.report_id)
    .where(Photo.id == bindparam("photo"), Report.office.is_not(None), Report.way != "desk", _SEEN)
)


def photo_addresses(report_id: UUID, update_id: UUID | None = None) -> Sequence[str]:
    """Where the photos of a report, or of an update on it, are seen, in their order."""
    photos = session().scalars(_OF, {"report": report_id, "update_id": update_id})
    return [public_address(PHOTOS + letter_token(PURPOSE, each)) for each in photos]


def get_office_photo(token: str) -> tuple[UUID, UUID]:
    """Owner and file of the photo behind such an address. Raises NotFound, also once our own desk has the report."""
    photo = read_letter_token(PURPOSE, token)
    row = session().execute(_ONE, {"photo": photo}).one_or_none() if photo is not None else None
    if row is None:
        raise NotFound
    owner_id, file_id = row
    return owner_id, file_id
