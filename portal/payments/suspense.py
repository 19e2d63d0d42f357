"""Money that came and that nobody has taken: it waits on the suspense account for staff, and is never lost."""

import uuid

from portal.audit.operations import record
from portal.errors import Refused
from portal.payments import ledger
from portal.payments.models import PaymentLineRow, PaymentRow
from portal.payments.recording import lock_line, settle, tell_service
from portal.payments.values import OFFERED_AGAIN, Outcome
from portal.web.languages import gettext as _


def offer_again(actor: str, line_id: uuid.UUID) -> bool:
    """Staff offer a line's money to its service once more, such as what was paid twice by somebody who owes more.

    Whether it took it; then it is off the suspense account. Raises NotFound for no such line, Refused when its money is
    not there, or some of it has been given back.
    """
    payment, line = lock_line(line_id)
    if line.outcome not in OFFERED_AGAIN or line.refunded:
        raise Refused(_("This money is not waiting for anybody. Open the payment again."))
    outcome = offer(payment, line)
    record(
        "payment.offered_again",
        actor=actor,
        account_id=payment.account_id,
        subject=f"payment:{payment.id}",
        line=str(line.id),
        outcome=outcome,
    )
    return outcome == "taken"


def offer(payment: PaymentRow, line: PaymentLineRow) -> Outcome:
    """Offer the money of a locked line to its service. If it takes it, the money leaves the suspense account."""
    outcome = tell_service(payment, line)
    settle(payment, line, outcome)
    if outcome == "taken":
        credit = {line.ledger: line.amount}
        ledger.enter("told", line.id, payment_id=payment.id, debit={ledger.SUSPENSE: line.amount}, credit=credit)
    return outcome
