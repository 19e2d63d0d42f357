"""What is asked of the resident: the list, and the pages of each kind of task."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.cases import cosigning, cosignings
from portal.cases.acting import came_by
from portal.cases.questions import answers_in, form_of, typed_in
from portal.cases.talk_values import Task
from portal.cases.task_answers import SIGNED_AS, STATEMENT, shown_answers
from portal.cases.task_files import MOST_FILES, add_file, files_of, remove_file
from portal.cases.task_forms import TaskForm
from portal.cases.task_queries import done_tasks, get_task
from portal.cases.tasks import do_task, save_task
from portal.cases.to_do import to_do
from portal.cases.types import find_type
from portal.db.session import commits, session
from portal.errors import Conflict, Refused, TooMany, Unavailable
from portal.home.linked import linked, most_urgent
from portal.home.task_forms import FileForm, InviteForm, SignForm, VersionForm
from portal.home.task_paying import is_paid_here, put_task_in_basket
from portal.home.task_words import how_all_done, how_done, kind_of_case
from portal.identity.hold import refuse_while_held
from portal.identity.sessions import current_account, current_actor
from portal.payments.baskets import PATH as BASKET
from portal.registry.switches import reasons
from portal.web import forms
from portal.web.languages import gettext as _
from portal.web.page import notify_next, render
from portal.web.state import web_state

bp = Blueprint("tasks", __name__, url_prefix="/tasks", template_folder="templates")
Page = Callable[[Task], ResponseReturnValue]


@bp.get("")
def tasks() -> str:
    """All that is asked of the resident, the most urgent first; below, what is done. `before` is where a page ended."""
    account, before = current_account(), request.args.get("before")
    done, older = done_tasks(account.id, before=before)
    lines = zip(done, how_all_done(done), strict=True)
    to_come = most_urgent(to_do(account.id), linked(account, reasons())[1])
    return render(
        "home/tasks/list.html", to_do=to_come, today=clock.today(), done=list(lines), older=older, paged=before
    )


@bp.route("/<uuid:task_id>", methods=["GET", "POST"])
@commits
def task(task_id: UUID) -> ResponseReturnValue:
    """The first page of a task; where it leads once it is done or no longer asked for, with what was typed for it."""
    found = get_task(current_account().id, task_id)
    if not found.is_open:
        return _too_late(found)
    try:
        return _PAGES[found.kind](found)
    except Conflict:
        session().rollback()  # nothing half done is kept with the page
        found = get_task(current_account().id, task_id)
        if found.is_open:
            raise
        return _too_late(found)  # it ended between the two


@bp.route("/<uuid:task_id>/check", methods=["GET", "POST"])
@commits
def check(task_id: UUID) -> ResponseReturnValue:
    """Everything once more; the button sends it."""
    account = current_account()
    found = get_task(account.id, task_id)
    if found.kind not in ("form", "document"):
        return redirect(url_for(".task", task_id=task_id))
    if way_out := _way_out(found):
        return way_out
    form = VersionForm(version=str(found.version))
    if form.accepted():
        try:
            _send(found, version=form.checked)
        except (Refused, Conflict) as error:
            session().rollback()  # nothing half done is kept with the page
            form.refuse(error.sentence)
            found = get_task(account.id, task_id)
            form.version.data = str(found.version)  # what the page shows now
        else:
            return redirect(url_for(".done", task_id=task_id))
    answers = shown_answers(_asked(found), found.answers) if found.kind == "form" else ()
    return _render("check", found, form=form, answers=answers, files=files_of(found))


@bp.get("/<uuid:task_id>/done")
def done(task_id: UUID) -> ResponseReturnValue:
    """What was done and what happens next; it can be bookmarked."""
    found = get_task(current_account().id, task_id)
    if found.is_open:
        return redirect(url_for(".task", task_id=task_id))
    return _over(found)


@bp.post("/<uuid:task_id>/files/<uuid:file_id>/remove")
@commits
def remove(task_id: UUID, file_id: UUID) -> ResponseReturnValue:
    """Take a file out again."""
    remove_file(current_account().id, task_id, file_id)
    notify_next(_("The file has been removed."))
    return redirect(url_for(".task", task_id=task_id))


@bp.post("/<uuid:task_id>/invitation/withdraw")
@commits
def withdraw(task_id: UUID) -> ResponseReturnValue:
    """Ask the second person no longer."""
    cosigning.withdraw(current_account(), task_id, channel=came_by())
    notify_next(_("The link that we sent them no longer works. You can ask somebody else."))
    return redirect(url_for(".task", task_id=task_id))


def _form_page(found: Task) -> ResponseReturnValue:
    asked = _asked(found)
    if asked is None:
        return _over(found)
    form = form_of(asked, found.answers, forms.Form)
    if form.accepted():
        save_task(current_account().id, found.id, **answers_in(asked, form))
        return redirect(url_for(".check", task_id=found.id))
    return _render("form", found, form=form, asked=asked, alone=len(asked.fields) == 1)


def _document_page(found: Task) -> ResponseReturnValue:
    form = FileForm()
    if form.accepted() and form.file.data is not None:
        try:
            add_file(current_account().id, found.id, form.file.data.stream)
        except (Refused, TooMany, Unavailable) as error:
            session().rollback()  # nothing half done is kept with the page
            form.refuse(error.sentence, "file")
        else:
            return redirect(url_for(".task", task_id=found.id))
    files = files_of(found)
    return _render("document", found, form=form, files=files, full=len(files) >= MOST_FILES)


def _payment_page(found: Task) -> ResponseReturnValue:
    here, form = is_paid_here(found), VersionForm()
    if here and form.accepted():
        try:
            put_task_in_basket(current_account(), found)
        except Refused as error:
            session().rollback()  # nothing half done is kept with the page
            form.refuse(error.sentence)
        else:
            return redirect(BASKET)
    takes = web_state().settings.pay.is_set
    return _render("payment", found, form=form, here=here, takes=takes)


def _signature_page(found: Task) -> ResponseReturnValue:
    form = SignForm()
    if form.accepted():
        refuse_while_held()  # whoever came in with what was stolen shall not sign
        account = current_account()
        try:
            saved = save_task(account.id, found.id, **{SIGNED_AS: form.signed_as.data, STATEMENT: found.words})
            _send(saved, version=saved.version)
        except Refused as error:
            session().rollback()  # nothing half done is kept with the page
            form.refuse(error.sentence)
        else:
            return redirect(url_for(".done", task_id=found.id))
    return _render("signature", found, form=form)


def _cosign_page(found: Task) -> ResponseReturnValue:
    form = InviteForm()
    if form.accepted():
        try:
            cosigning.ask(current_account(), found.id, email=form.email.data, link=_link, channel=came_by())
        except (Refused, TooMany) as error:
            session().rollback()  # nothing half done is kept with the page
            form.refuse(error.sentence, "email")
        else:
            notify_next(_("We have sent them a link."))
            return redirect(url_for(".task", task_id=found.id))
    latest = cosignings.newest_for(found.id)
    asked = latest if latest is not None and latest.is_open(clock.now()) else None
    declined = latest is not None and latest.state == "declined"
    bounced = latest is not None and latest.state == "bounced"
    return _render("cosign", found, form=form, asked=asked, declined=declined, bounced=bounced)


_PAGES: Final[Mapping[str, Page]] = {
    "form": _form_page,
    "document": _document_page,
    "payment": _payment_page,
    "signature": _signature_page,
    "cosign": _cosign_page,
}


def _send(found: Task, *, version: int) -> None:
    do_task(current_account().id, found.id, version=version, actor=current_actor(), channel=came_by())


def _asked(found: Task) -> TaskForm | None:
    case_type = find_type(found.service, found.type)
    return case_type.forms.get(found.form) if case_type else None


def _way_out(found: Task) -> ResponseReturnValue | None:
    """Where a page leads that is no longer of use: to what was done, or to the word that nothing is asked any more."""
    if found.state == "done":
        return redirect(url_for(".done", task_id=found.id))
    if found.state == "withdrawn":
        return _over(found)
    return None


def _too_late(found: Task) -> ResponseReturnValue:
    """A page for what has ended. Nothing that was sent is lost, but by a second click on what is sent already."""
    typed = _typed(found) if request.method == "POST" else ()
    if typed:
        return _over(found, typed)
    return redirect(url_for(".done", task_id=found.id)) if found.state == "done" else _over(found)


def _typed(found: Task) -> Sequence[tuple[str, Sequence[str]]]:
    """What the form that was sent says and what is kept nowhere, by its questions."""
    by_themselves = found.state == "done" and found.ended_by == current_actor()
    asked = _asked(found)
    if found.kind == "form" and asked is not None:
        form = form_of(asked, {}, forms.Form)
        form.validate()  # which brings answers into the shape in which they are kept
        same = by_themselves and answers_in(asked, form) == {**found.answers}
        return () if same else typed_in(asked, form)
    if by_themselves or found.kind not in ("signature", "cosign"):
        return ()
    field = SignForm().signed_as if found.kind == "signature" else InviteForm().email
    return [(str(field.label.text), [field.shown_value])] if field.shown_value else ()


def _over(found: Task, typed: Sequence[tuple[str, Sequence[str]]] = ()) -> ResponseReturnValue:
    if found.state != "done":
        return _render("over", found, typed=typed)
    answers = shown_answers(_asked(found), found.answers) if found.kind == "form" and found.answers else ()
    return _render("done", found, how=how_done(found), answers=answers, files=files_of(found), typed=typed)


def _render(page: str, found: Task, **values: object) -> str:
    return render(f"home/tasks/{page}.html", task=found, kind=kind_of_case(found), **values)


def _link(token: str) -> str:
    return web_state().settings.public_url + url_for("cosign.invitation", token=token)
