"""What the clock does for payments: ask about those that are open or ended badly, and tell services again."""

import uuid
from datetime import timedelta
from typing import Final

from sqlalchemy import DateTime, bindparam, select

from portal import clock
from portal.db.session import session
from portal.jobs.queue import job
from portal.payments import paying, suspense
from portal.payments.models import PaymentLineRow, PaymentRow
from portal.payments.recording import lock_account_of, lock_line, settle, was_paid_meanwhile
from portal.payments.rows import lock_payment
from portal.payments.sweeping import sweep
from portal.web.state import web_state

UNDER_WAY: Final = timedelta(minutes=3)
"""After which an asking whose worker said nothing more is taken for dead."""
TOLD_EVERY: Final = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
"""How long a service that stumbled is left alone after each time; the last one from then on, until staff decide."""

_NOW = bindparam("now", type_=DateTime(timezone=True))
_DUE = select(PaymentRow.id).where(PaymentRow.ask_at <= _NOW).order_by(PaymentRow.ask_at, PaymentRow.id).limit(1)
_STUMBLED = (
    select(PaymentLineRow.id)
    .where(PaymentLineRow.outcome == "failed", PaymentLineRow.tell_at <= _NOW)
    .order_by(PaymentLineRow.tell_at, PaymentLineRow.id)
    .limit(1)
)


@job("payments.ask", attempts=3)
def ask(*, id: str) -> None:
    """Ask the gateway about one payment: somebody heard that something happened to it."""
    paying.ask(uuid.UUID(id))


@job("payments.ask_again", attempts=1, cron="* * * * *")
def again() -> None:
    """Each minute: ask about every payment that is due. The gateway's word is the truth, whoever else has spoken."""
    if web_state().settings.pay.is_set:
        sweep(lambda now: session().scalar(_DUE, {"now": now}), _ask, what="payment")


@job("payments.tell_again", attempts=1, cron="* * * * *")
def tell_again() -> None:
    """Each minute: tell services that stumbled over their money once more."""
    sweep(lambda now: session().scalar(_STUMBLED, {"now": now}), tell_line, what="payment line")


def _ask(payment_id: uuid.UUID) -> None:
    row = lock_payment(payment_id)
    row.attempts += 1
    row.ask_at = clock.now() + UNDER_WAY
    session().commit()
    paying.ask(payment_id)


def tell_line(line_id: uuid.UUID) -> None:
    """Offer the money of a line to the service that stumbled over it, unless the same has been paid again meanwhile."""
    lock_account_of(line_id)
    payment, line = lock_line(line_id)
    if line.outcome != "failed":
        return
    line.attempts += 1
    if was_paid_meanwhile(payment, line):
        settle(payment, line, "twice")
    elif suspense.offer(payment, line) == "failed":
        line.tell_at = clock.now() + TOLD_EVERY[min(line.attempts, len(TOLD_EVERY)) - 1]
