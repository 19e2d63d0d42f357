"""Ask the gateway for a payment, and of one: by its own id or, where an answer was lost, by our reference."""

from portal.db.session import release
from portal.payments import returning
from portal.payments.gateway import GatewayPayment, KeyUsed, Order
from portal.payments.govuk_pay import gateway
from portal.payments.values import Payment


def told_of(payment: Payment, *, language: str, again: bool) -> GatewayPayment | None:
    """The payment as the gateway has it now. `again`, after a lost answer, looks for it before asking for it.

    None when the gateway has it and does not find it yet. Raises Unavailable, GatewayRefused.
    """
    if again and (found := _find(payment.reference)) is not None:
        return gateway().get(found.id)
    order = Order(
        key=str(payment.id),
        amount=payment.amount,
        reference=payment.reference,
        description=payment.description,
        return_url=returning.address_for(payment.id),
        language="cy" if language == "cy" else "en",
    )
    try:
        return gateway().create(order)
    except KeyUsed:  # it has it, by another wording of ours
        return _find(payment.reference)


def truth_of(gateway_id: str | None, reference: str) -> GatewayPayment | None:
    """What the gateway says of a payment, by its own id or else by ours; None where it knows none.

    Raises Unavailable.
    """
    release()
    if gateway_id is not None:
        return gateway().get(gateway_id)
    found = _find(reference)
    return gateway().get(found.id) if found is not None else None


def _find(reference: str) -> GatewayPayment | None:
    """Of those that the gateway has by this reference, the paid one, else the newest."""
    found = gateway().find_by_reference(reference)
    return next((each for each in found if each.is_paid), found[0] if found else None)
