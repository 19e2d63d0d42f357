"""What a back office says of a report: written on it once, and its case moved to where it says it stands.

By whichever way it comes: the office posts it, or we ask.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import uuid4

from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.dialects.postgresql import insert

from portal.kit import (
    Case,
    NotFound,
    Refused,
    case_path,
    clock,
    get_account,
    move_case,
    reopen_case,
    session,
    tell,
)
from services.reporting.models.following import Update
from services.reporting.models.reports import Report
from services.reporting.rules.open311.statuses import MEANT, REOPENED, REOPENS, understood

ACTOR: Final = "system:office"
LONGEST_STATUS: Final = 60
LONGEST_ID: Final = 120
LONGEST_WORDS: Final = 4000
_ONCE = insert(Update).on_conflict_do_nothing(index_elements=["report_id", "external_id"]).returning(Update.id)
_MOVED_SINCE = select(
    exists().where(
        Update.report_id == bindparam("report"),
        Update.said_by == "office",  # by its own clock, which may differ from ours
        Update.status != "",
        Update.created_at > bindparam("at"),
    )
)
_CAME_WITH = (
    update(Update)
    .where(Update.id == bindparam("update"))
    .values(status=bindparam("stands"), moderation="shown")
    .execution_options(synchronize_session=False)
)


@dataclass(frozen=True, slots=True)
class News:
    """One thing that an office said. `id` is its own name for it, by which it is known again."""

    id: str
    status: str
    words: str
    at: datetime


def hear(report: Report, news: News) -> bool:
    """Take in what the office of this report said; False when it was said before.

    What it says for everybody to read is the office's own: it is shown at once, as what staff write is. A move that
    our workflow does not know changes nothing, nor does one that came later than a newer one; the words stand on the
    report all the same.
    """
    at = min(news.at, clock.now())
    row = {
        "id": uuid4(),
        "report_id": report.id,
        "said_by": "office",
        "words": news.words[:LONGEST_WORDS],
        "status": "",
        "moderation": "shown" if news.words else "hidden",  # without words there is something to read if it moves
        "external_id": news.id[:LONGEST_ID],
        "created_at": at,
    }
    update_id = session().execute(_ONCE, row).scalar_one_or_none()
    if update_id is None:
        return False
    status, stood = understood(news.status)[:LONGEST_STATUS], report.status
    if status and status != report.external_status and not _moved_since(report, at):
        stands = _follow(report, status, news.words)
        report.external_status = status  # after the move, of which a reopening forgets what the office said last
        if stands != stood:
            report.status_note = news.words[:LONGEST_WORDS]
            session().execute(_CAME_WITH, {"update": update_id, "stands": stands})
    return True


def _moved_since(report: Report, at: datetime) -> bool:
    return bool(session().scalar(_MOVED_SINCE, {"report": report.id, "at": at}))


def _follow(report: Report, status: str, words: str) -> str:
    """The status of the report after its case was moved to where the office says it stands."""
    meant = MEANT.get(status)
    with suppress(Refused):  # it went another way here, such as closed by staff: the words still stand on the report
        if report.closed_at is not None:
            if status in REOPENS:
                return _told(report, reopen_case(ACTOR, report.case_id, reason=words or _reopened(), channel="api"))
        elif meant is not None and meant.status != report.status:
            reason = words or str(meant.words)
            return _told(report, move_case(report.case_id, to=meant.status, actor=ACTOR, channel="api", reason=reason))
    return report.status


def _reopened() -> str:
    return str(MEANT[REOPENED].words)


def _told(report: Report, case: Case) -> str:
    """Tell whoever reported it, as the portal does of what staff decide."""
    if report.account_id is not None:
        with suppress(NotFound):  # the account was closed meanwhile
            tell(
                get_account(report.account_id),
                template="reporting/mail/moved.txt",
                key=f"moved:{case.id}:{case.version}",
                path=case_path(case.reference),
                reference=case.reference,
            )
    return case.status
