"""What becomes of a payment: its states, each written down with its time, and the webhooks that tell of them.

Every function takes the payment's row as `lock` gave it, so that two presses come one after the other.
"""

import json
import secrets
import string
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import Connection, bindparam, insert, or_, select, update

from portal import clock
from portal.payments.standin import telling
from portal.payments.standin.behaviour import Behaviour
from portal.payments.standin.cards import Card, Outcome
from portal.payments.standin.store import AnyRow, event, message, payment, refund, token

ALPHABET: Final = string.ascii_lowercase + string.digits
TELLS: Final[Mapping[str, tuple[str, ...]]] = {
    "success": ("card_payment_succeeded", "card_payment_captured"),
    "capturable": ("card_payment_succeeded",),
    "failed": ("card_payment_failed",),
}
"""The webhooks about a new state. Of a payment that the service cancelled, and of an error, Pay sends none."""

_LOCK = select(payment).where(payment.c.id == bindparam("id")).with_for_update()
_OVERDUE = (
    select(payment)
    .where(
        or_(
            payment.c.status.in_(telling.TO_DO) & (payment.c.expires_at <= bindparam("now")),
            payment.c.charged_at <= bindparam("now"),
        )
    )
    .order_by(payment.c.number)
    .with_for_update(skip_locked=True)
)
_TURNING = (
    select(refund)
    .where(refund.c.status == "submitted", refund.c.turns_at <= bindparam("now"))
    .order_by(refund.c.number)
    .with_for_update(skip_locked=True)
)


def new_id() -> str:
    """An id as Pay gives them."""
    return "".join(secrets.choice(ALPHABET) for _ in range(26))


def begin(db: Connection, asked: Mapping[str, Any], told: Behaviour) -> AnyRow:  # columns of a payment
    """A new payment."""
    now = clock.now()
    values = {
        **asked,
        "id": new_id(),
        "status": "created",
        "code": "",
        "created_at": now,
        "expires_at": now + timedelta(minutes=told.expiry_minutes),
    }
    row = db.execute(insert(payment).values(values).returning(payment)).one()
    db.execute(insert(event), {"payment_id": row.id, "status": "created", "code": "", "at": now})
    return row


def lock(db: Connection, payment_id: str) -> AnyRow | None:
    """A payment, as nobody else can change it until the transaction ends."""
    return db.execute(_LOCK, {"id": payment_id}).one_or_none()


def new_token(db: Connection, payment_id: str) -> str:
    """The way to the card page: it can be gone once."""
    value = secrets.token_hex(20)
    db.execute(insert(token), {"value": value, "payment_id": payment_id})
    return value


def start(db: Connection, row: AnyRow, told: Behaviour) -> None:
    """The payer has come."""
    if row.status == "created":
        _move(db, row, told, "started")


def submit(db: Connection, row: AnyRow, card: Card, outcome: Outcome, told: Behaviour) -> None:
    """The payer has typed a card: the provider authorises it, or not."""
    if row.status not in ("created", "started"):
        return
    start(db, row, told)
    typed = {**(row.card or {}), **card.details()}  # an address that was filled in stays
    details: dict[str, Any] = {"card": typed, "provider_id": new_id()}  # columns of a payment
    if outcome == "success":
        _move(db, row, told, "submitted", **details)
    elif outcome == "error":
        _move(db, row, told, "error", "P0050", **details)
    else:
        late = clock.now() + timedelta(seconds=told.seconds) if told.late_success else None
        _move(db, row, told, "failed", "P0010", charged_at=late, **details)


def confirm(db: Connection, row: AnyRow, told: Behaviour) -> None:
    """The payer says yes: the money is taken, or waits for the service to take it."""
    if row.status != "submitted":
        return
    if row.delayed_capture:
        _move(db, row, told, "capturable")
    else:
        take(db, row, told)


def take(db: Connection, row: AnyRow, told: Behaviour) -> None:
    """The money is taken, whatever the payment was before: a provider may succeed late."""
    if row.status == "success":
        return
    tells = ("card_payment_captured",) if row.status == "capturable" else None
    now = clock.now()
    _move(
        db,
        row,
        told,
        "success",
        tells=tells,
        captured_at=now,
        captured_on=now.date(),
        provider_id=row.provider_id or new_id(),
        charged_at=None,
    )


