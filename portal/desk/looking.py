"""Before a resident's record is shown at the desk: the reason is known, or it is asked for."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.desk.finding import get_desk_case
from portal.identity.next_path import safe_next, written
from portal.staff import looks
from portal.staff.gate import PREFIX, next_at_desk
from portal.staff.looks import LookedAt
from portal.staff.rights import needs
from portal.staff.sessions import current_staff
from portal.web import forms
from portal.web.languages import lazy_gettext as _
from portal.web.page import render

bp = Blueprint("desk_looking", __name__, url_prefix=f"{PREFIX}/why", template_folder="templates")


class ReasonForm(forms.Form):
    """Why a member of staff looks."""

    reason = forms.TextAreaField(
        _("Why do you need to see this?"),
        hint=_("The resident can read what you write here. Do not name anybody."),
        required=_("Enter why you need to see this"),
        max_length=300,
    )


def asked_why(case: LookedAt, reference: str) -> ResponseReturnValue | None:
    """Note that the member of staff of this request looks at the case; or the way to the page that asks them why.

    Call it in every view that shows a case, once it is known that they may see it.
    """
    staff = current_staff()
    known = looks.known_reason(case)
    own = looks.written_reason(staff, case.id) if known is None else None
    if known is None and own is None:
        here = written(request.script_root + request.path, request.query_string)
        return redirect(url_for("desk_looking.why", reference=reference, next=safe_next(here)), 303)
    looks.note_look(
        staff, account_id=case.account_id, case=case, what="case", reason=known or own or "", written=known is None
    )
    return None


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
