"""What staff do with one report beside what the desk offers for every case: inspect it, rank it, speak of it."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import (
    Case,
    Conflict,
    DeskLink,
    Forbidden,
    Refused,
    current_staff,
    notify_next,
    on_case,
    render,
    rights_on,
    session,
    staff_cases,
)
from portal.kit import gettext as _
from services.reporting.forms.desk import InspectForm, PriorityForm, SayForm
from services.reporting.operations.inspecting import inspect
from services.reporting.operations.moderating import set_priority
from services.reporting.operations.updating import say_for_council
from services.reporting.queries.duplicates import WITHIN, alike_around
from services.reporting.queries.moderation import get_to_moderate
from services.reporting.queries.work import get_to_inspect
from services.reporting.rules.categories import title_of
from services.reporting.views.desk.blueprint import bp
from services.reporting.workflow import FINDINGS, status_called


def links_of(case: Case) -> list[DeskLink]:
    """What stands on the desk's page of a report."""
    found = [
        DeskLink(title=_("Words and photos: what everybody sees"), url=_at("moderate", case)),
        DeskLink(title=_("Say something to everybody"), url=_at("say", case)),
    ]
    if case.is_open:
        found.append(DeskLink(title=_("Set its priority"), url=_at("priority", case)))
        found.append(DeskLink(title=_("Inspect it"), url=_at("inspection", case)))
        found.append(DeskLink(title=_("Look for the same near by"), url=_at("duplicates", case), right="lead"))
    return found


@bp.route("/inspect/<reference>", methods=["GET", "POST"])
@on_case("work")
def inspection(case: Case) -> ResponseReturnValue:
    """A small page for a phone on the street: what is there, and what was found. Sent twice, it counts once."""
    report = get_to_inspect(case.id)
    line, rights = report.line, rights_on(case)
    form = InspectForm(priority=str(line.priority))
    form.found.choices = [(code, str(title)) for code, title in FINDINGS.items()]
    if form.accepted():
        try:
            inspect(
                current_staff().actor,
                report=line,
                found=form.found.data,
                priority=int(form.priority.data),
                note=str(form.note.data),
                words=str(form.words.data),
                key=form.once,
                rights=rights,
            )
        except (Refused, Forbidden, Conflict) as refusal:
            session().rollback()
            form.refuse(refusal.sentence)
        else:
            notify_next(_("What you found at %(reference)s is kept.", reference=case.reference))
            return redirect(url_for(".work", mine=1, done=case.reference), 303)
    return render(
        "reporting/desk/inspect.html",
        form=form,
        report=report,
        line=line,
        title=title_of(line.category),
        decides="decide" in rights,
        photos=get_to_moderate(case.id).photos,
    )


@bp.get("/alike/<reference>")
@on_case("lead")
def duplicates(case: Case) -> ResponseReturnValue:
    """Open reports near by that may be of the same problem, whoever sent them, each with the way to merge."""
    line = get_to_inspect(case.id).line
    return render(
        "reporting/desk/alike.html",
        case=case,
        line=line,
        found=alike_around(line, staff_cases("lead")),
        within=WITHIN,
        title_of=title_of,
        status_called=status_called,
    )


@bp.route("/priority/<reference>", methods=["GET", "POST"])
@on_case("work")
def priority(case: Case) -> ResponseReturnValue:
    """How soon it should be taken up."""
    report = get_to_inspect(case.id).line
    form = PriorityForm(priority=str(report.priority))
    if form.accepted():
        set_priority(current_staff().actor, report_id=report.id, priority=int(form.priority.data))
        notify_next(_("The priority is kept."))
        return redirect(_at("case", case), 303)
    return render("reporting/desk/priority.html", form=form, case=case, title=title_of(report.category))


@bp.route("/say/<reference>", methods=["GET", "POST"])
@on_case("work")
def say(case: Case) -> ResponseReturnValue:
    """Something that the council says to everybody on a report, besides its moves."""
    report = get_to_inspect(case.id).line
    form = SayForm()
    if not report.private and form.accepted():
        say_for_council(current_staff().actor, report_id=report.id, words=str(form.words.data), key=form.once)
        notify_next(_("Everybody can read it now."))
        return redirect(_at("case", case), 303)
    return render(
        "reporting/desk/say.html", form=form, case=case, title=title_of(report.category), private=report.private
    )


def _at(page: str, case: Case) -> str:
    return url_for("desk_case.case" if page == "case" else f"reporting_desk.{page}", reference=case.reference)
