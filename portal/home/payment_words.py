"""What residents read of a payment: its state, why it came to nothing, and what to do then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from portal.payments.beside import OTHER_AMOUNT
from portal.payments.paying import CALLED_OFF, NOT_CREATED
from portal.payments.refused import not_asked_again
from portal.payments.values import Payment, PaymentLine, PaymentState, Refund, RefundState
from portal.web.languages import Lazy
from portal.web.languages import lazy_gettext as _


@dataclass(frozen=True, slots=True)
class Words:
    """A state's tag and its colour, and the heading of a payment's page."""

    tag: Lazy
    colour: str
    heading: Lazy


STATES: Final[Mapping[PaymentState, Words]] = {
    "created": Words(_("Not finished"), "yellow", _("Your payment is not finished")),
    "started": Words(_("Not finished"), "yellow", _("Your payment is not finished")),
    "paid": Words(_("Paid"), "green", _("You have paid")),
    "failed": Words(_("Not paid"), "red", _("Your payment did not go through")),
    "cancelled": Words(_("Cancelled"), "grey", _("Your payment was cancelled")),
    "expired": Words(_("Ran out of time"), "grey", _("Your payment ran out of time")),
    "error": Words(_("Not paid"), "red", _("We could not take your payment")),
}
REFUND_STATES: Final[Mapping[RefundState, Lazy]] = {
    "created": _("On its way back to you"),
    "submitted": _("On its way back to you"),
    "success": _("Sent to your card. Your bank may take some days to show it."),
    "error": _("It could not be given back yet. We are looking into it, you need do nothing."),
}
_TRIED_AGAIN: Final = _("It could not be given back at first. We have tried again since.")
_WHY: Final[Mapping[str, Lazy]] = {
    # Codes of `state.code`: docs.payments.service.gov.uk/api_reference
    "P0010": _("Your bank did not accept the card. It does not tell us why. Your bank can tell you."),
    "P0020": _("It was not finished within 90 minutes, so the payment page closed."),
    "P0030": _("You cancelled it on the payment page."),
    "P0040": _("It was cancelled before you paid."),
    "P0050": _("The payment service had a fault. That was not your doing."),
    CALLED_OFF: _("You cancelled it."),
    OTHER_AMOUNT: _(
        "Your card was charged another amount than we asked for. We have noted it, and give it back to you."
    ),
    NOT_CREATED: _("The payment service could not be reached. That was not your doing."),
}
_OTHERWISE: Final[Mapping[PaymentState, Lazy]] = {
    "failed": _("The payment service refused the card. Your bank can tell you why."),
    "cancelled": _("It was cancelled before you paid."),
    "expired": _("It was not finished in time, so the payment page closed."),
    "error": _("The payment service had a fault. That was not your doing."),
}
_NEXT: Final[Mapping[PaymentState, Lazy]] = {
    "failed": _("Try again with the same card or another one. Check the number, the date and the security code."),
    "cancelled": _("If you still want to pay, go back to your basket."),
    "expired": _("Go back to your basket to begin again."),
    "error": _("Wait some minutes, then try again from your basket."),
}


BY_THE_PAYER: Final = "P0030"
"""GOV.UK Pay calls a payment that its payer cancelled `failed`, with this code; to them it is cancelled."""


def words_of(payment: Payment) -> Words:
    """The words of a payment's state, as its payer sees it."""
    return STATES["cancelled" if _was_cancelled(payment) else payment.state]


def _was_cancelled(payment: Payment) -> bool:
    return (payment.state == "failed" and payment.code == BY_THE_PAYER) or payment.code == CALLED_OFF


@dataclass(frozen=True, slots=True)
class WayOn:
    """Why a payment came to nothing, and what to do next."""

    why: Lazy
    then: Lazy
    was_charged: bool
    """Whether money was taken all the same, which stands as a payment of its own."""


def way_on(payment: Payment) -> WayOn | None:
    """For a payment that came to nothing; None for one that is paid or can still be."""
    if payment.is_open or payment.is_paid:
        return None
    then = _NEXT["cancelled" if _was_cancelled(payment) else payment.state]
    return WayOn(_WHY.get(payment.code, _OTHERWISE[payment.state]), then, payment.code == OTHER_AMOUNT)


def outcome_words(line: PaymentLine) -> str:
    """What happens with a paid line: its service's own sentence, or why its money waits. Empty while it is not paid.

    Where all of it goes back, that is what happens: nobody has a sentence of its service hold on.
    """
    if line.outcome and not line.refundable:
        return str(_ALL_BACK)
    if line.outcome == "taken":
        return line.settled
    return str(_OUTCOMES.get(line.outcome, ""))


def refund_rows(payment: Payment, refunds: Sequence[Refund]) -> Sequence[tuple[Refund, str, Lazy]]:
    """Each with what it is for and where the money is. `refunds` are all of the payment's."""
    waiting = not_asked_again(refunds)
    return [
        (
            each,
            payment.name_of(each.line_id),
            _TRIED_AGAIN if each.state == "error" and each.id not in waiting else REFUND_STATES[each.state],
        )
        for each in refunds
    ]


_ALL_BACK: Final = _("You get all of the money for this back.")


_OUTCOMES: Final[Mapping[str, Lazy]] = {
    "twice": _("You had paid for this before. We have noted it, and give it back to you or ask you what to do."),
    "not_wanted": _("This could not be used any more. We have noted it, and give the money back to you."),
    "other_amount": _("This is another amount than we asked for. We have noted it, and give it back to you."),
    "failed": _("We have your money. We are still working on this, and you need not pay again."),
}
