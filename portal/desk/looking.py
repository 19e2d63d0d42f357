"""Before a resident's record is shown at the desk: the reason is known, or it is asked for."""

from typing import Final

import wtforms
from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import DateTime, bindparam, exists, select
from wtforms.validators import ValidationError

from portal import clock
from portal.cases.models import CaseEventRow
from portal.db.session import session
from portal.desk.finding import get_desk_case
from portal.identity.next_path import safe_next, written
from portal.staff import looks
from portal.staff.gate import PREFIX, next_at_desk
from portal.staff.looks import LookedAt, Reason
from portal.staff.rights import needs
from portal.staff.sessions import current_staff
from portal.web import forms
from portal.web.languages import gettext
from portal.web.languages import lazy_gettext as _
from portal.web.page import render

bp = Blueprint("desk_looking", __name__, url_prefix=f"{PREFIX}/why", template_folder="templates")


FEWEST_LETTERS: Final = 8
_WORKED_ON = select(
    exists().where(
        CaseEventRow.case_id == bindparam("case"),
        CaseEventRow.actor == bindparam("actor"),
        CaseEventRow.at > bindparam("since", type_=DateTime(timezone=True)),
    )
)


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


def asked_why(case: LookedAt, reference: str) -> ResponseReturnValue | None:
    """Note that the member of staff of this request looks at the case; or the way to the page that asks them why.

    Call it in every view that shows a case, once it is known that they may see it.
    """
    reason = reason_for(case)
    if reason is None:
        here = written(request.script_root + request.path, request.query_string)
        return redirect(url_for("desk_looking.why", reference=reference, next=safe_next(here)), 303)
    note_look(case, what="case", reason=reason)
    return None


def reason_for(case: LookedAt) -> Reason | None:
    """Why the member of staff of this request looks at the case, as far as it is known; None: they must say it."""
    staff = current_staff()
    known = looks.known_reason(case) or ("worked_on" if _worked_on(staff.actor, case) else None)
    if known is not None:
        return Reason(known, written=False)
    return looks.last_reason(staff, case.id)


def note_look(case: LookedAt, *, what: str, reason: Reason) -> None:
    """Write down that they look at this part of the case or of its resident, for this reason."""
    looks.note_look(
        current_staff(), account_id=case.account_id, case=case, what=what, reason=reason.words, written=reason.written
    )


def _worked_on(actor: str, case: LookedAt) -> bool:
    """Whether they have done something with it lately: whoever closes a case may still see that it is closed."""
    values = {"case": case.id, "actor": actor, "since": clock.now() - looks.REASON_HOLDS}
    return bool(session().scalar(_WORKED_ON, values))


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
