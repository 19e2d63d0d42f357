"""How each back office was last met, for the fault panel and for staff."""

import logging
import math
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from flask import current_app
from sqlalchemy import DateTime, String, bindparam, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from portal import clock
from portal.backoffices.models import BackOfficeFaultRow, BackOfficeRow, DeliveryRow
from portal.backoffices.values import OfficeFault, OfficeHealth
from portal.db.session import beside, session
from portal.jobs.portions import delete_in_portions
from portal.jobs.queue import job

log = logging.getLogger(__name__)
EXTENSION: Final = "moothall.back_offices.noted"
NOTED_EVERY: Final = 60.0
"""Seconds between two notes that say the same of an office, in one process."""
MOST_COUNTED: Final = 1000

_lock = threading.Lock()
_NOW: Final = bindparam("now", type_=DateTime(timezone=True))
_FAULT: Final = bindparam("fault", type_=String(40))
_NAME: Final = bindparam("name", type_=String(40))
_MET: Final = {"name": _NAME, "state_at": _NOW}
_GOOD = (
    insert(BackOfficeRow)
    .values(**_MET, state="closed", last_good_at=_NOW, last_fault="")
    .on_conflict_do_update(index_elements=["name"], set_={"last_good_at": _NOW})
)
_BAD = (
    insert(BackOfficeRow)
    .values(**_MET, state="closed", last_bad_at=_NOW, last_fault=_FAULT)
    .on_conflict_do_update(index_elements=["name"], set_={"last_bad_at": _NOW, "last_fault": _FAULT})
)
_CLOSED = (
    insert(BackOfficeRow)
    .values(**_MET, state="closed", last_good_at=_NOW, last_fault="")
    .on_conflict_do_update(
        index_elements=["name"], set_={"state": "closed", "state_at": _NOW, "last_good_at": _NOW, "last_fault": ""}
    )
)
_OPENED = (
    insert(BackOfficeRow)
    .values(**_MET, state="open", last_bad_at=_NOW, last_fault=_FAULT)
    .on_conflict_do_update(
        index_elements=["name"],
        set_={"state": "open", "state_at": _NOW, "last_bad_at": _NOW, "last_fault": _FAULT},
    )
)
_FOUND = select(
    BackOfficeRow.name,
    BackOfficeRow.state,
    BackOfficeRow.state_at,
    BackOfficeRow.last_good_at,
    BackOfficeRow.last_bad_at,
    BackOfficeRow.last_fault,
).order_by(BackOfficeRow.name)
KEPT: Final = timedelta(days=30)
MOST_FAULTS: Final = 50
_FAULTY = insert(BackOfficeFaultRow).values(name=_NAME, at=_NOW, fault=_FAULT, opened=bindparam("opened"))
_FAULTS = (
    select(BackOfficeFaultRow.at, BackOfficeFaultRow.fault, BackOfficeFaultRow.opened)
    .where(BackOfficeFaultRow.name == bindparam("name"))
    .order_by(BackOfficeFaultRow.id.desc())
    .limit(MOST_FAULTS)
)
_LET = (
    insert(BackOfficeRow)
    .values(**_MET, state="closed", last_fault="", let_try_at=_NOW)
    .on_conflict_do_update(index_elements=["name"], set_={"let_try_at": _NOW})
)
_LET_AT = select(BackOfficeRow.let_try_at).where(BackOfficeRow.name == bindparam("name"))
_WAITING_IN_LINE = (
    select(DeliveryRow.line, func.count(), func.min(DeliveryRow.made_at))
    .where(DeliveryRow.state == "waiting", DeliveryRow.service == bindparam("service"))
    .group_by(DeliveryRow.line)
    .order_by(DeliveryRow.line)
)
_SOME_WAITING = (
    select(DeliveryRow.made_at)
    .where(DeliveryRow.state == "waiting", DeliveryRow.service == bindparam("service"))
    .order_by(DeliveryRow.number)
    .limit(MOST_COUNTED)
    .subquery()
)
_WAITING = select(func.count(), func.min(_SOME_WAITING.c.made_at)).select_from(_SOME_WAITING)


