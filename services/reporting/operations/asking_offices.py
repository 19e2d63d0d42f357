"""Ask Open311 offices what became of the reports that they have, every few minutes.

Each office in a job of its own, so that one that is away keeps nobody from the others. What is heard twice is taken in
once, so questions overlap rather than leave a gap.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import DateTime, bindparam, func, or_, select, update

from portal.kit import NotFound, OfficeRefused, Unavailable, clock, job, session, settings_of
from services.reporting.backoffice import open311
from services.reporting.models.reports import Report
from services.reporting.operations.office_news import News, hear
from services.reporting.rules.open311.asking import LONGEST_SPAN, read_moment
from services.reporting.settings.reporting import ReportingSettings

OVERLAP: Final = timedelta(minutes=10)
"""Clocks differ, and what is written while we ask may bear an earlier time."""
AT_ONCE: Final = 50
"""Ids in one question: addresses have a length that servers take."""
ASKED_AFTER_THE_END: Final = timedelta(days=30)
"""So long after the end an office may say that it takes a report up again."""
FULL: Final = 1000
"""So many in one answer may not be all: servers give the oldest, up to some such number."""
PORTIONS: Final = 20
"""Questions to one office in one go; the rest comes next time."""

_OURS = (Report.office == bindparam("of_office"), Report.external_id.is_not(None))
_LATELY = bindparam("lately", type_=DateTime(timezone=True))
_ASKABLE = (*_OURS, or_(Report.closed_at.is_(None), Report.closed_at > _LATELY))
_OLDEST = select(func.min(func.coalesce(Report.polled_at, Report.sent_at))).where(*_ASKABLE)
_NEXT = (
    select(Report.external_id)
    .where(*_ASKABLE, func.coalesce(Report.polled_at, Report.created_at) < bindparam("before"))
    .order_by(Report.polled_at.nulls_first(), Report.id)
    .limit(AT_ONCE)
)
_THEIRS = select(Report).where(*_OURS, Report.external_id.in_(bindparam("ids", expanding=True))).with_for_update()
_ASKED_ALL = update(Report).where(*_ASKABLE).values(polled_at=bindparam("now"))
_ASKED = update(Report).where(*_OURS, Report.external_id.in_(bindparam("ids", expanding=True)))
_ASKED_SOME = _ASKED.values(polled_at=bindparam("now"))
_QUIET: Final = {"synchronize_session": False}


@job("reporting.ask_offices", attempts=1, cron="*/5 * * * *")
def ask_offices() -> None:
    """Have each office asked that is one to ask."""
    for name, office in settings_of(ReportingSettings).every_office.items():
        if office.kind == "open311" and office.asks != "nothing":
            ask_office.defer(name=name)


@job("reporting.ask_office", attempts=1)
def ask_office(name: str) -> None:
    """Ask one office. Away or unwilling, it is asked again in five minutes."""
    office = settings_of(ReportingSettings).every_office.get(name)
    if office is None:
        return
    try:
        if office.asks == "updates":
            _ask_updates(name)
        else:
            _ask_standings(name)
    except (Unavailable, OfficeRefused, NotFound):
        session().rollback()


def _ask_updates(name: str) -> None:
    """By mySociety's extension: all that was said since we last asked."""
    now, oldest = clock.now(), session().scalar(_OLDEST, _whose(name))
    if oldest is None:
        return
    since = max(oldest - OVERLAP, now - LONGEST_SPAN)
    office = settings_of(ReportingSettings).every_office[name]
    for _portion in range(PORTIONS):
        said = open311.ask_updates(name, office, since, now)
        _hear(name, said, now)
        last = max((_at(each.updated_datetime, now) for each in said), default=now)
        is_all = len(said) < FULL or last <= since
        heard_to = now if is_all else min(last, now)
        session().execute(_ASKED_ALL, {**_whose(name), "now": heard_to}, execution_options=_QUIET)
        session().commit()  # before the next question waits for the network
        if is_all:
            return
        since = heard_to


def _hear(name: str, said: Sequence[open311.Said], now: datetime) -> None:
    by_id = _reports(name, (each.service_request_id for each in said))
    for each in said:
        report = by_id.get(each.service_request_id)
        if report is not None:
            hear(report, News(each.update_id, each.status, each.description, _at(each.updated_datetime, now)))
    session().flush()  # before all are noted as asked for


def _ask_standings(name: str) -> None:
    """By the standard alone: how the reports stand that were not asked for the longest time."""
    began, office = clock.now(), settings_of(ReportingSettings).every_office[name]
    for _portion in range(PORTIONS):
        ids = session().scalars(_NEXT, {**_whose(name), "before": began}).all()
        if not ids:
            return
        said = open311.ask_standings(name, office, [each for each in ids if each])
        by_id = _reports(name, (each.service_request_id for each in said))
        for each in said:
            report = by_id.get(each.service_request_id)
            if report is not None and each.status.strip():
                at = _at(each.updated_datetime, began)
                hear(report, News(f"{each.status}@{each.updated_datetime}", each.status, each.status_notes, at))
        session().execute(_ASKED_SOME, {"of_office": name, "ids": list(ids), "now": began}, execution_options=_QUIET)
        session().commit()  # before the next question waits for the network


def _whose(name: str) -> dict[str, object]:
    return {"of_office": name, "lately": clock.now() - ASKED_AFTER_THE_END}


def _reports(name: str, ids: Iterable[str]) -> dict[str, Report]:
    """Our reports by what the office calls them, locked."""
    asked: Sequence[str] = list(dict.fromkeys(ids))
    if not asked:
        return {}
    found = session().scalars(_THEIRS, {"of_office": name, "ids": asked})
    return {report.external_id: report for report in found if report.external_id is not None}


def _at(written: str, otherwise: datetime) -> datetime:
    try:
        return read_moment(written)
    except ValueError:
        return otherwise
