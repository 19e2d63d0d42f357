"""Bills on the screen or on paper: for each liable person by themselves."""

import uuid

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from portal.kit import Conflict, TooMany, can_tell, commits, current_account, render
from portal.kit import lazy_gettext as _
from services.council_tax.forms.e_billing import EBillingForm
from services.council_tax.operations.e_billing import set_e_billing
from services.council_tax.queries.asked import waiting_changes
from services.council_tax.queries.bills import ask_account, get_own
from services.council_tax.queries.e_billing import get_asked_e_billing
from services.council_tax.views.blueprint import bp
from services.council_tax.views.pressed import form_key

PATH = "/accounts/<reference>/e-billing"
ALREADY = _("You get your bills that way already")


@bp.route(PATH, methods=["GET", "POST"])
@commits
def e_billing(reference: str) -> ResponseReturnValue:
    """How this person gets their bills now, and the choice."""
    account = current_account()
    person = get_own(account, reference).person_key
    answer = ask_account(account, reference)
    people = answer.value.people if answer.value else ()
    mine = next((one for one in people if one.id == person), None)
    waiting = [one for one in waiting_changes(account, reference) if one.kind == "e_billing"]
    form = EBillingForm({"e_billing": ("on" if mine.e_billing else "off") if mine else None})
    if form.accepted():
        on = form.e_billing.data == "on"
        if mine and mine.e_billing is on and not waiting:
            form.refuse(ALREADY, "e_billing")
        else:
            try:
                case = set_e_billing(account, reference=reference, on=on, key=form_key())
                return redirect(url_for(".e_billing_sent", reference=reference, case_reference=case.reference))
            except (Conflict, TooMany) as error:
                form.refuse(error.sentence)
    return render(
        "council_tax/e_billing.html",
        reference=reference,
        answer=answer,
        mine=mine,
        others=[one for one in people if one.id != person and one.until_on is None],
        waiting=waiting,
        key=uuid.uuid4(),
        can_tell=can_tell(account, topic="council_tax"),
        form=form,
    )


@bp.get(f"{PATH}/sent/<case_reference>")
def e_billing_sent(reference: str, case_reference: str) -> ResponseReturnValue:
    """The confirmation."""
    asked = get_asked_e_billing(current_account(), reference, case_reference)
    return render("council_tax/e_billing_sent.html", reference=reference, asked=asked)
