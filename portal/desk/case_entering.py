"""Enter on a case what its service asks of staff: the form is the service's, and what becomes of it too."""

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.cases.declared import StaffForm
from portal.cases.questions import answers_in, form_of
from portal.cases.types import find_type, tell_entered
from portal.cases.values import Case
from portal.cases.writing import check_version, lock_case
from portal.desk.act_forms import ActForm
from portal.desk.acting import acts, attempt, keep_words, page
from portal.desk.case_blueprint import bp
from portal.errors import Forbidden, NotFound, Refused
from portal.kit.at_desk import rights_on
from portal.staff.sessions import current_staff
from portal.web.languages import gettext as _
from portal.web.page import warn_next


@bp.route("/<reference>/enter/<code>", methods=["GET", "POST"])
@acts("work")
def enter(case: Case, code: str) -> ResponseReturnValue:
    """One form of the service's, for staff. Sent twice it is taken twice: the service makes the same of it."""

    def do() -> None:
        now = lock_case(case.id, actor=current_staff().actor)
        check_version(now, form.seen)
        _check(now, asked)
        tell_entered(now, code, answers_in(asked.form, form), actor=current_staff().actor)

    asked = _get(case, code)
    if asked.right not in rights_on(case):
        return keep_words(Forbidden(), asked.right)
    form = form_of(asked.form, {}, ActForm)
    if case.status not in asked.statuses and not form.posted:
        warn_next(_("This cannot be done at the stage it has reached."))
        return redirect(url_for(".case", reference=case.reference), 303)
    done = attempt(form, case, do, done=_("Saved"), right=asked.right)
    return done or page("enter", case, form, check=lambda now: _check(now, asked), asked=asked.form)


def _get(case: Case, code: str) -> StaffForm:
    case_type = find_type(case.service, case.type)
    found = case_type.staff_forms.get(code) if case_type else None
    if found is None:
        raise NotFound
    return found


def _check(case: Case, asked: StaffForm) -> None:
    if case.status not in asked.statuses or case.is_merged:
        raise Refused(_("This cannot be done at the stage it has reached."))
