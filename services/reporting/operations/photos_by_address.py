"""Photos that programs send with a report as addresses: fetched after the commit, and cleaned as any other photo."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO
from json import dumps, loads
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, exists, select

from portal.kit import (
    Refused,
    Unavailable,
    clock,
    fetch_file,
    get_account,
    job,
    keep_file,
    receive,
    seal,
    session,
    unseal,
)
from services.reporting.models.reports import Photo, Report
from services.reporting.operations.photos import UNSENT_DAYS, attach_photos
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
_HAS_PHOTOS = select(exists().where(Photo.report_id == bindparam("report")))


def fetch_later(report_id: UUID, account_id: UUID, addresses: Sequence[str]) -> None:
    """Have these photos fetched. The addresses may be secrets, so the job holds them sealed."""
    sealed = seal(dumps(list(addresses)), account_id=account_id, purpose=PURPOSE)
    fetch_photos.defer(report_id=str(report_id), sealed=sealed)


@job("reporting.fetch_photos")
def fetch_photos(report_id: str, sealed: str) -> None:
    """Fetch the photos of a report, each that is to be had. One that cannot be reached is tried again with all others.

    What is no photo, or leads within our own network, is left out: the report is worth having without it.
    """
    report = session().get(Report, UUID(report_id))
    if report is None or report.account_id is None or session().scalar(_HAS_PHOTOS, {"report": report.id}):
        return
    account_id = report.account_id
    opened = unseal(sealed, account_id=account_id, purpose=PURPOSE, within=OPENS_FOR)
    is_late = report.created_at < clock.now() - TRIED_FOR
    contents = [_content(address, report_id, is_late) for address in loads(opened or "[]")]
    received = [_received(content, account_id, report_id) for content in contents if content]
    kept = [photo_id for photo_id in received if photo_id is not None]
    for photo_id in kept:
        keep_file(account_id, photo_id)
    attach_photos(get_account(account_id), UUID(report_id), kept)


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


def _received(content: bytes, account_id: UUID, report_id: str) -> UUID | None:
    """The photo, which is swept away one day unless it becomes a part of the report."""
    delete_on = clock.today() + timedelta(days=UNSENT_DAYS)
    try:
        photo = receive(
            BytesIO(content),
            account_id=account_id,
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
