"""Holds callers to Pay's limits: so many payments made in a second, and so many other writes."""

from datetime import timedelta
from typing import Final

from sqlalchemy import bindparam, delete, func, insert, select

from portal import clock
from portal.payments.standin.faults import Fault
from portal.payments.standin.place import place, told
from portal.payments.standin.store import write

SECOND: Final = timedelta(seconds=1)
KEPT: Final = timedelta(minutes=1)
_LATELY = (
    select(func.count()).select_from(write).where(write.c.kind == bindparam("which"), write.c.at > bindparam("at"))
)
_OLD = delete(write).where(write.c.kind == bindparam("which"), write.c.at < bindparam("until"))


def hold_to_limits(kind: str) -> None:
    """Count a write of this kind. Raises Fault when there are too many in a second.

    It counts what is committed, so that many at the very same moment may pass: a limit, not a lock.
    """
    now = clock.now()
    with place().store.work() as db:
        lately: int = db.execute(_LATELY, {"which": kind, "at": now - SECOND}).scalar_one()
        if lately >= told().per_second:
            raise Fault(429, "P0900", "Too many requests")
        db.execute(insert(write), {"kind": kind, "at": now})
        db.execute(_OLD, {"which": kind, "until": now - KEPT})
