"""What is said on a report for everybody to read, by residents and by the council, and that it moved."""

from collections.abc import Sequence
from typing import IO, Final
from uuid import UUID, uuid5

from sqlalchemy import bindparam, exists, func, select
from sqlalchemy.dialects.postgresql import insert

from portal.kit import Account, Case, CaseEvent, Refused, clock, limit, record, session, settings_of
from portal.kit import gettext as _
from services.reporting.models.following import Follower, Update
from services.reporting.models.guests import Guest
from services.reporting.models.reports import Report
from services.reporting.operations.passing_on_words import pass_on_update
from services.reporting.operations.photos import add_to_report, count_photos, receive_photos, refuse_too_many
from services.reporting.operations.telling import tell_update
from services.reporting.queries.public import PublicReport
from services.reporting.rules.personal import leads_to_somebody
from services.reporting.settings.reporting import ReportingSettings

LONGEST_WORDS: Final = 2000
UPDATES_A_DAY: Final = 20
DAY: Final = 24 * 3600
BY_OFFICE: Final = "system:office"
"""Who moves a case when a back office says so. What the office said is written down as its own: see `office_news`."""
_IDS: Final = UUID("8a3c5f1e-52f8-5f0b-9d67-0b7a4be0d5c1")
_ONCE = insert(Update).on_conflict_do_nothing(index_elements=["id"]).returning(Update.id)
_REPORT = select(Report).where(Report.id == bindparam("report"))
_SAID = select(exists().where(Update.id == bindparam("update")))
_CASE = select(Report.case_id).where(Report.id == bindparam("report"))
_FOLLOWED = select(exists().where(Follower.report_id == bindparam("report")))
_BY_GUEST = select(
    exists()
    .where(Follower.id == bindparam("follower"), Guest.draft_id == bindparam("report"))
    .where(func.lower(Guest.email) == func.lower(Follower.email))
)
_OF_CASE = select(Report.id).where(Report.case_id == bindparam("case"))


def add_update(
    account: Account, *, report: PublicReport, words: str, key: UUID, photos: Sequence[IO[bytes]] = ()
) -> bool:
    """Say something on a report, for everybody. True when it is shown at once, False when a moderator looks first.

    At photos a moderator always looks first. `key` is drawn by the page: the same again says nothing twice. A back
    office that takes updates is told. Raises Refused when the report repeats another, or a photo is none, or they are
    too many; TooMany; Unavailable.
    """
    update_id = uuid5(_IDS, f"{account.id} {key}")
    early = _is_shown_at_once(words)
    if session().scalar(_SAID, {"update": update_id}):
        return early
    _refuse_where_joined(report.id)
    limit(f"reporting.update:{account.id}", limit=UPDATES_A_DAY, seconds=DAY)
    count_photos(account, report.id, len(photos))
    received = receive_photos(photos, owner_id=account.id)
    row = session().scalars(_REPORT, {"report": report.id}).one()
    by_reporter = row.account_id == account.id
    made = _write(
        update_id,
        report.id,
        said_by="reporter" if by_reporter else "resident",
        words=words[:LONGEST_WORDS],
        moderation="shown" if early else "waiting",
        account_id=account.id,
    )
    if made is not None:
        add_to_report(report.id, received, owner_id=account.id, update_id=made)
        pass_on_update(session().get_one(Update, made), row)
    return early


def add_update_by_letter(follower_id: UUID, *, report: PublicReport, words: str, key: UUID) -> bool:
    """Say something as whoever has confirmed an address to which letters about the report go. See `add_update`.

    Words alone: photos are kept under an account. Raises Refused, TooMany.
    """
    update_id, early = uuid5(_IDS, f"{follower_id} {key}"), _is_shown_at_once(words)
    if session().scalar(_SAID, {"update": update_id}):
        return early
    _refuse_where_joined(report.id)
    limit(f"reporting.update:{follower_id}", limit=UPDATES_A_DAY, seconds=DAY)
    by_reporter = session().scalar(_BY_GUEST, {"report": report.id, "follower": follower_id})
    made = _write(
        update_id,
        report.id,
        said_by="reporter" if by_reporter else "resident",
        words=words[:LONGEST_WORDS],
        moderation="shown" if early else "waiting",
        follower_id=follower_id,
    )
    if made is not None:
        row = session().scalars(_REPORT, {"report": report.id}).one()
        pass_on_update(session().get_one(Update, made), row)
    return early


