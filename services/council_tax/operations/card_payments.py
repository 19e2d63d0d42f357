"""Council tax paid by card: into the basket, and from there onto the account in the council's system, once.

The council's system is told by a delivery, in the transaction that records the money: it is never told of what did not
come, and always of what did. Should the payer be forgotten while it waits, a job of our own tells it, under the same
idempotency key.
"""

import logging
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import bindparam, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from portal.kit import (
    Account,
    Delivery,
    NotFound,
    OfficeRefused,
    Paid,
    Refunded,
    Refused,
    Unavailable,
    clock,
    deliver,
    deliveries_of,
    get_account,
    job,
    put_in_basket,
    refund,
    session,
)
from portal.kit import gettext as _
from services.council_tax.backoffice.client import system
from services.council_tax.models import CardPayment
from services.council_tax.queries.card_payments import CODE
from services.council_tax.workflow import SERVICE

log = logging.getLogger(__name__)

ACT: Final = "card_payment"
BACK_ACT: Final = "card_refund"
ACTOR: Final = "system:council_tax"
NOT_BOOKED: Final = "not_booked"
"""The key of the refund of what the council's system does not take: there is one for each line."""
AT_ONCE: Final = 200
WAITS: Final = timedelta(days=3)
"""After which the job sends too what a delivery should have sent: its account may have been closed in the very moment
in which the money came. Both send under the same key, so that it is booked once."""
NO_ANSWER: Final = frozenset({"no_answer", "unreadable", "failed"})
"""Ends of a delivery after which nobody knows whether it was booked: the job goes on, no money goes back by itself."""

_KEEP = insert(CardPayment).on_conflict_do_nothing().returning(CardPayment.line_id)
_LOCKED = select(CardPayment).where(CardPayment.line_id == bindparam("line")).with_for_update()
_STATE = select(CardPayment.state).where(CardPayment.line_id == bindparam("line"))
_LEFT_BEHIND = (
    select(CardPayment.line_id)
    .where(
        CardPayment.state == "sent",
        or_(CardPayment.account_id.is_(None), CardPayment.made_at < bindparam("before")),
    )
    .order_by(CardPayment.made_at, CardPayment.line_id)
    .limit(AT_ONCE)
)
_SENT_AS = update(CardPayment).where(CardPayment.line_id == bindparam("line")).values(sent_as=bindparam("key"))
_NOBODYS = update(CardPayment).where(CardPayment.line_id == bindparam("line")).values(account_id=None)


def pay_some(account: Account, *, reference: str, pence: int) -> UUID:
    """Put so much of an account's council tax in the resident's basket. Raises NotFound, Refused."""
    return put_in_basket(account, service=SERVICE, code=CODE, key=reference, amount=pence)


def note_paid(paid: Paid) -> bool:
    """The money is ours: have the council's system book it. Always wanted, for what is too much becomes credit."""
    kept = {
        "line_id": paid.line_id,
        "account_id": paid.account_id,
        "reference": paid.key,
        "pence": paid.amount,
        "refunded": 0,
        "paid_on": clock.today(),
        "sent_as": uuid4(),
        "state": "sent",
        "made_at": clock.now(),
        "ended_at": None,
    }
    if session().scalar(_KEEP, kept) is not None and paid.account_id is not None:
        _send(paid.account_id, kept)
    return True


def send_payment(payload: Mapping[str, Any], key: str) -> Mapping[str, Any]:  # plain JSON both, as it is kept
    """Hand one payment over to the council's system. Raises Unavailable, NotFound, OfficeRefused."""
    paid_on = date.fromisoformat(payload["paid_on"])
    answer = system(patient=True).pay(payload["reference"], payload["pence"], paid_on, key)
    return answer.model_dump(mode="json")


def note_booked(delivery: Delivery) -> None:
    """The system has booked it: in the transaction that closes the delivery."""
    _end(UUID(delivery.key), "booked")


def note_not_booked(delivery: Delivery, reason: str) -> None:
    """The system says no, such as for an account that is not there any more: the money goes back to the card."""
    if delivery.act == BACK_ACT:
        log.error("the council's system does not take that refund %s was made: %s", delivery.key, reason)
    elif reason in NO_ANSWER:
        log.error("the card payment of line %s is not known to be booked: %s", delivery.key, reason)
    else:
        _give_back(UUID(delivery.key), reason)


def note_refunded(refunded: Refunded) -> None:
    """Money has gone back to the card: the council's system is told, but for what it never took."""
    row = session().scalars(_LOCKED, {"line": refunded.line_id}).one_or_none()
    if row is None:
        return
    row.refunded = refunded.refunded
    if row.state == "refused":
        return
    payload = {**_payload(row.reference, refunded.amount, clock.today()), "line": str(row.line_id)}
    with suppress(NotFound):
        if refunded.account_id is not None:
            account = get_account(refunded.account_id)
            key = " ".join((str(refunded.refund_id), payload["line"], str(refunded.amount), payload["paid_on"]))
            deliver(account, service=SERVICE, act=BACK_ACT, payload=payload, key=key)
            return
    tell_of_refund.defer(payload=payload, key=str(refunded.refund_id))


