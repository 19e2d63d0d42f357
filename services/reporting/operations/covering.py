"""Cover faces and number plates in a photo before others see it. What was sent stays for staff and its owner."""

from collections.abc import Collection

from portal.kit import NotFound, PhotoPart, cover_photo, delete_file, record, session
from services.reporting.models.reports import Photo
from services.reporting.operations.moderating import touch_report
from services.reporting.queries.moderation import PhotoToSee


def cover_parts(actor: str, *, photo: PhotoToSee, parts: Collection[PhotoPart]) -> None:
    """Have others see the photo with these parts black; without parts, as it was sent, once a moderator lets them.

    Always of the photo as it was sent: what was covered before and is not among the parts is seen again. Whether the
    member of staff may is for the caller to have checked. Raises NotFound unless the photo is there and ready.
    """
    # First, since it waits for the store: nothing may be written before.
    covered_id = cover_photo(photo.owner_id, photo.file_id, parts=parts, actor=actor).id if parts else None
    row = session().get(Photo, photo.id, with_for_update=True)
    if row is None:
        raise NotFound
    before, row.covered_id = row.covered_id, covered_id
    if covered_id is None and before is not None:
        row.moderation = "waiting"  # or a face would be seen by all in the same moment
    if before is not None:
        delete_file(row.owner_id, before, actor=actor)
    touch_report(row.report_id)
    act = "reporting.photo_covered" if covered_id else "reporting.photo_uncovered"
    record(act, actor=actor, subject=f"report:{row.report_id}", account_id=row.owner_id, photo=str(photo.id))
