"""What is said to other systems when a delivery is tried: read when it is sent, outside every transaction."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, select

from portal.kit import NotFound, OfficeRefused, clock, deliveries_of, session, settings_of
from services.reporting.backoffice import open311, webhook
from services.reporting.models.following import Update
from services.reporting.models.reports import Report
from services.reporting.queries.office_photos import photo_addresses
from services.reporting.rules.categories import find_category, title_of
from services.reporting.rules.open311.same import is_same
from services.reporting.rules.open311.telling import message_of, report_fields, update_fields
from services.reporting.settings.offices import Office
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.workflow import SERVICE

NO_OFFICE: Final = "no_office"
"""The settings do not know the office any more."""
CLOCKS_DIFFER: Final = timedelta(minutes=10)
_KNOWN = select(Report.external_id).where(
    Report.office == bindparam("of_office"), Report.external_id.in_(bindparam("ids", expanding=True))
)


def send_report(payload: Mapping[str, Any], key: str) -> Mapping[str, Any]:  # plain JSON, as `deliver` has it
    """Hand a report over under its own id. Raises Unavailable, NotFound, OfficeRefused."""
    report, office, photos = _report_and_office(payload)
    name = report.office or ""
    category = find_category(report.category)
    if office.kind == "webhook":
        webhook.call(name, office, message_of(report, title_of(report.category), photos), key=str(report.id))
        return {}
    code = (settings_of(ReportingSettings).way_of(category).service_code if category else "") or report.category
    fields = report_fields(report, code, photos)
    if not office.keeps_keys and office.asks != "nothing" and _may_be_there(report, payload, key):
        found = _found_there(name, office, report, fields)
        if found:
            return {"id": found}
    taken = open311.send_request(name, office, fields, key=str(report.id))
    return {"id": taken.service_request_id, "token": taken.token}


def send_update(payload: Mapping[str, Any], _key: str) -> Mapping[str, Any]:  # the same
    """Hand over what was said on a report. Raises Unavailable, NotFound, OfficeRefused."""
    said = session().get(Update, UUID(payload["update"]))
    if said is None:
        raise NotFound
    report, office, photos = _report_and_office(payload, said.id)
    name, key = report.office or "", str(said.id)
    fields = update_fields(report, said, photos)
    if office.kind == "webhook":
        webhook.call(name, office, {"event": "update", **fields}, key=key)
    else:
        open311.send_update(name, office, fields, key=key)
    return {}


def _report_and_office(
    payload: Mapping[str, Any], update_id: UUID | None = None
) -> tuple[Report, Office, Sequence[str]]:
    """The report, whom to tell of it, and where they see the photos that came with it or with that update."""
    report = session().get(Report, UUID(payload["report"]))
    if report is None or report.account_id is None or report.way == "desk":  # forgotten, or kept here meanwhile
        raise NotFound
    office = settings_of(ReportingSettings).every_office.get(report.office or "")
    if office is None:
        raise OfficeRefused(NO_OFFICE)
    photos = photo_addresses(report.id, update_id) if office.photos else ()
    session().expunge(report)  # it is read on while the office is spoken to, without a transaction
    return report, office, photos


def _may_be_there(report: Report, payload: Mapping[str, Any], key: str) -> bool:
    """Whether it was tried before: that try may have been done, and its answer lost."""
    assert report.account_id is not None
    is_first = any(str(each.id) == key and each.attempts <= 1 for each in deliveries_of(report.account_id, SERVICE))
    return bool(payload.get("again")) or not is_first


def _found_there(name: str, office: Office, report: Report, fields: Mapping[str, Any]) -> str:  # texts and lists
    """What the office calls this report, if it lists it; empty where it does not, or lists nothing.

    Raises Unavailable: while it cannot be asked, nothing is sent either.
    """
    since, until = report.created_at - CLOCKS_DIFFER, clock.now() + CLOCKS_DIFFER
    try:
        listed = open311.ask_requests(name, office, str(fields["service_code"]), since, until)
    except (NotFound, OfficeRefused):
        return ""
    ids = [each.service_request_id for each in listed if each.service_request_id and is_same(each, fields)]
    known = set(session().scalars(_KNOWN, {"of_office": name, "ids": ids})) if ids else set()
    return next((each for each in ids if each not in known), "")
