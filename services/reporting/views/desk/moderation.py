"""Let words and photos be seen, change words, hide them: one report after the other, the longest waiting first."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import (
    Case,
    Refused,
    current_staff,
    needs,
    notify_next,
    on_case,
    render,
    session,
    staff_cases,
)
from portal.kit import gettext as _
from services.reporting.forms.desk import ModerationForm
from services.reporting.operations.deciding import decide
from services.reporting.queries.moderation import PhotoToSee, ToModerate, get_to_moderate, waiting
from services.reporting.rules.categories import title_of
from services.reporting.views.desk.blueprint import bp
from services.reporting.views.public_words import ward_title


@bp.get("/moderation")
@needs("work")
def to_moderate() -> ResponseReturnValue:
    """What waits for a look, the oldest first."""
    found = waiting(staff_cases("work"))
    return render("reporting/desk/to_moderate.html", waiting=found, title_of=title_of, ward_title=ward_title)


@bp.route("/moderation/<reference>", methods=["GET", "POST"])
@on_case("work")
def moderate(case: Case) -> ResponseReturnValue:
    """One report, and then the next that waits."""
    seen = get_to_moderate(case.id)
    form = _form(seen)
    if form.accepted():
        try:
            decide(current_staff().actor, seen=seen, decision=form.decision)
        except Refused as refusal:
            session().rollback()
            form.refuse(refusal.sentence)
        else:
            notify_next(_("Your decision about %(reference)s is kept.", reference=seen.reference))
            return redirect(_next_after(seen.reference), 303)
    return render(
        "reporting/desk/moderate.html",
        form=form,
        seen=seen,
        title=title_of(seen.category),
        said_by={"reporter": _("Whoever reported it"), "resident": _("Somebody else")},
    )


def _form(seen: ToModerate) -> ModerationForm:
    """As it was decided; for what waits, words shown and photos not, unless covered: there may be a face on each."""
    form = ModerationForm(
        audience="private" if seen.private else "nobody" if seen.moderation == "hidden" else "everybody",
        words=seen.words if seen.public_words is None else seen.public_words,
        place=seen.place if seen.public_place is None else seen.public_place,
        photos=[str(each.id) for each in seen.photos if each.moderation == "shown" or _is_covered(each)],
        updates=[str(each.id) for each in seen.updates if each.moderation != "hidden"],
    )
    form.photos.choices = [(str(each.id), _("Photo %(n)s", n=n)) for n, each in enumerate(seen.photos, start=1)]
    form.updates.choices = [(str(each.id), each.words) for each in seen.updates]
    return form


def _is_covered(photo: PhotoToSee) -> bool:
    """Whether somebody has just made it fit to be seen."""
    return photo.moderation == "waiting" and photo.covered_id is not None


def _next_after(reference: str) -> str:
    """The page of the next that waits, or the list when none does."""
    left = (each.reference for each in waiting(staff_cases("work"), most=2) if each.reference != reference)
    following = next(left, None)
    return url_for(".moderate", reference=following) if following else url_for(".to_moderate")
