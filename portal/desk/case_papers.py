"""Put a document on a case, and take one off that should not be there."""

import uuid

from flask.typing import ResponseReturnValue

from portal.cases.documents import add_document as add
from portal.cases.documents import get_document
from portal.cases.documents import remove_document as remove
from portal.cases.values import Case
from portal.desk.act_forms import PaperForm, ReasonForm
from portal.desk.acting import acts, attempt, page, still_theirs
from portal.desk.case_blueprint import bp
from portal.staff.sessions import current_staff
from portal.web.languages import gettext as _


@bp.route("/<reference>/add-document", methods=["GET", "POST"])
@acts("work")
def add_document(case: Case) -> ResponseReturnValue:
    """Add a document, for the resident too or for staff alone."""

    def do() -> None:
        assert form.file.data is not None  # the form has asked for it
        add(
            current_staff().actor,
            case.id,
            form.file.data.stream,
            title=str(form.title.data),
            key=form.once,
            visible=form.who.data == "both",
            channel="desk",
        )
        still_theirs(case, "work")  # only now: nothing may be locked while the file goes to the store

    form = PaperForm()
    return attempt(form, case, do, done=_("The document is added."), field="file") or page("add_document", case, form)


@bp.route("/<reference>/documents/<uuid:document_id>/remove", methods=["GET", "POST"])
@acts("decide")
def remove_document(case: Case, document_id: uuid.UUID) -> ResponseReturnValue:
    """Delete a document that was sent by mistake, and say why. It cannot be had back."""

    def do() -> None:
        still_theirs(case, "decide")
        remove(current_staff().actor, case.id, document_id, reason=str(form.reason.data))

    document = get_document(case.id, document_id)
    form = ReasonForm()
    form.ask()
    form.reason.text = _("Why is it removed?")
    form.reason.hint = _("The resident reads this if they could see the document.")
    done = attempt(form, case, do, done=_("The document is removed."), field="reason", right="decide")
    return done or page("remove_document", case, form, document=document)