def settle(db: Connection, row: AnyRow, told: Behaviour) -> None:
    """The provider has paid the money into the service's account, which takes days at Stripe's."""
    if row.status == "success" and row.settled_on is None:
        changed = _change(db, row, settled_on=clock.now().date())
        _tell(db, changed, told, ("card_payment_settled",))


def leave(db: Connection, row: AnyRow, told: Behaviour) -> None:
    """The payer says no."""
    if row.status in telling.TO_DO:
        _move(db, row, told, "failed", "P0030")


def cancel(db: Connection, row: AnyRow, told: Behaviour) -> bool:
    """The service says no. False when it is too late for that."""
    if row.status not in (*telling.TO_DO, "capturable"):
        return False
    _move(db, row, told, "cancelled", "P0040")
    return True


def expire(db: Connection, row: AnyRow, told: Behaviour) -> None:
    """The payer took too long."""
    if row.status in telling.TO_DO:
        _move(db, row, told, "failed", "P0020", tells=("card_payment_expired",))


def give_back(db: Connection, row: AnyRow, amount: int, told: Behaviour) -> AnyRow:
    """A refund of so many pence, which must be available."""
    now = clock.now()
    at_once = told.refunds == "success"
    values = {
        "id": new_id(),
        "payment_id": row.id,
        "amount": amount,
        "status": "success" if at_once else "submitted",
        "created_at": now,
        "turns_at": None if at_once else now + timedelta(seconds=told.seconds),
        "turns_to": "error" if told.refunds == "error" else "success",
    }
    made = db.execute(insert(refund).values(values).returning(refund)).one()
    changed = _change(db, row, refunded=row.refunded + amount)
    if at_once:
        _tell(db, changed, told, ("card_payment_refunded",))
    return made


def catch_up(db: Connection, told: Behaviour) -> None:
    """Do what time has brought: payments expire or succeed late, refunds come to their end."""
    now = clock.now()
    for each in db.execute(_OVERDUE, {"now": now}).all():
        if each.charged_at is not None:
            take(db, each, told)
        else:
            expire(db, each, told)
    for each in db.execute(_TURNING, {"now": now}).all():
        _turn(db, each, told)


def _turn(db: Connection, row: AnyRow, told: Behaviour) -> None:
    db.execute(update(refund).where(refund.c.id == row.id).values(status=row.turns_to, turns_at=None))
    about = lock(db, row.payment_id)
    assert about is not None, "a refund has its payment"
    if row.turns_to == "success":
        _tell(db, about, told, ("card_payment_refunded",))
    else:
        _change(db, about, refunded=about.refunded - row.amount)


def _move(
    db: Connection,
    row: AnyRow,
    told: Behaviour,
    status: str,
    code: str = "",
    *,
    tells: tuple[str, ...] | None = None,
    **values: Any,  # columns of a payment
) -> None:
    changed = _change(db, row, status=status, code=code, **values)
    db.execute(insert(event), {"payment_id": row.id, "status": status, "code": code, "at": clock.now()})
    _tell(db, changed, told, TELLS.get(status, ()) if tells is None else tells)


def _change(db: Connection, row: AnyRow, **values: Any) -> AnyRow:  # columns of a payment
    return db.execute(update(payment).where(payment.c.id == row.id).values(values).returning(payment)).one()


def _tell(db: Connection, row: AnyRow, told: Behaviour, kinds: tuple[str, ...]) -> None:
    """Keep the webhooks about what just happened until they are sent, in the way that was told."""
    if told.webhooks == "never":
        return
    ordered = tuple(reversed(kinds)) if told.webhooks == "mixed" else kinds
    for kind in ordered:
        values = {
            "payment_id": row.id,
            "event_type": kind,
            "body": json.dumps(_message(row, told, kind)),
            "forged": told.webhooks == "forged",
            "due_at": clock.now() + timedelta(seconds=told.seconds if told.webhooks == "late" else 0),
        }
        for _ in range(2 if told.webhooks == "twice" else 1):
            db.execute(insert(message), values)


def _message(row: AnyRow, told: Behaviour, kind: str) -> dict[str, Any]:  # JSON
    resource = telling.payment_told(row, "", links=False)
    if told.webhooks == "altered":
        resource["amount"] += 1
    if told.webhooks == "unknown":
        resource["payment_id"] = new_id()
    return {
        "webhook_message_id": new_id(),
        "api_version": 1,
        "created_date": telling.moment_told(clock.now()),
        "resource_id": resource["payment_id"],
        "resource_type": "payment",
        "event_type": kind,
        "resource": resource,
    }
