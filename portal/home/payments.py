"""What the resident has paid: the list, each payment with its receipt, and the way on where one came to nothing."""

from typing import Final

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from portal.db.session import commits, session
from portal.errors import Conflict, NotFound, Refused, Unavailable
from portal.home.payment_words import outcome_words, refund_rows, way_on, words_of
from portal.home.receipt import receipt_paper
from portal.identity.sessions import current_account
from portal.papers.answers import pdf_answer
from portal.payments import paying, receipts
from portal.payments.baskets import waits_in_basket
from portal.payments.returning import PATH as RETURN_PATH
from portal.payments.values import Payment
from portal.web.languages import gettext as _
from portal.web.page import notify_next, render, warn_next

bp = Blueprint("payments", __name__, template_folder="templates")
PAGE: Final = 20


@bp.get("/payments")
def history() -> str:
    """Everything that they have paid or tried to, newest first."""
    found, older = receipts.payments_of(current_account(), after=request.args.get("after"), many=PAGE)
    return render("home/payments/history.html", payments=found, older=older, words_of=words_of)


@bp.get("/payments/<reference>")
def payment(reference: str) -> str:
    """One payment: what became of it, what it was for, and what to do next."""
    account = current_account()
    found = receipts.get_payment(account, reference)
    onwards = way_on(found)
    return render(
        "home/payments/payment.html",
        payment=found,
        words=words_of(found),
        way_on=onwards,
        waits=onwards is not None and waits_in_basket(account, [line.thing for line in found.lines]),
        lines=[(line, outcome_words(line)) for line in found.lines],
        refunds=refund_rows(found, receipts.refunds_of(found.id)),
    )


@bp.get("/payments/<reference>/receipt.pdf")
def receipt(reference: str) -> Response:
    """The receipt as a file to keep. There is none for what is not paid."""
    found = receipts.get_payment(current_account(), reference)
    if not found.is_paid:
        raise NotFound
    paper = receipt_paper(found, receipts.refunds_of(found.id))
    return pdf_answer(paper, filename=_("Receipt %(reference)s", reference=found.reference))


@bp.get(f"{RETURN_PATH}<token>")
@commits
def returned(token: str) -> ResponseReturnValue:
    """Where the gateway sends them back to. That they came says nothing: the gateway is asked, then its answer told.

    A GET that writes, since the gateway's redirect is one: it does no more than what the clock would do later, and
    doing it twice does it once.
    """
    found = paying.get_returned(current_account(), token)
    if found.is_open:
        _ask(found)
    return redirect(url_for(".payment", reference=found.reference), 303)


@bp.post("/payments/<reference>/ask")
@commits
def ask(reference: str) -> ResponseReturnValue:
    """Ask the gateway now what became of it."""
    found = receipts.get_payment(current_account(), reference)
    if found.is_open and not _ask(found):
        warn_next(_("We still do not know. The payment service does not answer. Try again in some minutes."))
    return redirect(url_for(".payment", reference=found.reference), 303)


@bp.post("/payments/<reference>/resume")
@commits
def resume(reference: str) -> ResponseReturnValue:
    """Back to the page on which the card is typed."""
    begun = paying.resume(current_account(), receipts.get_payment(current_account(), reference).reference)
    session().commit()
    leads_to = paying.hand_over(begun)
    if not leads_to and paying.get_by_id(begun.payment.id).is_open:
        warn_next(_("We cannot reach the payment service at the moment. Try again in a few minutes."))
    return redirect(leads_to or url_for(".payment", reference=begun.payment.reference), 303)


@bp.post("/payments/<reference>/cancel")
@commits
def cancel(reference: str) -> ResponseReturnValue:
    """Give up an open payment. It may have been paid a moment before: then the page says that it is."""
    account = current_account()
    found = receipts.get_payment(account, reference)
    try:
        paying.call_off(account, found.reference)
    except (Unavailable, Conflict, Refused) as error:
        session().rollback()
        warn_next(error.sentence or _("The payment service does not answer, so nothing was cancelled. Try again soon."))
    else:
        notify_next(_("This is what became of your payment."))
    return redirect(url_for(".payment", reference=found.reference), 303)


def _ask(found: Payment) -> bool:
    """Whether there was an answer. What is not known yet is asked again by the clock."""
    try:
        paying.ask(found.id)
    except Unavailable:
        session().rollback()
        return False
    return True
