"""The reports that a resident follows."""

from typing import Final
from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import commits, current_account, notify_next, render
from portal.kit import gettext as _
from services.reporting.forms.public import ButtonForm
from services.reporting.operations.following import stop_following
from services.reporting.queries.following import followed_by
from services.reporting.queries.public import public_by_reference
from services.reporting.rules.categories import title_of
from services.reporting.rules.wanted import Mark
from services.reporting.views.blueprint import bp
from services.reporting.views.public_words import Line

PAGE: Final = 20


@bp.get("/follows")
def follows() -> ResponseReturnValue:
    """Each with how it stands and the way to stop; of one that is hidden now its kind and reference alone."""
    found, older = followed_by(current_account(), most=PAGE, before=Mark.read(request.args.get("before")))
    shown = public_by_reference([each.reference for each in found])
    lines = {reference: Line(report) for reference, report in shown.items()}
    return render(
        "reporting/follows.html", follows=found, lines=lines, older=older, title_of=title_of, form=ButtonForm()
    )


@bp.post("/follows/<uuid:follow_id>/stop")
@commits
def stop_following_one(follow_id: UUID) -> ResponseReturnValue:
    """Hear of it no more."""
    stop_following(current_account(), follow_id=follow_id)
    notify_next(_("You do not follow this report any more."))
    return redirect(url_for(".follows"))
