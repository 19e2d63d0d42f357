"""Take in updates that programs of others post: what residents said elsewhere, and what back offices say."""

from collections.abc import Sequence
from typing import IO, Final
from uuid import UUID, uuid5

from sqlalchemy import bindparam, or_, select
from sqlalchemy.dialects.postgresql import insert

from portal.kit import clock, read_reference, session, settings_of
from services.reporting.models.following import Update
from services.reporting.models.reports import Report
from services.reporting.operations.api_keys import Caller
from services.reporting.operations.media import receive_media, with_digests
from services.reporting.operations.office_news import News, hear
from services.reporting.operations.passing_on_words import pass_on_update
from services.reporting.operations.photos import add_to_report
from services.reporting.operations.photos_by_address import fetch_later
from services.reporting.rules.open311.asking import Arguments
from services.reporting.rules.open311.faults import NOT_FOUND, wrong
from services.reporting.rules.open311.posting import LONGEST_ID, PostedUpdate, digest_of, read_update
from services.reporting.rules.personal import leads_to_somebody
from services.reporting.settings.reporting import ReportingSettings

_IDS: Final = UUID("5d0b4b0c-0f5e-5c1f-8a0e-6f1f7d2b9e42")
_AT_OFFICE = (
    select(Report)
    .where(
        Report.office == bindparam("office"),
        or_(Report.external_id == bindparam("named"), Report.reference == bindparam("reference")),
    )
    .order_by(Report.created_at)
    .limit(1)
)
_OF_OFFICE = _AT_OFFICE.with_for_update()
_SHOWN_OR_OWN = select(Report).where(
    Report.reference == bindparam("reference"),
    or_(Report.private.is_(False) & (Report.moderation != "hidden"), Report.api_key_id == bindparam("key")),
)
_ONCE = insert(Update).on_conflict_do_nothing(index_elements=["report_id", "external_id"]).returning(Update.id)
_SAID_BEFORE = select(Update.id).where(
    Update.report_id == bindparam("report"), Update.external_id == bindparam("external")
)


def take_update(caller: Caller, given: Arguments, files: Sequence[IO[bytes]] = ()) -> UUID:
    """Write down what was posted, once, by what its program calls it or else by all that it says. Our id for it.

    A back office says how its own reports stand, and moves them. What residents said elsewhere is a comment that waits
    for a moderator and goes on to the back office as those of our own pages do; a status that comes with it moves
    nothing. `files` are photos, which always wait for a moderator. Raises Wrong; Unavailable when no file can be kept.
    """
    posted = read_update(given, len(files))
    name = posted.update_id or digest_of(with_digests(given, files))
    photos = _received(caller, posted, files)  # waits for the store, so before anything is held
    if "status" in caller.scopes:
        report = _of_office(caller, posted)
        if report is not None:
            is_new = hear(report, News(name, posted.status, posted.words, posted.at or clock.now()))
            return _with_photos(report, _said_before(report, name), posted, photos if is_new else None)
    if "update" not in caller.scopes:
        raise wrong("service_request_id was not found among the reports of this office", NOT_FOUND)
    return _comment(caller, posted, name, photos)


def _received(caller: Caller, posted: PostedUpdate, files: Sequence[IO[bytes]]) -> Sequence[UUID]:
    """The files, taken in for the report that they are about; none where there is no such report, as is told later."""
    if not files:
        return ()
    reference = read_reference(posted.request_id)
    at_office = {"office": caller.office, "named": posted.request_id, "reference": reference}
    report = session().scalars(_AT_OFFICE, at_office).one_or_none() if "status" in caller.scopes else None
    if report is None:
        report = session().scalars(_SHOWN_OR_OWN, {"reference": reference, "key": caller.id}).one_or_none()
    return receive_media(caller, files, owner_id=report.case_id) if report is not None else ()


def _with_photos(report: Report, update_id: UUID, posted: PostedUpdate, photos: Sequence[UUID] | None) -> UUID:
    """The update, with its photos where it is new; what was said before (None) has its own."""
    if photos is not None and report.account_id is not None:  # of what is forgotten nothing new is kept
        add_to_report(report.id, photos, owner_id=report.case_id, update_id=update_id)
        if posted.photos:
            fetch_later(report.id, report.account_id, posted.photos, update_id=update_id, came_with=len(photos))
    return update_id


def _of_office(caller: Caller, posted: PostedUpdate) -> Report | None:
    values = {"office": caller.office, "named": posted.request_id, "reference": read_reference(posted.request_id)}
    return session().scalars(_OF_OFFICE, values).one_or_none()


def _comment(caller: Caller, posted: PostedUpdate, name: str, photos: Sequence[UUID]) -> UUID:
    reference = read_reference(posted.request_id)
    report = session().scalars(_SHOWN_OR_OWN, {"reference": reference, "key": caller.id}).one_or_none()
    if report is None:
        raise wrong("service_request_id was not found", NOT_FOUND)
    if not posted.words:
        raise wrong("this key sends what residents say, so a description is needed")
    early = settings_of(ReportingSettings).words_shown == "at_once" and not leads_to_somebody(posted.words)
    own_name = f"{caller.id.hex}:{name}"[:LONGEST_ID]
    row = {
        "id": uuid5(_IDS, f"{report.id} {own_name}"),
        "report_id": report.id,
        "said_by": "resident",
        "api_key_id": caller.id,
        "words": posted.words,
        "status": "",
        "moderation": "shown" if early else "waiting",
        "external_id": own_name,
        "created_at": min(posted.at or clock.now(), clock.now()),
    }
    is_new = session().execute(_ONCE, row).scalar_one_or_none() is not None
    if is_new:
        pass_on_update(session().get_one(Update, row["id"]), report)
    return _with_photos(report, _said_before(report, own_name), posted, photos if is_new else None)


def _said_before(report: Report, name: str) -> UUID:
    return session().scalars(_SAID_BEFORE, {"report": report.id, "external": name}).one()
