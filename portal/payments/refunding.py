"""Have the gateway give money back, once, and follow it until the money has gone or stays ours.

GOV.UK Pay takes a refund under no key of ours: what keeps it from being made twice is `available`, the pence that could
be refunded when it was first asked for. It is written down before the gateway is spoken to. After a lost answer, less
than that can be refunded if it was taken; and the same request again is refused (P0604) if the lost one comes late.
"""

import logging
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import DateTime, bindparam, select
from sqlalchemy.exc import OperationalError

from portal import clock
from portal.audit.operations import record
from portal.db.session import session
from portal.errors import NotFound, Unavailable
from portal.jobs.queue import job
from portal.payments import ledger, telling
from portal.payments.gateway import AmountMoved, GatewayPayment, GatewayRefund, GatewayRefused
from portal.payments.govuk_pay import gateway
from portal.payments.models import PaymentLineRow, PaymentRow, RefundRow
from portal.payments.payables import find_payable
from portal.payments.recording import ACTOR, account_of
from portal.payments.rows import lock_payment
from portal.payments.sweeping import sweep
from portal.payments.values import Refunded
from portal.web.fault_log import told

log = logging.getLogger(__name__)

FIRST_SWEEP: Final = timedelta(minutes=1)
UNDER_WAY: Final = timedelta(minutes=3)
"""After which a try that said nothing more is taken for dead."""
ITS_TURN: Final = timedelta(seconds=30)
"""How long one waits for another refund of its payment, of which the gateway has yet to say that it took it."""
ASKED_EVERY: Final = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
"""How long a refund is left alone after each try, and its service after each telling; the last one from then on."""
NOT_ENOUGH: Final = "not_enough"
NOT_REFUNDABLE: Final = "not_refundable"

