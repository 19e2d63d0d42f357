"""Refunds that somebody made in the gateway's own pages: found there, and taken into the books."""

import uuid
from typing import Final

from sqlalchemy import bindparam, select

from portal.db.session import session
from portal.payments import refunding
from portal.payments.gateway import GatewayRefund
from portal.payments.models import PaymentLineRow, RefundRow
from portal.payments.recording import ACTOR
from portal.payments.refunds import write_refund
from portal.payments.rows import lock_payment
from portal.web.languages import gettext as _

_KNOWN = select(RefundRow.id).where(
    RefundRow.payment_id == bindparam("payment"), RefundRow.gateway_id == bindparam("gateway_id")
)
_ROOM = (
    select(PaymentLineRow)
    .where(PaymentLineRow.payment_id == bindparam("payment"), PaymentLineRow.refunded < PaymentLineRow.amount)
    .order_by(PaymentLineRow.outcome == "taken", PaymentLineRow.number)
    .with_for_update()
    .execution_options(populate_existing=True)
)
"""What nobody has taken comes first: that is what is given back."""
KEY: Final = "gateway:{}"


def take_strange(payment_id: uuid.UUID, found: GatewayRefund) -> bool:
    """Take in a refund that the gateway has and we do not know, line by line. False when the lines cannot give it."""
    payment = lock_payment(payment_id)
    asked = {"payment": payment_id, "gateway_id": found.id}
    if session().scalars(_KNOWN, asked).first() is not None:
        return True
    lines = session().scalars(_ROOM, {"payment": payment_id}).all()
    if payment.state != "paid" or sum(line.amount - line.refunded for line in lines) < found.amount:
        return False
    left = found.amount
    for line in lines:
        amount = min(left, line.amount - line.refunded)
        if amount == 0:
            break
        left -= amount
        reason = _("The council gave this back in the pages of the payment provider.")
        key = KEY.format(found.id)
        row = write_refund(payment, line, amount=amount, reason=reason, actor=ACTOR, key=key)
        row.state, row.gateway_id = "submitted", found.id
        if found.state == "success":
            refunding.succeed(payment, row)
    return True
