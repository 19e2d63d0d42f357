"""A resident's case: where it stands, what was sent, what was said, what is asked, and what they can do.

One page for the cases of every service, which say what was sent by `case_facts` and everything else by their types.
"""

import uuid
from collections.abc import Callable, Mapping
from typing import Final

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.cases import cosignings, messages, queries
from portal.cases.acting import came_by
from portal.cases.documents import add_document, documents_of
from portal.cases.ending import may_reopen, rate_case, reopen_case
from portal.cases.joined import all_joined_with, joined_with
from portal.cases.task_queries import open_tasks_of
from portal.cases.types import facts_of, find_type
from portal.cases.values import Case, ChangedMeanwhile, Fact
from portal.db.session import commits, session
from portal.errors import Conflict, Refused, TooMany, Unavailable
from portal.files.queries import find_file
from portal.files.values import StoredFile
from portal.home.case_forms import DocumentForm, MessageForm, OnceForm, RatingForm, ReopenForm
from portal.home.case_words import sent_how, standing_of, title_of
from portal.home.filters import choice
from portal.identity.sessions import current_account, current_actor
from portal.notices.inbox import has_unread, mark_path_read
from portal.registry.mount import service_titles
from portal.web.languages import gettext as _
from portal.web.page import notify_next, render

bp = Blueprint("cases", __name__, url_prefix="/cases", template_folder="templates")
PAGE: Final = 25
ActForm = MessageForm | DocumentForm | ReopenForm | RatingForm


@bp.get("")
def cases() -> str:
    """All that the resident has asked for, newest first, of one service or of all, open or closed or both."""
    services = service_titles()
    service = request.args.get("service", "")
    state = request.args.get("state", "")
    found, older = queries.cases_page(
        current_account().id,
        service=service if service in services else None,
        is_open={"open": True, "closed": False}.get(state),
        before=request.args.get("before"),
        limit=PAGE,
    )
    joined = all_joined_with(found)
    signing = cosignings.waiting_for_signers([case.id for case in found if case.waits_for == "resident"])
    lines = [
        (case, title_of(case), standing_of(case, joined.get(case.id), signing=case.id in signing)) for case in found
    ]
    chosen = {"service": service, "state": state}
    filters = [
        choice("service", _("Service"), {"": _("All services"), **services}, service),
        choice("state", _("Which"), {"": _("Open and closed"), "open": _("Open"), "closed": _("Closed")}, state),
    ]
    return render("home/cases/list.html", lines=lines, older=older, services=services, chosen=chosen, filters=filters)


@bp.get("/<reference>")
def case(reference: str) -> str:
    """One case."""
    found = _get(reference)
    said, older = messages.messages_of(found.id, before=request.args.get("before"))
    facts = facts_of(found)
    joined = joined_with(found)
    tasks = open_tasks_of(found.id)
    with_others = cosignings.asked_for([task.id for task in tasks if task.kind == "cosign"])
    told = has_unread(current_account().id, url_for(".case", reference=found.reference))
    return render(
        "home/cases/case.html",
        case=found,
        title=title_of(found),
        stands=standing_of(found, joined, signing=bool(tasks) and len(with_others) == len(tasks)),
        joined=joined,
        sent_how=sent_how(found),
        facts=[(fact, _file(fact)) for fact in facts],
        messages=said,
        older=older,
        unread=told or any(each.from_staff and each.read_at is None for each in said),
        writing=messages.may_write(found),
        documents=documents_of(found.id),
        tasks=[task for task in tasks if task.id not in with_others],
        with_others=[task for task in tasks if task.id in with_others],
        events=queries.timeline(found.id),
        can_reopen=_can_reopen(found),
        can_rate=_can_rate(found),
        today=clock.today(),
    )


@bp.post("/<reference>/read")
@commits
def read(reference: str) -> ResponseReturnValue:
    """The resident has read what the council wrote: staff see that they have."""
    found = _get(reference)
    messages.mark_read(current_actor(), found.id)
    mark_path_read(current_account(), url_for(".case", reference=found.reference))
    return redirect(url_for(".case", reference=found.reference), 303)


@bp.route("/<reference>/write", methods=["GET", "POST"])
@commits
def write(reference: str) -> ResponseReturnValue:
    """Write to the council about a case."""

    def send(found: Case) -> None:
        messages.send_message(
            current_actor(),
            found.id,
            form.body.data,
            key=form.once,
            channel=came_by(),
            for_resident=True,
            may_reopen=form.knows_it_is_closed,
        )
        if _get(reference).reopened > found.reopened:
            notify_next(_("Your message has been sent, and the case is open again."))
        else:
            notify_next(_("Your message has been sent. We will tell you when we answer."))

    found, form = _get(reference), MessageForm()
    return _act(found, form, "write", send, field="body", values=_of_writing)


