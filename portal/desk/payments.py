"""Payments at the desk: find one, give money back, and see to money that nobody has taken.

Staff see the lines of those services for which they have the right, and no card: the gateway alone knows that.
"""

import re
import uuid
from collections.abc import Sequence
from typing import Final

import wtforms
from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.backoffices import deliveries
from portal.backoffices.values import Delivery
from portal.db.session import commits, session
from portal.desk.people import names_of_staff
from portal.errors import NotFound, Refused
from portal.payments import receipts
from portal.payments.refunds import LONGEST_REASON, refund
from portal.payments.refused import refunds_refused
from portal.payments.suspense import offer_again
from portal.payments.values import Payment, PaymentLine, Refund
from portal.registry.mount import service_titles
from portal.staff import looks
from portal.staff.gate import PREFIX
from portal.staff.rights import current_grants, needs
from portal.staff.sessions import current_staff
from portal.staff.values import Right
from portal.web import forms
from portal.web.languages import gettext
from portal.web.languages import lazy_gettext as _
from portal.web.money import read_pence
from portal.web.page import notify_next, render, warn_next

bp = Blueprint("desk_payments", __name__, url_prefix=f"{PREFIX}/payments", template_folder="templates")

PAGE: Final = 50
LINE: Final = "/<reference>/<uuid:line_id>"
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

STATES: Final = {
    "created": _("Not known to the payment service yet"),
    "started": _("Open: the resident can still pay"),
    "paid": _("Paid"),
    "failed": _("Refused"),
    "cancelled": _("Cancelled"),
    "expired": _("Not finished in time"),
    "error": _("Not taken, because of a fault"),
}
REFUND_STATES: Final = {
    "created": _("Asked for"),
    "submitted": _("On its way"),
    "success": _("Given back"),
    "error": _("The payment service said no. It can be asked for again."),
}
_WHY: Final = {
    "not_wanted": _("The service had no use for it any more"),
    "twice": _("The same was paid for twice"),
    "failed": _("The service had a fault. It is told again by itself"),
    "other_amount": _("Another amount was paid than we asked for"),
}


class FindForm(forms.Form):
    """Which payment."""

    reference = forms.TextField(
        _("Payment reference"),
        hint=_("For example PAY-7KQ4-X2M9, or the number that GOV.UK Pay shows."),
        required=_("Enter the reference of a payment"),
        max_length=60,
        spellcheck=False,
    )


class RefundForm(forms.Form):
    """How much goes back, and why. `key` names the page, so that pressing twice gives back once."""

    key = wtforms.HiddenField()
    amount = forms.TextField(
        _("How much do you give back?"),
        required=_("Enter how much you give back"),
        max_length=12,
        width="10",
        inputmode="decimal",
        prefix="£",
    )
    reason = forms.TextAreaField(
        _("Why?"),
        hint=_("The resident can read this. Do not name anybody else."),
        required=_("Enter why the money is given back"),
        max_length=LONGEST_REASON,
    )

    @property
    def pence(self) -> int | None:
        """The amount in whole pence; None where it cannot be read."""
        return read_pence(str(self.amount.data))

    @property
    def once(self) -> str:
        """The page that the button was on."""
        sent = self.key.data or ""
        return sent if re.fullmatch(r"[0-9a-f]{32}", sent) else uuid.uuid4().hex


@bp.route("", methods=["GET", "POST"])
@needs("assist")
def find() -> ResponseReturnValue:
    """Find a payment by what somebody reads out."""
    form = FindForm()
    if form.accepted():
        found = receipts.find_for_staff(str(form.reference.data))
        if found is not None and _lines(found, "assist"):
            return redirect(url_for(".payment", reference=found.reference), 303)
        form.refuse(gettext("There is no payment with this reference that you may see."), "reference")
    return render("desk/payments/find.html", form=form, may_refund=current_grants().allow("refund"))


@bp.get("/suspense")
@needs("refund")
def suspense() -> str:
    """Money that nobody has taken, the oldest first: it is given back, or offered to its service again.

    And refunds that did not go through, whose payers still wait; and what a back office was sent and never answered:
    money that a service has taken may not be booked.
    """
    rows, older = _loose(request.args.get("after"))
    return render(
        "desk/payments/suspense.html",
        rows=rows,
        older=older,
        why=_WHY,
        refused=refunds_refused(_may_refund, many=PAGE),
        refund_states=REFUND_STATES,
        unanswered=_unanswered(),
        titles=service_titles(),
    )