def note_good(name: str, *, changed: bool) -> None:
    """The office answered; `changed` when its breaker closed by that."""
    if changed:
        _note(_CLOSED, name)
        log.info("back office %s answers again", name)
    elif _is_due(name, "good"):
        _note(_GOOD, name)


def note_bad(name: str, fault: str, *, opened: bool) -> None:
    """The office did not answer well; `opened` when its breaker opened by that."""
    if opened:
        _note(_OPENED, name, fault=fault)
        _note(_FAULTY, name, fault=fault, opened=True)
        log.error("back office %s is left alone for a while: %s", name, fault)
    elif _is_due(name, f"bad {fault}"):
        _note(_BAD, name, fault=fault)
        _note(_FAULTY, name, fault=fault, opened=False)


def offices(services: Sequence[str] = ()) -> Sequence[OfficeHealth]:
    """Every office that was ever met, and those of `services` besides; by name."""
    met = {row.name: row._asdict() for row in session().execute(_FOUND)}
    return [_health(name, met.get(name)) for name in sorted({*met, *services})]


def faults_of(name: str) -> Sequence[OfficeFault]:
    """What was wrong with an office in the last month, newest first, 50 at most."""
    return [OfficeFault(*row) for row in session().execute(_FAULTS, {"name": name})]


def lines_waiting(service: str) -> Mapping[str, tuple[int, datetime]]:
    """By line, how many deliveries of a service wait and since when the oldest of them does."""
    return {line: (many, since) for line, many, since in session().execute(_WAITING_IN_LINE, {"service": service})}


def let_try(name: str) -> None:
    """Let every process try an office once although it is being left alone. In the current transaction."""
    session().execute(_LET, {"name": name, "now": clock.now()})


def let_ago(name: str) -> float:
    """How many seconds ago somebody let it be tried; infinitely long ago where nobody did, or nobody can tell."""
    try:
        with beside() as connection:
            let_at: datetime | None = connection.execute(_LET_AT, {"name": name}).scalar_one_or_none()
    except SQLAlchemyError as error:
        log.warning("whether back office %s may be tried could not be read: %s", name, type(error).__name__)
        return math.inf
    return math.inf if let_at is None else (clock.now() - let_at).total_seconds()


@job("backoffices.tidy_faults", cron="47 3 * * *")
def tidy() -> None:
    """Each night: forget faults of a month ago."""
    delete_in_portions(BackOfficeFaultRow, BackOfficeFaultRow.at < clock.now() - KEPT)


def _health(name: str, row: Mapping[str, Any] | None) -> OfficeHealth:
    waiting, oldest_at = session().execute(_WAITING, {"service": name}).one()
    unmet = {"name": name, "state": "closed", "last_fault": ""} | dict.fromkeys(
        ("state_at", "last_good_at", "last_bad_at")
    )
    return OfficeHealth(**(row or unmet), waiting=waiting, oldest_at=oldest_at)


def _note(statement: Any, name: str, **more: str | bool) -> None:  # an upsert of this module
    """In a transaction of its own. What is noted is of use to an engineer; no page fails because it cannot be."""
    try:
        with beside() as connection:
            connection.execute(statement, {"name": name, "now": clock.now(), **more})
    except SQLAlchemyError as error:
        log.warning("how back office %s was met could not be noted: %s", name, type(error).__name__)


def _is_due(name: str, what: str) -> bool:
    """Whether this process has not noted the same a moment ago."""
    noted: dict[tuple[str, str], float] = current_app.extensions.setdefault(EXTENSION, {})
    with _lock:
        if time.monotonic() - noted.get((name, what), -NOTED_EVERY) < NOTED_EVERY:
            return False
        noted[name, what] = time.monotonic()
        return True
