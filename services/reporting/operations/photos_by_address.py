"""Photos that programs send as addresses, with a report or an update: fetched after the commit, and cleaned as any."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from io import BytesIO
from json import dumps, loads
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, func, select

from portal.kit import (
    Refused,
    Unavailable,
    clock,
    fetch_file,
    job,
    receive,
    seal,
    session,
    unseal,
)
from services.reporting.models.reports import Photo, Report
from services.reporting.operations.photos import UNSENT_DAYS, add_to_report
from services.reporting.workflow import SERVICE

log = logging.getLogger(__name__)

ACTOR: Final = "system:open311"
MOST_BYTES: Final = 15_000_000
TRIED_FOR: Final = timedelta(minutes=4)
"""After which what still cannot be reached is left out: the job is tried for some eight minutes, and the other photos
must not be lost with one."""
OPENS_FOR: Final = timedelta(days=7)
"""So long the addresses can be opened: longer than the job is tried."""
PURPOSE: Final = "reporting.photo_addresses"
_OF_REPORT = select(func.count()).where(
    Photo.report_id == bindparam("report"), Photo.update_id.is_(None), Photo.owner_id == bindparam("owner")
)
_OF_UPDATE = select(func.count()).where(Photo.update_id == bindparam("update"))


def fetch_later(
    report_id: UUID,
    account_id: UUID,
    addresses: Sequence[str],
    *,
    update_id: UUID | None = None,
    came_with: int = 0,
) -> None:
    """Have these photos fetched, of the report or of what was said on it; so many files came with the same post.

    `account_id` is the report's. The addresses may be secrets, so the job holds them sealed.
    """
    sealed = seal(dumps(list(addresses)), account_id=account_id, purpose=PURPOSE)
    fetch_photos.defer(
        report_id=str(report_id),
        sealed=sealed,
        update_id=str(update_id or ""),
        came_with=came_with,
        asked_at=clock.now().isoformat(),
    )


@job("reporting.fetch_photos")
def fetch_photos(report_id: str, sealed: str, update_id: str, came_with: int, asked_at: str) -> None:
    """Fetch the photos of a post, each that is to be had. One that cannot be reached is tried again with all others.

    What is no photo, or leads within our own network, is left out: the report is worth having without it.
    """
    report = session().get(Report, UUID(report_id))
    if report is None or report.account_id is None:
        return
    of_update = UUID(update_id) if update_id else None
    owner_id = report.case_id if of_update else report.account_id
    if _how_many(report.id, of_update, owner_id) > came_with:
        return  # done before
    opened = unseal(sealed, account_id=report.account_id, purpose=PURPOSE, within=OPENS_FOR)
    is_late = datetime.fromisoformat(asked_at) < clock.now() - TRIED_FOR
    contents = [_content(address, report_id, is_late) for address in loads(opened or "[]")]
    received = [_received(content, owner_id, report_id) for content in contents if content]
    kept = [photo_id for photo_id in received if photo_id is not None]
    add_to_report(UUID(report_id), kept, owner_id=owner_id, update_id=of_update)


def _how_many(report_id: UUID, update_id: UUID | None, owner_id: UUID) -> int:
    """The photos that the post has already."""
    if update_id is not None:
        return session().scalar(_OF_UPDATE, {"update": update_id}) or 0
    return session().scalar(_OF_REPORT, {"report": report_id, "owner": owner_id}) or 0


def _content(address: str, report_id: str, is_late: bool) -> bytes | None:
    """The content; None for what is not to be had. Raises Unavailable while it may still come."""
    try:
        return fetch_file(address, most_bytes=MOST_BYTES)
    except Refused as refusal:
        log.warning("a photo of report %s was not fetched: %s", report_id, refusal.sentence)
    except Unavailable:
        if not is_late:
            raise
        log.warning("a photo of report %s could not be reached", report_id)
    return None


def _received(content: bytes, owner_id: UUID, report_id: str) -> UUID | None:
    """The photo, which is swept away one day unless it becomes a part of the report."""
    delete_on = clock.today() + timedelta(days=UNSENT_DAYS)
    try:
        photo = receive(
            BytesIO(content),
            account_id=owner_id,
            service=SERVICE,
            purpose="photo",
            delete_on=delete_on,
            actor=ACTOR,
        )
    except Refused:
        log.warning("what was fetched for report %s is no photo", report_id)
        return None
    session().commit()  # the next one waits for the store again, which nothing may do that has written
    return photo.id
