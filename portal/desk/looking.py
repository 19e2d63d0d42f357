"""Before a resident's record is shown at the desk: the reason is known, or it is asked for."""

from typing import Final

import wtforms
from flask import Blueprint, redirect, request
from flask.typing import ResponseReturnValue
from wtforms.validators import ValidationError

from portal.kit.at_desk import get_desk_case
from portal.staff import looks
from portal.staff.gate import PREFIX, next_at_desk
from portal.staff.rights import needs
from portal.staff.sessions import current_staff
from portal.web import forms
from portal.web.languages import gettext
from portal.web.languages import lazy_gettext as _
from portal.web.page import render

bp = Blueprint("desk_looking", __name__, url_prefix=f"{PREFIX}/why", template_folder="templates")


FEWEST_LETTERS: Final = 8


def says_something(_form: object, field: wtforms.Field) -> None:
    """Refuse a reason without words: a dot tells the resident nothing."""
    if sum(letter.isalpha() for letter in str(field.data)) < FEWEST_LETTERS:
        raise ValidationError(gettext("Write the reason in words that say something to the resident"))


class ReasonForm(forms.Form):
    """Why a member of staff looks."""

    reason = forms.TextAreaField(
        _("Why do you need to see this?"),
        hint=_("The resident can read what you write here. Do not name anybody."),
        required=_("Enter why you need to see this"),
        max_length=300,
        validators=[says_something],
    )


@bp.route("/<reference>", methods=["GET", "POST"])
@needs("look")
def why(reference: str) -> ResponseReturnValue:
    """Ask for the reason before the case is shown. What is written is a look already."""
    case = get_desk_case(reference)
    back = next_at_desk(request.values.get("next"))
    form = ReasonForm()
    if form.accepted():
        looks.note_look(
            current_staff(),
            account_id=case.account_id,
            case=case,
            what="case",
            reason=str(form.reason.data),
            written=True,
        )
        return redirect(back, 303)
    return render("desk/why.html", form=form, reference=case.reference, next_path=back)