def _is_shown_at_once(words: str) -> bool:
    return settings_of(ReportingSettings).words_shown == "at_once" and not leads_to_somebody(words)


def _refuse_where_joined(report_id: UUID) -> None:
    if session().scalars(_REPORT, {"report": report_id}).one().merged_into_id is not None:
        raise Refused(_("This was joined with another report. Write your update there."))


def say_for_council(
    actor: str, *, report_id: UUID, words: str, key: UUID, photos: Sequence[IO[bytes]] = (), tell: bool = True
) -> None:
    """Say something on a report as the council, for everybody: shown at once, and followers are told. Without `tell`
    they are not, where they hear in the same moment that the report moved.

    Photos are shown once somebody has looked at them as at all others: a face is soon overlooked on a small screen.
    Whether the member of staff may is for the caller to have checked; `actor` is `staff:<id>`. Twice is once. Raises
    Refused, Unavailable as `add_update`.
    """
    case_id = session().scalars(_CASE, {"report": report_id}).one()
    update_id = uuid5(_IDS, f"{actor} {key}")
    if photos and not session().scalar(_SAID, {"update": update_id}):
        refuse_too_many(report_id, len(photos))
        received = receive_photos(photos, owner_id=case_id, actor=actor)
    else:
        received = ()
    report = session().scalars(_REPORT.with_for_update(), {"report": report_id}).one()
    made = _write(update_id, report_id, said_by="staff", words=words, moderation="shown", tell=tell)
    if made is not None:
        add_to_report(report_id, received, owner_id=case_id, update_id=made)
        report.status_note, report.updated_at = words, clock.now()
        record("reporting.said", actor=actor, subject=f"report:{report_id}", account_id=report.account_id)


def note_status(case: Case, event: CaseEvent) -> None:
    """Write down for everybody that a report moved, not why: the reason in the ledger is for its owner alone.

    Once for each version of the case. What a back office said is written down by `office_news`. The office hears that a
    report was opened again: it had done with it.
    """
    if event.actor == BY_OFFICE:
        return
    report_id = session().scalars(_OF_CASE, {"case": case.id}).one_or_none()
    if report_id is None:
        return
    named, reopens, tell = uuid5(_IDS, f"{case.id} {case.version}"), event.kind == "reopened", _is_followed(report_id)
    made = _write(named, report_id, said_by="staff", status=case.status, moderation="shown", tell=tell, reopens=reopens)
    if made is not None and reopens:
        pass_on_update(session().get_one(Update, made), session().scalars(_REPORT, {"report": report_id}).one())


def _is_followed(report_id: UUID) -> bool:
    """Most reports are moved before anybody follows them: those need no job."""
    return bool(session().scalar(_FOLLOWED, {"report": report_id}))


def _write(
    update_id: UUID,
    report_id: UUID,
    *,
    said_by: str,
    moderation: str,
    words: str = "",
    status: str = "",
    account_id: UUID | None = None,
    follower_id: UUID | None = None,
    tell: bool = True,
    reopens: bool = False,
) -> UUID | None:
    """Keep it, and have those told who want to know; None when it was kept before."""
    now = clock.now()
    row = {
        "id": update_id,
        "report_id": report_id,
        "said_by": said_by,
        "account_id": account_id,
        "follower_id": follower_id,
        "words": words,
        "status": status,
        "reopens": reopens,
        "moderation": moderation,
        "created_at": now,
        "told_at": None if tell else now,
    }
    made = session().execute(_ONCE, row).scalar_one_or_none()
    if made is not None and tell and moderation == "shown":
        tell_update.defer(update_id=str(made))
    return made
