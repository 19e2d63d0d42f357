"""What an account of council tax costs at 1,000 and at 1,000,000 accounts in the stand-in: statements, and time.

    .venv/bin/python -m tests.load.council_tax_accounts [--accounts 1000 1000000] [--rounds 200]

Calls are made over HTTP, each of another account; pages are those of a resident who has joined it, the portal beside.
Both sizes are asked in turn in one run, since absolute times drift on shared cores and ratios do not. Ends with 1 when
the account call or the overview page grows by more than half.
"""

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, create_engine, event, make_url, text
from werkzeug.serving import WSGIRequestHandler, make_server

from portal.app import create_app
from portal.db.embedded import EmbeddedPostgres
from portal.db.migrate import upgrade
from portal.db.session import dispose, session
from portal.joining.records import join_record
from portal.kit import clock
from portal.registry.discovery import discover
from portal.registry.histories import histories
from services.council_tax.rules.years import year_of
from services.council_tax.standin.app import create
from services.council_tax.standin.place import KEY
from services.council_tax.tests.connected import connected_to
from tests.support.people import sign_in, someone
from tests.support.settings import settings_for

SECRET = "s" * 32
MOST = 1.5
RESIDENTS = 20
OWN = "/services/council_tax/accounts/{ref}"
PAGES = {"overview page": OWN, "payments page": f"{OWN}/instalments", "statement page": f"{OWN}/statement"}
JUDGED = ("account", "overview page")
FILL = (
    """insert into council_tax_standin.account (reference, uprn, lines, postcode, band, listed_on, opened_on, method,
       balance, billed_year, kept_on)
       select (200000000 + n)::text, (800000000000 + n)::text, jsonb_build_array(n || ' Load Street', 'London'),
       'W6 ' || n % 10 || 'ZZ', chr(65 + n % 8), '1993-04-01', '2022-04-01', 'card',
       150000 - 15000 * :paid, :year, :today
       from generate_series(1, :many) n""",
    """insert into council_tax_standin.liable (reference, person_id, place, name, role, since_on)
       select (200000000 + n)::text, 'load-' || n, 1, 'Robin Load ' || n, 'liable', '2022-04-01'
       from generate_series(1, :many) n""",
    """insert into council_tax_standin.liable (reference, person_id, place, name, role, since_on)
       select (200000000 + n)::text, 'landlord-' || n / 1000, 2, 'Lee Landlord', 'landlord', '2022-04-01'
       from generate_series(1, :many) n where n % 1000 < 200""",
    """insert into council_tax_standin.adjustment (id, reference, kind, code, since_on, days, pence)
       select 'load-' || n, (200000000 + n)::text, 'discount', 'single_person', '2022-04-01', 365, -50000
       from generate_series(1, :many) n where n % 3 = 0""",
    """insert into council_tax_standin.instalment (reference, year, number, due_on, pence, paid)
       select (200000000 + n)::text, :year, i, make_date(:year, 4, 1) + make_interval(months => i - 1), 15000,
       case when i <= :paid then 15000 else 0 end
       from generate_series(1, :many) n, generate_series(1, 10) i""",
    """insert into council_tax_standin.debit (id, reference, state, day, payer_name, account_ending, first_on, made_at)
       select 'load-' || n, (200000000 + n)::text, 'active', 1, 'Robin Load', '58', '2022-05-01', '2022-04-01'
       from generate_series(1, :many) n where n % 2 = 0""",
    """insert into council_tax_standin.bill (id, reference, year, issued_on, kind, pence, body)
       select 'load-' || n, (200000000 + n)::text, :year, make_date(:year, 3, 11), 'annual', 150000, '{}'
       from generate_series(1, :many) n""",
    """insert into council_tax_standin.entry (reference, "on", year, kind, pence, balance)
       select (200000000 + n)::text, make_date(:year, 3, 11), :year, 'charge', 150000, 150000
       from generate_series(1, :many) n""",
)
PAY = """insert into council_tax_standin.entry (reference, "on", year, kind, code, pence, balance)
   select (200000000 + n)::text, make_date(:year, 4, 1) + make_interval(months => :nth - 1), :year, 'payment', :code,
   -15000, 150000 - 15000 * :nth from generate_series(1, :many) n"""
"""A month at a time, so that the entries of one account lie as far apart as they do in life."""


@dataclass
class Council:
    """A stand-in with so many accounts, and a portal whose residents have joined some."""

    many: int
    url: str
    residents: list[tuple[str, FlaskClient]]
    web: requests.Session = field(default_factory=requests.Session)

    def ask(self, path: str, person: str) -> None:
        """One call over HTTP."""
        headers = {"Authorization": f"Bearer {SECRET}", "X-Person": person}
        answer = self.web.get(f"{self.url}/v1{path}", headers=headers, timeout=30)
        assert answer.status_code == 200, (path, answer.text)


class Quiet(WSGIRequestHandler):
    """Writes no line for each request, and keeps the connection as a real server does."""

    protocol_version = "HTTP/1.1"

    def log_request(self, *_: object) -> None:
        """Nothing."""


def fill(url: str, many: int) -> None:
    """Put the accounts in, as a council's would be about now in its year."""
    today = clock.today()
    year, paid = year_of(today), min(10, (today.year - year_of(today)) * 12 + today.month - 3)
    values = {"many": many, "year": year, "today": today, "paid": paid}
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"))
    with engine.begin() as db:
        for statement in FILL:
            db.execute(text(statement), values)
        for nth in range(1, paid + 1):
            db.execute(text(PAY), values | {"nth": nth, "code": str(nth)})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as db:
        db.execute(text("vacuum analyze"))
    engine.dispose()


