"""Sends the stand-in's receipts to the callback by itself, as Notify does: again later when they are not taken."""

import logging
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Final

import requests
from flask import Flask
from sqlalchemy import RowMapping
from werkzeug.local import LocalProxy

from portal import clock, outbound
from portal.db.session import session
from portal.notify.standin import store
from portal.notify.standin.behaviour import Behaviour
from portal.web.state import web_state

log = logging.getLogger(__name__)

CALLBACK: Final = "/api/notify/receipts"
TRIES: Final = 6
PATIENCE: Final = timedelta(minutes=15)
"""A thread ends when nothing is due for that long: the next request wakes another."""
WALKING: Final = "moothall.notify_standin.walking"


def wake(app: Flask) -> None:
    """See to it that receipts are sent by a thread of this process, unless one is at it."""
    real: Flask = app._get_current_object() if isinstance(app, LocalProxy) else app
    lock: threading.Lock = real.extensions.setdefault(WALKING, threading.Lock())
    if real.testing or not lock.acquire(blocking=False):
        return
    threading.Thread(target=_walk, args=(real, lock), name="receipts", daemon=True).start()


def send_due(app: Flask) -> int:
    """Send every receipt that is due now, and say how many the callback took."""
    taken = 0
    with app.app_context():
        while (found := store.due_receipt(clock.now())) is not None:
            taken += _send(*found)
            session().commit()
        session().rollback()
    return taken


def written(moment: datetime) -> str:
    """A time as Notify writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _walk(app: Flask, lock: threading.Lock) -> None:
    try:
        while True:
            send_due(app)
            with app.app_context():
                due = store.next_due()
            if due is None or due > clock.now() + PATIENCE:
                return
            time.sleep(min(1.0, max(0.1, (due - clock.now()).total_seconds())))
    except Exception:  # a thread has nobody else to tell, and the next request starts another
        log.exception("the stand-in's receipts stopped")
    finally:
        lock.release()


def _send(told: RowMapping, about: RowMapping) -> bool:
    store.arrive(about["id"], told["status"], told["completed_at"])
    settings = web_state().settings
    token = settings.notify.receipt_token
    body = {
        "id": str(about["id"]),
        "reference": about["reference"],
        "to": next(iter(about["address"].values())),
        "status": told["status"],
        "created_at": written(about["created_at"]),
        "completed_at": written(told["completed_at"]),
        "sent_at": written(about["sent_at"]),
        "notification_type": about["kind"],
        "template_id": str(about["template_id"]),
        "template_version": 1,
    }
    headers = {"Authorization": f"Bearer {token.get_secret_value() if token else ''}"}
    try:
        with outbound.client(allow_loopback=True) as client:
            answer = client.post(f"{settings.public_url}{CALLBACK}", json=body, headers=headers)
        taken = answer.ok
    except requests.RequestException:
        taken = False
    if taken or told["attempts"] + 1 >= TRIES:
        store.drop(told["id"])
    else:
        wait = Behaviour.model_validate(store.how()).retry_seconds
        store.put_off(told["id"], clock.now() + timedelta(seconds=wait))
    return taken
