"""The way into reporting at the desk, the list of what to do, and one's own shortlist of it."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import (
    ANY,
    Case,
    Refused,
    current_staff,
    my_cases,
    needs,
    notify_next,
    on_case,
    render,
    staff_cases,
    staff_may,
    take_case,
    warn_next,
)
from portal.kit import gettext as _
from services.reporting.forms.desk import PRIORITIES
from services.reporting.queries.moderation import waiting
from services.reporting.queries.stuck import count_stuck, stuck_among
from services.reporting.queries.work import PAGE, WorkMark, to_work
from services.reporting.rules.categories import title_of
from services.reporting.views.desk.blueprint import bp
from services.reporting.views.desk.choices import chosen_category, chosen_ward, filters
from services.reporting.views.public_words import ward_title
from services.reporting.workflow import TAG_COLOURS, status_called


@bp.get("")
@needs(ANY)
def front() -> ResponseReturnValue:
    """What can be done here, and how much of it waits. Only what they may do is offered."""
    works = staff_may("work")
    among = staff_cases("work")
    return render(
        "reporting/desk/front.html",
        works=works,
        counts=staff_may("statistics"),
        waiting=len(waiting(among)) if works else 0,
        stuck=count_stuck(among) if works else 0,
    )


@bp.get("/work")
@needs("work")
def work() -> ResponseReturnValue:
    """Open reports by priority: all that they may work on, or their own shortlist, which is what they have taken."""
    mine = request.args.get("mine") == "1"
    category, ward = chosen_category(), chosen_ward()
    found = to_work(
        my_cases() if mine else staff_cases("work"),
        category=category,
        ward=ward,
        after=WorkMark.read(request.args.get("after")),
        most=PAGE + 1,
    )
    kept: dict[str, Any] = {"mine": "1" if mine else None, "category": category or None, "ward": ward or None}
    return render(
        "reporting/desk/work.html",
        lines=found[:PAGE],
        stuck=stuck_among([line.case_id for line in found[:PAGE]]),
        more=url_for(".work", **kept, after=str(found[PAGE - 1].mark)) if len(found) > PAGE else "",
        mine=mine,
        writer=current_staff().actor,
        done=request.args.get("done", "")[:20],
        filters=filters(category, ward),
        priorities=dict(PRIORITIES),
        status_called=status_called,
        colours=TAG_COLOURS,
        title_of=title_of,
        ward_title=ward_title,
    )


@bp.post("/work/<reference>/take")
@on_case("work")
def take(case: Case) -> ResponseReturnValue:
    """Put a report on one's own shortlist."""
    try:
        take_case(case.id, actor=current_staff().actor, expected_version=case.version)
    except Refused as refusal:
        warn_next(refusal.sentence)
    else:
        notify_next(_("%(reference)s is on your list.", reference=case.reference))
    return redirect(url_for(".work"), 303)
