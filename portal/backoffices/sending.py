"""The jobs that take deliveries to back offices: each once as far as anybody can tell, and until it is answered.

A delivery has a job of its own, which takes the resident's whole line from its head. A service that sends to several
systems has a line for each of them. What it could not send waits for
the sweep, which comes each minute and goes through what is due, oldest first, one after another: an office that is
back after a day meets no herd, and an office that is away is asked three times a minute however much waits.

What fails on our side steps out of its line after some tries, so that what came after it goes on, and has an end too.
"""

import json
import logging
import time
import uuid
from dataclasses import replace
from datetime import timedelta
from enum import Enum
from typing import Final

from flask import current_app
from sqlalchemy import CursorResult, DateTime, bindparam, exists, or_, select, update
from sqlalchemy.orm import aliased

from portal import clock
from portal.backoffices.models import DeliveryRow
from portal.backoffices.sealed import DELIVERIES, unseal
from portal.backoffices.values import Delivery, Hooks, Json, OfficeRefused, nothing_undeliverable
from portal.db.session import session
from portal.errors import NotFound, Unavailable
from portal.jobs.portions import delete_in_portions
from portal.jobs.queue import job
from portal.web.fault_log import told

log = logging.getLogger(__name__)
EXTENSION: Final = "moothall.deliveries"

TRIED_FOR: Final = timedelta(days=30)
"""An office that is away for a month is not coming back by itself: the resident is told that it was not sent."""
STEPS_ASIDE: Final = 5
"""So many faults of ours, some half an hour, and what came after it is no longer held up by it."""
GIVES_UP: Final = 72
"""So many faults of ours, some three days in which to mend what is wrong, and the resident is told."""
UNDER_WAY: Final = timedelta(minutes=3)
"""After which a try whose worker said nothing more is taken for dead: longer than any call may last. The next one is
sent under the same key, so that even a try that was only slow is done once."""
SWEEP: Final = timedelta(minutes=1)
LONGEST_WAIT: Final = timedelta(hours=1)
SWEEP_SECONDS: Final = 40.0
STUCK: Final = 3
"""So many that find nobody there end a sweep."""
KEPT: Final = timedelta(days=30)
MOST_IN_LINE: Final = 100


class Outcome(Enum):
    """What became of one try."""

    DONE = "done"
    """Answered: by a yes or by a no."""
    AWAY = "away"
    FAILED = "failed"
    """A fault on our side: tried again later."""
    NOT_OURS = "not_ours"
    """Not due, not first in line, or another worker has it."""


_earlier = aliased(DeliveryRow)
_NOW = bindparam("now", type_=DateTime(timezone=True))
_IS_FIRST = ~exists().where(
    _earlier.account_id == DeliveryRow.account_id,
    _earlier.service == DeliveryRow.service,
    _earlier.line == DeliveryRow.line,
    _earlier.state == "waiting",
    _earlier.failures < STEPS_ASIDE,
    _earlier.number < DeliveryRow.number,
)
_DUE = (DeliveryRow.state == "waiting", DeliveryRow.retry_at <= _NOW)
_TAKE = (
    update(DeliveryRow)
    .where(DeliveryRow.id == bindparam("delivery_id"), *_DUE, _IS_FIRST)
    .values(
        tried_at=_NOW, retry_at=bindparam("until", type_=DateTime(timezone=True)), attempts=DeliveryRow.attempts + 1
    )
    .returning(DeliveryRow)
    .execution_options(synchronize_session=False, populate_existing=True)
)
_LOCK = (
    select(DeliveryRow)
    .where(DeliveryRow.id == bindparam("delivery_id"), DeliveryRow.state == "waiting")
    .with_for_update()
    .execution_options(populate_existing=True)
)
_WHOSE = select(DeliveryRow.account_id, DeliveryRow.service, DeliveryRow.line).where(
    DeliveryRow.id == bindparam("delivery_id")
)
_OF_LINE = (DeliveryRow.service == bindparam("of"), DeliveryRow.line == bindparam("of_line"))
_NEXT_IN_LINE = (
    select(DeliveryRow.id)
    .where(
        DeliveryRow.account_id == bindparam("account"),
        *_OF_LINE,
        DeliveryRow.state == "waiting",
        DeliveryRow.failures < STEPS_ASIDE,
    )
    .order_by(DeliveryRow.number)
    .limit(1)
)
_OLDEST_DUE = (
    select(DeliveryRow.id)
    .where(*_OF_LINE, *_DUE, _IS_FIRST)
    .order_by(DeliveryRow.retry_at, DeliveryRow.number)
    .limit(1)
)
_LINES_DUE = (
    select(DeliveryRow.line).where(DeliveryRow.service == bindparam("of"), *_DUE).distinct().order_by(DeliveryRow.line)
)
_PULL_IN = (
    update(DeliveryRow)
    .where(*_OF_LINE, DeliveryRow.state == "waiting", DeliveryRow.office_away)
    .values(retry_at=_NOW, office_away=False)
    .execution_options(synchronize_session=False)
)