def tell_before_forgetting(account: Account) -> None:
    """Have the council's system told of refunds whose deliveries go with the account, under the same keys.

    What a delivery holds is sealed, so its key says all that is needed.
    """
    for waiting in deliveries_of(account.id, SERVICE):
        if waiting.act == BACK_ACT:
            _refund, line, pence, on = waiting.key.split()
            row = session().scalars(_LOCKED, {"line": UUID(line)}).one_or_none()
            if row is not None:
                payload = {**_payload(row.reference, int(pence), date.fromisoformat(on)), "line": line}
                tell_of_refund.defer(payload=payload, key=str(waiting.id))


def send_refund(payload: Mapping[str, Any], key: str) -> Mapping[str, Any]:  # plain JSON both, as it is kept
    """Tell the council's system that money has gone back, unless it has refused that money since: it would be owed.

    Raises Unavailable, NotFound, OfficeRefused.
    """
    if session().scalar(_STATE, {"line": UUID(payload["line"])}) == "refused":
        return {}
    given_on = date.fromisoformat(payload["paid_on"])
    answer = system(patient=True).give_back(payload["reference"], payload["pence"], given_on, key)
    return answer.model_dump(mode="json")


@job("council_tax.tell_of_refund", attempts=18)
def tell_of_refund(payload: dict[str, Any], key: str) -> None:  # plain JSON, as a delivery's
    """The same for a payer who is forgotten: no delivery is kept for nobody. It is tried for three days."""
    send_refund(payload, key)


@job("council_tax.book_left", cron="*/10 * * * *")
def book_left() -> None:
    """Every ten minutes: have booked what was paid by people who are forgotten since, and what no delivery booked."""
    for line_id in session().scalars(_LEFT_BEHIND, {"before": clock.now() - WAITS}):
        book_one.defer(line_id=str(line_id))


@job("council_tax.book_one", attempts=1)
def book_one(line_id: str) -> None:
    """Tell the council's system of one payment. While it is away, the next round does."""
    row = session().scalars(_LOCKED, {"line": UUID(line_id)}).one_or_none()
    if row is None or not _is_left_behind(row):
        return
    sent = (row.reference, row.pence, row.paid_on, str(row.sent_as))
    session().rollback()  # nothing is held while the system is asked
    try:
        system(patient=True).pay(*sent)
    except Unavailable:
        return
    except (NotFound, OfficeRefused) as no:
        _give_back(UUID(line_id), type(no).__name__)
    else:
        _end(UUID(line_id), "booked")


def _is_left_behind(row: CardPayment) -> bool:
    return row.state == "sent" and (row.account_id is None or row.made_at < clock.now() - WAITS)


def _payload(reference: str, pence: int, on: date) -> dict[str, Any]:  # plain JSON
    return {"reference": reference, "pence": pence, "paid_on": on.isoformat()}


def _send(account_id: UUID, kept: Mapping[str, Any]) -> None:  # a row of a card payment
    """Not `about` the joined record: who lets go of that has paid all the same."""
    line, payload = kept["line_id"], _payload(kept["reference"], kept["pence"], kept["paid_on"])
    try:
        sent = deliver(get_account(account_id), service=SERVICE, act=ACT, payload=payload, key=str(line))
    except NotFound:  # the account was closed meanwhile: the job tells the system of what is nobody's
        session().execute(_NOBODYS, {"line": line})
    else:
        session().execute(_SENT_AS, {"line": line, "key": sent.id})


def _end(line_id: UUID, state: str) -> None:
    row = session().scalars(_LOCKED, {"line": line_id}).one_or_none()
    if row is not None and row.state == "sent":
        row.state, row.ended_at = state, clock.now()


def _give_back(line_id: UUID, reason: str) -> None:
    """All that is not on its way back already. First the payment's lock, which `refund` takes, then ours: as when money
    goes back."""
    log.warning("the card payment of line %s goes back: %s", line_id, reason)
    if session().scalar(_STATE, {"line": line_id}) != "sent":
        return
    words = _("Our council tax system could not put your payment on the account, so you get it back.")
    with suppress(Refused):  # staff have given all of it back meanwhile
        refund(ACTOR, line_id=line_id, amount=None, reason=words, key=NOT_BOOKED)
    _end(line_id, "refused")


DELIVERIES: Final = {ACT: send_payment, BACK_ACT: send_refund}
"""How each act is sent."""
