"""How long a call takes, and how many rows its statements read."""

import json
import statistics as stats
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import event

from portal.db.session import db, session


@dataclass(frozen=True, slots=True)
class Measured:
    """Times of one kind of call in milliseconds, and the rows that its plan read."""

    p50: float
    p95: float
    read: int


class Taken:
    """The statements of one call, to be explained afterwards."""

    def __init__(self) -> None:
        self.statements: list[tuple[str, Any]] = []

    def note(self, _connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        """Called before each statement."""
        if statement.lstrip().upper().startswith("SELECT") or statement.lstrip().upper().startswith("WITH"):
            self.statements.append((statement, parameters))


def rows_read(statement: str, parameters: Any) -> int:
    """What the scans of a statement went through, found or thrown away."""
    connection = session().connection()
    (plan,) = connection.exec_driver_sql(f"explain (analyze, format json) {statement}", parameters).scalars()
    found = plan if isinstance(plan, list) else json.loads(plan)

    def scanned(node: dict[str, Any]) -> int:
        own = 0
        if "Scan" in node["Node Type"] and "CTE" not in node["Node Type"] and "Subquery" not in node["Node Type"]:
            gone = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
            own = int((node["Actual Rows"] + gone) * node["Actual Loops"])
        return own + sum(scanned(child) for child in node.get("Plans", ()))

    return scanned(found[0]["Plan"])


def measure(act: Callable[[int], object], rounds: int) -> Measured:
    """Call it so often, each time with another number; explain the statements of the last call."""
    times = []
    for n in range(rounds):
        began = time.perf_counter()
        act(n)
        times.append((time.perf_counter() - began) * 1000)
        session().rollback()
    taken = Taken()
    event.listen(db.engine, "before_cursor_execute", taken.note)
    try:
        act(rounds)
    finally:
        event.remove(db.engine, "before_cursor_execute", taken.note)
    read = max((rows_read(*each) for each in taken.statements), default=0)
    session().rollback()
    times.sort()
    return Measured(stats.median(times), times[int(0.95 * (len(times) - 1))], read)