_READY = (
    update(DeliveryRow)
    .where(DeliveryRow.service == bindparam("of"), DeliveryRow.state == "waiting", DeliveryRow.retry_at > _NOW)
    .where(or_(DeliveryRow.tried_at.is_(None), DeliveryRow.tried_at < _NOW - UNDER_WAY))
    .values(retry_at=_NOW)
    .execution_options(synchronize_session=False)
)
"""But for what is being tried this moment, as far as anybody can tell."""


@job("backoffices.send", attempts=3)
def send(*, id: str) -> None:
    """Try to send one delivery and what waits behind it. Does nothing when another worker is at it."""
    whose = session().execute(_WHOSE, {"delivery_id": uuid.UUID(id)}).one_or_none()
    if whose is not None:
        _send_line(whose.account_id, whose.service, whose.line)


@job("backoffices.again", attempts=1, cron="* * * * *")
def again() -> None:
    """Each minute: go through what is due, service by service and line by line, oldest first."""
    for service in sorted(_all_hooks()):
        for line in session().scalars(_LINES_DUE, {"of": service, "now": clock.now()}).all():
            _sweep(service, line)


def send_now(service: str) -> int:
    """Have all that waits for a service's offices tried at once, in its order; how many that are."""
    ready = session().execute(_READY, {"of": service, "now": clock.now()})
    again.defer()
    return ready.rowcount if isinstance(ready, CursorResult) else 0


@job("backoffices.tidy_deliveries", cron="43 3 * * *")
def tidy() -> None:
    """Each night: forget deliveries that were answered a month ago."""
    gone = DeliveryRow.done_at < clock.now() - KEPT
    delete_in_portions(DeliveryRow, (DeliveryRow.state != "waiting") & gone)


def _send_line(account_id: uuid.UUID, service: str, line: str) -> Outcome:
    """Send what one resident waits for in one line, in its order, until one cannot be sent."""
    outcome = Outcome.NOT_OURS
    for _number in range(MOST_IN_LINE):
        first = session().scalar(_NEXT_IN_LINE, {"account": account_id, "of": service, "of_line": line})
        if first is None:
            break
        outcome = attempt(first)
        if outcome is not Outcome.DONE:
            break
    return outcome


def _sweep(service: str, line: str) -> None:
    ends, stuck, is_up = time.monotonic() + SWEEP_SECONDS, 0, False
    began = {"of": service, "of_line": line, "now": clock.now()}
    while time.monotonic() < ends and stuck < STUCK:
        due = session().scalar(_OLDEST_DUE, began)
        if due is None:
            return
        outcome = attempt(due)
        if outcome is Outcome.NOT_OURS:
            return
        if outcome is Outcome.AWAY:
            stuck += not is_up  # one that the office chokes on must not hold up all others
        elif outcome is Outcome.DONE and not is_up:
            is_up, stuck = True, 0
            session().execute(_PULL_IN, began)
            session().commit()


