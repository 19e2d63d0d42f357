"""Write down what the gateway says of a payment: its state, the money in the books, and its services told, at once.

All of it is one transaction under the payment's lock, so that it does not matter how often, in which order or by
whom (a return, a webhook, the clock, a reconciliation) the same is learnt.
"""

import logging
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import bindparam, delete, exists, select
from sqlalchemy.orm import aliased

from portal import clock
from portal.accounts.models import AccountRow
from portal.audit.operations import record
from portal.db.session import session
from portal.errors import NotFound
from portal.payments import ledger, telling
from portal.payments.beside import OTHER_AMOUNT, take_beside
from portal.payments.gateway import GatewayPayment
from portal.payments.models import BasketLineRow, PaymentLineRow, PaymentRow
from portal.payments.payables import find_payable
from portal.payments.rows import line_rows, lock_payment
from portal.payments.values import OPEN, Outcome, Paid, PaymentState
from portal.web.fault_log import told

log = logging.getLogger(__name__)

ACTOR: Final = "system:payments"
AFTER_IT_ENDED: Final = (
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(days=1),
    timedelta(days=3),
    timedelta(days=7),
    timedelta(days=30),
)
"""When a payment that came to nothing is asked about again: providers have been known to change their minds, and a
webhook may be lost. After that only a reconciliation from its day on finds it: each night's looks back three days."""
OPEN_EVERY: Final = (timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=5), timedelta(minutes=10))
"""How long an open payment is left alone after each time the clock has asked about it; the last one from then on."""
TELL_AGAIN: Final = timedelta(minutes=1)

_other_line = aliased(PaymentLineRow)
_other = aliased(PaymentRow)
_PAID_MEANWHILE = select(
    exists().where(
        _other_line.payment_id == _other.id,
        _other.account_id == bindparam("account"),
        _other.id != bindparam("payment"),
        _other_line.service == bindparam("of_service"),
        _other_line.code == bindparam("of_code"),
        _other_line.key == bindparam("of_key"),
        _other_line.outcome == "taken",
        _other_line.paid_at > bindparam("since"),
    )
)
"""Whether the same was paid by another payment after this one was made. A payment fails, the resident pays anew, and
then the first one succeeds after all: whichever is recorded last is the one too many."""
_WHOSE = select(PaymentRow.account_id).where(PaymentRow.id == bindparam("payment"))
_LOCK_ACCOUNT = select(AccountRow.id).where(AccountRow.id == bindparam("account")).with_for_update(key_share=True)
_LOCK_PAYER = (
    select(AccountRow.id)
    .join(PaymentRow, PaymentRow.account_id == AccountRow.id)
    .join(PaymentLineRow, PaymentLineRow.payment_id == PaymentRow.id)
    .where(PaymentLineRow.id == bindparam("line"))
    .with_for_update(key_share=True, of=AccountRow)
)
_WHERE = select(PaymentLineRow.payment_id).where(PaymentLineRow.id == bindparam("line"))
_LINE = (
    select(PaymentLineRow)
    .where(PaymentLineRow.id == bindparam("line"))
    .with_for_update()
    .execution_options(populate_existing=True)
)
_UNSEEN: Final = {"synchronize_session": False}


def take_in(payment_id: uuid.UUID, said: GatewayPayment) -> None:
    """Record what the gateway says of this payment. The same again changes nothing. Raises NotFound.

    What it says of another reference than ours is not believed: it is logged, for the reconciliation to name. Money of
    another amount, or that came a second time, is taken in beside it.
    """
    row = lock_with_account(payment_id)
    row.asked_at = clock.now()
    if row.state == "paid" and row.gateway_id == said.id:
        if not said.is_paid or said.amount != row.amount:
            log.error("payment %s was paid, and the gateway now says %s, %s pence", row.id, said.state, said.amount)
    elif said.reference != row.reference:
        log.error("payment %s is not what the gateway has as %s: the references differ", row.id, said.id)
    elif said.amount != row.amount:
        _meet_other_amount(row, said)
    elif row.gateway_id not in (None, said.id) and row.state == "paid" and said.is_paid:
        take_beside(row, said, actor=ACTOR)
    elif row.gateway_id not in (None, said.id) and not said.is_paid:
        log.error("payment %s is at the gateway twice: %s and %s", row.id, row.gateway_id, said.id)
    else:
        row.gateway_id = said.id
        _follow(row, said)
    row.ask_at = next_asking(row)


def end_unknown(payment_id: uuid.UUID, code: str) -> None:
    """The payment came to nothing before the gateway knew it, or it does not want it. `code` says why."""
    row = lock_with_account(payment_id)
    row.asked_at = clock.now()
    if row.state in OPEN:
        _end(row, "error", code)
    row.ask_at = next_asking(row)


def lock_with_account(payment_id: uuid.UUID) -> PaymentRow:
    """The payment, locked, and before it its account, so that no other payment of theirs is recorded meanwhile."""
    account_id = session().scalar(_WHOSE, {"payment": payment_id})
    if account_id is not None:
        session().execute(_LOCK_ACCOUNT, {"account": account_id})
    return lock_payment(payment_id)


def lock_account_of(line_id: uuid.UUID) -> None:
    """Let no payment of a line's payer be recorded meanwhile: before `lock_line`, where a service may be told."""
    session().execute(_LOCK_PAYER, {"line": line_id})


def lock_line(line_id: uuid.UUID) -> tuple[PaymentRow, PaymentLineRow]:
    """A line and its payment, always the payment first, which nobody else changes meanwhile. Raises NotFound.

    Not the account: a service that gives money back has locked things of its own by then.
    """
    payment_id = session().scalar(_WHERE, {"line": line_id})
    if payment_id is None:
        raise NotFound
    payment = lock_payment(payment_id)
    return payment, session().scalars(_LINE, {"line": line_id}).one()