def _loose(after: str | None) -> tuple[Sequence[tuple[Payment, Sequence[PaymentLine]]], str | None]:
    """The next page on which there is anything that they may give back, and what the page after it begins with."""
    while True:
        found, after = receipts.in_suspense(after=after, many=PAGE)
        every = [(each, [line for line in _lines(each, "refund") if line.in_suspense]) for each in found]
        rows = [(each, left) for each, lines in every if (left := [line for line in lines if line.refundable])]
        if rows or after is None:
            return rows, after


def _may_refund(service: str) -> bool:
    return current_grants().allow("refund", service=service)


def _unanswered() -> Sequence[tuple[Delivery, str]]:
    """Each with the reference of the payment that it is about, if its key names a line of one."""
    found = deliveries.unanswered(_may_refund)
    named = {each.id: [uuid.UUID(word) for word in each.key.split() if _UUID.fullmatch(word)] for each in found}
    payments = receipts.payments_with_lines({line for lines in named.values() for line in lines})
    return [(each, next((payments[line] for line in named[each.id] if line in payments), "")) for each in found]


@bp.get("/<reference>")
@needs("assist")
def payment(reference: str) -> str:
    """What became of a payment, what it was for, and what was given back."""
    found, lines = _get(reference, "assist")
    _note(found)
    shown = {line.id for line in lines}
    refunds = [each for each in receipts.refunds_of(found.id) if each.line_id in shown]
    grants = current_grants()
    return render(
        "desk/payments/payment.html",
        payment=found,
        lines=[(line, grants.allow("refund", service=line.service)) for line in lines],
        refunds=refunds,
        names=names_of_staff(each.actor for each in refunds) | _services_that_asked(refunds),
        states=STATES,
        why=_WHY,
        refund_states=REFUND_STATES,
    )


@bp.route(f"{LINE}/refund", methods=["GET", "POST"])
@needs("refund")
@commits
def give_back(reference: str, line_id: uuid.UUID) -> ResponseReturnValue:
    """Give back all or a part of what was paid for one thing."""
    found, line = _get_line(reference, line_id)
    form = RefundForm({"key": uuid.uuid4().hex})
    if form.accepted() and _give(form, line):
        notify_next(_("The money is on its way back. The resident is told when it has gone."))
        return redirect(url_for(".payment", reference=found.reference), 303)
    _note(found)
    return render("desk/payments/refund.html", form=form, payment=found, line=line)


@bp.post(f"{LINE}/offer")
@needs("refund")
@commits
def offer(reference: str, line_id: uuid.UUID) -> ResponseReturnValue:
    """Offer money that nobody has taken to its service once more."""
    found, line = _get_line(reference, line_id)
    try:
        taken = offer_again(current_staff().actor, line.id)
    except Refused as error:
        session().rollback()  # the locks go
        warn_next(error.sentence)
    else:
        if taken:
            notify_next(_("The service has taken the money."))
        else:
            warn_next(_("The service still does not take it."))
    return redirect(url_for(".payment", reference=found.reference), 303)


def _give(form: RefundForm, line: PaymentLine) -> bool:
    """Whether the refund is asked for; else the form says why not."""
    pence = form.pence
    if pence is None:
        form.refuse(gettext("Enter an amount like 12 or 12.50"), "amount")
        return False
    try:
        actor, reason = current_staff().actor, str(form.reason.data)
        refund(actor, line_id=line.id, amount=pence, reason=reason, key=f"desk {form.once}")
    except Refused as error:
        session().rollback()  # the locks go
        form.refuse(error.sentence, "amount")
        return False
    return True


def _services_that_asked(refunds: Sequence[Refund]) -> dict[str, str]:
    """By actor, those that are services: by their titles."""
    titles = service_titles()
    own = {each.actor: each.actor.removeprefix("system:") for each in refunds}
    return {actor: str(titles[service]) for actor, service in own.items() if service in titles}


def _get(reference: str, right: Right) -> tuple[Payment, Sequence[PaymentLine]]:
    """A payment with those of its lines that they may see. One of which they may see none looks like none."""
    found = receipts.find_for_staff(reference)
    lines = _lines(found, right) if found is not None else ()
    if found is None or not lines:
        raise NotFound(gettext("There is no payment with this reference that you may see."))
    return found, lines


def _get_line(reference: str, line_id: uuid.UUID) -> tuple[Payment, PaymentLine]:
    found, lines = _get(reference, "refund")
    line = next((each for each in lines if each.id == line_id), None)
    if line is None:
        raise NotFound
    return found, line


def _lines(found: Payment, right: Right) -> Sequence[PaymentLine]:
    grants = current_grants()
    return [line for line in found.lines if grants.allow(right, service=line.service)]


def _note(found: Payment) -> None:
    """Write down that they look, where the payer is still known."""
    if found.account_id is not None:
        looks.note_look(current_staff(), account_id=found.account_id, what="payments", reason="caller", right="assist")