def attempt(delivery_id: uuid.UUID) -> Outcome:
    """Try once to send a delivery, and commit what became of it.

    That a try begins is committed before the office is spoken to, so that a worker that is killed meanwhile leaves a
    mark, and no row is locked while the network is waited for.
    """
    now = clock.now()
    taken = {"delivery_id": delivery_id, "now": now, "until": now + UNDER_WAY}
    row = session().scalars(_TAKE, taken).one_or_none()
    if row is None:
        session().rollback()
        return Outcome.NOT_OURS
    delivery, sealed = delivery_of(row), row.sealed or ""
    session().commit()
    hooks = _all_hooks().get(delivery.service)
    if hooks is None or delivery.act not in hooks.send:  # the service is gone, or newer than this worker
        return Outcome.NOT_OURS
    try:
        return _speak(delivery, sealed, hooks)
    except Exception as error:  # noqa: BLE001  # whatever a service raises must not cost the other deliveries
        session().rollback()
        log.error("delivery %s of %s failed: %s", delivery.id, delivery.service, told(error))
        return _failed(delivery, hooks)


def _speak(delivery: Delivery, sealed: str, hooks: Hooks) -> Outcome:
    content = unseal(sealed, DELIVERIES)
    if content is None:
        return _close(delivery, hooks, refused="unreadable")
    try:
        answer = hooks.send[delivery.act](json.loads(content), str(delivery.id))
    except OfficeRefused as refusal:
        return _close(delivery, hooks, refused=refusal.code)
    except NotFound:
        return _close(delivery, hooks, refused="not_found")
    except Unavailable:
        session().rollback()
        if clock.now() - delivery.made_at > TRIED_FOR:
            return _close(delivery, hooks, refused="no_answer")
        return _put_off(delivery, away=True)
    return _close(delivery, hooks, answer=answer)


def _close(delivery: Delivery, hooks: Hooks, *, answer: Json | None = None, refused: str = "") -> Outcome:
    """Erase what was sent and let the service follow, in one transaction. Nothing, if another worker was quicker."""
    row = session().scalars(_LOCK, {"delivery_id": delivery.id}).one_or_none()
    if row is None:
        session().rollback()
        return Outcome.NOT_OURS
    row.state = "delivered" if answer is not None else "undeliverable"
    row.sealed, row.retry_at, row.office_away, row.done_at = None, None, False, clock.now()
    session().flush()  # the service may look at what still waits
    if answer is not None:
        hooks.on_delivered(delivery_of(row), answer)
    else:
        log.warning("delivery %s of %s is refused: %s", delivery.id, delivery.service, refused)
        hooks.on_undeliverable(delivery_of(row), refused)
    session().commit()
    return Outcome.DONE


def _failed(delivery: Delivery, hooks: Hooks) -> Outcome:
    """A fault of ours: tried again later, until there is no hope that anybody mends it."""
    row = session().scalars(_LOCK, {"delivery_id": delivery.id}).one_or_none()
    if row is not None:
        row.failures += 1
    if row is None or row.failures < GIVES_UP:
        return _put_off(delivery, away=False)
    session().commit()
    try:
        return _close(delivery, hooks, refused="failed")
    except Exception as error:  # noqa: BLE001  # it must end, even if the service cannot take that in either
        session().rollback()
        log.error("nobody was told of delivery %s of %s: %s", delivery.id, delivery.service, told(error))
        return _close(delivery, replace(hooks, on_undeliverable=nothing_undeliverable), refused="failed")


def _put_off(delivery: Delivery, *, away: bool) -> Outcome:
    row = session().scalars(_LOCK, {"delivery_id": delivery.id}).one_or_none()
    if row is not None and row.attempts == delivery.attempts:  # nobody else has taken it up meanwhile
        row.retry_at, row.office_away = clock.now() + wait_after(delivery.attempts), away
    session().commit()
    return Outcome.AWAY if away else Outcome.FAILED


def wait_after(attempts: int) -> timedelta:
    """How long a delivery waits that was tried so many times: a minute, then twice as long each time, up to an hour."""
    return min(LONGEST_WAIT, SWEEP * (1 << min(max(attempts, 1) - 1, 10)))


def delivery_of(row: DeliveryRow) -> Delivery:
    """What others see of a row."""
    names = Delivery.__slots__
    return Delivery(**{name: getattr(row, name) for name in names})


def _all_hooks() -> dict[str, Hooks]:
    found: dict[str, Hooks] = current_app.extensions.get(EXTENSION, {})
    return found
