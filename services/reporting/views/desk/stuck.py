"""Reports that another system would not take: send them again by hand, or deal with them here."""

from collections.abc import Mapping
from typing import Final

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import (
    Case,
    DeskLink,
    Lazy,
    NotFound,
    Refused,
    commits,
    current_staff,
    lazy_gettext,
    needs,
    ngettext,
    notify_next,
    on_case,
    render,
    session,
    staff_cases,
    warn_next,
)
from portal.kit import gettext as _
from services.reporting.operations.passing_on import keep_on_desk, send_again
from services.reporting.queries.stuck import count_stuck, stuck_among, stuck_reports
from services.reporting.queries.work import get_to_inspect
from services.reporting.rules.categories import title_of
from services.reporting.views.desk.blueprint import bp

REASONS: Final[Mapping[str, Lazy]] = {
    "no_answer": lazy_gettext("It has not answered for a month."),
    "not_found": lazy_gettext("It does not know this kind of problem or this address of ours."),
    "HTTP 401": lazy_gettext("It does not accept our key."),
    "HTTP 403": lazy_gettext("It does not accept our key."),
    "waiting": lazy_gettext("It does not answer. We keep trying for a month."),
    "not_sent": lazy_gettext("It was never handed over, and nothing is under way. Send it by hand."),
    "no_id_given": lazy_gettext("It answered, but gave no number for it. Ask there whether it has the report."),
    "id_taken": lazy_gettext(
        "It gave the number of another report of ours. Ask there whether it took the two for one."
    ),
    "id_too_long": lazy_gettext("It gave a number that is too long for us to keep. Ask there for another."),
    "not_open311": lazy_gettext("It answered with a page that is no answer of such a system. Check its address."),
    "no_id": lazy_gettext("It has the report, but has not told us its own number for it. We keep asking."),
    "returned": lazy_gettext("Our letter to it came back. Check its address in the settings."),
    "no_office": lazy_gettext("Our settings do not know this system any more."),
    "failed": lazy_gettext("Our own sending failed again and again."),
    "unreadable": lazy_gettext("It answered what we cannot read."),
    "withdrawn": lazy_gettext("What was to be sent has been deleted."),
}


def links_of(case: Case) -> list[DeskLink]:
    """The way out for a report that nobody works on, first on its page at the desk; none for any other."""
    if not stuck_among([case.id]):
        return []
    return [
        DeskLink(
            title=_("Another system did not take it. Send it again, or keep it here"),
            url=url_for("reporting_desk.stuck"),
        )
    ]


@bp.get("/stuck")
@needs("work")
def stuck() -> ResponseReturnValue:
    """Which, where to, why, since when."""
    among = staff_cases("work")
    lines, total = stuck_reports(among=among), count_stuck(among)
    return render("reporting/desk/stuck.html", lines=lines, total=total, reasons=REASONS, title_of=title_of)


@bp.post("/stuck")
@needs("work")
@commits
def send_all_again() -> ResponseReturnValue:
    """Send all that are listed once more: the system was away, and is back."""
    sent = 0
    for each in stuck_reports(among=staff_cases("work")):
        try:
            send_again(current_staff().actor, report_id=each.id)
        except Refused:  # forgotten meanwhile; it stays on the list, and the others go
            continue
        sent += 1
    notify_next(ngettext("%(n)s report is sent again.", "%(n)s reports are sent again.", sent))
    return redirect(url_for(".stuck"), 303)


@bp.post("/stuck/<reference>")
@on_case("work")
def unstick(case: Case) -> ResponseReturnValue:
    """Send one again, or keep it on our own desk."""
    report, actor = get_to_inspect(case.id).line, current_staff().actor
    act = {"again": send_again, "desk": keep_on_desk}.get(request.form.get("do", ""))
    if act is None:
        raise NotFound
    try:
        act(actor, report_id=report.id)
    except Refused as refusal:
        session().rollback()
        warn_next(refusal.sentence)
    else:
        again = _("%(reference)s is sent again.", reference=case.reference)
        notify_next(again if act is send_again else _("%(reference)s stays on our desk.", reference=case.reference))
    return redirect(url_for(".stuck"), 303)
