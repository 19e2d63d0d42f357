"""Follow a report: with an account, or by e-mail with a confirmed address.

A letter to an address that somebody typed leads to a page with a button. Opening it changes nothing, so programs that
open the links in mail neither follow nor stop following for anybody; the link works as long as somebody follows.
"""

from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from portal.kit import (
    Account,
    NotFound,
    Refused,
    clock,
    current_language,
    letter_token,
    limit,
    read_letter_token,
    session,
    settings_of,
    write_to,
)
from portal.kit import gettext as _
from services.reporting.models.following import Follower
from services.reporting.models.reports import Report
from services.reporting.operations.photos import add_to_report, receive_photos, refuse_too_many
from services.reporting.queries.public import PublicReport
from services.reporting.rules.categories import title_of
from services.reporting.settings.reporting import ReportingSettings

PURPOSE: Final = "reporting.follow"
ACTOR: Final = "system:reporting"
LETTER: Final = "reporting/mail/follow.txt"
LETTER_PATH: Final = "/services/reporting/following/"
"""The page that letters to followers lead to, with their token at the end."""
DAY: Final = 24 * 3600
LETTERS_A_DAY: Final = 5
"""How many letters that ask for a confirmation one e-mail address gets, whoever asks for them."""
ASKED_AN_HOUR: Final = 30
"""How many such letters may be asked for from one network address."""
UNSEEN: Final = {"synchronize_session": False}

_FOLLOW = insert(Follower).on_conflict_do_nothing()
# Shared, so that it waits for whoever merges the report at the same moment.
_STAYS = (
    select(func.coalesce(Report.merged_into_id, Report.id))
    .where(Report.id == bindparam("report"))
    .with_for_update(read=True)
)
_MAILED = select(Follower.id).where(Follower.report_id == bindparam("report"), Follower.email == bindparam("address"))
_BY_ID = (
    select(
        Follower.id,
        Follower.report_id,
        Follower.confirmed_at,
        Follower.photo_id,
        Report.reference,
        Report.category,
    )
    .join(Report, Report.id == Follower.report_id)
    .where(Follower.id == bindparam("follower"), Follower.email.is_not(None))
)

_MAILED_HERE = (
    select(Follower.id)
    .join(Report, func.coalesce(Report.merged_into_id, Report.id) == Follower.report_id)
    .where(Report.id == bindparam("report"), Follower.email == bindparam("address"))
)
_WITH_PHOTO = update(Follower).where(Follower.id == bindparam("follower")).values(photo_id=bindparam("photo"))
_PHOTO_TAKEN = (
    update(Follower)
    .where(Follower.id == bindparam("follower"), Follower.photo_id == bindparam("photo"))
    .values(photo_id=None)
    .returning(Follower.id)
    .execution_options(synchronize_session=False)
)
_NAMED, _ITS = aliased(Follower), aliased(Report)
_TOGETHER = (
    select(Follower.id)
    .join(Report, Report.id == Follower.report_id)
    .join(_NAMED, _NAMED.email == Follower.email)
    .join(_ITS, _ITS.id == _NAMED.report_id)
    .where(
        _NAMED.id == bindparam("follower"),
        func.coalesce(Report.merged_into_id, Report.id) == func.coalesce(_ITS.merged_into_id, _ITS.id),
    )
)
"""What one address follows of the same problem: of reports that were merged there may be several rows."""


@dataclass(frozen=True, slots=True)
class Following:
    """What the link in a follower's letter leads to. `photo_id` is a photo that they have yet to confirm."""

    id: UUID
    report_id: UUID
    reference: str
    category: str
    confirmed: bool
    photo_id: UUID | None


def follow(account: Account, *, report: PublicReport) -> None:
    """Tell this resident from now on what happens to the report, which everybody may see. Twice is once.

    Of one that was merged into another they follow that.
    """
    now = clock.now()
    row = {
        "id": uuid4(),
        "report_id": session().scalar(_STAYS, {"report": report.id}),
        "account_id": account.id,
        "language": account.language,
        "created_at": now,
        "confirmed_at": now,
    }
    session().execute(_FOLLOW, row)


def unfollow(account: Account, *, report_id: UUID) -> None:
    """Tell them no more. Not to have followed is no error: a second click changes nothing."""
    theirs = (Follower.account_id == account.id, Follower.report_id == report_id)
    session().execute(delete(Follower).where(*theirs), execution_options=UNSEEN)


