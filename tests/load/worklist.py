"""How long worklists, searches and statistics take at 1,000 and at 1,000,000 cases, and how many rows each reads.

    .venv/bin/python -m tests.load.worklist [--cases 1000 1000000] [--rounds 40] [--filled URL]

The cases are of three years, thirty-odd thousand of a million open. Kinds, wards, names and words are skewed as they
are in life: some words stand in every second case, most in a few. Times are of the functions that the pages call and
of whole pages; `read` is what the scans of the plan went through, of the slowest statement among those of one call.
"""

import argparse
import random
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import text

from portal.app import create_app
from portal.db.embedded import EmbeddedPostgres
from portal.db.migrate import upgrade
from portal.db.session import dispose, session
from portal.desk.day_sums import add_up_lately
from portal.registry.discovery import discover
from portal.registry.histories import histories
from tests.load.worklists.acts import acts_of_pages, acts_of_search, acts_of_statistics, acts_on_lists
from tests.load.worklists.filling import Words, fill, vocabulary
from tests.load.worklists.measuring import Measured, measure
from tests.support.settings import settings_for
from tests.support.staff import colleague


@contextmanager
def application(many: int, filled: str) -> Iterator[tuple[Flask, Words]]:
    """The portal on a database with so many cases: one that this has filled before, or one of its own."""
    if filled:
        app = create_app(settings_for(filled, demo=True))
        app.testing = True
        with app.app_context():
            yield app, vocabulary(random.Random(7))
            dispose()
        return
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "cluster", durable=False)
        server.start()
        try:
            upgrade(server.url, histories(discover()))
            began = time.monotonic()
            known = fill(server.url, many)
            print(f"{many:,} cases put in within {time.monotonic() - began:.0f} s", flush=True)
            app = create_app(settings_for(server.url, demo=True))
            app.testing = True
            with app.app_context():
                began = time.monotonic()
                add_up_lately()
                session().commit()
                print(f"days added up within {time.monotonic() - began:.0f} s", flush=True)
                yield app, known
                dispose()
        finally:
            server.remove()


def run(many: int, rounds: int, filled: str) -> dict[str, Measured]:
    """All calls at that size."""
    found: dict[str, Measured] = {}
    with application(many, filled) as (app, known):
        sizes = text("select count(*), count(*) filter (where closed_at is null) from portal.case")
        print("cases, open: {:,} {:,}".format(*session().execute(sizes).one()))
        for table in ("case", "case_search", "case_day"):
            size = session().scalar(
                text("select pg_total_relation_size(cast(:n as regclass))"), {"n": f"portal.{table}"}
            )
            print(f"{table} with its indexes: {size / 1e6:,.0f} MB")
        who = colleague(app, "Load", role="lead")
        for label, act in (
            *acts_on_lists(),
            *acts_of_search(known, many),
            *acts_of_statistics(),
            *acts_of_pages(who),
        ):
            found[label] = measure(act, rounds)
            print(f"{label:64} {found[label].p50:8.1f} {found[label].p95:8.1f} {found[label].read:10,}", flush=True)
    return found


def main() -> None:
    """Print the table: one line for each call, three figures for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, nargs="+", default=[1000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--filled", default="", help="A database that this has filled with so many cases.")
    chosen = parser.parse_args()
    found = {many: run(many, chosen.rounds, chosen.filled) for many in chosen.cases}
    print(f"\n{'':56}" + "".join(f"{f'{many:,} cases: p50, p95 ms, rows read':>40}" for many in found))
    for label in found[chosen.cases[0]]:
        figures = (found[many][label] for many in found)
        print(f"{label:56}" + "".join(f"{each.p50:16.1f}{each.p95:10.1f}{each.read:14,}" for each in figures))


if __name__ == "__main__":
    main()
