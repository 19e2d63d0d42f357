"""What staff do with one report beside what the desk offers for every case: rank it, speak of it, find the same."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import (
    Case,
    DeskLink,
    Refused,
    Unavailable,
    current_staff,
    notify_next,
    on_case,
    public_texts,
    render,
    session,
    staff_cases,
    takes_files,
)
from portal.kit import gettext as _
from services.reporting.forms.desk import PRIORITIES, PriorityForm, SayForm
from services.reporting.forms.sending import PHOTOS_AT_ONCE
from services.reporting.operations.moderating import set_priority
from services.reporting.operations.updating import say_for_council
from services.reporting.queries.duplicates import WITHIN, alike_around
from services.reporting.queries.work import find_priority, get_to_inspect
from services.reporting.rules.categories import title_of
from services.reporting.views.desk.blueprint import bp
from services.reporting.workflow import status_called


def links_of(case: Case) -> list[DeskLink]:
    """What stands on the desk's page of a report."""
    found = [
        DeskLink(title=_("Words and photos: what everybody sees"), url=_at("moderate", case)),
        DeskLink(title=_("Say something to everybody"), url=_at("say", case)),
    ]
    if case.is_open:
        now = dict(PRIORITIES).get(str(find_priority(case.id)), "–")
        found.append(DeskLink(title=_("Priority: %(now)s. Change it", now=now), url=_at("priority", case)))
        found.append(DeskLink(title=_("Inspect it"), url=_at("inspection", case)))
        found.append(DeskLink(title=_("Look for the same near by"), url=_at("duplicates", case), right="lead"))
    return found


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
    if case.is_open and form.accepted():
        set_priority(current_staff().actor, report_id=report.id, priority=int(form.priority.data))
        notify_next(_("The priority is kept."))
        return redirect(_at("case", case), 303)
    return render("reporting/desk/priority.html", form=form, case=case, title=title_of(report.category))


@bp.route("/say/<reference>", methods=["GET", "POST"])
@takes_files(PHOTOS_AT_ONCE)
@on_case("work")
def say(case: Case) -> ResponseReturnValue:
    """Something that the council says to everybody on a report, besides its moves."""
    found = get_to_inspect(case.id)
    report = found.line
    form, texts = SayForm(), public_texts(case)
    form.offer(texts)
    if form.asks_for_template:
        form.put_in(texts)
    elif not report.private and form.accepted():
        photos = [file.stream for file in form.photos.data]
        words = str(form.words.data)
        try:
            say_for_council(current_staff().actor, report_id=report.id, words=words, key=form.once, photos=photos)
        except (Refused, Unavailable) as refusal:
            session().rollback()
            form.refuse(refusal.sentence, "photos")
        else:
            notify_next(_said(hidden=found.is_hidden, photos=bool(photos)))
            return redirect(_at("moderate" if photos else "case", case), 303)
    return render(
        "reporting/desk/say.html",
        form=form,
        case=case,
        title=title_of(report.category),
        private=report.private,
        hidden=found.is_hidden,
        has_templates=bool(texts),
    )


def _said(*, hidden: bool, photos: bool) -> str:
    if hidden:
        return _("It is kept. Nobody but whoever sent the report and staff can read it, because the report is hidden.")
    if photos:
        return _("Everybody can read it now. Look at the photos, so that everybody sees them.")
    return _("Everybody can read it now.")


def _at(page: str, case: Case) -> str:
    return url_for("desk_case.case" if page == "case" else f"reporting_desk.{page}", reference=case.reference)
