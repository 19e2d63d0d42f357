"""Hand on what residents say on a report, and that it was opened again, once the office that works on it has it."""

from typing import Final
from uuid import uuid4

from sqlalchemy import bindparam, or_, select

from portal.kit import deliver, get_account, session
from services.reporting.models.following import Update
from services.reporting.models.reports import Report
from services.reporting.operations.writing_to_office import write_words_to_office
from services.reporting.workflow import SERVICE

UPDATE: Final = "update"
_UNSENT = (
    select(Update)
    .where(
        Update.report_id == bindparam("report"),
        Update.sent_at.is_(None),
        or_(Update.said_by.in_(("reporter", "resident")) & (Update.words != ""), Update.reopens),
    )
    .order_by(Update.created_at, Update.id)
)


def pass_on_update(said: Update, report: Report) -> None:
    """Send what somebody said on a report after it, or that it was opened again, the way that the report went.

    While the office does not have the report, or has not said what it calls it, the words wait for that:
    `pass_on_what_waits`.
    """
    if report.way == "desk" or report.account_id is None:
        return
    session().refresh(report, with_for_update={"key_share": True})  # not in the moment in which it comes to have it
    if report.sent_at is not None and report.token is None:
        _send(said, report, f"{UPDATE}:{said.id}")


def pass_on_what_waits(report: Report, *, again: bool = False) -> None:
    """Send all that was said on a report and that its office has not heard: the office has the report now, or staff
    want it to be sent `again`. The report is locked."""
    if report.account_id is None:
        return
    for said in session().scalars(_UNSENT, {"report": report.id}).all():
        _send(said, report, f"{UPDATE}:{said.id}:{uuid4().hex[:8]}" if again else f"{UPDATE}:{said.id}")


def _send(said: Update, report: Report, key: str) -> None:
    assert report.account_id is not None
    if report.way == "email":
        write_words_to_office(said, report)
        return
    payload = {"report": str(report.id), "update": str(said.id)}
    account, line = get_account(report.account_id), report.office or ""
    deliver(account, service=SERVICE, act=UPDATE, payload=payload, key=key, line=line, case_id=report.case_id)
