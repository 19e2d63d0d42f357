"""Renew a permit by one click; with another length or with documents, by a few questions."""

from uuid import UUID, uuid4

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import Form, Refused, TooMany, address_proofs, commits, current_account, render
from services.permits.operations.applications import begin_change, renew_at_once
from services.permits.operations.changing import find_renewal, look_at_renewal, renewal_of
from services.permits.operations.sending import Outlook
from services.permits.queries.permits import get_own_permit
from services.permits.rules.application_steps import Journey
from services.permits.rules.permits import NeedsOfficer, Refusal
from services.permits.rules.reasons import in_words
from services.permits.rules.registrations import shown
from services.permits.views.application_check import onward_after
from services.permits.views.application_pages import onward_from
from services.permits.views.blueprint import bp
from services.permits.views.price_words import price_said
from services.permits.workflow import TITLES

NO_PROOF = Refusal("no_proof")


@bp.route("/<uuid:permit_id>/renew", methods=["GET", "POST"])
@commits
def permit_renew(permit_id: UUID) -> ResponseReturnValue:
    """The same again from the day after the last, with its price; the button renews it."""
    account, form = current_account(), Form()
    permit = get_own_permit(account, permit_id)
    if renewal := find_renewal(permit):
        return redirect(url_for(".permit", permit_id=renewal.id))
    proofs = address_proofs(account)  # asked before anything is held
    if form.accepted():
        try:
            renewal = renew_at_once(account, permit_id=permit_id, key=_key(), proofs=proofs)
            return redirect(onward_after(renewal))
        except (Refused, TooMany) as error:
            form.refuse(error.sentence)
    outlook, problem = None, ""
    try:
        outlook = look_at_renewal(account, permit_id=permit_id, proofs=proofs)
    except Refused as no:
        problem = no.sentence
    if outlook is not None and isinstance(outlook.decision, Refusal):
        problem = in_words(outlook.decision.reason)
    return render(
        "permits/permit_renew.html",
        form=form,
        key=request.form.get("key") or uuid4(),
        permit=permit,
        title=TITLES[permit.kind],
        car=shown(permit.vrm),
        wanted=renewal_of(permit),
        charge=outlook.charge if outlook and not problem else None,
        officer=in_words(outlook.decision.reason) if outlook and isinstance(outlook.decision, NeedsOfficer) else "",
        problem=problem,
        needs_proof=_needs_proof(outlook),
        price_said=price_said,
    )


@bp.post("/<uuid:permit_id>/renew/questions")
@commits
def permit_renew_asked(permit_id: UUID) -> ResponseReturnValue:
    """Renew it for another length, or with a document as proof: by questions."""
    account = current_account()
    proofs = address_proofs(account)
    outlook = look_at_renewal(account, permit_id=permit_id, proofs=proofs)
    draft = begin_change(account, Journey.RENEWAL, permit_id=permit_id, proven=not _needs_proof(outlook))
    return redirect(onward_from(draft))


def _needs_proof(outlook: Outlook | None) -> bool:
    return outlook is not None and outlook.decision == NO_PROOF


def _key() -> str:
    """The key of the page; a new one where somebody sent none that can be read."""
    try:
        return str(UUID(request.form.get("key", "")))
    except ValueError:
        return str(uuid4())
