"""Pay what is in the basket: one payment, however often and in however many tabs the button is pressed.

Two visible transactions, because nobody waits for the network inside one: `begin` writes the payment down and is
committed; then `hand_over` tells the gateway and writes down what it said. Whatever is cut off in between is found by
the clock (`asking_again`).
"""

import logging
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, select

from portal import clock
from portal.accounts.values import Account
from portal.db.session import release, session
from portal.errors import Conflict, NotFound, Unavailable
from portal.payments import returning
from portal.payments.basket_values import BasketLine
from portal.payments.baskets import basket_of, lock_basket, same_lines
from portal.payments.finding import told_of, truth_of
from portal.payments.gateway import CannotCancel, GatewayPayment, GatewayRefused
from portal.payments.govuk_pay import gateway
from portal.payments.models import PaymentRow
from portal.payments.receipts import GATEWAY_ALLOWS, SLACK
from portal.payments.recording import end_unknown, next_asking, take_in
from portal.payments.rows import line_rows, lock_payment, payment_from
from portal.payments.values import OPEN, Payment
from portal.payments.writing import require_payable, write_payment
from portal.web.languages import gettext as _

log = logging.getLogger(__name__)

LONGEST_KEY: Final = 80
SENDING: Final = timedelta(minutes=1)
"""After which a request that told the gateway and said nothing more is taken for dead: longer than a call may last."""
WAITS_SECONDS: Final = 8.0
"""How long a second press waits for the first one's answer, which is the one that both need."""
LOOKS_EVERY_SECONDS: Final = 0.1
NOT_CREATED: Final = "not_created"
NOT_KNOWN: Final = "not_known"
"""The gateway knows no such payment, though it once did: the council has changed its account there, perhaps."""
CALLED_OFF: Final = "called_off"
MAY_STILL_SHOW: Final = timedelta(minutes=10)
"""How long a payment that the gateway does not find by its reference may yet turn up: its search lags behind."""

_BY_KEY = select(PaymentRow).where(PaymentRow.account_id == bindparam("account"), PaymentRow.key == bindparam("key"))
_OPEN = select(PaymentRow).where(PaymentRow.account_id == bindparam("account"), PaymentRow.state.in_(OPEN))
_OWN = select(PaymentRow).where(
    PaymentRow.account_id == bindparam("account"), PaymentRow.reference == bindparam("reference")
)
_RETURNED = select(PaymentRow).where(
    PaymentRow.account_id == bindparam("account"), PaymentRow.return_hash == bindparam("hash")
)
_BY_ID = select(PaymentRow).where(PaymentRow.id == bindparam("payment")).execution_options(populate_existing=True)


class UnderWay(Conflict):
    """Another payment of this resident is open, for something else: they finish it, or call it off, first."""

    def __init__(self, sentence: str, reference: str) -> None:
        super().__init__(sentence)
        self.reference = reference


@dataclass(frozen=True, slots=True)
class Begun:
    """A payment that is written down, to be committed and handed over.

    `turn` is 0 when another request is telling the gateway at this moment, or nothing is left to tell; else how often
    that has been set out for.
    """

    payment: Payment
    turn: int


def begin(account: Account, *, key: str, total: int) -> Begun:
    """Make the payment of the resident's basket, or find the one for the same. Commit, then `hand_over` it.

    `key` is of the page (at most 80 characters), `total` the pence that the page showed. The same `key` again is the
    same payment whatever became of it; so is another tab's press while one for the same is open. Raises Refused when
    there is nothing to pay, too little or too much; Conflict when the basket or a price is not what the page showed;
    UnderWay when another payment is open; NotSetUp.
    """
    if not key or len(key) > LONGEST_KEY:
        raise ValueError(f"a payment needs a key of at most {LONGEST_KEY} characters")
    gateway()
    basket = basket_of(account)  # before the lock: a service may have to ask its own back office for a price
    lock_basket(account.id)
    before = session().scalars(_BY_KEY, {"account": account.id, "key": key}).one_or_none()
    if before is not None:
        return _claimed(before)
    lines = basket.to_pay
    is_open = session().scalars(_OPEN, {"account": account.id}).one_or_none()
    if is_open is not None:
        return _join(is_open, lines)
    if not same_lines(account.id, basket.lines):
        raise Conflict(_("Your basket has changed in another window. Look at it again before you pay."))
    require_payable(lines, total)
    return _claimed(write_payment(account, key, lines))


def resume(account: Account, reference: str) -> Begun:
    """Go on with the resident's own open payment, such as after Back in the browser. Commit, then `hand_over` it.

    Raises NotFound, NotSetUp.
    """
    gateway()
    lock_basket(account.id)
    return _claimed(lock_payment(_get_own(account, reference).id))


def hand_over(begun: Begun) -> str:
    """Tell the gateway of a committed payment, and return where the resident goes to pay. Call outside a transaction.

    The address is good once; ask anew for each press. Empty when there is none: the gateway does not answer or does not
    want it, or nothing is left to pay. Then show the payment's own page, which says so and offers the way on. Writes
    what it learns; the caller commits.
    """
    if not begun.payment.is_open:
        return ""
    release()
    known = begun.payment.gateway_id or (_wait_for_other(begun.payment.id) if begun.turn == 0 else None)
    try:
        if known is not None:
            said: GatewayPayment | None = gateway().get(known)
        else:
            said = _told(begun) if begun.turn else None
    except GatewayRefused as no:
        if known is None:  # else it only does not tell us of it now
            end_unknown(begun.payment.id, no.code)
        return ""
    except (Unavailable, NotFound):
        said = None
    if said is None:
        _stop_sending(begun)
        return ""
    take_in(begun.payment.id, said)
    _stop_sending(begun)
    now = get_by_id(begun.payment.id)
    return said.next_url if now.is_open and now.gateway_id == said.id else ""


