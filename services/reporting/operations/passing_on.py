"""Hand a report to the system that its category names: at least once, recorded once, again by hand when it is stuck.

What waits is `deliver`'s: kept sealed in the transaction, sent after it, tried again for a month while the other
system is away. It holds ids alone; what is said is read when it is sent, so a report that was forgotten meanwhile is
sent to nobody.
"""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, update

from portal.kit import Delivery, NotFound, Refused, clock, deliver, get_account, record, session
from portal.kit import gettext as _
from services.reporting.models.following import Update
from services.reporting.models.reports import Report
from services.reporting.operations.asking_tokens import ask_tokens_of, note_id
from services.reporting.operations.passing_on_words import UPDATE, pass_on_what_waits
from services.reporting.operations.writing_to_office import write_to_office
from services.reporting.workflow import SERVICE

REPORT: Final = "report"
LONGEST_REASON: Final = 40
LONGEST_TOKEN: Final = 200
_UPDATE_SENT = update(Update).where(Update.id == bindparam("update")).values(sent_at=bindparam("now"))


def pass_on(report: Report) -> None:
    """Send a new report on its way out. What stays on our desk goes nowhere; what is on its way is left alone."""
    if report.way == "desk" or report.sent_at is not None or report.account_id is None:
        return
    if report.way == "email":
        write_to_office(report)
    else:
        _deliver(report, f"{REPORT}:{report.id}")


def send_again(actor: str, *, report_id: UUID) -> None:
    """Try once more to send a report that is stuck, or what was said on it where the office has the report itself.

    To an office that keeps the keys of what it takes it is the same report, if it had come after all; any other is
    asked first. Whether the member of staff may is for the caller to have checked. Raises NotFound; Refused when it is
    not stuck, or was forgotten.
    """
    report = session().get(Report, report_id, with_for_update=True)
    if report is None:
        raise NotFound
    if not report.stuck:
        raise Refused(_("This report is not stuck."))
    if report.account_id is None:
        raise Refused(_("Who sent this report and what they wrote was forgotten. It cannot be sent any more."))
    report.stuck = ""
    if report.sent_at is not None:
        pass_on_what_waits(report, again=True)
    elif report.way == "email":
        write_to_office(report)
    else:
        _deliver(report, f"{REPORT}:{report.id}:{uuid4().hex[:8]}", again=True)
    record("reporting.sent_again", actor=actor, subject=f"report:{report.id}", account_id=report.account_id)


def keep_on_desk(actor: str, *, report_id: UUID) -> None:
    """Give up sending a report that is stuck or has waited for long: our own desk deals with it.

    Of a report that the office has and that words are stuck of, the words alone are given up. Raises NotFound; Refused
    as above.
    """
    report = session().get(Report, report_id, with_for_update=True)
    if report is None:
        raise NotFound
    is_on_its_way = report.way in ("open311", "webhook") and (report.sent_at is None or report.token is not None)
    if not report.stuck and not is_on_its_way:
        raise Refused(_("This report is not stuck."))
    if report.sent_at is None or report.token is not None:
        report.way, report.token = "desk", None
    report.stuck = ""
    record("reporting.kept_on_desk", actor=actor, subject=f"report:{report.id}", account_id=report.account_id)


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
    external, token = str(answer.get("id") or ""), str(answer.get("token") or "")
    if token and not external and len(token) <= LONGEST_TOKEN:
        report.token = token  # it has the report; what was said on it waits for its id
        ask_tokens_of.defer(name=report.office or "")
        return
    if report.way != "webhook":
        note_id(report, external)
    pass_on_what_waits(report)


def note_undeliverable(delivery: Delivery, reason: str) -> None:
    """Note why a report, or what was said on it, is stuck, so that staff see it and can send it again."""
    kind, thing = _thing(delivery)
    if kind == UPDATE:
        said = session().get(Update, thing)
        report = session().get(Report, said.report_id, with_for_update=True) if said is not None else None
    else:
        report = session().get(Report, thing, with_for_update=True)
    if report is not None and report.account_id is not None and report.way != "desk":  # nor forgotten or kept here
        report.stuck = reason[:LONGEST_REASON] or "refused"


def _deliver(report: Report, key: str, *, again: bool = False) -> None:
    assert report.account_id is not None
    account, line = get_account(report.account_id), report.office or ""
    payload = {"report": str(report.id), "again": again}
    deliver(account, service=SERVICE, act=REPORT, payload=payload, key=key, line=line, case_id=report.case_id)


def _thing(delivery: Delivery) -> tuple[str, UUID]:
    """What a delivery is about, by its key: `report:<id>`, with more behind it when it was sent again."""
    kind, written = delivery.key.split(":")[:2]
    return kind, UUID(written)
