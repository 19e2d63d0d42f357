"""Give money back: in full or in part, to the card that it came from, never more than was paid.

What is asked for is taken from what its line can give at once, under the payment's lock, and stands on the books as
promised; `refunding` has the gateway do it after the commit.
"""

import uuid
from typing import Final

from sqlalchemy import bindparam, select

from portal import clock
from portal.audit.operations import record
from portal.db.session import session
from portal.errors import NotFound, Refused
from portal.payments import ledger, refunding
from portal.payments.models import PaymentLineRow, PaymentRow, RefundRow
from portal.payments.recording import account_of, lock_line
from portal.payments.rows import refund_from
from portal.payments.values import Refund
from portal.web.languages import gettext as _
from portal.web.money import money

LONGEST_KEY: Final = 80
LONGEST_REASON: Final = 500

_BY_KEY = select(RefundRow).where(RefundRow.line_id == bindparam("line"), RefundRow.key == bindparam("key"))


def refund(actor: str, *, line_id: uuid.UUID, amount: int | None, reason: str, key: str) -> Refund:
    """Give back `amount` pence of a paid line, or all that is left of it (None).

    It goes out once the current transaction is committed.

    `actor` is `staff:<id>` or `system:<service>`; `reason` is for the payer to read. The same `key` again gives the
    refund that is there. The amount is taken from what the line can give at once; should the gateway say no in the
    end, it can be refunded again. Raises NotFound for no such line, or one of another service than the acting one;
    Refused when it is not paid or has not so much left.
    """
    reason = reason.strip()
    if not key or len(key) > LONGEST_KEY:
        raise ValueError(f"a refund needs a key of at most {LONGEST_KEY} characters")
    payment, line = lock_line(line_id)
    if actor.startswith("system:") and actor != f"system:{line.service}":
        raise NotFound
    before = session().scalars(_BY_KEY, {"line": line_id, "key": key}).one_or_none()
    if before is not None:
        return refund_from(before)
    amount = line.amount - line.refunded if amount is None else amount
    if sentence := _why_not(line, amount, reason):
        raise Refused(sentence)
    row = write_refund(payment, line, amount=amount, reason=reason, actor=actor, key=key)
    refunding.send.defer(id=str(row.id))
    return refund_from(row)


def _why_not(line: PaymentLineRow, amount: int, reason: str) -> str | None:
    if not line.outcome:
        return _("This has not been paid, so there is nothing to refund.")
    if amount < 1 or amount > line.amount - line.refunded:
        return _("You can refund up to %(most)s of this.", most=money(line.amount - line.refunded))
    if not reason or len(reason) > LONGEST_REASON:
        return _("Say why the money is given back, in 500 characters or fewer.")
    return None


def write_refund(
    payment: PaymentRow, line: PaymentLineRow, *, amount: int, reason: str, actor: str, key: str
) -> RefundRow:
    """The refund in its table, in the books as promised, and off what its line can give. The line is locked."""
    now = clock.now()
    line.refunded += amount
    if line.outcome == "failed":  # its service must not be given money that goes back
        line.outcome, line.tell_at = "not_wanted", None
    row = RefundRow(
        id=uuid.uuid4(),
        payment_id=payment.id,
        line_id=line.id,
        amount=amount,
        reason=reason,
        actor=actor,
        key=key,
        state="created",
        code="",
        made_at=now,
        ask_at=now + refunding.FIRST_SWEEP,
        attempts=0,
    )
    session().add(row)
    session().flush()  # the books name its payment, and the check on the line speaks here
    ledger.enter(
        "refund",
        row.id,
        payment_id=payment.id,
        debit={account_of(line): amount},
        credit={ledger.REFUNDS: amount},
    )
    record(
        "payment.refund_asked",
        actor=actor,
        account_id=payment.account_id,
        subject=f"payment:{payment.id}",
        refund=str(row.id),
        pence=amount,
    )
    return row