def ask(payment_id: uuid.UUID) -> Payment:
    """Ask the gateway what became of a payment, record it, and return the payment. Call outside a transaction.

    Raises NotFound for none of ours, Unavailable when there is no answer. The caller commits.
    """
    row = _get(payment_id)
    gateway_id, reference = row.gateway_id, row.reference
    said = _known_of(payment_id, gateway_id, reference)
    if said is not None:
        take_in(payment_id, said)
    elif _is_given_up(row := lock_payment(payment_id)):
        end_unknown(payment_id, NOT_CREATED if gateway_id is None else NOT_KNOWN)
    else:
        row.ask_at = next_asking(row)
    return get_by_id(payment_id)


def call_off(account: Account, reference: str) -> Payment:
    """Cancel the resident's own open payment, and return what became of it. Call outside a transaction.

    It may have been paid a moment before: then it is. Raises NotFound, Unavailable, Conflict while the gateway is being
    told of it. The caller commits.
    """
    row = _get_own(account, reference)
    payment_id, gateway_id = row.id, row.gateway_id
    if row.state not in OPEN:
        return get_by_id(payment_id)
    if gateway_id is None and _is_sending(row):
        raise Conflict(_("We are opening the payment page in another window. Wait a minute, then try again."))
    said = _known_of(payment_id, gateway_id, reference)
    if said is None:
        end_unknown(payment_id, CALLED_OFF)
        return get_by_id(payment_id)
    if not said.is_finished:
        with suppress(CannotCancel):  # just paid, or just ended: what follows says which
            gateway().cancel(said.id)
        said = gateway().get(said.id)
    take_in(payment_id, said)
    return get_by_id(payment_id)


def get_returned(account: Account, token: str) -> Payment:
    """The resident's own payment, by the token in the address that the gateway sent them back to. Raises NotFound.

    That they came back says nothing about the money: `ask`.
    """
    row = session().scalars(_RETURNED, {"account": account.id, "hash": returning.hash_of(token)}).one_or_none()
    if row is None:
        raise NotFound
    return payment_from(row, line_rows([row.id])[row.id])


def get_by_id(payment_id: uuid.UUID) -> Payment:
    """Anybody's payment as it is now. Raises NotFound."""
    session().flush()  # what has just been learnt is part of it
    row = _get(payment_id)
    return payment_from(row, line_rows([row.id])[row.id])


def _get(payment_id: uuid.UUID) -> PaymentRow:
    row = session().scalars(_BY_ID, {"payment": payment_id}).one_or_none()
    if row is None:
        raise NotFound
    return row


def _get_own(account: Account, reference: str) -> PaymentRow:
    row = session().scalars(_OWN, {"account": account.id, "reference": reference}).one_or_none()
    if row is None:
        raise NotFound
    return row


def _join(row: PaymentRow, lines: Sequence[BasketLine]) -> Begun:
    """The open payment, if it is for what the page shows now."""
    theirs = {(line.service, line.code, line.key): line.amount for line in line_rows([row.id])[row.id]}
    if theirs != {line.thing: line.amount for line in lines}:
        raise UnderWay(_("You have begun to pay for something else. Finish that payment, or cancel it."), row.reference)
    return _claimed(row)


def _claimed(row: PaymentRow) -> Begun:
    """The payment, and whether it is this request's turn to tell the gateway of it: never two at a time."""
    turn = 0
    if row.state in OPEN and row.gateway_id is None and not _is_sending(row):
        row.sends += 1
        row.sending_until_at = clock.now() + SENDING
        turn = row.sends
        session().flush()  # what follows reads the row anew
    return Begun(payment_from(row, line_rows([row.id])[row.id]), turn)


def _is_sending(row: PaymentRow) -> bool:
    return row.sending_until_at is not None and row.sending_until_at > clock.now()


def _stop_sending(begun: Begun) -> None:
    """Let the next press try, unless it has taken its turn already."""
    if begun.turn:
        row = lock_payment(begun.payment.id)
        if row.sends == begun.turn:
            row.sending_until_at = None


def _wait_for_other(payment_id: uuid.UUID) -> str | None:
    """What the gateway calls a payment that another request is telling it of; None when that takes too long."""
    ends = time.monotonic() + WAITS_SECONDS
    while time.monotonic() < ends:
        row = _get(payment_id)
        known, goes_on = row.gateway_id, row.state in OPEN and _is_sending(row)
        session().rollback()  # nothing is held while it waits
        if known is not None or not goes_on:
            return known
        time.sleep(LOOKS_EVERY_SECONDS)
    return None


def _told(begun: Begun) -> GatewayPayment | None:
    language = _get(begun.payment.id).language
    release()
    return told_of(begun.payment, language=language, again=begun.turn > 1)


def _known_of(payment_id: uuid.UUID, gateway_id: str | None, reference: str) -> GatewayPayment | None:
    """The payment as the gateway has it; None where it knows none, even where it once did."""
    try:
        return truth_of(gateway_id, reference)
    except NotFound:
        log.error("payment %s: the gateway does not know %s any more", payment_id, gateway_id)
        return None


def _is_given_up(row: PaymentRow) -> bool:
    """Whether there is nothing at the gateway any more that could be paid. If there is after all, it is taken late."""
    may_be_paid_for = MAY_STILL_SHOW if row.gateway_id is None else GATEWAY_ALLOWS + SLACK
    return row.state in OPEN and not _is_sending(row) and clock.now() - row.made_at > may_be_paid_for
