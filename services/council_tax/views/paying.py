"""How council tax can be paid from here: the one place that says so, and the page that leads to the card."""

from dataclasses import dataclass

from flask import redirect
from flask.typing import ResponseReturnValue

from portal.kit import Refused, commits, current_account, money, pay_path, render, settings_of, takes_payments
from portal.kit import gettext as _
from services.council_tax.forms.paying import PayForm
from services.council_tax.operations.card_payments import pay_some
from services.council_tax.queries.accounts import glance
from services.council_tax.queries.bills import ask_account
from services.council_tax.queries.card_payments import on_its_way, payable_pence
from services.council_tax.settings import BankTransfer, CouncilTaxSettings
from services.council_tax.views.blueprint import bp


@dataclass(frozen=True, slots=True)
class PayState:
    """`online` is the address of paying by card, empty while the portal cannot take payments.

    `transfer` is the council's bank account; its name is empty where the council has set none. `coming` is what was
    paid by card and is not on the account yet, in pence.
    """

    reference: str
    online: str
    transfer: BankTransfer
    coming: int

    @property
    def sort_code(self) -> str:
        """As people read it: 12-34-56."""
        code = self.transfer.sort_code
        return f"{code[:2]}-{code[2:4]}-{code[4:]}"


def pay_state(reference: str) -> PayState:
    """What the pages of an account can offer for paying it. For who has been shown to be on it."""
    online = f"/services/council_tax/accounts/{reference}/pay" if takes_payments() else ""
    return PayState(reference, online, settings_of(CouncilTaxSettings).bank_transfer, on_its_way(reference))


@bp.route("/accounts/<reference>/pay", methods=["GET", "POST"])
@commits
def pay(reference: str) -> ResponseReturnValue:
    """How much, filled in with what is due; the button puts it in the basket."""
    account = current_account()
    answer = ask_account(account, reference)
    now, owed = payable_pence(answer.value, reference) if answer.value else (0, 0)
    form = PayForm({"pence": now or None})
    form.pence.hint = _("You owe %(amount)s in all. Pay that or a part of it.", amount=money(owed))
    if owed and takes_payments() and form.accepted():
        try:
            pay_some(account, reference=reference, pence=form.pence.data)
            return redirect(pay_path())
        except Refused as error:
            form.refuse(error.sentence, "pence")
    state = pay_state(reference)
    return render(
        "council_tax/pay.html",
        reference=reference,
        answer=answer,
        owed=owed,
        pay=state,
        form=form,
        glance=glance(answer.value) if answer.value else None,
    )
