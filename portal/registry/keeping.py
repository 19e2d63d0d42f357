"""Each night: have every service let go of what is over, by what its manifest says of keeping."""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import event
from sqlalchemy.orm import Session

from portal import clock
from portal.audit.operations import record
from portal.db.session import session
from portal.jobs.queue import job
from portal.kit.values import Retention
from portal.registry.discovery import Mounted
from portal.registry.mount import mounted
from portal.web.fault_log import told

log = logging.getLogger(__name__)

ACTOR: Final = "system:services"
MOST_PORTIONS: Final = 10_000
"""How often one `let_go` is called in a row: one that always says it erased something must not keep the others."""


@dataclass(frozen=True, slots=True)
class LetGo:
    """What one keeping of a service came to: how many records went or would go; `fault`, the error that ended it."""

    retention: Retention
    many: int
    fault: str = ""


@job("services.let_go", cron="29 3 * * *")
def let_go() -> None:
    """Let each service erase what is over, also one that is off. A fault of one is logged and stops no other."""
    for each in mounted():
        let_go_of(each)


def let_go_of(each: Mounted) -> Sequence[LetGo]:
    """Erase what is over in one service, in portions, each committed by itself."""
    return [_all_portions(each, retention) for retention in _by_itself(each)]


def would_let_go(each: Mounted) -> Sequence[LetGo]:
    """What `let_go_of` would come to now: done, and taken back. Nothing within can be committed."""
    found = []
    for retention in _by_itself(each):
        with _taken_back():
            found.append(_all_portions(each, retention, keep=False))
    return found


def _by_itself(each: Mounted) -> Sequence[Retention]:
    return [retention for retention in each.service.retention if retention.let_go is not None]


def _all_portions(each: Mounted, retention: Retention, *, keep: bool = True) -> LetGo:
    many = 0
    try:
        for _ in range(MOST_PORTIONS):
            gone = _portion(each, retention)
            if keep:
                session().commit()
            if not gone:
                break
            many += gone
        else:
            raise RuntimeError("it never came to its end")
    except Exception as error:  # noqa: BLE001  # whatever is wrong with one must not keep the others
        # Not `log.exception`: what a trace shows of values may be somebody's.
        log.error("%s could not let go of what is over in %s:\n%s", each.slug, _tables(retention), told(error))
        return LetGo(retention, many, type(error).__name__)
    return LetGo(retention, many)


def _portion(each: Mounted, retention: Retention) -> int:
    assert retention.let_go is not None
    with session().begin_nested():
        gone = retention.let_go(clock.now() - timedelta(days=retention.days))
        if gone > 0:
            subject = f"service:{each.slug}"
            record("service.let_go", actor=ACTOR, subject=subject, tables=_tables(retention), many=gone)
    return gone


def _tables(retention: Retention) -> str:
    return ", ".join(retention.tables)


@contextmanager
def _taken_back() -> Iterator[None]:
    """A part of the transaction that is taken back at its end, and whose end nothing within can bring about."""
    part = session().begin_nested()

    def refuse(asked: Session) -> None:
        if asked.get_nested_transaction() is part:
            raise RuntimeError("a service must not commit")

    event.listen(session(), "before_commit", refuse)
    try:
        yield
    finally:
        event.remove(session(), "before_commit", refuse)
        part.rollback()