@bp.route("/<reference>/add-document", methods=["GET", "POST"])
@commits
def document(reference: str) -> ResponseReturnValue:
    """Add a document to a case."""

    def add(found: Case) -> None:
        assert form.file.data is not None  # the form has asked for it
        add_document(
            current_actor(),
            found.id,
            form.file.data.stream,
            title=form.title.data or _("Document"),
            key=form.once,
            channel=came_by(),
            for_resident=True,
        )
        notify_next(_("Your document has been sent."))

    found, form = _get(reference), DocumentForm()
    return _act(found, form, "document", add, field="file", values=_of_documents)


@bp.route("/<reference>/reopen", methods=["GET", "POST"])
@commits
def reopen(reference: str) -> ResponseReturnValue:
    """Say that a closed case is not over."""

    def act(found: Case) -> None:
        reopen_case(
            current_actor(),
            found.id,
            reason=form.reason.data,
            channel=came_by(),
            expected_version=form.seen,
        )
        notify_next(_("Your case is open again."))

    found = _get(reference)
    form = ReopenForm(version=str(found.version))
    if found.is_open and not form.reason.shown_value:
        return redirect(url_for(".case", reference=found.reference))
    return _act(found, form, "reopen", act, values=lambda now: _of_reopening(now, form))


@bp.route("/<reference>/rate", methods=["GET", "POST"])
@commits
def rate(reference: str) -> ResponseReturnValue:
    """Say how the council did."""

    def act(found: Case) -> None:
        rate_case(
            current_account(),
            found.id,
            rating=int(form.rating.data),
            words=form.words.data,
            channel=came_by(),
        )
        notify_next(_("Thank you. We read every answer."))

    found, form = _get(reference), RatingForm()
    if not _can_rate(found) and not form.posted:
        return redirect(url_for(".case", reference=found.reference))
    return _act(found, form, "rate", act, values=lambda now: {"can_rate": _can_rate(now)})


def _act(
    found: Case,
    form: ActForm,
    page: str,
    act: Callable[[Case], None],
    field: str | None = None,
    values: Callable[[Case], Mapping[str, object]] = lambda _now: {},
) -> ResponseReturnValue:
    """Load, form, operation, back to the case; else the page again with what was typed and what is wrong.

    `values` are for the template, of the case as it is then; `takes` among them says whether it still has the form.
    """
    if form.accepted():
        try:
            act(found)
        except (Refused, Conflict, TooMany, Unavailable) as error:
            session().rollback()  # what was half done before it was refused must not be kept with the page
            _refuse(form, error, field)
            found = _get(found.reference)  # as it is now
        else:
            return redirect(url_for(".case", reference=found.reference), 303)
    shown = values(found)
    if not shown.get("takes", True):
        _say_above(form)
    return render(f"home/cases/{page}.html", case=found, title=title_of(found), form=form, **shown)


def _refuse(form: ActForm, error: Refused | Conflict | TooMany | Unavailable, field: str | None) -> None:
    if isinstance(form, ReopenForm) and isinstance(error, ChangedMeanwhile):
        form.show_changed(error)
        return
    form.refuse(error.sentence, field)
    if isinstance(form, OnceForm):
        form.renew()


def _say_above(form: ActForm) -> None:
    """The fields are no longer on the page: what is wrong with them stands above it all the same."""
    for field in form:
        form.form_errors = [*form.form_errors, *map(str, field.errors)]
        field.errors = []


def _of_writing(found: Case) -> dict[str, object]:
    writing = messages.may_write(found)
    return {"writing": writing, "takes": writing.allowed}


def _of_documents(found: Case) -> dict[str, object]:
    writing = messages.may_write(found)
    takes = writing.allowed and found.is_open
    return {"writing": writing, "can_reopen": _can_reopen(found), "takes": takes}


def _of_reopening(found: Case, form: ReopenForm) -> dict[str, object]:
    """With both versions where it has changed, and what sends the words as a message where it is open already."""
    shown = {"writing": messages.may_write(found), "can_reopen": _can_reopen(found), "key": uuid.uuid4().hex}
    if form.changed is None:
        return shown
    return {**shown, "was": standing_of(form.changed.was), "now": standing_of(form.changed.now)}


def _get(reference: str) -> Case:
    return queries.get_case(current_account().id, reference)


def _file(fact: Fact) -> StoredFile | None:
    return find_file(current_account().id, fact.file_id) if fact.file_id else None


def _can_reopen(found: Case) -> bool:
    if found.is_open:
        return False
    try:
        may_reopen(found)
    except Refused:
        return False
    return True


def _can_rate(found: Case) -> bool:
    case_type = find_type(found.service, found.type)
    over = not found.is_open and not found.is_merged
    return over and found.rating is None and case_type is not None and case_type.rates
