"""How long the public list and map take at 1,000, 100,000 and 1,000,000 reports, and by which index.

    .venv/bin/python -m tests.load.reports_public [--reports 1000 100000 1000000] [--rounds 60]

The reports are those of `reports_nearby`: in 24 wards of a council of 20 by 20 km, one in twenty open, one in fifty
private. Each question is asked again and again with other values: another category, ward, place or page. Ends with 1
when a question of the largest size has a median of more than 25 ms and of more than three times that of 100,000, or
goes through the whole table. Times are of this machine; what counts is how they grow.
"""

import argparse
import random
import re
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import event

from portal.db.session import db, session
from portal.kit import clock
from services.reporting.queries.public import list_public
from services.reporting.queries.public_map import spots_in
from services.reporting.rules.categories import offered
from services.reporting.rules.wanted import Box, Circle, Mark, Wanted
from tests.load.reports_nearby import HIGH, SOUTH, WARDS, WEST, WIDE, application

PAGE = 21
SLOW_MS, MOST = 25.0, 3.0
BIG = 100_000
"""Smaller tables are scanned, and rightly so."""
COUNCIL = Box(SOUTH, WEST, SOUTH + HIGH, WEST + WIDE)
Dice = random.Random
Question = Callable[[Dice], object]


@dataclass(frozen=True, slots=True)
class Measured:
    """Median and 95th percentile in milliseconds, and the indexes of the plans."""

    p50: float
    p95: float
    indexes: str


def questions(many: int) -> Mapping[str, Question]:
    """What is asked of so many reports, by what it is called."""
    return {
        "list": lambda dice: listed(dice),
        "list, a page far down": lambda dice: listed(dice, before=far_down(dice, many)),
        "list, open": lambda dice: listed(dice, state="open", before=far_down(dice, many)),
        "list, closed": lambda dice: listed(dice, state="closed"),
        "list, a category": lambda dice: listed(dice, categories=(a_category(dice),), before=far_down(dice, many)),
        "list, a ward": lambda dice: listed(dice, ward=a_ward(dice), before=far_down(dice, many)),
        "list, open in a ward": lambda dice: listed(dice, ward=a_ward(dice), state="open"),
        "list, all of these": lambda dice: listed(
            dice, ward=a_ward(dice), state="open", categories=(a_category(dice),)
        ),
        "list, a week": lambda dice: listed(dice, since=clock.now() - timedelta(days=7)),
        "list, around a place": lambda dice: listed(dice, circle=a_circle(dice, 500)),
        "list, open around a place": lambda dice: listed(dice, circle=a_circle(dice, 500), state="open"),
        "list, farthest around": lambda dice: listed(dice, circle=a_circle(dice, 5_000)),
        "map, the council": lambda _dice: spots_in(COUNCIL, zoom=12, wanted=Wanted()),
        "map, open": lambda _dice: spots_in(COUNCIL, zoom=12, wanted=Wanted(state="open")),
        "map, a ward": lambda dice: spots_in(COUNCIL, zoom=12, wanted=Wanted(ward=a_ward(dice))),
        "map, a category": lambda dice: spots_in(COUNCIL, zoom=12, wanted=Wanted(categories=(a_category(dice),))),
        "map, a quarter": lambda dice: spots_in(a_circle(dice, 1_500).box, zoom=15, wanted=Wanted()),
        "map, a street": lambda dice: spots_in(a_circle(dice, 150).box, zoom=18, wanted=Wanted()),
        "map, open in a street": lambda dice: spots_in(a_circle(dice, 150).box, zoom=18, wanted=Wanted(state="open")),
    }


def listed(dice: Dice, before: Mark | None = None, **wishes: Any) -> object:
    """A page of the list."""
    return list_public(Wanted(**wishes), limit=PAGE, before=before)


def far_down(dice: Dice, many: int) -> Mark:
    """Where some page ends."""
    return Mark(clock.now() - timedelta(seconds=dice.uniform(0, 30 * many)), UUID(int=dice.getrandbits(128)))


def a_category(dice: Dice) -> str:
    """One of those that are reported."""
    return dice.choice(offered()).code


def a_ward(dice: Dice) -> str:
    """One of the council's."""
    return f"ward_{dice.randrange(WARDS)}"


def a_circle(dice: Dice, metres: int) -> Circle:
    """Around a place where as many are reported as in most."""
    return Circle(SOUTH + HIGH * dice.uniform(0.05, 0.4), WEST + WIDE * dice.uniform(0.05, 0.95), metres)


def measure(question: Question, rounds: int) -> Measured:
    """Ask so often, each time with other values."""
    dice, times = Dice(11), []
    for at in range(rounds + 5):
        session().rollback()
        began = time.perf_counter()
        question(dice)
        if at >= 5:  # the first calls fill caches
            times.append((time.perf_counter() - began) * 1000)
    return Measured(statistics.median(times), statistics.quantiles(times, n=20)[-1], indexes_of(question, dice))


def indexes_of(question: Question, dice: Dice) -> str:
    """The indexes that EXPLAIN names for the very statement; `whole table` for a scan of it."""
    taken: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        taken.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    question(dice)
    event.remove(db.engine, "before_cursor_execute", note)
    statement, parameters = taken[-1]
    lines = session().connection().exec_driver_sql(f"explain {statement}", parameters).scalars().all()
    session().rollback()
    named = re.findall(r"Index (?:Only )?Scan (?:Backward )?(?:on|using) (\w+)|(Seq Scan on report)", "\n".join(lines))
    return ", ".join(dict.fromkeys(index or "whole table" for index, _scan in named))


def faults(name: str, found: Mapping[int, Measured]) -> list[str]:
    """What is wrong with how one question grows."""
    most, big = max(found), [many for many in found if many >= BIG]
    slow = found[most].p50 > SLOW_MS and found[most].p50 > MOST * found[min(big, default=most)].p50
    told = [f"{name}: {found[most].p50:.0f} ms at {most:,}"] if slow else []
    return told + [f"{name}: the whole table at {many:,}" for many in big if "whole table" in found[many].indexes]


def main() -> int:
    """Print a table and say what is not flat."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--reports", nargs="+", type=int, default=[1_000, 100_000, 1_000_000])
    asked.add_argument("--rounds", type=int, default=60)
    given = asked.parse_args()
    found: dict[str, dict[int, Measured]] = {}
    for many in given.reports:
        with application(many):
            for name, question in questions(many).items():
                found.setdefault(name, {})[many] = measure(question, given.rounds)
    print("median, p95 ms".ljust(28), *(f"{many:>16,}" for many in given.reports), "  index at the largest")
    for name, sizes in found.items():
        figures = (f"{sizes[many].p50:8.1f}{sizes[many].p95:8.1f}" for many in given.reports)
        print(name.ljust(28), *figures, " ", sizes[max(given.reports)].indexes)
    wrong = [fault for name, sizes in found.items() for fault in faults(name, sizes)]
    print("\n".join(wrong) or "Every question stays flat.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
