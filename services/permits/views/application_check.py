"""Everything once more before an application is sent, with what it costs and what becomes of it; and its start."""

from uuid import UUID

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.kit import (
    Conflict,
    Form,
    Refused,
    TooMany,
    address_proofs,
    clock,
    commits,
    current_account,
    format_date,
    notify_next,
    pay_path,
    render,
)
from portal.kit import gettext as _
from services.permits.operations.applications import begin_application, give_up, look_at, send_application
from services.permits.operations.sending import Outlook
from services.permits.queries.applications import permit_id_of
from services.permits.queries.permits import get_own_permit
from services.permits.rules.application_answers import home_of, vehicle_of
from services.permits.rules.application_steps import Journey, Step, asks_records
from services.permits.rules.permits import Granted, NeedsOfficer, Permit, Refusal
from services.permits.rules.reasons import in_words
from services.permits.rules.registrations import shown
from services.permits.views.application_pages import Applying, after_sending, load, onward_from, page_of, question, show
from services.permits.views.application_words import answer_rows
from services.permits.views.blueprint import bp
from services.permits.views.price_words import price_said

CHANGES = (Journey.VEHICLE, Journey.ADDRESS)


@bp.post("/applications")
@commits
def application_begin() -> ResponseReturnValue:
    """Begin a first permit, or go on where nothing was answered yet. Some pages know already which kind."""
    draft = begin_application(current_account(), kind=request.form.get("kind", ""))
    return redirect(onward_from(draft))


@bp.get("/applications/<uuid:draft_id>")
def application(draft_id: UUID) -> ResponseReturnValue:
    """Take an application up again, on whatever device: its first question without an answer."""
    applying = load(draft_id)
    return redirect(after_sending(applying.draft) if applying.draft.case_id else onward_from(applying.draft))


@bp.route("/applications/<uuid:draft_id>/delete", methods=["GET", "POST"])
@commits
def application_delete(draft_id: UUID) -> ResponseReturnValue:
    """Give up what was begun, once somebody has said so a second time."""
    applying, form = load(draft_id), Form()
    if applying.draft.case_id is not None:
        return redirect(after_sending(applying.draft))
    if form.accepted():
        give_up(current_account(), draft_id=draft_id)
        notify_next(_("Your unfinished application has been deleted."))
        return redirect(url_for(".index"))
    return render("permits/application_delete.html", form=form, draft=applying.draft)


@question(Step.CHECK)
def check(applying: Applying) -> ResponseReturnValue:
    """What was answered, the price, and what happens then; the button sends it."""
    account, form = current_account(), Form()
    # Asked before anything is held: a record's system may take its time.
    proofs = address_proofs(account) if asks_records(applying.asking) else ()
    if form.accepted():
        try:
            permit = send_application(account, draft_id=applying.draft.id, proofs=proofs)
            return redirect(onward_after(permit))
        except (Conflict, Refused, TooMany) as error:
            form.refuse(error.sentence)
    outlook, problem = None, ""
    try:
        outlook = look_at(account, applying.draft, applying.asking, proofs)
    except Refused as no:
        problem = no.sentence
    if outlook is not None and isinstance(outlook.decision, Refusal):
        problem = in_words(outlook.decision.reason)
    return show(
        applying,
        Step.CHECK,
        form,
        "check",
        rows=answer_rows(applying, account),
        outlook=outlook,
        charge=outlook.charge if outlook else None,
        zone=outlook.zone if outlook else None,
        problem=problem,
        proof_page=_proof_page(applying, outlook),
        outcome=_outcome(applying, outlook) if outlook and not problem else (),
        button_text=_button(outlook),
        price_said=price_said,
        changes=applying.asking.journey in CHANGES,
    )


def onward_after(permit: Permit) -> str:
    """Where whoever has sent something goes on: to pay, or to what happens next."""
    if permit.status == "to_pay":
        return pay_path()
    return url_for(".permit_sent", permit_id=permit.id)


def _proof_page(applying: Applying, outlook: Outlook | None) -> str:
    """Where to send a document of the address, when a record that proved it does not prove it any more."""
    if outlook is not None and outlook.decision == Refusal("no_proof"):
        return page_of(Step.ADDRESS_PROOF, applying.draft.id)
    return ""


def _outcome(applying: Applying, outlook: Outlook) -> list[str]:
    """What happens once it is sent. Of a change, also when the permit is no more for what it was for."""
    decision, charge = outlook.decision, outlook.charge
    if isinstance(decision, NeedsOfficer):
        said = [in_words(decision.reason), _("We tell you what they decide. You pay nothing before that.")]
    elif charge is None or not charge.price.pence:
        said = [_("There is nothing to pay.")]
    else:
        said = [_("You can have it. Next you pay by card.")]
    return said + (_change if applying.asking.journey in CHANGES else _new)(applying, outlook)


def _new(_applying: Applying, outlook: Outlook) -> list[str]:
    first = format_date(outlook.first_on)
    if isinstance(outlook.decision, NeedsOfficer):
        return []
    if outlook.charge is not None and outlook.charge.price.pence:
        return [_("Once you have paid, it is valid from %(first)s.", first=first)]
    return [_("Once you have sent it, it is valid from %(first)s.", first=first)]


def _change(applying: Applying, outlook: Outlook) -> list[str]:
    was = get_own_permit(current_account(), permit_id_of(applying.draft))
    if applying.asking.journey is Journey.VEHICLE:
        old, new = shown(was.vrm), shown(vehicle_of(applying.answers).registration)
    else:
        old, new = was.address, home_of(applying.answers).label
    if isinstance(outlook.decision, NeedsOfficer):
        at_once = _("Until the change is made the permit is for %(old)s.", old=old)
    elif outlook.charge is not None and outlook.charge.price.pence:
        at_once = _("As soon as you have paid, the permit is for %(new)s and no longer for %(old)s.", new=new, old=old)
    else:
        at_once = _("As soon as you send it, the permit is for %(new)s and no longer for %(old)s.", new=new, old=old)
    if outlook.first_on <= clock.today():
        return [at_once]
    return [at_once, _("It is not valid yet. It begins on %(first)s.", first=format_date(outlook.first_on))]


def _button(outlook: Outlook | None) -> str:
    if outlook is not None and isinstance(outlook.decision, Granted) and outlook.charge and outlook.charge.price.pence:
        return _("Continue to payment")
    return _("Send the application")
