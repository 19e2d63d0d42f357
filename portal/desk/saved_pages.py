"""Save the list that is shown, and look after one's saved lists."""

import uuid
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.cases.teams import all_teams
from portal.db.session import commits
from portal.desk import saved_filters
from portal.desk.filters import VIEWS, read_filter
from portal.desk.worklist_page import bp
from portal.errors import Conflict, Refused
from portal.staff.rights import current_grants, needs
from portal.staff.sessions import current_staff
from portal.web import forms
from portal.web.languages import gettext, lazy_gettext
from portal.web.page import notify_next, render


class SaveForm(forms.Form):
    """A list's name, and who uses it."""

    name = forms.TextField(
        lazy_gettext("Name of the list"),
        required=lazy_gettext("Enter a name for the list"),
        max_length=saved_filters.LONGEST_NAME,
    )
    team = forms.SelectField(lazy_gettext("Share it with a team"), mark_optional=False)
    start = forms.CheckboxesField(
        lazy_gettext("When you open the desk"), choices=[("yes", lazy_gettext("Begin with this list"))]
    )

    @property
    def values(self) -> dict[str, Any]:
        """What was entered, as saved filters take it."""
        return {"name": str(self.name.data), "team": str(self.team.data), "is_default": "yes" in self.start.data}


@bp.route("/lists/new", methods=["GET", "POST"])
@needs("look")
@commits
def save() -> ResponseReturnValue:
    """Keep the filter in the address under a name."""
    chosen = read_filter(request.args)
    form = _form(SaveForm())
    if form.accepted():
        try:
            saved = saved_filters.save_filter(current_staff(), current_grants(), chosen=chosen, **form.values)
        except (Refused, Conflict) as refusal:
            form.refuse(refusal.sentence)
        else:
            notify_next(gettext("The list is saved"))
            return redirect(url_for(".worklist", saved=str(saved)), 303)
    return render("desk/saved_form.html", form=form, view_name=VIEWS[chosen.view])


@bp.get("/lists")
@needs("look")
def saved() -> str:
    """Their saved lists, and those that colleagues share with them."""
    staff = current_staff()
    every = saved_filters.usable_by(staff.id, current_grants())
    teams = {team.slug: team.name for team in all_teams(closed=True)}
    own = [each for each in every if each.staff_id == staff.id]
    shared = [each for each in every if each.staff_id != staff.id]
    return render("desk/saved.html", own=own, shared=shared, teams=teams)


@bp.route("/lists/<uuid:filter_id>", methods=["GET", "POST"])
@needs("look")
@commits
def change_saved(filter_id: uuid.UUID) -> ResponseReturnValue:
    """Rename it, share it or not, begin with it or not."""
    staff = current_staff()
    before = saved_filters.get_own(staff.id, filter_id)
    start = ["yes"] if before.is_default else []
    form = _form(SaveForm({"name": before.name, "team": before.team, "start": start}))
    if form.accepted():
        try:
            saved_filters.change_filter(staff, current_grants(), filter_id, **form.values)
        except (Refused, Conflict) as refusal:
            form.refuse(refusal.sentence)
        else:
            notify_next(gettext("The list is changed"))
            return redirect(url_for(".saved"), 303)
    return render("desk/saved_form.html", form=form, before=before)


@bp.route("/lists/<uuid:filter_id>/delete", methods=["GET", "POST"])
@needs("look")
@commits
def delete_saved(filter_id: uuid.UUID) -> ResponseReturnValue:
    """Ask once more, then keep it no longer. The cases in it stay as they are."""
    staff = current_staff()
    before = saved_filters.get_own(staff.id, filter_id)
    form = forms.Form()
    if form.accepted():
        saved_filters.delete_filter(staff, filter_id)
        notify_next(gettext("The list is deleted"))
        return redirect(url_for(".saved"), 303)
    return render("desk/saved_delete.html", form=form, before=before)


def _form(form: SaveForm) -> SaveForm:
    mine = saved_filters.teams_seen(current_grants())
    teams = [(team.slug, team.name) for team in all_teams() if mine is None or team.slug in mine]
    form.team.choices = [("", gettext("Nobody else")), *teams]
    return form