@contextmanager
def council(server: str, many: int) -> Iterator[Council]:
    """One of that size, in a database of its own."""
    admin = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with admin.connect() as db:
        db.execute(text(f"create database council_{many}"))
    admin.dispose()
    database = make_url(server).set(database=f"council_{many}").render_as_string(hide_password=False)
    upgrade(database, histories(discover()))
    played = create(database, "http://localhost/standin", SECRET)
    began = time.monotonic()
    fill(database, many)
    print(f"{many:,} accounts put in within {time.monotonic() - began:.0f} s", flush=True)
    served = make_server("127.0.0.1", 0, played, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=served.serve_forever)
    thread.start()
    url, app = f"http://127.0.0.1:{served.server_port}", create_app(settings_for(database))
    try:
        with connected_to(app, url, SECRET):
            yield Council(many, url, _residents(app, many))
    finally:
        served.shutdown()
        thread.join()
        with app.app_context():
            dispose()
        played.extensions[KEY].store.engine.dispose()


def _residents(app: Flask, many: int) -> list[tuple[str, FlaskClient]]:
    """Some who have joined an account each, signed in."""
    found = []
    for nth in range(RESIDENTS):
        account, client = someone(app, f"Load{nth}"), app.test_client()
        sign_in(app, client, account)
        number = 1 + nth * (many // RESIDENTS)
        reference = str(200_000_000 + number)
        with app.app_context():
            join_record(
                account,
                service="council_tax",
                kind="account",
                key=reference,
                person_key=f"load-{number}",
                role="liable",
            )
            session().commit()
        found.append((reference, client))
    return found


def calls(council: Council) -> dict[str, Callable[[int], None]]:
    """What is measured, by its name. Each takes a number from a million."""

    def one(path: str) -> Callable[[int], None]:
        def asked(drawn: int) -> None:
            number = 1 + drawn % council.many
            council.ask(path.format(ref=200_000_000 + number), f"load-{number}")

        return asked

    def landlords(drawn: int) -> None:
        person = f"landlord-{drawn % max(1, council.many // 1000)}"
        council.ask(f"/people/{person}/accounts?limit=20", person)

    found = {name: one(path) for name, path in _PATHS.items()} | {"landlord's list": landlords}
    return found | {name: page for name, path in PAGES.items() if (page := _page(council, path)) is not None}


_PATHS = {
    "account": "/accounts/{ref}",
    "statement": "/accounts/{ref}/statement",
    "bills": "/accounts/{ref}/bills",
}


def _page(council: Council, path: str) -> Callable[[int], None] | None:
    """A page of the portal, if it is there."""

    def fetched(drawn: int) -> None:
        reference, client = council.residents[drawn % RESIDENTS]
        answer = client.get(path.format(ref=reference), follow_redirects=True)
        assert answer.status_code == 200, (path, answer.status_code)

    reference, client = council.residents[0]
    there = client.get(path.format(ref=reference), follow_redirects=True).status_code == 200
    return fetched if there else None


def statements(call: Callable[[int], None]) -> int:
    """How many statements are made for one call, by the portal and by the stand-in."""
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    event.listen(Engine, "before_cursor_execute", counted)
    try:
        call(7)
    finally:
        event.remove(Engine, "before_cursor_execute", counted)
    return count


def measure(councils: Sequence[Council], rounds: int) -> float:
    """Print the table; the worst ratio of what is judged."""
    named, worst = [calls(each) for each in councils], 0.0
    for name in PAGES:
        if name not in named[0]:
            print(f"the page {PAGES[name]} is not there yet")
    print(f"{'':18}" + "".join(f"{f'{each.many:,}: p50, p95 ms, SQL':>34}" for each in councils) + f"{'ratio':>8}")
    for name in named[0]:
        times: list[list[float]] = [[] for _ in councils]
        draw = random.Random(7)
        for nth in range(rounds + 5):
            number = draw.randrange(1_000_000)
            for taken, each in zip(times, named, strict=True):
                began = time.perf_counter()
                each[name](number)
                if nth >= 5:  # the first calls make connections and plans
                    taken.append((time.perf_counter() - began) * 1000)
        middle = [statistics.median(taken) for taken in times]
        slow = [statistics.quantiles(taken, n=20)[-1] for taken in times]
        made = [statements(one[name]) for one in named]
        ratio = middle[-1] / middle[0]
        cells = (f"{one:16.2f}{other:10.2f}{count:8}" for one, other, count in zip(middle, slow, made, strict=True))
        print(f"{name:18}" + "".join(cells) + f"{ratio:8.2f}", flush=True)
        if name in JUDGED:
            worst = max(worst, ratio, made[-1] / made[0] if made[0] else 0)
    return worst


def main() -> None:
    """Fill, measure, judge."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, nargs="+", default=[1000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=200)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        server = EmbeddedPostgres(Path(folder) / "cluster", durable=False)
        server.start()
        stack.callback(server.remove)
        councils = [stack.enter_context(council(server.url, many)) for many in chosen.accounts]
        worst = measure(councils, chosen.rounds)
    print(f"worst ratio of {', '.join(JUDGED)}: {worst:.2f}, at most {MOST}")
    sys.exit(worst > MOST)


if __name__ == "__main__":
    main()
