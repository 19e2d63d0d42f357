"""Ask offices that answered with a token what they call the report: later, until they say so, never sent twice.

The standard lets a server take a report in, look at it, and give it its id within a day or so. It has the report
meanwhile, so the report is not sent again, whatever becomes of the question.
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import bindparam, select

from portal.kit import NotFound, OfficeRefused, Unavailable, clock, job, session, settings_of
from services.reporting.backoffice import open311
from services.reporting.models.reports import Report
from services.reporting.operations.passing_on_words import pass_on_what_waits
from services.reporting.settings.offices import Office
from services.reporting.settings.reporting import ReportingSettings

ASKED_FOR: Final = timedelta(days=30)
AT_ONCE: Final = 50
"""Questions to one office in one go; the rest comes next time."""
LONGEST_ID: Final = 120
ID_TAKEN: Final = "id_taken"
"""The office calls another report of ours so: it has taken the two for one."""
ID_TOO_LONG: Final = "id_too_long"
_WAITING = (Report.token.is_not(None), Report.sent_at > bindparam("since"))
_OFFICES = select(Report.office).where(*_WAITING).distinct().order_by(Report.office)
_NEXT = (
    select(Report.id, Report.token)
    .where(Report.office == bindparam("of_office"), *_WAITING)
    .order_by(Report.polled_at.nulls_first(), Report.id)
    .limit(AT_ONCE)
)
_HAVE_ID = select(Report.id).where(Report.office == bindparam("of_office"), Report.external_id == bindparam("external"))


@job("reporting.ask_tokens", attempts=1, cron="*/5 * * * *")
def ask_tokens() -> None:
    """Have each office asked that has yet to name a report."""
    for name in session().scalars(_OFFICES, {"since": clock.now() - ASKED_FOR}).all():
        ask_tokens_of.defer(name=name or "")


@job("reporting.ask_tokens_of", attempts=1)
def ask_tokens_of(name: str) -> None:
    """Ask one office. Away, it is asked again in five minutes."""
    office = settings_of(ReportingSettings).every_office.get(name)
    if office is None:
        return
    for row in session().execute(_NEXT, {"of_office": name, "since": clock.now() - ASKED_FOR}).all():
        try:
            external, is_away = _asked(name, office, row.token), False
        except Unavailable:
            session().rollback()
            external, is_away = "", True
        _note(row.id, external)  # one that it chokes on comes last the next time
        session().commit()  # before the next question waits for the network
        if is_away:
            return


def note_id(report: Report, external: str) -> bool:
    """Note what the office calls the report. The report is locked.

    False where that is no name by which we could hear of it: then the report is stuck, and nobody has it.
    """
    taken_by = session().scalar(_HAVE_ID, {"of_office": report.office, "external": external})
    if len(external) <= LONGEST_ID and taken_by in (None, report.id):
        report.external_id = external
        return True
    note_stuck(report, ID_TOO_LONG if len(external) > LONGEST_ID else ID_TAKEN)
    report.sent_at = None
    return False


def note_stuck(report: Report, reason: str) -> None:
    """Note why a report is stuck, unless it was forgotten or kept here meanwhile. It is locked."""
    if report.account_id is not None and report.way != "desk":
        report.stuck = reason


def _asked(name: str, office: Office, token: str) -> str:
    """The id; empty while there is none. A server may well say 404 of a token that it has yet to look at."""
    try:
        return open311.ask_token(name, office, token).service_request_id
    except (NotFound, OfficeRefused):
        return ""


def _note(report_id: UUID, external: str) -> None:
    report = session().get(Report, report_id, with_for_update=True)
    if report is None or report.token is None:  # forgotten, or heard of meanwhile
        return
    report.polled_at = clock.now()
    if external:
        report.token, report.polled_at = None, None  # what was said of it since it was sent is yet to be asked for
        if note_id(report, external):
            pass_on_what_waits(report)