def next_asking(row: PaymentRow) -> datetime | None:
    """When the gateway is asked about it next, unless something happens first; None where nothing is left to learn."""
    now = clock.now()
    if row.state in OPEN:
        return now + OPEN_EVERY[min(row.attempts, len(OPEN_EVERY) - 1)]
    if row.state == "paid" or row.gateway_id is None:
        return None
    assert row.ended_at is not None
    return next((row.ended_at + wait for wait in AFTER_IT_ENDED if row.ended_at + wait > now), None)


def _meet_other_amount(row: PaymentRow, said: GatewayPayment) -> None:
    """Nobody asked for so much: what was paid so pays for nothing of ours, and the payer may begin anew."""
    log.error("payment %s is of %s pence at the gateway, as %s", row.id, said.amount, said.id)
    if said.is_finished and row.state in OPEN and row.gateway_id in (None, said.id):
        _end(row, *(("error", OTHER_AMOUNT) if said.is_paid else (_end_of(said), said.code)))
    elif said.is_paid and row.state not in (*OPEN, "paid"):  # its page must not say any more that no money was taken
        row.state, row.code = "error", OTHER_AMOUNT
    if said.is_paid:
        if row.gateway_id == said.id:
            row.gateway_id = None
        take_beside(row, said, actor=ACTOR)


def _follow(row: PaymentRow, said: GatewayPayment) -> None:
    """Of a payment that is not paid yet, as far as we know."""
    if said.is_paid:
        _pay(row)
    elif said.is_finished:
        if row.state in OPEN:
            _end(row, _end_of(said), said.code)
    elif row.state == "created":
        row.state, row.started_at = "started", clock.now()


def _end_of(said: GatewayPayment) -> PaymentState:
    if said.is_expired:
        return "expired"
    if said.state == "cancelled":
        return "cancelled"
    return "failed" if said.state == "failed" else "error"


def _end(row: PaymentRow, state: PaymentState, code: str) -> None:
    row.state, row.code, row.ended_at = state, code[:40], clock.now()
    record("payment.ended", actor=ACTOR, account_id=row.account_id, subject=f"payment:{row.id}", state=state, code=code)


def _pay(row: PaymentRow) -> None:
    """The money is ours: every line finds who takes it, and all of it is in the books."""
    was_late, now = row.state not in OPEN, clock.now()
    row.state, row.code, row.ended_at = "paid", "", now
    lines = line_rows([row.id])[row.id]
    session().flush()  # a service may ask what was paid
    for line in lines:
        line.paid_at = now
        settle(row, line, "twice" if was_paid_meanwhile(row, line) else tell_service(row, line))
    _enter(row, lines)
    _empty_basket(row, lines)
    record(
        "payment.paid",
        actor=ACTOR,
        account_id=row.account_id,
        subject=f"payment:{row.id}",
        pence=row.amount,
        late=was_late,
    )
    telling.tell_paid(row, late=was_late)


def was_paid_meanwhile(row: PaymentRow, line: PaymentLineRow) -> bool:
    """Whether its payer has paid for the same thing by a payment that was recorded after this one was made."""
    if row.account_id is None:
        return False
    asked = {
        "account": row.account_id,
        "payment": row.id,
        "of_service": line.service,
        "of_code": line.code,
        "of_key": line.key,
        "since": row.made_at,
    }
    return bool(session().scalar(_PAID_MEANWHILE, asked))


def tell_service(row: PaymentRow, line: PaymentLineRow) -> Outcome:
    """Offer a line's money to its service. In a savepoint: whatever a service does, the money is recorded."""
    payable = find_payable(line.service, line.code)
    if payable is None:
        return "failed"  # the service is not here; it may come back
    assert line.paid_at is not None
    paid = Paid(
        payment_reference=row.reference,
        line_id=line.id,
        account_id=row.account_id,
        code=line.code,
        key=line.key,
        amount=line.amount,
        at=line.paid_at,
    )
    try:
        with session().begin_nested():
            return "taken" if payable.on_paid(paid) else "not_wanted"
    except Exception as error:  # noqa: BLE001  # a fault of any service must not lose the record of money
        log.error("line %s of %s was paid, and its service failed: %s", line.id, line.service, told(error))
        return "failed"


def settle(row: PaymentRow, line: PaymentLineRow, outcome: Outcome) -> None:
    """Note what became of a paid line. Staff see what nobody took; a service that stumbled is told again."""
    line.outcome = outcome
    line.tell_at = clock.now() + TELL_AGAIN if outcome == "failed" else None
    if outcome != "taken":
        log.warning("line %s of payment %s is on the suspense account: %s", line.id, row.id, outcome)
    session().flush()


def _enter(row: PaymentRow, lines: Sequence[PaymentLineRow]) -> None:
    credit = ledger.sums([(account_of(line), line.amount) for line in lines])
    ledger.enter("payment", row.id, payment_id=row.id, debit={ledger.GATEWAY: row.amount}, credit=credit)


def account_of(line: PaymentLineRow) -> str:
    """The account of the ledger on which a paid line's money stands."""
    return line.ledger if line.outcome == "taken" else ledger.SUSPENSE


def _empty_basket(row: PaymentRow, lines: Sequence[PaymentLineRow]) -> None:
    """What is paid is no longer to be paid, whichever payment it was that came through."""
    for line in lines:
        theirs = (
            BasketLineRow.account_id == row.account_id,
            BasketLineRow.service == line.service,
            BasketLineRow.code == line.code,
            BasketLineRow.key == line.key,
        )
        session().execute(delete(BasketLineRow).where(*theirs), execution_options=_UNSEEN)
