"""Follow a report: with an account, or by e-mail with a confirmed address.

A letter to an address that somebody typed leads to a page with a button. Opening it changes nothing, so programs that
open the links in mail neither follow nor stop following for anybody; the link works as long as somebody follows.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased

from portal.kit import (
    Account,
    NotFound,
    clock,
    current_language,
    job,
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
from services.reporting.queries.public import PublicReport
from services.reporting.rules.categories import title_of
from services.reporting.settings.reporting import ReportingSettings

PURPOSE: Final = "reporting.follow"
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
    select(Follower.id, Follower.confirmed_at, Report.reference, Report.category)
    .join(Report, Report.id == Follower.report_id)
    .where(Follower.id == bindparam("follower"), Follower.email.is_not(None))
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
    """What the link in a follower's letter leads to."""

    id: UUID
    reference: str
    category: str
    confirmed: bool


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


def follow_by_email(report: PublicReport, *, email: str, come_from: str) -> None:
    """Ask whoever has this address, by letter, whether they want to follow the report.

    The same letter goes to an address that follows already: the page does not say who does. `come_from` is a network
    address. Raises TooMany.
    """
    address = email.casefold()
    count_letter(address, come_from)
    stays = session().scalar(_STAYS, {"report": report.id})
    row = {
        "id": uuid4(),
        "report_id": stays,
        "email": address,
        "language": current_language(),
        "created_at": clock.now(),
    }
    session().execute(_FOLLOW, row)
    follower_id = session().execute(_MAILED, {"report": stays, "address": address}).scalar_one()
    write_to(
        address,
        template=LETTER,
        language=current_language(),
        path=letter_path(follower_id),
        title=title_of(report.category),
        reference=report.reference,
        hours=settings_of(ReportingSettings).guest_hours,
    )


def letter_path(follower_id: UUID) -> str:
    """Where letters to this follower lead."""
    return f"{LETTER_PATH}{letter_token(PURPOSE, follower_id)}"


def get_by_letter(token: str) -> Following:
    """What a letter leads to. Changes nothing. Raises NotFound for no letter of ours, or one whose end has come."""
    follower_id = read_letter_token(PURPOSE, token)
    row = session().execute(_BY_ID, {"follower": follower_id}).one_or_none() if follower_id else None
    if row is None:
        raise NotFound(_("This link is no longer of use. You get no emails by it."))
    return Following(row.id, row.reference, row.category, row.confirmed_at is not None)


def confirm(token: str) -> Following:
    """The address is right: tell it from now on. Raises NotFound."""
    found = get_by_letter(token)
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
    limit(f"reporting.asked_from:{come_from}", limit=ASKED_AN_HOUR, seconds=3600)
    limit(f"reporting.asked_to:{address}", limit=LETTERS_A_DAY, seconds=DAY)


@job("reporting.forget_unconfirmed", cron="33 * * * *")
def forget_unconfirmed() -> None:
    """Forget the addresses that nobody has confirmed in time."""
    over = clock.now() - timedelta(hours=settings_of(ReportingSettings).guest_hours)
    unconfirmed = (Follower.confirmed_at.is_(None), Follower.created_at < over)
    session().execute(delete(Follower).where(*unconfirmed), execution_options=UNSEEN)
