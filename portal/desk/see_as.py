"""See the portal as a resident does: from one of their cases, with a reason that they can read."""

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import commits
from portal.desk.looking import says_something
from portal.errors import NotFound
from portal.kit.at_desk import get_desk_case
from portal.staff import visits
from portal.staff.gate import PREFIX
from portal.staff.narrow_visits import is_narrow
from portal.staff.rights import current_grants, needs
from portal.staff.sessions import current_staff_session
from portal.web import forms
from portal.web.languages import gettext, lazy_gettext
from portal.web.page import render

bp = Blueprint("desk_see_as", __name__, url_prefix=f"{PREFIX}/see-as", template_folder="templates")


class SeeAsForm(forms.Form):
    """Why."""

    reason = forms.TextAreaField(
        lazy_gettext("Why do you need to see the portal as this resident does?"),
        hint=lazy_gettext("The resident can read what you write here. Do not name anybody."),
        required=lazy_gettext("Enter why you need to see it"),
        max_length=300,
        validators=[says_something],
    )


@bp.route("/<reference>", methods=["GET", "POST"])
@needs("see_as")
@commits
def begin(reference: str) -> ResponseReturnValue:
    """Ask for the reason, then begin."""
    case = get_desk_case(reference)
    current_grants().require("see_as", case)
    if case.account_id is None:
        raise NotFound(gettext("This person has been forgotten. There is nothing to see."))
    form = SeeAsForm()
    if form.accepted():
        visits.begin(
            current_staff_session(), case.account_id, "look", reason=str(form.reason.data), written=True, case=case
        )
        case_page = url_for("cases.case", reference=case.reference)
        return redirect(case_page if is_narrow("look") else url_for("home.home"), 303)
    return render("desk/see_as.html", form=form, reference=case.reference)
