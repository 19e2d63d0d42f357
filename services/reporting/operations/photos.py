"""Photos: added to a draft or to a report, taken out again, and kept with the report once it is sent.

Each is decoded and written anew without what phones hide in it (`receive`). Nobody but its owner and staff sees it
before a moderator has: there may be faces and number plates.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import IO, Final
from uuid import UUID

from sqlalchemy import bindparam, func, select

from portal.kit import (
    Account,
    Draft,
    NotFound,
    Refused,
    clock,
    delete_file,
    hold_draft,
    keep_file,
    limit,
    receive_all,
    save_answers,
    session,
    settings_of,
)
from portal.kit import gettext as _
from services.reporting.models.reports import Photo, Report
from services.reporting.queries import own
from services.reporting.rules.journey import Step
from services.reporting.rules.written import photos_in
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.workflow import SERVICE

HOUR: Final = 3600
UNSENT_DAYS: Final = 90
"""How long the photo of a draft is kept: longer than a draft that nobody touches."""
MOST_OF_ALL: Final = 50
"""How many photos a report may have of everybody together."""

_REPORT = select(Report).where(Report.id == bindparam("report")).with_for_update()
_THEIRS = func.count().filter(Photo.owner_id == bindparam("owner"))
_ALL = select(func.count()).where(Photo.report_id == bindparam("report"))
_LAST = select(func.max(Photo.position)).where(Photo.report_id == bindparam("report"))
_COUNTS = select(func.count(), _THEIRS, func.max(Photo.position)).where(Photo.report_id == bindparam("report"))


def add_photos(
    account: Account,
    *,
    draft_id: UUID,
    streams: Sequence[IO[bytes]],
    left_out: Callable[[int, str], None] | None = None,
) -> Draft:
    """Add photos to a draft, after those that are there; all of them or none. With `left_out` those that are photos,
    and it is told the place of each other one and what is wrong with it.

    Raises NotFound; Refused when one is no photo, or too large, or they are too many; TooMany; Unavailable.
    """
    for _stream in streams:
        _count_upload(account)
    _refuse_more(len(streams), own.get_own_draft(account, draft_id).answers)
    added = _received(account, streams, left_out)
    if not added:
        return own.get_own_draft(account, draft_id)
    draft = hold_draft(account, draft_id)  # two sent at once: neither may lose the other
    _refuse_more(len(added), draft.answers)
    return _save(account, draft_id, [*photos_in(draft.answers), *added])


def remove_photo(account: Account, *, draft_id: UUID, photo_id: UUID) -> Draft:
    """Send the report without this photo after all. Raises NotFound, Conflict when it was sent."""
    held = photos_in(hold_draft(account, draft_id).answers)
    if photo_id not in held:
        raise NotFound
    draft = _save(account, draft_id, [each for each in held if each != photo_id])
    delete_photo(account.id, photo_id)
    return draft


def add_photo_to(account: Account, *, report_id: UUID, stream: IO[bytes]) -> None:
    """Add a photo to a report that somebody else may have made, such as of the same problem. A moderator looks first.

    The caller has found the report among those that this person may see. Raises as `add_photos`.
    """
    _count_upload(account)
    _position_for(account, report_id)
    (photo_id,) = _received(account, [stream])
    if session().execute(_REPORT, {"report": report_id}).scalar_one_or_none() is None:
        raise NotFound
    position = _position_for(account, report_id)
    keep_file(account.id, photo_id)
    session().add(_photo(report_id, position, photo_id, account.id))


def receive_photos(
    streams: Sequence[IO[bytes]],
    *,
    owner_id: UUID,
    actor: str | None = None,
    days: int = UNSENT_DAYS,
    left_out: Callable[[int, str], None] | None = None,
) -> Sequence[UUID]:
    """Take in photos that become part of something in this transaction, all or none, or with `left_out` as
    `add_photos`; what does not is swept away.

    `owner_id` is whose files they are: see `Photo.owner_id`. Called before anything is written. Raises Refused when
    one is no photo or too large, Unavailable.
    """
    if not streams:
        return ()
    delete_on = clock.today() + timedelta(days=days)
    received = receive_all(
        streams,
        account_id=owner_id,
        service=SERVICE,
        purpose="photo",
        delete_on=delete_on,
        actor=actor,
        left_out=left_out,
    )
    return [file.id for file in received]


def count_photos(account: Account, report_id: UUID, many: int) -> None:
    """Count photos that a resident adds to what they say on a report.

    Raises Refused when they are too many; TooMany.
    """
    most = settings_of(ReportingSettings).photos_a_report
    if many > most:
        raise Refused(_("You can add up to %(most)s photos at once.", most=most))
    refuse_too_many(report_id, many)
    for _each in range(many):
        _count_upload(account)


def refuse_too_many(report_id: UUID, many: int) -> None:
    """Raises Refused when a report cannot take so many more."""
    held = session().scalar(_ALL, {"report": report_id}) or 0
    if many and held + many > MOST_OF_ALL:
        raise Refused(_("This report has enough photos already."))


def add_to_report(report_id: UUID, photo_ids: Sequence[UUID], *, owner_id: UUID, update_id: UUID | None = None) -> None:
    """Photos that were received, now part of a report or of the update that was said on it. A moderator looks first.

    Those that were swept away meanwhile are left out.
    """
    if not photo_ids:
        return
    session().execute(_REPORT, {"report": report_id})  # locked: two who add at once get places of their own
    last = session().scalar(_LAST, {"report": report_id}) or 0
    for position, photo_id in enumerate(photo_ids, start=last + 1):
        with suppress(NotFound):
            keep_file(owner_id, photo_id)
            added = _photo(report_id, position, photo_id, owner_id)
            added.update_id = update_id
            session().add(added)


def keep_photos(account: Account, draft: Draft) -> Sequence[UUID]:
    """The photos of a draft, now part of a report. Those that were swept away meanwhile are left out: the report is
    worth having without them.
    """
    kept = []
    for photo_id in photos_in(draft.answers):
        with suppress(NotFound):
            keep_file(account.id, photo_id)
            kept.append(photo_id)
    return kept


def attach_photos(account: Account, report_id: UUID, photo_ids: Sequence[UUID]) -> None:
    """The photos of a report that is new in this transaction."""
    for position, photo_id in enumerate(photo_ids, start=1):
        session().add(_photo(report_id, position, photo_id, account.id))


def delete_photo(account_id: UUID, photo_id: UUID) -> None:
    """Delete the file of a photo, unless it is gone already: swept, or forgotten with the person."""
    with suppress(NotFound):
        delete_file(account_id, photo_id)


def _count_upload(account: Account) -> None:
    limit(f"reporting.photo:{account.id}", limit=settings_of(ReportingSettings).photos_an_hour, seconds=HOUR)


def _received(
    account: Account, streams: Sequence[IO[bytes]], left_out: Callable[[int, str], None] | None = None
) -> Sequence[UUID]:
    return receive_photos(streams, owner_id=account.id, left_out=left_out)


def _save(account: Account, draft_id: UUID, photos: Sequence[UUID]) -> Draft:
    return save_answers(account, draft_id, step=Step.PHOTO, answers={"photos": [str(each) for each in photos]})


def _refuse_more(count: int, answers: Mapping[str, Mapping[str, object]]) -> None:
    """Raises Refused when a draft cannot take so many more."""
    most = settings_of(ReportingSettings).photos_a_report
    if len(photos_in(answers)) + count > most:
        raise Refused(_("You can add up to %(most)s photos. Remove one to add another.", most=most))


def _position_for(account: Account, report_id: UUID) -> int:
    """The place of the next photo of this person. Raises Refused when they, or all together, have added enough."""
    of_all, of_theirs, last = session().execute(_COUNTS, {"report": report_id, "owner": account.id}).one()
    most = settings_of(ReportingSettings).photos_a_report
    if of_theirs >= most or of_all >= MOST_OF_ALL:
        raise Refused(_("This report has enough photos already."))
    return (last or 0) + 1


def _photo(report_id: UUID, position: int, photo_id: UUID, owner_id: UUID) -> Photo:
    return Photo(
        report_id=report_id,
        position=position,
        file_id=photo_id,
        owner_id=owner_id,
        moderation="waiting",
        created_at=clock.now(),
    )
