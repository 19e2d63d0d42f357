"""Let words and photos be seen, change words, hide them: one report after the other, the longest waiting first."""

from typing import TypedDict

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import (
    Case,
    Conflict,
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
from services.reporting.queries.moderation import Audience, PhotoToSee, ToModerate, get_to_moderate, waiting
from services.reporting.rules.categories import title_of
from services.reporting.views.desk.blueprint import bp
from services.reporting.views.public_words import ward_title


class _Standing(TypedDict):
    """What is chosen in the form."""

    audience: Audience
    photos: list[str]
    updates: list[str]


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
    form, has_changed = _form(seen), False
    if form.accepted():
        try:
            decide(current_staff().actor, case_id=case.id, marks=form.marks, decision=form.decision)
        except Refused as refusal:
            session().rollback()
            form.refuse(refusal.sentence)
        except Conflict as conflict:
            session().rollback()
            form.refuse(conflict.sentence)
            seen, has_changed = get_to_moderate(case.id), True
            _offer(form, seen)
            form.show_now(**_standing(seen), marks=seen.marks)
        else:
            notify_next(_("Your decision about %(reference)s is kept.", reference=seen.reference))
            return redirect(_next_after(seen.reference), 303)
    return render(
        "reporting/desk/moderate.html",
        form=form,
        seen=seen,
        has_changed=has_changed,
        title=title_of(seen.category),
    )


def _form(seen: ToModerate) -> ModerationForm:
    """As it was decided, and what of it the page shows."""
    form = ModerationForm(**_standing(seen), words=seen.read_words, place=seen.read_place, saw=" ".join(seen.marks))
    _offer(form, seen)
    return form


def _offer(form: ModerationForm, seen: ToModerate) -> None:
    form.photos.choices = [(str(each.id), _("Photo %(n)s", n=n)) for n, each in enumerate(seen.photos, start=1)]
    form.updates.choices = [(str(each.id), each.words) for each in seen.updates]


def _standing(seen: ToModerate) -> _Standing:
    """What was decided; of what waits, words shown and photos not, unless covered: there may be a face on each."""
    return {
        "audience": seen.audience,
        "photos": [str(each.id) for each in seen.photos if each.moderation == "shown" or _is_covered(each)],
        "updates": [str(each.id) for each in seen.updates if each.moderation != "hidden"],
    }


def _is_covered(photo: PhotoToSee) -> bool:
    """Whether somebody has just made it fit to be seen."""
    return photo.moderation == "waiting" and photo.covered_id is not None


def _next_after(reference: str) -> str:
    """The page of the next that waits, or the list when none does."""
    left = (each.reference for each in waiting(staff_cases("work"), most=2) if each.reference != reference)
    following = next(left, None)
    return url_for(".moderate", reference=following) if following else url_for(".to_moderate")