def stop_following(account: Account, *, follow_id: UUID) -> None:
    """Tell them no more, also of a report that is hidden now. Raises NotFound for another's wish, as for none."""
    theirs = session().get(Follower, follow_id)
    if theirs is None or theirs.account_id != account.id:
        raise NotFound
    session().delete(theirs)


def follow_by_email(report: PublicReport, *, email: str, come_from: str, photo: IO[bytes] | None = None) -> None:
    """Ask whoever has this address, by letter, whether they want to follow the report.

    The same letter goes to an address that follows already: the page does not say who does. `come_from` is a network
    address; empty of a program, whose key has limits of its own. A `photo` becomes part of the report once they have
    confirmed. Raises TooMany; of the photo Refused, Unavailable.
    """
    address = email.casefold()
    count_letter(address, come_from)
    new_id = session().scalar(_MAILED_HERE, {"report": report.id, "address": address}) or uuid4()
    photo_id = _received(report.id, new_id, photo) if photo else None
    stays = session().scalar(_STAYS, {"report": report.id})
    row = {
        "id": new_id,
        "report_id": stays,
        "email": address,
        "language": current_language(),
        "created_at": clock.now(),
    }
    session().execute(_FOLLOW, row)
    follower_id = session().execute(_MAILED, {"report": stays, "address": address}).scalar_one()
    if photo_id is not None and follower_id == new_id:  # or they asked twice at once, and the other photo counts
        session().execute(_WITH_PHOTO, {"follower": follower_id, "photo": photo_id}, execution_options=UNSEEN)
    write_to(
        address,
        template=LETTER,
        language=current_language(),
        path=letter_path(follower_id),
        title=title_of(report.category),
        reference=report.reference,
        hours=settings_of(ReportingSettings).guest_hours,
    )


def _received(report_id: UUID, follower_id: UUID, photo: IO[bytes]) -> UUID:
    """A photo, swept away some days after the link in the letter is over unless they confirm."""
    refuse_too_many(report_id, 1)
    hours = settings_of(ReportingSettings).guest_hours
    (photo_id,) = receive_photos([photo], owner_id=follower_id, actor=ACTOR, days=2 + hours // 24)
    return photo_id


def letter_path(follower_id: UUID) -> str:
    """Where letters to this follower lead."""
    return f"{LETTER_PATH}{letter_token(PURPOSE, follower_id)}"


def get_by_letter(token: str) -> Following:
    """What a letter leads to. Changes nothing. Raises NotFound for no letter of ours, or one whose end has come."""
    follower_id = read_letter_token(PURPOSE, token)
    row = session().execute(_BY_ID, {"follower": follower_id}).one_or_none() if follower_id else None
    if row is None:
        raise NotFound(_("This link is no longer of use. You get no emails by it."))
    return Following(row.id, row.report_id, row.reference, row.category, row.confirmed_at is not None, row.photo_id)


def confirm(token: str) -> Following:
    """The address is right: tell it from now on, and take the photo that they sent. Raises NotFound.

    A photo that the report has no room for any more is left out: they follow all the same.
    """
    found = get_by_letter(token)
    if found.photo_id is not None:
        taken = session().execute(_PHOTO_TAKEN, {"follower": found.id, "photo": found.photo_id}).scalar_one_or_none()
        with suppress(Refused):
            refuse_too_many(found.report_id, 1)
            add_to_report(found.report_id, [found.photo_id] if taken else [], owner_id=found.id)
    theirs = session().scalars(_TOGETHER, {"follower": found.id}).all()
    confirmed = update(Follower).where(Follower.id.in_(theirs), Follower.confirmed_at.is_(None))
    session().execute(confirmed.values(confirmed_at=clock.now()), execution_options=UNSEEN)
    return found


def end(token: str) -> None:
    """Write to this address about the report no more. Raises NotFound."""
    found = get_by_letter(token)
    theirs = session().scalars(_TOGETHER, {"follower": found.id}).all()
    session().execute(delete(Follower).where(Follower.id.in_(theirs)), execution_options=UNSEEN)


def count_letter(address: str, come_from: str) -> None:
    """Count a letter to an address that somebody typed. Raises TooMany."""
    if come_from:
        limit(f"reporting.asked_from:{come_from}", limit=ASKED_AN_HOUR, seconds=3600)
    limit(f"reporting.asked_to:{address}", limit=LETTERS_A_DAY, seconds=DAY)
