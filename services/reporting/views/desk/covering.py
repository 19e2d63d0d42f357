"""Cover parts of a photo, and look at photos, before others see them."""

from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.kit import (
    Case,
    NotFound,
    PhotoPart,
    Refused,
    current_staff,
    file_answer,
    get_file,
    notify_next,
    on_case,
    render,
    session,
)
from portal.kit import gettext as _
from services.reporting.forms.desk import CoverForm
from services.reporting.operations.covering import cover_parts
from services.reporting.queries.moderation import PhotoToSee, get_to_moderate
from services.reporting.rules.covering import Grid
from services.reporting.views.desk.blueprint import bp


@bp.get("/moderation/<reference>/photos/<uuid:photo_id>")
@on_case("work")
def photo(case: Case, photo_id: UUID) -> Response:
    """A photo of the report as it was sent, whatever was decided of it. Raises NotFound."""
    found = _photo_of(case, photo_id)
    return file_answer(found.owner_id, found.file_id)


@bp.get("/moderation/<reference>/photos/<uuid:photo_id>/covered")
@on_case("work")
def covered(case: Case, photo_id: UUID) -> Response:
    """The same as others see it, with parts of it black. Raises NotFound."""
    found = _photo_of(case, photo_id)
    if found.covered_id is None:
        raise NotFound
    return file_answer(found.owner_id, found.covered_id)


@bp.route("/moderation/<reference>/photos/<uuid:photo_id>/cover", methods=["GET", "POST"])
@on_case("work")
def cover(case: Case, photo_id: UUID) -> ResponseReturnValue:
    """Choose squares of the photo: they are black for everybody but staff and whoever sent it."""
    found = _photo_of(case, photo_id)
    file = get_file(found.owner_id, found.file_id)
    if file.state != "ready":
        raise NotFound
    grid = Grid.of(file.width, file.height)
    form = CoverForm()
    form.squares.choices = [(name, name) for name in grid.names]
    if form.accepted():
        try:
            parts = [PhotoPart(*grid.edges(name)) for name in form.squares.data]
            cover_parts(current_staff().actor, photo=found, parts=parts)
        except Refused as refusal:
            session().rollback()
            form.refuse(refusal.sentence)
        else:
            notify_next(_("Look at the photo below, and choose whether everybody may see it."))
            return redirect(url_for(".moderate", reference=case.reference), 303)
    return render("reporting/desk/cover.html", form=form, reference=case.reference, photo=found, grid=grid)


def _photo_of(case: Case, photo_id: UUID) -> PhotoToSee:
    found = next((each for each in get_to_moderate(case.id).photos if each.id == photo_id), None)
    if found is None:
        raise NotFound
    return found
