"""Each night: have every service let go of what is over, by what its manifest says of keeping."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from portal import clock
from portal.audit.operations import record
from portal.db.session import session
from portal.db.taken_back import taken_back
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
        with taken_back():
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
