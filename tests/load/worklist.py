"""How long worklists, searches and statistics take at 1,000 and at 1,000,000 cases, and how many rows each reads.

    .venv/bin/python -m tests.load.worklist [--cases 1000 1000000] [--rounds 40] [--filled URL]

The cases are of three years, thirty-odd thousand of a million open. Kinds, wards, names and words are skewed as they
are in life: some words stand in every second case, most in a few. Times are of the functions that the pages call and
of whole pages; `read` is what the scans of the plan went through, of the slowest statement among those of one call.
"""

import argparse
import json
import random
import statistics as stats
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import event, text

from portal.app import create_app
from portal.cases.references import ALPHABET, printed
from portal.cases.search_words import marks, quoted, words_of
from portal.db.embedded import EmbeddedPostgres
from portal.db.migrate import upgrade
from portal.db.session import db, dispose, session
from portal.desk.day_sums import add_up_lately
from portal.desk.filters import Filter, View
from portal.desk.searching import search_of
from portal.desk.statistics import Wanted, statistics_of
from portal.desk.worklist import Reader, counts, page_of, read_marks
from portal.registry.discovery import discover
from portal.registry.histories import histories
from portal.staff.values import Grant, Grants, Staff
from tests.support.settings import settings_for
from tests.support.staff import Colleague, colleague

KINDS = ("pothole", "fly_tipping", "street_light", "graffiti", "street_cleaning")
KIND_WEIGHTS = (35, 30, 15, 10, 10)
TEAMS = {
    "pothole": "highways",
    "street_light": "street_lighting",
    "fly_tipping": "street_cleaning",
    "graffiti": "street_cleaning",
    "street_cleaning": "street_cleaning",
}
WARDS = tuple(f"ward{n}" for n in range(20))
CHANNELS = ("web", "telephone", "desk", "letter", "api")
COMMON = ("road", "street", "outside", "near", "please", "number", "pavement", "hole", "rubbish", "light", "broken")
YEARS = timedelta(days=1095)
CASES_EACH = 5
# fmt: off
CASE_COLUMNS = (
    "id", "service", "type", "reference", "account_id", "idempotency_key", "status", "summary", "opened_at",
    "updated_at", "closed_at", "version", "channel", "area", "team", "holder_id", "waits_for", "due_at",
    "held_at", "held_until_at", "escalated_at", "reopened", "rating", "rating_words", "opened_by",
    "identity_check",
)
# fmt: on


@dataclass(frozen=True, slots=True)
class Words:
    """What people write: a few words often, most seldom."""

    all: list[str]
    weights: list[float]
    names: list[str]
    name_weights: list[float]


def vocabulary(dice: random.Random) -> Words:
    """Words and names with the weights that natural language has: the nth is 1/n as frequent."""

    def made(many: int, parts: int) -> list[str]:
        syllables = [a + b for a in "bcdfghjklmnprstvw" for b in ("a", "e", "i", "o", "u", "an", "er", "il", "or")]
        return list(dict.fromkeys("".join(dice.choices(syllables, k=parts)) for _ in range(many)))

    words, names = [*COMMON, *made(30_000, 3)], made(6_000, 2)
    zipf: Callable[[int], list[float]] = lambda many: list(accumulate(1 / n for n in range(1, many + 1)))  # noqa: E731
    return Words(words, zipf(len(words)), names, zipf(len(names)))


def fill(url: str, many: int) -> Words:
    """Put the cases in by COPY, the indexes of words built afterwards."""
    dice = random.Random(7)
    known = vocabulary(dice)
    now = datetime.now(UTC)
    with psycopg.connect(url) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("set maintenance_work_mem = '512MB'")
        connection.execute("drop index portal.ix_case_search_words")
        accounts = _accounts(connection, many, known, dice, now)
        _cases(connection, many, accounts, dice, now)
        _words(connection, many, accounts, known, dice, now)
        connection.execute(
            "create index ix_case_search_words on portal.case_search using gin (words) with (fastupdate = off)"
        )
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze")
    return known


