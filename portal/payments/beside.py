"""Money at the gateway that we did not ask for so: a second payment under one reference, or one of another amount.

It becomes a payment of its own beside ours, wholly on the suspense account. So staff see it, it is in the books, and it
is given back by the same refunds as any other. Our own payment keeps what was asked for, and its payer's basket.
"""

import logging
import uuid
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import bindparam, exists, insert, select

from portal import clock
from portal.audit.operations import record
from portal.db.session import session
from portal.payments import ledger, telling
from portal.payments.gateway import GatewayPayment
from portal.payments.models import PaymentLineRow, PaymentRow
from portal.payments.references import new_payment_reference
from portal.payments.rows import line_rows
from portal.payments.values import Outcome

log = logging.getLogger(__name__)

OTHER_AMOUNT: Final = "other_amount"
"""The code of a payment that came to nothing because its payer was charged another amount; and what became of that."""

_IS_KNOWN = select(exists().where(PaymentRow.gateway_id == bindparam("gateway_id")))


def is_known(gateway_id: str) -> bool:
    """Whether a payment of ours is the one that the gateway calls so."""
    return bool(session().scalar(_IS_KNOWN, {"gateway_id": gateway_id}))


def take_beside(row: PaymentRow, said: GatewayPayment, *, actor: str) -> None:
    """Enter paid money that came under the reference of `row`, which is locked. The same again changes nothing."""
    session().flush()
    if is_known(said.id) or not said.amount:
        return
    log.error("payment %s: the gateway took %s pence besides, as %s", row.id, said.amount, said.id)
    now = clock.now()
    made = PaymentRow(
        id=uuid.uuid4(),
        reference=new_payment_reference(),
        account_id=row.account_id,
        key=f"beside {said.id}"[:80],
        state="paid",
        amount=said.amount,
        description=row.description,
        language=row.language,
        gateway_id=said.id,
        code="",
        made_at=now,
        ended_at=now,
        asked_at=now,
        attempts=0,
        sends=0,
    )
    session().add(made)
    session().flush()  # its lines refer to it
    lines = _lines(row, said, made)
    session().execute(insert(PaymentLineRow), lines)
    ledger.enter(
        "payment",
        made.id,
        payment_id=made.id,
        debit={ledger.GATEWAY: made.amount},
        credit={ledger.SUSPENSE: made.amount},
    )
    subject = f"payment:{made.id}"
    of = {"pence": made.amount, "beside": row.reference}
    record("payment.taken_beside", actor=actor, account_id=row.account_id, subject=subject, **of)
    telling.tell_paid(made, late=False)


def _lines(row: PaymentRow, said: GatewayPayment, made: PaymentRow) -> Sequence[dict[str, Any]]:  # columns of a table
    """What was paid twice is for the same things. Another amount is all on the first, whose staff look into it."""
    asked = line_rows([row.id])[row.id]
    same = said.amount == row.amount
    outcome: Outcome = "twice" if same else "other_amount"
    return [
        {
            "id": uuid.uuid4(),
            "payment_id": made.id,
            "number": line.number,
            "service": line.service,
            "code": line.code,
            "key": line.key,
            "ledger": line.ledger,
            "description": line.description,
            "amount": line.amount if same else said.amount,
            "refunded": 0,
            "outcome": outcome,
            "paid_at": made.ended_at,
            "attempts": 0,
        }
        for line in (asked if same else asked[:1])
    ]
