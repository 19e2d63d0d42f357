"""Keep the problems without the people: forget, let go after the years of keeping, hand over what was claimed."""

from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, or_, select, tuple_, update

from portal.kit import Account, session, settings_of
from services.reporting.models.following import Alert, Follower, Update
from services.reporting.models.guests import Guest
from services.reporting.models.inspections import InspectionDraft
from services.reporting.models.reports import Photo, Report
from services.reporting.operations.joining import follow_what_stays
from services.reporting.operations.photos import delete_photo
from services.reporting.settings.reporting import ReportingSettings

AT_ONCE: Final = 500
WITHOUT_THE_PERSON: Final[dict[str, Any]] = {  # the values of columns of several kinds
    "account_id": None,
    "place": "",
    "uprn": None,
    "description": "",
    "public_words": None,
    "public_place": None,
    "answers": {},
    "posted_digest": None,
}
INSPECTION_KEPT_DAYS: Final = 7
"""How long staff find again what they began to write of an inspection."""
UNCONFIRMED_DAYS: Final = 3
"""How long an address is kept that somebody typed and nobody confirms, unless the council has set other hours."""
UNSEEN: Final = {"synchronize_session": False}
_SENT = select(Guest.draft_id).where(Guest.account_id == bindparam("source"))
_STAYS = select(Report.merged_into_id).where(Report.id.in_(_SENT))
# A guest follows what they sent or, where that was merged, what it was merged into.
_AS_GUEST = delete(Follower).where(
    Follower.email.in_(select(Guest.email).where(Guest.account_id == bindparam("source"))),
    or_(Follower.report_id.in_(_SENT), Follower.report_id.in_(_STAYS)),
)
_KEY = (InspectionDraft.report_id, InspectionDraft.actor)
_KEPT_LONG = (
    delete(InspectionDraft)
    .where(tuple_(*_KEY).in_(select(*_KEY).where(InspectionDraft.kept_at < bindparam("before")).limit(AT_ONCE)))
    .returning(InspectionDraft.report_id)
)
_UNCONFIRMED = tuple(
    delete(table)
    .where(
        table.id.in_(
            select(table.id)
            .where(table.confirmed_at.is_(None), table.created_at < bindparam("before"))
            .order_by(table.created_at, table.id)
            .limit(AT_ONCE)
        )
    )
    .returning(table.id)
    for table in (Follower, Alert)
)


def let_go_of_reports(before: datetime) -> int:
    """Forget who sent some of the reports that were closed before that moment, and what others said of them."""
    return _some(Report.closed_at < before)


def let_go_of_inspections(before: datetime) -> int:
    """Delete some of what staff kept for later before that moment and did not send."""
    return len(session().execute(_KEPT_LONG, {"before": before}, execution_options=UNSEEN).all())


def let_go_of_addresses(before: datetime) -> int:
    """Delete some of the addresses that wanted news and that nobody has confirmed in time."""
    hours = timedelta(hours=settings_of(ReportingSettings).guest_hours)
    over = {"before": before + timedelta(days=UNCONFIRMED_DAYS) - hours}
    return sum(len(session().execute(each, over, execution_options=UNSEEN).all()) for each in _UNCONFIRMED)


def forget(account: Account) -> None:
    """Kind, point and dates of what they reported stay; who told us, and in which words, goes.

    So does what they said on others' reports, with their photos, and what they wanted to hear of.
    """
    while _some(Report.account_id == account.id):
        pass
    for photo in session().scalars(select(Photo).where(Photo.owner_id == account.id)).all():
        _delete_files(photo)
    session().execute(delete(Photo).where(Photo.owner_id == account.id), execution_options=UNSEEN)
    for table in (Update, Follower, Alert, Guest):
        session().execute(delete(table).where(table.account_id == account.id), execution_options=UNSEEN)


def claim(source: UUID, account: Account) -> None:
    """What staff or a guest kept under `source` is the resident's own, who has claimed it.

    A guest's address is kept no longer: from now on their account says how they are reached.
    """
    already = select(Follower.report_id).where(Follower.account_id == account.id)
    twice = delete(Follower).where(Follower.account_id == source, Follower.report_id.in_(already))
    session().execute(twice, execution_options=UNSEEN)
    for table in (Report, Update, Follower, Alert):
        theirs = update(table).where(table.account_id == source).values(account_id=account.id)
        session().execute(theirs, execution_options=UNSEEN)
    photos = update(Photo).where(Photo.owner_id == source).values(owner_id=account.id)
    session().execute(photos, execution_options=UNSEEN)
    session().execute(_AS_GUEST, {"source": source}, execution_options=UNSEEN)
    follow_what_stays(account.id)
    guests = update(Guest).where(Guest.account_id == source).values(account_id=account.id, email=None)
    session().execute(guests, execution_options=UNSEEN)


def _some(which: ColumnElement[bool]) -> int:
    """Empty what leads to people in some of these reports, and delete their photos."""
    some = select(Report.id).where(which, Report.account_id.is_not(None)).order_by(Report.closed_at, Report.id)
    ids = session().scalars(some.limit(AT_ONCE)).all()
    if ids:
        for photo in session().scalars(select(Photo).where(Photo.report_id.in_(ids))).all():
            _delete_files(photo)
        said = (Update.report_id.in_(ids), Update.said_by.in_(("reporter", "resident")))
        session().execute(delete(Photo).where(Photo.report_id.in_(ids)), execution_options=UNSEEN)
        session().execute(delete(Update).where(*said), execution_options=UNSEEN)
        session().execute(delete(Follower).where(Follower.report_id.in_(ids)), execution_options=UNSEEN)
        drafts = delete(InspectionDraft).where(InspectionDraft.report_id.in_(ids))
        session().execute(drafts, execution_options=UNSEEN)
        session().execute(delete(Guest).where(Guest.draft_id.in_(ids)), execution_options=UNSEEN)
        session().execute(update(Report).where(Report.id.in_(ids)).values(WITHOUT_THE_PERSON))
    return len(ids)


def _delete_files(photo: Photo) -> None:
    """What was sent, and the copy that others saw in its place."""
    for file_id in (photo.file_id, photo.covered_id):
        if file_id is not None:
            delete_photo(photo.owner_id, file_id)