def _accounts(
    connection: psycopg.Connection[Any], many: int, known: Words, dice: random.Random, now: datetime
) -> list[tuple[uuid.UUID, str]]:
    found = []
    for _ in range(max(1, many // CASES_EACH)):
        given, family = dice.choices(known.names, cum_weights=known.name_weights, k=2)
        found.append((uuid.UUID(int=dice.getrandbits(128)), f"{given} {family}"))
    with connection.cursor().copy("copy portal.account (id, language, created_at) from stdin") as copy:
        for account_id, _name in found:
            copy.write_row((account_id, "en", now))
    with connection.cursor().copy(
        "copy portal.profile (account_id, given_name, family_name, preferred_name, contact_needs) from stdin"
    ) as copy:
        for account_id, name in found:
            given, _blank, family = name.partition(" ")
            copy.write_row((account_id, given, family, "", ""))
    return found


def case_id(n: int) -> uuid.UUID:
    """The nth case's id, in no order."""
    return uuid.UUID(int=random.Random(n).getrandbits(128))


def reference(n: int) -> str:
    """The nth case's reference."""
    letters = []
    for _ in range(7):
        n, rest = divmod(n * 7919 + 13 if not letters else n, len(ALPHABET))
        letters.append(ALPHABET[rest])
    return printed("".join(letters))


def place_of(n: int, many: int, now: datetime) -> tuple[str, str, datetime]:
    """Kind, ward and time of the nth: the same wherever it is asked."""
    dice = random.Random(-n - 1)
    kind = dice.choices(KINDS, KIND_WEIGHTS)[0]
    return kind, WARDS[int(20 * dice.random() ** 2)], now - YEARS * (1 - n / many) - timedelta(seconds=dice.random())


def _cases(
    connection: psycopg.Connection[Any],
    many: int,
    accounts: list[tuple[uuid.UUID, str]],
    dice: random.Random,
    now: datetime,
) -> None:
    staff = [uuid.UUID(int=n) for n in range(200)]
    statement = f"copy portal.case ({', '.join(CASE_COLUMNS)}) from stdin"
    with connection.cursor().copy(statement.encode()) as copy:
        for n in range(many):
            kind, ward, opened_at = place_of(n, many, now)
            age = (now - opened_at).days
            is_open = dice.random() < (0.005 if age > 60 else 1 - age / 60)
            due_at = opened_at + timedelta(days=14) if dice.random() < 0.95 else None
            closed_at = None if is_open else min(now, opened_at + timedelta(days=dice.expovariate(1 / 9)))
            held = is_open and dice.random() < 0.05
            late = is_open and not held and due_at is not None and due_at < now
            account_id = accounts[n % len(accounts)][0]
            copy.write_row(
                (
                    case_id(n), "reporting", kind, reference(n), account_id, f"load {n}",
                    dice.choice(("received", "with_team", "in_progress")) if is_open else "fixed",
                    kind, opened_at, closed_at or opened_at, closed_at, 4,
                    dice.choices(CHANNELS, (70, 20, 5, 3, 2))[0], ward, TEAMS[kind],
                    dice.choice(staff) if dice.random() < 0.6 else None,
                    dice.choices(("council", "resident"), (4, 1))[0] if is_open else "nobody",
                    due_at, now if held else None, now + timedelta(days=9) if held else None,
                    now if late else None, 0,
                    dice.randint(1, 5) if not is_open and dice.random() < 0.1 else None,
                    "", f"account:{account_id}", "",
                )
            )  # fmt: skip


def _words(
    connection: psycopg.Connection[Any],
    many: int,
    accounts: list[tuple[uuid.UUID, str]],
    known: Words,
    dice: random.Random,
    now: datetime,
) -> None:
    with connection.cursor().copy(
        "copy portal.case_search (case_id, opened_at, facts, read_at, words) from stdin"
    ) as copy:
        for n in range(many):
            kind, ward, opened_at = place_of(n, many, now)
            found = dice.choices(known.all, cum_weights=known.weights, k=25)
            where = marks(service="reporting", type=kind, team=TEAMS[kind], area=ward, opened_at=opened_at)
            said = [accounts[n % len(accounts)][1], kind, reference(n), f"W{n % 19} {n % 9}AB", f"house {n % 400}"]
            lexemes = {*found, *where, *words_of(said)}
            copy.write_row((case_id(n), opened_at, "", now, " ".join(quoted(word) for word in lexemes)))


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


def readers() -> dict[str, Reader]:
    """Somebody with rights everywhere, for a team, for two, and for one kind in one ward."""

    def reader(n: int, *grants: Grant) -> Reader:
        return Reader(Staff(uuid.UUID(int=n), "Load", "load@staff.example", (), "en"), Grants(grants))

    return {
        "everything": reader(1, Grant("lead")),
        "one team": reader(2, Grant("caseworker", team="street_lighting")),
        "two teams": reader(3, Grant("caseworker", team="highways"), Grant("caseworker", team="street_lighting")),
        "one kind, one ward": reader(4, Grant("caseworker", service="reporting", type="graffiti", area="ward19")),
    }


def acts_on_lists() -> Iterator[tuple[str, Callable[[int], object]]]:
    """Each view for each reader, later pages, filters, and the numbers beside the views."""
    views: tuple[View, ...] = (
        "teams", "mine", "unassigned", "ours", "theirs", "held", "nearly_due", "overdue", "escalated", "closed",
    )  # fmt: skip
    known = readers()
    for name, who in known.items():
        for view in views:
            yield f"{view} ({name})", lambda _n, who=who, view=view: page_of(who, Filter(view))
        yield f"newest ({name})", lambda _n, who=who: page_of(who, Filter(sort="newest"))
        yield f"numbers of the views ({name})", lambda _n, who=who: counts(who)
    everything, two = known["everything"], known["two teams"]
    for name, who in (("everything", everything), ("two teams", two)):
        first = page_of(who, Filter())
        for _ in range(9):
            first = page_of(who, Filter(), read_marks(first.next or "", ""))
        yield (
            f"tenth page ({name})",
            lambda _n, who=who, at=first.next: page_of(who, Filter(), read_marks(at or "", "")),
        )
        yield f"back ({name})", lambda _n, who=who, at=first.previous: page_of(who, Filter(), read_marks("", at or ""))
    for label, chosen in {
        "filter: kind, ward and status": Filter(kind="reporting/graffiti", area="ward19", status="in_progress"),
        "filter: by letter, nobody has it": Filter(channel="letter", holder="nobody"),
        "filter: nothing promised": Filter(due="none"),
        "filter: no such ward": Filter(area="nowhere"),
        "filter: no such ward, closed": Filter("closed", area="nowhere"),
    }.items():
        yield label, lambda _n, chosen=chosen: page_of(everything, chosen)


def acts_of_search(known: Words, many: int) -> Iterator[tuple[str, Callable[[int], object]]]:
    """Words from the most frequent to none, beginnings of words, names, places and references."""
    everything = readers()["everything"]

    def rare(n: int) -> str:
        return known.all[20_000 + 7 * n]

    def middle(n: int) -> str:
        return known.all[400 + n]

    typed: dict[str, Callable[[int], str]] = {
        "most frequent word": lambda _n: "road ",
        "two frequent words": lambda _n: "road street ",
        "word of one in a thousand": lambda n: f"{middle(n)} ",
        "rare word": lambda n: f"{rare(n)} ",
        "no such word": lambda n: f"zzz{n} ",
        "frequent and rare word": lambda n: f"road {rare(n)} ",
        "three frequent words that are never together": lambda _n: "road street pothole graffiti ",
        "beginning, frequent": lambda _n: "str",
        "beginning of many words": lambda n: known.all[n + 50][:3],
        "beginning, rare": lambda n: rare(n)[:6],
        "family name": lambda n: f"{known.names[n + 100]} ",
        "whole name": lambda n: f"{known.names[n]} {known.names[n + 3]} ",
        "postcode and house": lambda n: f"w{n % 19} {n % 9}ab house ",
        "reference": lambda n: reference(n * many // 100 % many),
        "half a reference": lambda n: reference(n * many // 100 % many)[:4],
    }
    for label, what in typed.items():
        yield f"search: {label}", lambda n, what=what: search_of(everything, Filter(q=what(n)))
    for name, who in readers().items():
        yield f"search: most frequent word ({name})", lambda _n, who=who: search_of(who, Filter(q="road "))
        yield f"search: rare word ({name})", lambda n, who=who: search_of(who, Filter(q=f"{rare(n)} "))
    chosen = Filter(q="road ", area="ward19", kind="reporting/graffiti", status="in_progress")
    yield "search: most frequent word, filtered", lambda _n: search_of(everything, chosen)
    second = search_of(everything, Filter(q="road ")).page.next
    yield "search: second page", lambda _n: search_of(everything, Filter(q="road "), read_marks(second or "", ""))


def acts_of_statistics() -> Iterator[tuple[str, Callable[[int], object]]]:
    """A quarter and a year, for all and for a team."""
    today = datetime.now(UTC).date()
    for name, who in readers().items():
        if name in ("everything", "one team"):
            grants = Grants(
                tuple(Grant("lead", each.service, each.type, each.area, each.team) for each in who.grants.each)
            )
            for label, days in (("quarter", 91), ("year", 365)):
                for by in ("month", "kind"):
                    wanted = Wanted(today - timedelta(days=days), today, by)
                    yield (
                        f"statistics: {label} by {by} ({name})",
                        lambda _n, grants=grants, wanted=wanted: statistics_of(grants, wanted),
                    )


def acts_of_pages(who: Colleague) -> Iterator[tuple[str, Callable[[int], object]]]:
    """Whole pages, sign-in check, rights, audit and HTML included."""
    who.client.check_pages = False
    for path in ("/desk/cases?view=teams", "/desk/cases?view=overdue", "/desk/cases?q=road+", "/desk/statistics"):
        yield f"page {path}", lambda _n, path=path: who.get(path)


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
