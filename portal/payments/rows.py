"""From rows of payments to the values that others see."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, cast

from sqlalchemy import bindparam, select

from portal.db.session import session
from portal.errors import NotFound
from portal.payments.models import PaymentLineRow, PaymentRow, RefundRow
from portal.payments.payables import find_payable
from portal.payments.values import Outcome, Payment, PaymentLine, PaymentState, Refund, RefundState

_LINES = (
    select(PaymentLineRow)
    .where(PaymentLineRow.payment_id.in_(bindparam("payments", expanding=True)))
    .order_by(PaymentLineRow.payment_id, PaymentLineRow.number)
)
LOCKED: Final = (
    select(PaymentRow)
    .where(PaymentRow.id == bindparam("payment"))
    .with_for_update(key_share=True)
    .execution_options(populate_existing=True)
)


def lock_payment(payment_id: uuid.UUID) -> PaymentRow:
    """The row, which nobody else changes until the end of the transaction. Raises NotFound."""
    row = session().scalars(LOCKED, {"payment": payment_id}).one_or_none()
    if row is None:
        raise NotFound
    return row


def line_rows(payment_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[PaymentLineRow]]:
    """The lines of payments in their order, by payment."""
    found: defaultdict[uuid.UUID, list[PaymentLineRow]] = defaultdict(list)
    if payment_ids:
        for row in session().scalars(_LINES, {"payments": list(payment_ids)}):
            found[row.payment_id].append(row)
    return found


def payment_from(row: PaymentRow, lines: Sequence[PaymentLineRow]) -> Payment:
    """What others see of a payment."""
    return Payment(
        id=row.id,
        reference=row.reference,
        account_id=row.account_id,
        state=cast(PaymentState, row.state),
        amount=row.amount,
        description=row.description,
        code=row.code,
        gateway_id=row.gateway_id,
        made_at=row.made_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        asked_at=row.asked_at,
        lines=[line_from(line) for line in lines],
    )


def payments_from(rows: Sequence[PaymentRow]) -> Sequence[Payment]:
    """What others see of several payments, with their lines in one statement."""
    lines = line_rows([row.id for row in rows])
    return [payment_from(row, lines[row.id]) for row in rows]


def line_from(row: PaymentLineRow) -> PaymentLine:
    """What others see of a line, in the words of today's payable."""
    payable = find_payable(row.service, row.code)
    return PaymentLine(
        id=row.id,
        payment_id=row.payment_id,
        service=row.service,
        code=row.code,
        key=row.key,
        ledger=row.ledger,
        description=row.description,
        amount=row.amount,
        refunded=row.refunded,
        outcome=cast(Outcome, row.outcome),
        title=str(payable.title) if payable else "",
        settled=str(payable.settled) if payable else "",
        if_refunded=str(payable.if_refunded) if payable else "",
    )


def refund_from(row: RefundRow) -> Refund:
    """What others see of a refund."""
    values: dict[str, Any] = {name: getattr(row, name) for name in Refund.__slots__}  # columns of the same names
    return Refund(**values | {"state": cast(RefundState, row.state)})
