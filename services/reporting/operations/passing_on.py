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
from services.reporting.operations.asking_tokens import ask_tokens_of, note_id, note_stuck
from services.reporting.operations.passing_on_words import UPDATE, pass_on_what_waits
from services.reporting.operations.writing_to_office import write_to_office
from services.reporting.queries.stuck import is_under_way
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
        _write(report)
    else:
        _deliver(report, f"{REPORT}:{report.id}")


def send_again(actor: str, *, report_id: UUID) -> None:
    """Try once more to send a report that is stuck, or what was said on it where the office has the report itself; or
    for the first time one that was left behind.

    To an office that keeps the keys of what it takes it is the same report, if it had come after all; any other is
    asked first. Whether the member of staff may is for the caller to have checked. Raises NotFound; Refused when it is
    not stuck, or was forgotten.
    """
    report = session().get(Report, report_id, with_for_update=True)
    if report is None:
        raise NotFound
    if not report.stuck and not _is_left_behind(report):
        raise Refused(_("This report is not stuck."))
    if report.account_id is None:
        raise Refused(_("Who sent this report and what they wrote was forgotten. It cannot be sent any more."))
    was_stuck, report.stuck = report.stuck, ""
    if report.sent_at is not None:
        pass_on_what_waits(report, again=True)
    elif not was_stuck:
        pass_on(report)
    elif report.way == "email":
        _write(report)
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
    is_on_its_way = report.way != "desk" and (report.sent_at is None or report.token is not None)
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
    elif not (external or token) or note_id(report, external or token):  # a webhook names nothing
        pass_on_what_waits(report)


def note_undeliverable(delivery: Delivery, reason: str) -> None:
    """Note why a report, or what was said on it, is stuck, so that staff see it and can send it again."""
    kind, thing = _thing(delivery)
    if kind == UPDATE:
        said = session().get(Update, thing)
        report = session().get(Report, said.report_id, with_for_update=True) if said is not None else None
    else:
        report = session().get(Report, thing, with_for_update=True)
    if report is not None:
        note_stuck(report, reason[:LONGEST_REASON] or "refused")


def _is_left_behind(report: Report) -> bool:
    """Whether an office is to have it, and nothing takes it there: the job that passes it on came to an end before."""
    if report.way == "desk" or report.sent_at is not None or report.account_id is None or report.closed_at is not None:
        return False
    return not is_under_way(report.id, report.account_id)


def _write(report: Report) -> None:
    """A letter, and one for each thing that was said before it."""
    write_to_office(report)
    if report.sent_at is not None:
        pass_on_what_waits(report)


def _deliver(report: Report, key: str, *, again: bool = False) -> None:
    assert report.account_id is not None
    account, line = get_account(report.account_id), report.office or ""
    payload = {"report": str(report.id), "again": again}
    deliver(account, service=SERVICE, act=REPORT, payload=payload, key=key, line=line, case_id=report.case_id)


def _thing(delivery: Delivery) -> tuple[str, UUID]:
    """What a delivery is about, by its key: `report:<id>`, with more behind it when it was sent again."""
    kind, written = delivery.key.split(":")[:2]
    return kind, UUID(written)
