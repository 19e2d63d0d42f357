"""Hand a report to the system that its category names: at least once, recorded once, again by hand when it is stuck.

What waits is `deliver`'s: kept sealed in the transaction, sent after it, tried again for a month while the other
system is away. It holds ids alone; what is said is read when it is sent, so a report that was forgotten meanwhile is
sent to nobody.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, select, update

from portal.kit import (
    Delivery,
    NotFound,
    OfficeRefused,
    Refused,
    clock,
    deliver,
    get_account,
    record,
    session,
    settings_of,
    write_to,
)
from portal.kit import gettext as _
from services.reporting.backoffice import open311, webhook
from services.reporting.models.following import Update
from services.reporting.models.reports import Report
from services.reporting.rules.categories import find_category, title_of
from services.reporting.rules.open311.telling import message_of, report_fields, update_fields
from services.reporting.settings.offices import Office
from services.reporting.settings.reporting import ReportingSettings
from services.reporting.workflow import SERVICE

log = logging.getLogger(__name__)

REPORT: Final = "report"
UPDATE: Final = "update"
NO_OFFICE: Final = "no_office"
"""The settings do not know the office any more."""
LONGEST_REASON: Final = 40
_HAVE_ID = select(Report.id).where(Report.office == bindparam("office"), Report.external_id == bindparam("external"))
_UPDATE_SENT = update(Update).where(Update.id == bindparam("update")).values(sent_at=bindparam("now"))


def pass_on(report: Report) -> None:
    """Send a new report on its way out. What stays on our desk goes nowhere; what is on its way is left alone."""
    if report.way == "desk" or report.sent_at is not None or report.account_id is None:
        return
    if report.way == "email":
        _write(report)
    else:
        _deliver(report, f"{REPORT}:{report.id}")


def pass_on_update(said: Update, report: Report) -> None:
    """Send what somebody said on a report after it, to an Open311 office or a webhook that has the report."""
    if report.way in ("open311", "webhook") and report.account_id is not None:
        payload = {"report": str(report.id), "update": str(said.id)}
        key = f"{UPDATE}:{said.id}"
        account = get_account(report.account_id)
        deliver(account, service=SERVICE, act=UPDATE, payload=payload, key=key, case_id=report.case_id)


def send_again(actor: str, *, report_id: UUID) -> None:
    """Try once more to send a report that is stuck. To the office it is the same report, if it had come after all.

    Whether the member of staff may is for the caller to have checked. Raises NotFound; Refused when it is not stuck,
    or was forgotten.
    """
    report = session().get(Report, report_id, with_for_update=True)
    if report is None:
        raise NotFound
    if not report.stuck:
        raise Refused(_("This report is not stuck."))
    if report.account_id is None:
        raise Refused(_("Who sent this report and what they wrote was forgotten. It cannot be sent any more."))
    report.stuck = ""
    _deliver(report, f"{REPORT}:{report.id}:{uuid4().hex[:8]}")
    record("reporting.sent_again", actor=actor, subject=f"report:{report.id}", account_id=report.account_id)


def keep_on_desk(actor: str, *, report_id: UUID) -> None:
    """Give up sending a report that is stuck: our own desk deals with it. Raises NotFound; Refused as above."""
    report = session().get(Report, report_id, with_for_update=True)
    if report is None:
        raise NotFound
    if not report.stuck:
        raise Refused(_("This report is not stuck."))
    report.stuck, report.way = "", "desk"
    record("reporting.kept_on_desk", actor=actor, subject=f"report:{report.id}", account_id=report.account_id)


def send_report(payload: Mapping[str, Any], _key: str) -> Mapping[str, Any]:  # plain JSON, as `deliver` has it
    """Hand a report over under its own id. Raises Unavailable, NotFound, OfficeRefused."""
    report, office = _report_and_office(payload)
    name, key = report.office or "", str(report.id)
    category = find_category(report.category)
    if office.kind == "webhook":
        webhook.call(name, office, message_of(report, title_of(report.category)), key=key)
        return {}
    code = (settings_of(ReportingSettings).way_of(category).service_code if category else "") or report.category
    taken = open311.send_request(name, office, report_fields(report, code), key=key)
    if not taken.service_request_id and taken.token:
        taken = open311.ask_token(name, office, taken.token)
    return {"id": taken.service_request_id, "token": taken.token}


def send_update(payload: Mapping[str, Any], _key: str) -> Mapping[str, Any]:  # the same
    """Hand over what was said on a report. Raises Unavailable, NotFound, OfficeRefused."""
    report, office = _report_and_office(payload)
    said = session().get(Update, UUID(payload["update"]))
    if said is None:
        raise NotFound
    name, key = report.office or "", str(said.id)
    fields = update_fields(report, said)
    if office.kind == "webhook":
        webhook.call(name, office, {"event": "update", **fields}, key=key)
    else:
        open311.send_update(name, office, fields, key=key)
    return {}


def note_delivered(delivery: Delivery, answer: Mapping[str, Any]) -> None:  # the same
    """Note what the office calls the report, or that it has heard what was said on it."""
    kind, thing = _thing(delivery)
    if kind == UPDATE:
        session().execute(_UPDATE_SENT, {"update": thing, "now": clock.now()})
        return
    report = session().get(Report, thing, with_for_update=True)
    if report is None:
        return
    report.sent_at, report.stuck = clock.now(), ""
    external = str(answer.get("id") or "")[:120] or None
    if external and session().scalar(_HAVE_ID, {"office": report.office, "external": external}) in (None, report.id):
        report.external_id = external
    else:
        # It has taken this for one that it had already, or gives no ids: staff follow it up.
        log.warning("report %s has no id of its own at %s", report.id, report.office)


def note_undeliverable(delivery: Delivery, reason: str) -> None:
    """Note why a report is stuck, so that staff see it and can send it again."""
    kind, thing = _thing(delivery)
    report = session().get(Report, thing, with_for_update=True) if kind == REPORT else None
    if report is not None:
        report.stuck = reason[:LONGEST_REASON] or "refused"


def _deliver(report: Report, key: str) -> None:
    assert report.account_id is not None
    account = get_account(report.account_id)
    payload = {"report": str(report.id)}
    deliver(account, service=SERVICE, act=REPORT, payload=payload, key=key, case_id=report.case_id)


def _write(report: Report) -> None:
    office = settings_of(ReportingSettings).every_office.get(report.office or "")
    if office is None:
        report.stuck = NO_OFFICE
        return
    write_to(
        office.address,
        template="reporting/mail/office.txt",
        language="en",
        path=f"/desk/cases/{report.reference}",
        account_id=report.account_id,
        reference=report.reference,
        category=title_of(report.category),
        place=report.place,
        words=report.description,
    )
    report.sent_at = clock.now()


def _report_and_office(payload: Mapping[str, Any]) -> tuple[Report, Office]:
    report = session().get(Report, UUID(payload["report"]))
    if report is None or report.account_id is None:
        raise NotFound
    office = settings_of(ReportingSettings).every_office.get(report.office or "")
    if office is None:
        raise OfficeRefused(NO_OFFICE)
    session().expunge(report)  # it is read on while the office is spoken to, without a transaction
    return report, office


def _thing(delivery: Delivery) -> tuple[str, UUID]:
    """What a delivery is about, by its key: `report:<id>`, with more behind it when it was sent again."""
    kind, written = delivery.key.split(":")[:2]
    return kind, UUID(written)
