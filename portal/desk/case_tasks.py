"""Ask the resident for something, ask no longer, and note that it was done in another way."""

import uuid
from typing import cast

from flask.typing import ResponseReturnValue

from portal.cases.taking import must_be_open
from portal.cases.talk_values import Task, TaskKind
from portal.cases.task_queries import find_task
from portal.cases.tasks import complete_task, withdraw_task
from portal.cases.tasks import set_task as ask
from portal.cases.types import facts_of, find_type
from portal.cases.values import Case
from portal.desk.act_forms import ActForm, ReasonForm, TaskForm
from portal.desk.acting import acts, as_shown, attempt, page, still_theirs
from portal.desk.case_blueprint import bp
from portal.errors import NotFound, Refused
from portal.staff.sessions import current_staff
from portal.web.languages import gettext as _


@bp.route("/<reference>/ask", methods=["GET", "POST"])
@acts("work")
def set_task(case: Case) -> ResponseReturnValue:
    """Put a task to the resident. They are told, and it is their turn."""

    def do() -> None:
        ask(
            case.id,
            kind=kind,
            title=str(form.title.data),
            words=str(form.words.data),
            form=str(form.form.data) if kind == "form" else "",
            amount=form.pence if kind == "payment" else None,
            pay_url=str(form.pay_url.data) if kind == "payment" else "",
            due_on=form.due.data,
            actor=current_staff().actor,
            key=form.once,
            expected_version=form.seen,
        )

    form = _form(case)
    kind = cast(TaskKind, str(form.kind.data))
    done = attempt(form, case, do, done=_("The resident is asked, and is told."))
    return done or page("set_task", case, form, check=must_be_open)


@bp.route("/<reference>/tasks/<uuid:task_id>/withdraw", methods=["GET", "POST"])
@acts("work")
def withdraw(case: Case, task_id: uuid.UUID) -> ResponseReturnValue:
    """Ask no longer for what was asked."""

    def do() -> None:
        reason = str(form.reason.data)
        if as_shown(case, form, "task_withdrawn", lambda _now: not _get(case, task_id).is_open, reason=reason):
            withdraw_task(current_staff().actor, task_id, reason=reason)

    task, form = _get(case, task_id), ReasonForm()
    done = attempt(form, case, do, done=_("It is no longer asked for."))
    return done or page("withdraw_task", case, form, check=lambda _now: _must_be_asked(task.id), task=task)


@bp.route("/<reference>/tasks/<uuid:task_id>/complete", methods=["GET", "POST"])
@acts("work")
def complete(case: Case, task_id: uuid.UUID) -> ResponseReturnValue:
    """Note that it was done in another way: paid at a counter, sent by post."""

    def do() -> None:
        still_theirs(case, "work")
        complete_task(current_staff().actor, task_id)

    task, form = _get(case, task_id), ActForm()
    done = attempt(form, case, do, done=_("The task is marked as done."))
    return done or page("complete_task", case, form, check=lambda _now: _must_be_asked(task.id), task=task)


def _form(case: Case) -> TaskForm:
    """The form with what this kind of case can ask for."""
    form, case_type = TaskForm(), find_type(case.service, case.type)
    forms = case_type.forms if case_type else {}
    kinds = [
        ("document", _("Documents or photos")),
        ("form", _("Answers to a form")),
        ("payment", _("A payment")),
        ("signature", _("Their signature")),
        ("cosign", _("A second person’s signature")),
    ]
    left_out = {"form"} if not forms else set()
    if not any(fact.for_cosigner for fact in facts_of(case)):
        left_out.add("cosign")
    form.kind.choices = [(code, title) for code, title in kinds if code not in left_out]
    form.form.choices = [(code, each.title) for code, each in forms.items()]
    if len(forms) == 1 and not form.posted:
        (form.form.data,) = forms
    return form


def _must_be_asked(task_id: uuid.UUID) -> None:
    task = find_task(task_id)
    if task is None or not task.is_open:
        raise Refused(_("This is done already, or no longer asked for."))


def _get(case: Case, task_id: uuid.UUID) -> Task:
    task = find_task(task_id)
    if task is None or task.case_id != case.id:
        raise NotFound
    return task
