"""Keep beside the report what the ledger says of its case."""

from typing import Final

from sqlalchemy import DateTime, bindparam, case, func, select, update
from sqlalchemy.orm import aliased

from portal.kit import Case, CaseEvent, Refused, clock, session
from portal.kit import gettext as _
from services.reporting.models.reports import Report
from services.reporting.operations.joining import join
from services.reporting.operations.updating import note_status

_FIRST = aliased(Report)
_OF_CASE = select(Report).where(Report.case_id == bindparam("case")).execution_options(populate_existing=True)
_NOTE: Final = (
    update(Report)
    .where(Report.case_id == bindparam("of_case"))
    .values(
        # What was said with the status before does not fit this one.
        status_note=case((Report.status == bindparam("now_status"), Report.status_note), else_=""),
        status=bindparam("now_status"),
        updated_at=bindparam("now_updated", type_=DateTime(timezone=True)),
        due_at=bindparam("now_due", type_=DateTime(timezone=True)),
        closed_at=bindparam("now_closed", type_=DateTime(timezone=True)),
        passed_on_at=func.coalesce(Report.passed_on_at, bindparam("moment", type_=DateTime(timezone=True))),
        merged_into_id=select(_FIRST.id).where(_FIRST.case_id == bindparam("into_case")).scalar_subquery(),
        # Reopened: whoever said that it was fixed is asked again after the next end.
        asked_fixed_at=case((bindparam("is_open"), None), else_=Report.asked_fixed_at),
        said_fixed=case((bindparam("is_open"), None), else_=Report.said_fixed),
        # What its office said last was of that end: when it says so again, it is of the next.
        external_status=case((bindparam("reopens"), None), else_=Report.external_status),
    )
    .execution_options(synchronize_session="fetch")
)


def note_move(case_: Case, event: CaseEvent) -> None:
    """Note how a report stands, since when somebody has it, and into which it was merged; and say so to all.

    The ledger calls this in the transaction of each move. Raises Refused for a public report that is merged into a
    private one: everybody who follows it would lose sight of it, and hear of what is not theirs to know.
    """
    session().execute(
        _NOTE,
        {
            "of_case": case_.id,
            "now_status": case_.status,
            "now_updated": case_.updated_at,
            "now_due": case_.due_at,
            "now_closed": case_.closed_at,
            "into_case": case_.merged_into_id,
            "is_open": case_.is_open,
            "reopens": event.kind == "reopened",
            "moment": clock.now(),
        },
    )
    note_status(case_, event)
    if event.kind == "merged":
        _join(case_)


def _join(case_: Case) -> None:
    """Have the followers of a report that was merged follow the one that stays."""
    merged = session().scalars(_OF_CASE, {"case": case_.id}).one_or_none()
    into = session().get(Report, merged.merged_into_id) if merged and merged.merged_into_id else None
    if merged is not None and into is not None:
        if into.private and not merged.private:
            raise Refused(_("%(reference)s is private. Merge it into this report instead.", reference=into.reference))
        join(merged, into)
