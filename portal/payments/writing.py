"""Write a basket down as a payment, if it can be paid."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import insert

from portal import clock
from portal.accounts.values import Account
from portal.audit.operations import record
from portal.db.session import session
from portal.errors import Conflict, Refused
from portal.payments import returning
from portal.payments.basket_values import BasketLine
from portal.payments.models import PaymentLineRow, PaymentRow
from portal.payments.references import new_payment_reference
from portal.payments.values import LEAST, MOST
from portal.web.languages import current_language, ngettext
from portal.web.languages import gettext as _
from portal.web.money import money
from portal.web.state import council

ASKED_AFTER: Final = timedelta(minutes=2)
"""When the clock asks about it first: by then it is known whether the gateway was told."""


def require_payable(lines: Sequence[BasketLine], total: int) -> None:
    """Raises Refused where these lines cannot be paid by card, Conflict where their sum is not what a page showed."""
    now = sum(line.amount for line in lines)
    if not lines:
        raise Refused(_("There is nothing in your basket that you could pay now."))
    if now != total:
        raise Conflict(_("The price has changed since you opened this page. Look at your basket again before you pay."))
    if now < LEAST:
        raise Refused(_("The least that you can pay by card is %(least)s.", least=money(LEAST)))
    if now > MOST:
        raise Refused(_("You can pay up to %(most)s at once. Take something out of your basket.", most=money(MOST)))


def write_payment(account: Account, key: str, lines: Sequence[BasketLine]) -> PaymentRow:
    """The payment of these lines at these prices, not yet known to the gateway."""
    payment_id, now = uuid.uuid4(), clock.now()
    row = PaymentRow(
        id=payment_id,
        reference=new_payment_reference(),
        account_id=account.id,
        key=key,
        state="created",
        amount=sum(line.amount for line in lines),
        description=_described(lines),
        language=current_language(),
        return_hash=returning.hash_of(returning.token_for(payment_id)),
        code="",
        made_at=now,
        ask_at=now + ASKED_AFTER,
        attempts=0,
        sends=0,
    )
    session().add(row)
    session().flush()  # its lines refer to it
    rows = [
        {
            "id": uuid.uuid4(),
            "payment_id": payment_id,
            "number": number,
            "service": line.service,
            "code": line.code,
            "key": line.key,
            "ledger": line.ledger,
            "description": line.description,
            "amount": line.amount,
            "refunded": 0,
            "outcome": "",
            "attempts": 0,
        }
        for number, line in enumerate(lines, 1)
    ]
    session().execute(insert(PaymentLineRow), rows)
    actor, subject = f"account:{account.id}", f"payment:{payment_id}"
    record("payment.begun", actor=actor, account_id=account.id, subject=subject, pence=row.amount)
    return row


def _described(lines: Sequence[BasketLine]) -> str:
    """What the payer reads on the gateway's page."""
    if len(lines) == 1:
        return lines[0].description or lines[0].title
    name = council().called(current_language())
    return ngettext("%(n)s payment to %(council)s", "%(n)s payments to %(council)s", len(lines), council=name)[:255]