_NOW = bindparam("now", type_=DateTime(timezone=True))
_DUE = (
    select(RefundRow.id)
    .where(RefundRow.state.in_(("created", "submitted")), RefundRow.ask_at <= _NOW)
    .order_by(RefundRow.ask_at, RefundRow.id)
    .limit(1)
)
_UNTOLD = (
    select(RefundRow.id)
    .where(RefundRow.state.in_(("success", "error")), RefundRow.told_at.is_(None), RefundRow.ask_at <= _NOW)
    .order_by(RefundRow.ask_at, RefundRow.id)
    .limit(1)
)
_WHERE = select(RefundRow.payment_id).where(RefundRow.id == bindparam("refund"))
_LOCKED = (
    select(RefundRow)
    .where(RefundRow.id == bindparam("refund"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_LINE = (
    select(PaymentLineRow)
    .where(PaymentLineRow.id == bindparam("line"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_OTHER_SENT = select(RefundRow.id).where(
    RefundRow.payment_id == bindparam("payment"),
    RefundRow.id != bindparam("refund"),
    RefundRow.state == "created",
    RefundRow.sent_at.is_not(None),
)
_KNOWN = select(RefundRow.gateway_id).where(
    RefundRow.payment_id == bindparam("payment"), RefundRow.gateway_id.is_not(None)
)


@job("payments.refund", attempts=1)
def send(*, id: str) -> None:
    """Try once to have a refund made, or ask what became of it. The clock tries again."""
    try:
        follow(uuid.UUID(id))
    except Unavailable as error:
        session().rollback()
        log.warning("refund %s waits: %s", id, type(error).__name__)


@job("payments.refunds_again", attempts=1, cron="* * * * *")
def again() -> None:
    """Each minute: go through the refunds that are due."""
    sweep(lambda now: session().scalar(_DUE, {"now": now}), follow, what="refund")


@job("payments.tell_refunds_again", attempts=1, cron="* * * * *")
def tell_again() -> None:
    """Each minute: tell services what became of refunds, where they stumbled the first time or were not there."""
    sweep(lambda now: session().scalar(_UNTOLD, {"now": now}), _tell_again, what="refund")


def _tell_again(refund_id: uuid.UUID) -> None:
    payment, row = _lock(refund_id)
    if row.told_at is None and row.ended_at is not None:
        row.attempts += 1
        _tell(payment, row)


def follow(refund_id: uuid.UUID) -> None:
    """Have the gateway make this refund or say what became of it, and commit what it said. Raises Unavailable."""
    payment, row = _lock(refund_id)
    if row.state not in ("created", "submitted") or payment.gateway_id is None:
        session().rollback()
        return
    row.attempts += 1
    row.ask_at = clock.now() + UNDER_WAY
    gateway_id, known = payment.gateway_id, row.gateway_id
    session().commit()
    said = gateway().get_refund(gateway_id, known) if known is not None else _ask_for(refund_id, gateway_id)
    _take_in(refund_id, said)
    session().commit()


def _ask_for(refund_id: uuid.UUID, gateway_id: str) -> GatewayRefund | None:
    """The refund as the gateway has taken it, now or before; None when that is not clear yet, or it takes none."""
    truth, listed = gateway().get(gateway_id), gateway().refunds_of(gateway_id)
    payment, row = _lock(refund_id)
    found = _decided(payment, row, truth, listed)
    amount, available = row.amount, row.available
    session().commit()
    if found is not None or row.state != "created" or available is None:
        return found
    try:
        return gateway().refund(gateway_id, amount=amount, available=available)
    except AmountMoved:  # the next try sees why
        return None
    except GatewayRefused as no:
        _fail(*_lock(refund_id), no.code)
        return None


def _decided(
    payment: PaymentRow, row: RefundRow, truth: GatewayPayment, listed: Sequence[GatewayRefund]
) -> GatewayRefund | None:
    """Ours among the gateway's, after a lost answer. None otherwise: then `available` says whether to ask for it."""
    known = set(session().scalars(_KNOWN, {"payment": payment.id}))
    strange = [each for each in listed if each.id not in known and each.state != "error"]
    if row.available is not None and truth.refund_available != row.available:
        ours = [each for each in strange if each.amount == row.amount]
        if ours:
            return ours[-1]
        if sum(each.amount for each in listed if each.state != "error") != truth.refunded:  # the list lags behind
            return None
        row.available = None  # ours is not there: what changed is another one, made by hand or come to nothing
    if row.state != "created" or session().scalar(_OTHER_SENT, {"payment": payment.id, "refund": row.id}):
        row.ask_at = clock.now() + ITS_TURN
        return None
    if truth.refundable == "unavailable":
        _fail(payment, row, NOT_REFUNDABLE)
    elif truth.refundable != "pending" and truth.refund_available < row.amount:
        _fail(payment, row, NOT_ENOUGH)
    elif truth.refundable == "available":
        row.sent_at, row.available = row.sent_at or clock.now(), truth.refund_available
    return None


def _take_in(refund_id: uuid.UUID, said: GatewayRefund | None) -> None:
    if said is None:
        return
    payment, row = _lock(refund_id)
    if row.state not in ("created", "submitted"):
        return
    row.gateway_id = said.id
    if said.state == "success":
        succeed(payment, row)
    elif said.state == "error":
        _fail(payment, row, "gateway")
    else:
        row.state, row.ask_at = "submitted", _next(row)


def _next(row: RefundRow) -> datetime:
    return clock.now() + ASKED_EVERY[min(max(row.attempts, 1), len(ASKED_EVERY)) - 1]


def succeed(payment: PaymentRow, row: RefundRow) -> None:
    """The money has gone: in the books, to the service and to the payer. The payment is locked."""
    row.state, row.ended_at = "success", clock.now()
    session().flush()
    ledger.enter(
        "refund_done",
        row.id,
        payment_id=payment.id,
        debit={ledger.REFUNDS: row.amount},
        credit={ledger.GATEWAY: row.amount},
    )
    record(
        "payment.refunded",
        actor=ACTOR,
        account_id=payment.account_id,
        subject=f"payment:{payment.id}",
        refund=str(row.id),
        pence=row.amount,
    )
    telling.tell_refunded(payment, row)
    _tell_first(payment, row)


def _tell_first(payment: PaymentRow, row: RefundRow) -> None:
    """Tell its service, as often as that takes: how long the gateway took for the refund no longer counts."""
    row.attempts = 0
    _tell(payment, row)


def _tell(payment: PaymentRow, row: RefundRow) -> None:
    """Tell its service what became of a refund that has ended; if it is not here, or stumbles, later again.

    In a savepoint: whatever a service does, the money is recorded.
    """
    row.ask_at = _next(row)
    session().flush()
    try:
        with session().begin_nested():
            if _tell_service(payment, row):
                row.told_at, row.ask_at = clock.now(), None
    except Exception as error:  # noqa: BLE001  # a fault of any service must not lose the record of money
        if _is_held(error):
            log.info("refund %s has ended, and its service is told later: somebody else has its rows", row.id)
        else:
            log.error("refund %s has ended, and its service failed: %s", row.id, told(error))


def _is_held(error: Exception) -> bool:
    """Whether a service went away from rows that somebody else has, as it should: the payment is locked here."""
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlstate", "") == "55P03"  # lock_not_available


def _tell_service(payment: PaymentRow, row: RefundRow) -> bool:
    """Whether there is nothing left to tell."""
    line = session().scalars(_LINE, {"line": row.line_id}).one()
    if line.outcome != "taken":  # it never had that money
        return True
    payable = find_payable(line.service, line.code)
    if payable is None:
        return False
    assert row.ended_at is not None
    tell = payable.on_refunded if row.state == "success" else payable.on_refund_failed
    tell(
        Refunded(
            payment_reference=payment.reference,
            line_id=line.id,
            refund_id=row.id,
            account_id=payment.account_id,
            code=line.code,
            key=line.key,
            amount=row.amount,
            refunded=line.refunded,
            at=row.ended_at,
        )
    )
    return True


def _fail(payment: PaymentRow, row: RefundRow, code: str) -> None:
    """The money stays ours, and can be refunded again."""
    line = session().scalars(_LINE, {"line": row.line_id}).one()
    row.state, row.code, row.ended_at = "error", code[:40], clock.now()
    line.refunded -= row.amount
    session().flush()
    ledger.enter(
        "refund_failed",
        row.id,
        payment_id=payment.id,
        debit={ledger.REFUNDS: row.amount},
        credit={account_of(line): row.amount},
    )
    record(
        "payment.refund_failed",
        actor=ACTOR,
        account_id=payment.account_id,
        subject=f"payment:{payment.id}",
        refund=str(row.id),
        code=row.code,
    )
    log.warning("refund %s failed: %s", row.id, row.code)
    _tell_first(payment, row)


def _lock(refund_id: uuid.UUID) -> tuple[PaymentRow, RefundRow]:
    payment_id = session().scalar(_WHERE, {"refund": refund_id})
    if payment_id is None:
        raise NotFound
    payment = lock_payment(payment_id)
    return payment, session().scalars(_LOCKED, {"refund": refund_id}).one()
