"""The resident's basket: what they mean to pay, of any services, and the button that pays for it."""

import re
import uuid
from typing import Final

import wtforms
from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.accounts.values import Account
from portal.db.session import commits, session
from portal.errors import Conflict, Refused
from portal.identity.sessions import current_account
from portal.payments import paying
from portal.payments.baskets import PATH, basket_of, remove_line
from portal.payments.receipts import find_open
from portal.web import forms
from portal.web.languages import gettext as _
from portal.web.page import notify_next, render
from portal.web.state import web_state

bp = Blueprint("basket", __name__, url_prefix=PATH, template_folder="templates")

_PENCE: Final = re.compile(r"[0-9]{1,9}")


class PayForm(forms.Form):
    """Pays for what the page showed: `key` names the page, `total` is its sum in pence."""

    key = wtforms.HiddenField()
    total = wtforms.HiddenField()

    @property
    def page(self) -> str:
        """The page that the button was on; one that cannot be read is a page of its own."""
        sent = self.key.data or ""
        return sent if re.fullmatch(r"[0-9a-f]{32}", sent) else uuid.uuid4().hex

    @property
    def pence(self) -> int:
        """What the page showed; nothing that can be read is a sum that no basket has."""
        sent = self.total.data or ""
        return int(sent) if _PENCE.fullmatch(sent) else -1


@bp.route("", methods=["GET", "POST"])
@commits
def basket() -> ResponseReturnValue:
    """What is in it at today's prices; the button leads to the page on which a card is typed."""
    account = current_account()
    form = PayForm()
    if form.accepted():
        try:
            return _pay(account, form)
        except (Refused, Conflict) as error:
            session().rollback()  # the lock on the basket goes
            form.refuse(error.sentence)
    found = basket_of(account)
    form.key.data, form.total.data = uuid.uuid4().hex, str(found.total)  # of what the page shows now
    takes = web_state().settings.pay.is_set
    return render("home/payments/basket.html", basket=found, form=form, takes=takes, open=find_open(account))


@bp.post("/lines/<uuid:line_id>/remove")
@commits
def remove(line_id: uuid.UUID) -> ResponseReturnValue:
    """Take one thing out."""
    remove_line(current_account(), line_id)
    notify_next(_("It is no longer in your basket."))
    return redirect(url_for(".basket"), 303)


def _pay(account: Account, form: PayForm) -> ResponseReturnValue:
    """Two transactions, as nobody waits for the gateway inside one: the payment is written down, then told of."""
    begun = paying.begin(account, key=form.page, total=form.pence)
    session().commit()
    leads_to = paying.hand_over(begun)
    return redirect(leads_to or url_for("payments.payment", reference=begun.payment.reference), 303)
