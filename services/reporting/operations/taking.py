"""Take in reports that programs of others post: each once, however often it is sent."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import IO, Final
from uuid import UUID, uuid4, uuid5

from sqlalchemy import BigInteger, bindparam, func, select

from portal.kit import (
    Address,
    TooMany,
    clock,
    council,
    gazetteer,
    get_account,
    keep_file,
    open_for_caller,
    session,
    settings_of,
)
from services.reporting.models.reports import Report
from services.reporting.operations.api_keys import Caller
from services.reporting.operations.following import follow_by_email
from services.reporting.operations.media import receive_media, with_digests
from services.reporting.operations.photos_by_address import fetch_later
from services.reporting.operations.sending import accept_report
from services.reporting.queries.public import find_public_by_id
from services.reporting.rules.categories import find_category, is_taken, is_urgent, urgent_words
from services.reporting.rules.open311.asking import Arguments
from services.reporting.rules.open311.faults import NOT_FOUND, UNPROCESSABLE, wrong
from services.reporting.rules.open311.posting import (
    LONGEST_ID,
    Posted,
    digest_of,
    place_of,
    read_request,
    whose_else,
)
from services.reporting.rules.places import Place, Point
from services.reporting.rules.written import Written
from services.reporting.settings.categories import Category
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.workflow import type_of, who_gets_it

SAME_FOR: Final = timedelta(days=1)
"""A post that says the very same again within a day is the same report, whose answer was lost on its way."""
_IDS: Final = UUID("1d0f6a0e-7a43-5d0a-8a53-1f2b8a6f3c11")
_LOCK = select(func.pg_advisory_xact_lock(bindparam("number", type_=BigInteger())))
_TAKEN = select(Report.reference, Report.created_at, Report.posted_digest).where(Report.id == bindparam("report"))


@dataclass(frozen=True, slots=True)
class Taken:
    """A report that was taken in, and what happens now, for whoever reported it."""

    reference: str
    notice: str


def take_request(
    caller: Caller, given: Arguments, *, files: Sequence[IO[bytes]] = (), idempotency_key: str = ""
) -> Taken:
    """File the report that a program posted, once. `files` are photos that came with it.

    The same idempotency key again gives the same report, for ever, and refuses other words; without one, the very same
    words do for a day.
    Raises Wrong with everything that is wrong; Unavailable when an address cannot be looked up, or no file kept.
    """
    category = _category(given)
    settings = settings_of(ReportingSettings)
    posted = read_request(given, category, settings, len(files))
    place = _place(posted, settings)  # may ask the gazetteer, so before anything is held
    words = digest_of(given)
    report_id, earlier = _ids(caller, digest_of(with_digests(given, files)), idempotency_key)
    reference = _taken_before(report_id, earlier, words) if files else None
    if reference is None:
        account_id = uuid4()
        photos = receive_media(caller, files, owner_id=account_id)  # waits for the store, so the same
        session().execute(_LOCK, {"number": int.from_bytes(report_id.bytes[:7])})
        reference = _taken_before(report_id, earlier, words)
        if reference is None:
            reference = _file(caller, report_id, account_id, posted, place, photos)
            session().get_one(Report, report_id).posted_digest = words if idempotency_key else None
    return Taken(reference, _notice(category, posted))


def _category(given: Arguments) -> Category:
    code = next((value.strip() for value in given.get("service_code", ()) if value.strip()), "")
    if not code:
        raise wrong("service_code was not provided")
    category = find_category(code)
    if category is None:
        raise wrong("service_code was not found", NOT_FOUND)
    if not is_taken(category):
        raise wrong("this service is not offered at the moment")
    return category


def _place(posted: Posted, settings: ReportingSettings) -> Place:
    if posted.address_id and posted.point is None:
        return _place_of_address(posted, gazetteer().by_uprn(posted.address_id), settings)
    street = settings.ground.street_near(posted.point) if posted.point else None
    return replace(place_of(posted, street.label if street else ""), usrn=street.usrn if street else None)


def _place_of_address(posted: Posted, found: Address | None, settings: ReportingSettings) -> Place:
    if found is None:
        raise wrong("address_id was not found")
    point = Point(found.lat, found.lon)
    if not settings.ground.is_ours(point):
        raise wrong(f"address_id: {whose_else(point, settings)}")
    return Place(posted.address or found.label, point, uprn=found.uprn)


def _ids(caller: Caller, said: str, idempotency_key: str) -> tuple[UUID, UUID | None]:
    """What the report is called, and what it was called had the same been posted just before midnight."""
    if len(idempotency_key) > LONGEST_ID:
        raise wrong(f"Idempotency-Key is longer than {LONGEST_ID} characters")
    if idempotency_key:
        return uuid5(_IDS, f"{caller.id} {idempotency_key}"), None
    today = clock.now().date()
    now, earlier = (uuid5(_IDS, f"{caller.id} {today - timedelta(days=ago)} {said}") for ago in (0, 1))
    return now, earlier


def _taken_before(report_id: UUID, earlier: UUID | None, words: str) -> str | None:
    """The reference of the report that this post is again, if there is one. Raises Wrong where that said something
    else."""
    row = session().execute(_TAKEN, {"report": report_id}).one_or_none()
    if row is not None and row.posted_digest not in (None, words):
        raise wrong("this Idempotency-Key came with another report: draw a new one for each", UNPROCESSABLE)
    if row is None and earlier is not None:
        row = session().execute(_TAKEN, {"report": earlier}).one_or_none()
        row = row if row is not None and row.created_at >= clock.now() - SAME_FOR else None
    return str(row.reference) if row is not None else None


def _file(
    caller: Caller, report_id: UUID, account_id: UUID, posted: Posted, place: Place, photos: Sequence[UUID]
) -> str:
    """Under an account of nobody, as when staff take down a report: whoever reported it can be given it later."""
    who = posted.reporter
    open_for_caller(
        f"system:open311:{caller.id}",
        account_id=account_id,
        given_name=who.given_name,
        family_name=who.family_name,
        phone=who.phone or None,
    )
    written = Written(category=posted.service_code, place=place, description=posted.description, answers=posted.answers)
    for photo_id in photos:
        keep_file(account_id, photo_id)
    case = accept_report(
        get_account(account_id),
        report_id=report_id,
        written=written,
        photos=photos,
        channel="api",
        api_key_id=caller.id,
    )
    if who.email:
        _ask_to_follow(report_id, who.email)
    if posted.photos:
        fetch_later(report_id, account_id, posted.photos, came_with=len(photos))
    return case.reference


def _ask_to_follow(report_id: UUID, email: str) -> None:
    """Ask whoever reported it, by letter, whether they want to hear of it: a program may have any address sent.

    Of a private report nothing goes to an address that nobody has proved.
    """
    report = find_public_by_id(report_id)
    if report is not None:
        with suppress(TooMany, ValueError):  # what they reported counts, and is taken
            follow_by_email(report, email=email, come_from="")


def _notice(category: Category, posted: Posted) -> str:
    """What happens now. Of a danger, that it is telephoned and not typed."""
    if is_urgent(category, posted.description, posted.answers):
        return urgent_words(category, council().telephone)
    return str(who_gets_it(type_of(category.family).team))
