"""How long "already reported?" takes at 1,000 and at 1,000,000 reports, by which index, and how long without it.

    .venv/bin/python -m tests.load.reports_nearby [--reports 1000 1000000] [--rounds 400]

All reports lie in one council of 20 by 20 km, half of them in a tenth of its streets, as they do in life; one in
twenty is open. Each call asks around the place of some report, moved by some metres, in a random category. Ends with 1
when the median grows by more than three times or the plan does not name the index. Times are of this machine; what
counts is how they grow.
"""

import argparse
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import create_engine, event, text

from portal.app import create_app
from portal.db.embedded import EmbeddedPostgres
from portal.db.migrate import upgrade
from portal.db.session import db, dispose, driver_url, session
from portal.registry.discovery import discover
from portal.registry.histories import histories
from services.reporting.queries.nearby import NEAR, near_values, reports_near
from services.reporting.rules.categories import offered
from services.reporting.rules.places import _CELL_LAT, _CELL_LON, _CELLS_IN_A_ROW
from services.reporting.settings.categories import Category
from services.reporting.settings.shapes import Point
from tests.support.settings import settings_for

INDEX = "ix_report_category_cell"
MOST = 3.0
SOUTH, WEST, HIGH, WIDE = 51.40, -0.35, 0.18, 0.29
"""A square of about 20 km."""
WARDS = 24
FILL = f"""
insert into reporting.report (id, case_id, reference, channel, category, status, status_note, priority, place, lat, lon,
    cell, ward, description, answers, private, moderation, shown_at, created_at, updated_at, closed_at, passed_on_at,
    way, stuck)
select md5('report ' || n)::uuid, md5('case ' || n)::uuid, 'L' || n, 'web',
    (cast(:categories as text[]))[1 + floor(random() * :kinds)::int],
    case when n % 20 = 0 then 'with_team' else 'fixed' end, '', 3, 'Load Street', lat, lon,
    floor((lat + 90) / {_CELL_LAT})::bigint * {_CELLS_IN_A_ROW} + floor((lon + 180) / {_CELL_LON})::bigint,
    'ward_' || floor(random() * {WARDS})::int, 'Invented words for a measurement.', '{{}}', n % 50 = 0,
    case when n % 97 = 0 then 'hidden' else 'shown' end,
    now() - n * interval '30 seconds', now() - n * interval '30 seconds', now(),
    case when n % 20 = 0 then null else now() end, now(), 'desk', ''
from (
    select n, {SOUTH} + {HIGH} * (case when n % 2 = 0 then random() else 0.45 + random() * 0.1 end) as lat,
        {WEST} + {WIDE} * random() as lon
    from generate_series(1, :many) n
) placed
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """Medians and 95th percentiles in milliseconds, the rows of one answer, and the index of the plan."""

    p50: float
    p95: float
    found: float
    index: str


@contextmanager
def application(many: int) -> Iterator[Flask]:
    """The portal on a database of its own with so many reports."""
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "cluster", durable=False)
        server.start()
        try:
            upgrade(server.url, histories(discover()))
            app = create_app(settings_for(server.url, demo=True))
            with app.app_context():
                fill(server.url, many)
                yield app
                dispose()
        finally:
            server.remove()


def fill(url: str, many: int) -> None:
    """Put the reports in. Their cases are left out: nothing here looks at them."""
    codes = [category.code for category in offered()]
    began = time.monotonic()
    engine = create_engine(driver_url(url))
    with engine.begin() as connection:
        connection.execute(text("set session_replication_role = replica"))
        connection.execute(text("select setseed(0.7)"))
        connection.execute(text(FILL), {"many": many, "categories": codes, "kinds": len(codes)})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze reporting.report"))
    engine.dispose()
    print(f"{many:,} reports put in within {time.monotonic() - began:.0f} s", flush=True)


def measure(rounds: int) -> Measured:
    """Ask so often, each time somewhere else."""
    dice, categories = random.Random(11), offered()
    places = session().execute(text("select lat, lon from reporting.report order by id limit 2000")).all()
    times, found = [], []
    for _round in range(rounds):
        lat, lon = dice.choice(places)
        point = Point(lat + dice.uniform(-3e-4, 3e-4), lon + dice.uniform(-4e-4, 4e-4))
        category = dice.choice(categories)
        began = time.perf_counter()
        near = reports_near(category, point)
        times.append((time.perf_counter() - began) * 1000)
        found.append(len(near))
    index = plan(categories[0], Point(*places[0]))
    cuts = statistics.quantiles(times, n=20)
    return Measured(statistics.median(times), cuts[-1], statistics.mean(found), index)


def plan(category: Category, point: Point) -> str:
    """The index that EXPLAIN names for the very statement; `none` for a scan of the table."""
    taken: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        taken.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    session().execute(NEAR, near_values(category, point, 50)).all()
    event.remove(db.engine, "before_cursor_execute", note)
    statement, parameters = taken[-1]
    lines = session().connection().exec_driver_sql(f"explain {statement}", parameters).scalars().all()
    session().rollback()
    named = re.findall(r"Index (?:Only )?Scan (?:on|using) (\w+)", "\n".join(lines))
    return named[0] if named else "none"


def without_index(rounds: int) -> Measured:
    """The same once the index is gone, and with it the one of places, which could stand in."""
    for name in (
        INDEX,
        "ix_report_public_place",
        "ix_report_public_category",
        "ix_report_public",
        "ix_report_public_open",
    ):
        session().execute(text(f"drop index reporting.{name}"))
    session().commit()
    return measure(rounds)


def main() -> int:
    """Print a line for each size and say whether it stayed flat."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--reports", nargs="+", type=int, default=[1_000, 1_000_000])
    asked.add_argument("--rounds", type=int, default=400)
    given = asked.parse_args()
    medians, named = [], True
    print("reports     median ms  p95 ms  found  index")
    for many in given.reports:
        with application(many):
            measure(20)  # the first calls fill caches
            found = measure(given.rounds)
            medians.append(found.p50)
            named = named and (found.index == INDEX or many < 100_000)  # a small table is scanned, and rightly so
            show(f"{many:,}", found)
            if many == max(given.reports):
                show("no index", without_index(min(given.rounds, 40)))
    flat = max(medians) <= MOST * min(medians)
    print(f"grows {max(medians) / min(medians):.2f} times; at most {MOST} times is asked for")
    return 0 if flat and named else 1


def show(name: str, found: Measured) -> None:
    """One line of the table."""
    print(f"{name:<11} {found.p50:9.2f}  {found.p95:6.2f}  {found.found:5.1f}  {found.index}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
