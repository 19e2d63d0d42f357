"""Sends the stand-in's webhooks by itself, as Pay does: signed, and again later when they are not taken."""

import hashlib
import hmac
import logging
import threading
from datetime import timedelta
from typing import Final

import requests
from flask import Flask
from sqlalchemy import bindparam, delete, func, select, update
from werkzeug.local import LocalProxy

from portal import clock, outbound
from portal.payments.standin import journey
from portal.payments.standin.place import KEY, Place, how
from portal.payments.standin.store import AnyRow, message, payment, refund
from portal.payments.standin.telling import TO_DO

log = logging.getLogger(__name__)

RETRIES: Final = (60, 300, 3600, 86_400, 172_800)
"""Seconds before each further try (pay-webhooks, SendAttempter)."""
LEASE: Final = timedelta(seconds=10)
"""How long a message is left to the process that is sending it, which may have been killed. Then it is sent again."""
LONGEST_NAP: Final = 60.0
"""Seconds. Another process may have left something behind."""
WALKING: Final = "moothall.pay_standin.walking"
_DUE = (
    select(message)
    .where(message.c.due_at <= bindparam("now"))
    .order_by(message.c.due_at, message.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_NEXT = select(
    func.least(  # which passes over null
        select(func.min(message.c.due_at)).scalar_subquery(),
        select(func.min(payment.c.charged_at)).scalar_subquery(),
        select(func.min(payment.c.expires_at)).where(payment.c.status.in_(TO_DO)).scalar_subquery(),
        select(func.min(refund.c.turns_at)).where(refund.c.status == "submitted").scalar_subquery(),
    )
)
"""When something will have happened, or is to be sent."""


class Walk:
    """The thread of one process that sends: a bell that rouses it, and a lock that it holds while it lives."""

    def __init__(self) -> None:
        self.bell = threading.Event()
        self.lives = threading.Lock()


def wake(app: Flask) -> None:
    """Something may be due: see to it that a thread of this process looks."""
    real: Flask = app._get_current_object() if isinstance(app, LocalProxy) else app
    if real.testing:
        return
    walk: Walk = real.extensions.setdefault(WALKING, Walk())
    walk.bell.set()
    if walk.lives.acquire(blocking=False):
        threading.Thread(target=_walk, args=(real.extensions[KEY], walk), name="webhooks", daemon=True).start()


def send_due(app: Flask) -> int:
    """Send every webhook that is due now, and say how many were taken."""
    return _send_due(app.extensions[KEY])


def signature(secret: str, body: bytes) -> str:
    """As Pay signs: HMAC-SHA256 in lower-case hexadecimal."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _send_due(at: Place) -> int:
    taken = 0
    while (row := _claim(at)) is not None:
        taken += _send(at, row)
    return taken


def _claim(at: Place) -> AnyRow | None:
    """The message that is due first, kept from other processes for a while."""
    with at.store.work() as db:
        row = db.execute(_DUE, {"now": clock.now()}).one_or_none()
        if row is not None:
            db.execute(update(message).where(message.c.id == row.id).values(due_at=clock.now() + LEASE))
        return row


def _send(at: Place, row: AnyRow) -> bool:
    taken = at.secret != "" and _is_taken(at, row)
    with at.store.work() as db:
        told = how(db)
        if taken or row.attempts >= len(RETRIES) or at.secret == "":
            db.execute(delete(message).where(message.c.id == row.id))
        else:
            seconds = RETRIES[row.attempts] if told.retry_seconds is None else told.retry_seconds
            again = {"due_at": clock.now() + timedelta(seconds=seconds), "attempts": row.attempts + 1}
            db.execute(update(message).where(message.c.id == row.id).values(again))
    return taken


def _is_taken(at: Place, row: AnyRow) -> bool:
    body = row.body.encode()
    signed = signature("somebody else's secret" if row.forged else at.secret, body)
    headers = {"Content-Type": "application/json", "Pay-Signature": signed}
    try:
        with outbound.client(allow_loopback=True) as client:
            return client.post(at.callback, data=body, headers=headers).ok
    except requests.RequestException:
        return False


def _walk(at: Place, walk: Walk) -> None:
    try:
        while True:
            walk.bell.clear()  # before looking, so that what comes while it looks is not slept through
            with at.store.work() as db:
                journey.catch_up(db, how(db))
            _send_due(at)
            walk.bell.wait(_nap(at))
    except Exception:  # a thread has nobody else to tell, and the next request starts another
        log.exception("the stand-in's webhooks stopped")
    finally:
        walk.lives.release()


def _nap(at: Place) -> float:
    """How many seconds until something happens or is due."""
    with at.store.work() as db:
        due = db.execute(_NEXT).scalar_one()
    return LONGEST_NAP if due is None else min(LONGEST_NAP, max(0.05, (due - clock.now()).total_seconds()))
