"""The page on which documents are sent as proof, one by one, and taken out again."""

from uuid import UUID

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import (
    Conflict,
    NotFound,
    Refused,
    TooMany,
    Unavailable,
    commits,
    current_account,
    get_draft,
    notify_next,
    render,
    settings_of,
)
from portal.kit import gettext as _
from services.permits.forms.proofs import ProofForm
from services.permits.operations.proofs import add_proof, remove_proof
from services.permits.queries.applications import find_journey
from services.permits.queries.proofs import get_proof, proofs_of_draft
from services.permits.rules.proofs import DOCUMENTS, MOST_OF_A_PURPOSE, TITLES, read_purpose
from services.permits.settings import PermitSettings
from services.permits.views.application_pages import after_sending, back_from, onward_from
from services.permits.views.blueprint import bp
from services.permits.workflow import SERVICE


@bp.route("/applications/<uuid:draft_id>/documents/<purpose>", methods=["GET", "POST"])
@commits
def documents(draft_id: UUID, purpose: str) -> ResponseReturnValue:
    """Add a document of a purpose to an application; Continue goes on once there is one."""
    account, what = current_account(), read_purpose(purpose)
    draft = get_draft(account.id, draft_id)
    if what is None or draft.service != SERVICE:
        raise NotFound
    if find_journey(draft) is None:
        raise NotFound
    if draft.case_id is not None:
        return redirect(after_sending(draft))
    proofs = [proof for proof in proofs_of_draft(account, draft_id) if proof.purpose == what]
    full = len(proofs) >= MOST_OF_A_PURPOSE  # the page says so, whatever was sent to it
    form = ProofForm(DOCUMENTS[what])
    if not full and form.accepted() and (sent := form.document.data) is not None:
        try:
            add_proof(account, draft_id=draft_id, purpose=what, kind=form.kind.data, stream=sent.stream)
        except (Conflict, Refused, TooMany, Unavailable) as error:
            form.refuse(error.sentence, "document")
        else:
            notify_next(_("The document has been added. Add another, or continue."))
            return redirect(url_for(".documents", draft_id=draft_id, purpose=what))
    return render(
        "permits/documents.html",
        form=form,
        title=TITLES[what],
        proofs=proofs,
        full=full,
        ready=any(proof.counts for proof in proofs),
        kept_days=settings_of(PermitSettings).proof_days,
        onward=onward_from(draft),
        back=back_from(draft, what),
    )


@bp.post("/documents/<uuid:proof_id>/remove")
@commits
def document_remove(proof_id: UUID) -> ResponseReturnValue:
    """Take a document out of an application that is not sent; then the page again on which it was."""
    account = current_account()
    proof = get_proof(account, proof_id)
    remove_proof(account, proof_id=proof_id)
    notify_next(_("The document has been removed."))
    return redirect(url_for(".documents", draft_id=proof.draft_id, purpose=proof.purpose))
