"""Was it fixed? Whoever reported a problem is asked some time after we said so, and may reopen it by their answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select

from portal.kit import (
    NotFound,
    Refused,
    clock,
    get_account,
    is_unclaimed,
    job,
    letter_token,
    read_letter_token,
    reopen_case,
    session,
    tell,
    write_to,
)
from portal.kit import gettext as _
from services.reporting.models.guests import Guest
from services.reporting.models.reports import Report
from services.reporting.workflow import REOPEN_DAYS

PURPOSE: Final = "reporting.fixed"
LETTER: Final = "reporting/mail/was_it_fixed.txt"
LETTER_PATH: Final = "/services/reporting/fixed/"
ASKED_AFTER: Final = timedelta(days=14)
"""Long enough for a repair to show whether it holds, and within the days in which a report can be reopened."""
NOT_AFTER: Final = timedelta(days=REOPEN_DAYS - 3)
PORTION: Final = 100
LONGEST_WORDS: Final = 1000

_TO_ASK = (
    select(Report)
    .where(
        Report.closed_at < bindparam("before"),
        Report.closed_at > bindparam("after"),
        Report.asked_fixed_at.is_(None),
        Report.status == "fixed",
        Report.account_id.is_not(None),
    )
    .order_by(Report.closed_at, Report.id)
    .limit(PORTION)
    .with_for_update(skip_locked=True)
)
_GUEST = select(Guest.email, Guest.language).where(Guest.draft_id == bindparam("report"), Guest.email.is_not(None))
_BY_ID = select(Report).where(Report.id == bindparam("report"))


@dataclass(frozen=True, slots=True)
class Asked:
    """A report whose reporter was asked. `answer` is what they said, if they have."""

    report_id: UUID
    reference: str
    category: str
    closed_at: datetime | None
    answer: bool | None


@job("reporting.ask_fixed", cron="40 9 * * *")
def ask_fixed() -> None:
    """Each morning: ask about what was fixed two weeks ago, a portion a transaction, each report once."""
    now = clock.now()
    times = {"before": now - ASKED_AFTER, "after": now - NOT_AFTER}
    while some := session().scalars(_TO_ASK, times).all():
        for report in some:
            report.asked_fixed_at = now
            _ask(report)
        session().commit()


def _ask(report: Report) -> None:
    """Guests by the address that they confirmed; residents as they chose. Of a closed account nobody is asked."""
    assert report.account_id is not None, "the query leaves out forgotten ones"
    path = f"{LETTER_PATH}{letter_token(PURPOSE, report.id)}"
    guest = session().execute(_GUEST, {"report": report.id}).one_or_none()
    if guest is not None and is_unclaimed(report.account_id):
        write_to(guest.email, template=LETTER, language=guest.language, path=path, reference=report.reference)
        return
    try:
        account = get_account(report.account_id)
    except NotFound:
        return
    key = f"fixed:{report.case_id}:{report.closed_at:%Y%m%d}"
    tell(account, template=LETTER, key=key, path=path, reference=report.reference)


def get_asked(token: str) -> Asked:
    """What the link in the letter leads to. Changes nothing. Raises NotFound."""
    report = _report_of(token)
    return Asked(report.id, report.reference, report.category, report.closed_at, report.said_fixed)


def answer_fixed(token: str, *, fixed: bool, words: str) -> bool:
    """Keep the answer; a No opens the report again, with these words. True when it is open again.

    The link came in a letter to the reporter alone, which is the proof that it is theirs, as with any letter of ours;
    the answer shows nobody anything. The same again changes nothing. Raises NotFound; Refused without words after No,
    and when the days for reopening are over.
    """
    report = _report_of(token, lock=True)
    if report.closed_at is None or report.said_fixed is not None:
        return report.closed_at is None
    if not fixed:
        if not words.strip():
            raise Refused(_("Tell us what is left to do."))
        reopen_case(f"account:{report.account_id}", report.case_id, reason=words.strip()[:LONGEST_WORDS])
        return True  # the answer is for this end; after the next they are asked anew
    report.said_fixed = True
    return False


def _report_of(token: str, *, lock: bool = False) -> Report:
    report_id = read_letter_token(PURPOSE, token)
    query = _BY_ID.with_for_update() if lock else _BY_ID
    report = session().scalars(query, {"report": report_id}).one_or_none() if report_id else None
    if report is None or report.account_id is None:
        raise NotFound(_("This link is no longer of use."))
    return report
