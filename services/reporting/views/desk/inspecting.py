"""What was found by who went and looked: a page for a phone with a poor line."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import (
    Case,
    Conflict,
    Forbidden,
    Refused,
    Unavailable,
    current_staff,
    notify_next,
    on_case,
    public_texts,
    render,
    rights_on,
    session,
    takes_files,
)
from portal.kit import gettext as _
from services.reporting.forms.desk import InspectForm
from services.reporting.forms.sending import PHOTOS_AT_ONCE
from services.reporting.operations.inspecting import inspect, keep_for_later
from services.reporting.queries.moderation import get_to_moderate
from services.reporting.queries.work import find_inspection_kept, get_to_inspect
from services.reporting.rules.categories import title_of
from services.reporting.views.desk.blueprint import bp
from services.reporting.workflow import FINDINGS


@bp.route("/inspect/<reference>", methods=["GET", "POST"])
@takes_files(PHOTOS_AT_ONCE)
@on_case("work")
def inspection(case: Case) -> ResponseReturnValue:
    """A small page for a phone on the street: what is there, and what was found. Sent twice, it counts once."""
    report, texts = get_to_inspect(case.id), public_texts(case)
    line, rights, actor = report.line, rights_on(case), current_staff().actor
    kept = find_inspection_kept(line.id, actor) or {}
    form = InspectForm({"priority": str(line.priority), "was": str(line.priority), **kept})
    form.found.choices = [(code, str(title)) for code, title in FINDINGS.items()]
    form.offer(texts)
    if form.asks_for_template:
        form.put_in(texts)
    elif form.keeps:
        keep_for_later(actor, report_id=line.id, typed=form.typed)
        notify_next(_("What you wrote is kept for a week. Nobody else sees it."))
        return redirect(url_for(".inspection", reference=case.reference), 303)
    elif not form.is_to_keep and form.accepted():
        try:
            inspect(
                actor,
                report=line,
                found=form.found.data,
                priority=form.new_priority,
                note=str(form.note.data),
                words=str(form.words.data),
                key=form.once,
                rights=rights,
                photos=[file.stream for file in form.photos.data],
            )
        except (Refused, Forbidden, Conflict, Unavailable) as refusal:
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
        writer=actor,
        is_open=case.is_open,
        title=title_of(line.category),
        decides="decide" in rights,
        has_templates=bool(texts),
        is_back=bool(kept) and not form.posted,
        photos=get_to_moderate(case.id).photos,
    )
