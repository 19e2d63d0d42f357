"""One of each thing of payments that an address of the portal can name."""

import uuid
from collections.abc import Mapping

from portal import clock
from portal.accounts.values import Account
from portal.db.session import session
from portal.payments.baskets import basket_of, put_in_basket
from portal.payments.gateway import GatewayPayment
from portal.payments.receipts import get_payment
from portal.payments.recording import take_in
from portal.payments.returning import token_for
from portal.payments.values import Payment
from portal.payments.writing import write_payment
from tests.support.council_tax import REFERENCE


def payment_things(account: Account) -> Mapping[str, str]:
    """A payment of council tax with its receipt, and another in the basket. They have joined the account."""
    _fill(account)
    paid = paid_payment(account)
    return {
        "payments.reference": paid.reference,
        "payments.returned.token": token_for(paid.id),
        "basket.line_id": _fill(account),
    }


def paid_payment(account: Account) -> Payment:
    """What is in the basket, paid, in a portal that has no gateway to ask."""
    row = write_payment(account, uuid.uuid4().hex, basket_of(account).to_pay)
    session().commit()
    said = GatewayPayment(
        id=uuid.uuid4().hex[:26],
        amount=row.amount,
        reference=row.reference,
        state="success",
        code="",
        created_at=clock.now(),
        next_url="",
        refundable="available",
        refund_available=row.amount,
        refunded=0,
        fee=None,
    )
    take_in(row.id, said)
    session().commit()
    return get_payment(account, row.reference)


def _fill(account: Account) -> str:
    line_id = put_in_basket(account, service="council_tax", code="bill", key=REFERENCE, amount=1000)
    session().commit()
    return str(line_id)
