"""Keep something for a back office: in the same transaction as the change, to be sent after it."""

import json
import uuid
from collections.abc import Callable, Sequence
from typing import Final

from flask import Flask, current_app
from sqlalchemy import Row, bindparam, or_, select
from sqlalchemy.dialects.postgresql import insert

from portal import clock
from portal.backoffices import sending
from portal.backoffices.models import DeliveryRow
from portal.backoffices.sealed import DELIVERIES, seal
from portal.backoffices.values import Delivery, Hooks, Json
from portal.db.session import session

LONGEST_KEY: Final = 120
MOST_SHOWN: Final = 100
_NAMES: Final = uuid.UUID("6f0f6e8e-8a2b-5c39-9d3c-3f6c0d1f2b77")
_COLUMNS: Final = (
    DeliveryRow.id,
    DeliveryRow.account_id,
    DeliveryRow.service,
    DeliveryRow.act,
    DeliveryRow.key,
    DeliveryRow.case_id,
    DeliveryRow.state,
    DeliveryRow.made_at,
    DeliveryRow.attempts,
    DeliveryRow.tried_at,
    DeliveryRow.done_at,
)
_KEEP = insert(DeliveryRow).on_conflict_do_nothing().returning(*_COLUMNS)
_BY_ID = select(*_COLUMNS).where(DeliveryRow.id == bindparam("delivery_id"))
_OF = (
    select(*_COLUMNS)
    .where(DeliveryRow.account_id == bindparam("account"), DeliveryRow.service == bindparam("of"))
    .order_by(DeliveryRow.number.desc())
    .limit(MOST_SHOWN)
)
_IS_UNANSWERED = (
    DeliveryRow.state == "undeliverable",
    or_(DeliveryRow.failures >= sending.GIVES_UP, DeliveryRow.done_at > DeliveryRow.made_at + sending.TRIED_FOR),
)
_WITH_UNANSWERED = select(DeliveryRow.service).where(*_IS_UNANSWERED).distinct().order_by(DeliveryRow.service)
_UNANSWERED = (
    select(*_COLUMNS)
    .where(*_IS_UNANSWERED, DeliveryRow.service.in_(bindparam("services", expanding=True)))
    .order_by(DeliveryRow.done_at.desc(), DeliveryRow.number.desc())
    .limit(MOST_SHOWN)
)
_OPEN_OF = _OF.where(DeliveryRow.state == "waiting")


def install(app: Flask, service: str, hooks: Hooks) -> None:
    """Take in how a service sends, and what it does about the answers."""
    app.extensions.setdefault(sending.EXTENSION, {})[service] = hooks


def deliver(
    account_id: uuid.UUID,
    *,
    service: str,
    act: str,
    payload: Json,
    key: str,
    line: str = "",
    about: str | None = None,
    case_id: uuid.UUID | None = None,
) -> Delivery:
    """Keep `payload` for the service's back office. It is sent once the current transaction has been committed.

    At least once, under an idempotency key that follows from account, service and `key`; the same `key` again gives
    the delivery that is there already. One resident's go out in the order in which they came, in each `line`: a service
    that sends to several offices gives each its own. While the office is away they wait, for days if need be. `act`
    names the function in the service's manifest (`deliveries`); `about` is the joined record that it is about
    (`kind:reference`): when that is let go, it is not sent any more.
    """
    if not key or len(key) > LONGEST_KEY:
        raise ValueError("a delivery needs a key of at most 120 characters")
    if act not in current_app.extensions[sending.EXTENSION][service].send:
        raise ValueError(f"{service} declares no delivery {act!r} in its manifest")
    now = clock.now()
    row = {
        "id": uuid.uuid5(_NAMES, f"{account_id} {service} {key}"),
        "account_id": account_id,
        "service": service,
        "line": line,
        "act": act,
        "key": key,
        "about": about,
        "case_id": case_id,
        "sealed": seal(json.dumps(payload).encode(), DELIVERIES),
        "state": "waiting",
        "made_at": now,
        "attempts": 0,
        "failures": 0,
        "tried_at": None,
        "retry_at": now,
        "office_away": False,
        "done_at": None,
    }
    kept = session().execute(_KEEP, row).one_or_none()
    if kept is None:
        return _delivery(session().execute(_BY_ID, {"delivery_id": row["id"]}).one())
    sending.send.defer(id=str(row["id"]))
    return _delivery(kept)


def deliveries_of(account_id: uuid.UUID, service: str, *, open_only: bool = True) -> Sequence[Delivery]:
    """What was kept for a service's back office, newest first, at most 100; of a month at most once it is done."""
    query = _OPEN_OF if open_only else _OF
    return [_delivery(row) for row in session().execute(query, {"account": account_id, "of": service})]


def unanswered(may_see: Callable[[str], bool]) -> Sequence[Delivery]:
    """What was given up in the last month without an answer, anybody's, newest first, at most 100.

    Of the services alone that somebody may see, of those too that are no longer here.

    Nobody knows whether its back office has it: staff ask there, by its id.
    """
    services = [each for each in session().scalars(_WITH_UNANSWERED) if may_see(each)]
    return [_delivery(row) for row in session().execute(_UNANSWERED, {"services": services})]


def _delivery(row: Row[*tuple[object, ...]]) -> Delivery:
    return Delivery(**row._asdict())
