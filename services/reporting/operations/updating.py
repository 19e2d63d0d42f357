"""What is said on a report for everybody to read, by residents and by the council, and that it moved."""

from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import bindparam, exists, select
from sqlalchemy.dialects.postgresql import insert

from portal.kit import Account, Case, CaseEvent, Refused, clock, limit, record, session, settings_of
from portal.kit import gettext as _
from services.reporting.models.following import Follower, Update
from services.reporting.models.reports import Report
from services.reporting.operations.passing_on import pass_on_update
from services.reporting.operations.telling import tell_update
from services.reporting.queries.public import PublicReport
from services.reporting.settings.reporting import ReportingSettings

LONGEST_WORDS: Final = 2000
UPDATES_A_DAY: Final = 20
DAY: Final = 24 * 3600
BY_OFFICE: Final = "system:office"
"""Who moves a case when a back office says so. What the office said is written down as its own: see `office_news`."""
_IDS: Final = UUID("8a3c5f1e-52f8-5f0b-9d67-0b7a4be0d5c1")
_ONCE = insert(Update).on_conflict_do_nothing(index_elements=["id"]).returning(Update.id)
_REPORT = select(Report).where(Report.id == bindparam("report"))
_FOLLOWED = select(exists().where(Follower.report_id == bindparam("report")))
_OF_CASE = select(Report.id).where(Report.case_id == bindparam("case"))


def add_update(account: Account, *, report: PublicReport, words: str, key: UUID) -> bool:
    """Say something on a report, for everybody. True when it is shown at once, False when a moderator looks first.

    `key` is drawn by the page: the same again says nothing twice. A back office that takes updates is told. Raises
    Refused when the report repeats another; TooMany.
    """
    row = session().scalars(_REPORT, {"report": report.id}).one()
    if row.merged_into_id is not None:
        raise Refused(_("This was joined with another report. Write your update there."))
    limit(f"reporting.update:{account.id}", limit=UPDATES_A_DAY, seconds=DAY)
    early = settings_of(ReportingSettings).words_shown == "at_once"
    by_reporter = row.account_id == account.id
    update_id = _write(
        uuid5(_IDS, f"{account.id} {key}"),
        report.id,
        said_by="reporter" if by_reporter else "resident",
        words=words[:LONGEST_WORDS],
        moderation="shown" if early else "waiting",
        account_id=account.id,
    )
    if update_id is not None:
        pass_on_update(session().get_one(Update, update_id), row)
    return early


def say_for_council(actor: str, *, report_id: UUID, words: str, key: UUID) -> None:
    """Say something on a report as the council, for everybody: shown at once, and followers are told.

    Whether the member of staff may is for the caller to have checked; `actor` is `staff:<id>`. Twice is once.
    """
    report = session().scalars(_REPORT.with_for_update(), {"report": report_id}).one()
    made = _write(uuid5(_IDS, f"{actor} {key}"), report_id, said_by="staff", words=words, moderation="shown")
    if made is not None:
        report.status_note, report.updated_at = words, clock.now()
        record("reporting.said", actor=actor, subject=f"report:{report_id}", account_id=report.account_id)


def note_status(case: Case, event: CaseEvent) -> None:
    """Write down for everybody that a report moved, not why: the reason in the ledger is for its owner alone.

    Once for each version of the case. What a back office said is written down by `office_news`.
    """
    if event.actor == BY_OFFICE:
        return
    report_id = session().scalars(_OF_CASE, {"case": case.id}).one_or_none()
    if report_id is not None:
        named = uuid5(_IDS, f"{case.id} {case.version}")
        _write(named, report_id, said_by="staff", status=case.status, moderation="shown", tell=_is_followed(report_id))


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
    tell: bool = True,
) -> UUID | None:
    """Keep it, and have those told who want to know; None when it was kept before."""
    now = clock.now()
    row = {
        "id": update_id,
        "report_id": report_id,
        "said_by": said_by,
        "account_id": account_id,
        "words": words,
        "status": status,
        "moderation": moderation,
        "created_at": now,
        "told_at": None if tell else now,
    }
    made = session().execute(_ONCE, row).scalar_one_or_none()
    if made is not None and tell and moderation == "shown":
        tell_update.defer(update_id=str(made))
    return made
