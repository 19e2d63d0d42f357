"""Thousands of cases through their whole life, by workers that are killed at random.

    .venv/bin/python -m tests.load.case_lives [--cases 10000] [--workers 3] [--kills 60]

Each life is a job: a report is filed and routed, taken, written about, asked for a signature that is given, answered,
worked on, held, taken up, decided and rated, each step in a transaction of its own; letters go to the stand-in for
GOV.UK Notify over HTTP. A worker is killed with SIGKILL again and again, wherever it is. Every tenth life is lived by
two jobs at once. A step looks before it acts and names the version that it saw; nothing else makes it once.

In the end the ledger is asked: is every case where it should be, is every event numbered without a gap, was every move
one that the type allows, is every message there once, and did Notify get every letter once? Exit code 1 if not.
"""

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import psycopg
from flask import Flask
from procrastinate.exceptions import ConnectorException
from sqlalchemy import insert
from werkzeug.serving import WSGIRequestHandler, make_server

from portal import clock
from portal.accounts.models import AccountRow, ProfileRow
from portal.accounts.values import Account
from portal.app import create_app
from portal.cases.ending import rate_case
from portal.cases.holding import hold_case, resume_case
from portal.cases.messages import send_message
from portal.cases.moving import move_case
from portal.cases.queries import get_case_for_staff, whole_timeline
from portal.cases.routing_rules import add_rule
from portal.cases.taking import take_case
from portal.cases.task_answers import SIGNED_AS, STATEMENT
from portal.cases.task_queries import tasks_of
from portal.cases.tasks import do_task, save_task, set_task
from portal.cases.values import Case, CaseEvent, ChangedMeanwhile
from portal.db.embedded import EmbeddedPostgres
from portal.db.migrate import upgrade
from portal.db.session import dispose, session
from portal.errors import Conflict, Refused
from portal.jobs.queue import job, worker_app
from portal.notify.standin.app import create_standin
from portal.notify.standin.place import PATH
from portal.registry.discovery import discover
from portal.registry.histories import histories
from portal.settings.portal import Settings
from services.reporting.operations import file_report, route
from services.reporting.rules.places import Place, Point
from services.reporting.workflow import CATEGORIES, MOVES
from tests.peers.running import free_port
from tests.support.notify import notify_settings
from tests.support.settings import settings_for

SPACE = uuid.UUID("5c1d8f0e-3f1b-4a55-9b53-0a8e3d8e6f01")
CASES_EACH = 10
RIGHTS = frozenset({"work", "decide"})
TWINS = 10
MOST_TRIES = 40
LETTERS = 6
"""For each case: of the message, the task, the passing on, the start of work, the hold and the end."""
STATEMENT_WORDS = "I have told you the truth."
HEARTBEAT, DEAD_AFTER = 0.5, 4.0


def account_of(n: int) -> Account:
    """Whose case the nth is."""
    return Account(uuid.uuid5(SPACE, f"account {n // CASES_EACH}"), "Load", "en")


@dataclass(frozen=True, slots=True)
class Life:
    """One case on its way: what it is now and what has happened to it."""

    n: int
    case: Case
    events: list[CaseEvent]

    @property
    def account(self) -> Account:
        """Whose it is."""
        return account_of(self.n)

    @property
    def staff(self) -> str:
        """Who works on it."""
        return f"staff:{uuid.uuid5(SPACE, f'staff {self.n % 5}')}"

    @property
    def seen(self) -> dict[str, Any]:
        """Who acts, and on which version."""
        return {"actor": self.staff, "expected_version": self.case.version}

    def had(self, kind: str, **details: object) -> bool:
        """Whether that has happened."""
        return any(
            event.kind == kind and all(event.details.get(name) == value for name, value in details.items())
            for event in self.events
        )

    def move(self, to: str) -> None:
        """Staff move it."""
        move_case(self.case.id, to=to, channel="desk", rights=RIGHTS, **self.seen)


def write_to_resident(life: Life) -> None:
    """Staff write."""
    send_message(life.staff, life.case.id, f"We have seen it, {life.n}.", key="staff", channel="desk")


def answer(life: Life) -> None:
    """The resident writes back."""
    send_message(f"account:{life.account.id}", life.case.id, f"Thank you, {life.n}.", key="resident")


def ask(life: Life) -> None:
    """Staff ask for a signature."""
    set_task(life.case.id, kind="signature", title="Sign", words=STATEMENT_WORDS, actor=life.staff, key="sign")


def sign(life: Life) -> None:
    """The resident gives it."""
    (task,) = tasks_of(life.case.id)
    if task.is_open:
        task = save_task(life.account.id, task.id, **{SIGNED_AS: "A Load", STATEMENT: STATEMENT_WORDS})
        do_task(life.account.id, task.id, version=task.version)


def hold(life: Life) -> None:
    """Staff wait for something."""
    hold_case(life.case.id, until_on=clock.today() + timedelta(days=7), reason="We wait for a part.", **life.seen)


STEPS: tuple[tuple[Callable[[Life], bool], Callable[[Life], object]], ...] = (
    (lambda life: not life.had("taken"), lambda life: take_case(life.case.id, **life.seen)),
    (lambda life: not life.had("message_sent", from_staff=True), write_to_resident),
    (lambda life: not life.had("task_set"), ask),
    (lambda life: not life.had("task_done"), sign),
    (lambda life: not life.had("message_sent", from_staff=False), answer),
    (lambda life: life.case.status == "received", lambda life: life.move("with_team")),
    (lambda life: life.case.status == "with_team", lambda life: life.move("in_progress")),
    (lambda life: not life.had("held"), hold),
    (lambda life: life.case.is_held, lambda life: resume_case(life.case.id, **life.seen)),
    (lambda life: life.case.is_open, lambda life: life.move("fixed")),
    (lambda life: life.case.rating is None, lambda life: rate_case(life.account, life.case.id, rating=life.n % 5 + 1)),
)
"""What comes next: the first whose question is answered with yes."""


@job("load.live", attempts=30)
def live(n: int) -> None:
    """Live the nth life from wherever it is to its end."""
    case_id = begin(n)
    for _ in range(MOST_TRIES):
        life = look(n, case_id)
        step = next((step for due, step in STEPS if due(life)), None)
        if step is None:
            return
        with suppress(ChangedMeanwhile, Conflict, Refused):  # a twin was quicker: look again
            step(life)
            session().commit()
        session().rollback()  # what was refused, and what the look has read
    raise RuntimeError(f"life {n} does not come to an end")


def begin(n: int) -> uuid.UUID:
    """The case of the nth life, which begins now if it has not."""
    report_id, account = uuid.uuid5(SPACE, f"report {n}"), account_of(n)
    place = Place(f"Larkspur Lane {n}", Point(51.46 + n % 60 / 1000, -0.2))
    category = CATEGORIES[n % len(CATEGORIES)].code
    opened = file_report(account, report_id=report_id, category=category, place=place, description="A hole.")
    if opened.version == 1 and len(whole_timeline(opened.id)) == 1:
        route.defer(report_id=str(report_id))
    session().commit()
    return opened.id


def look(n: int, case_id: uuid.UUID) -> Life:
    """The nth life as it is."""
    case = get_case_for_staff(case_id)
    return Life(n, case, [event for event in whole_timeline(case_id) if event.version <= case.version])


def work(app: Flask, url: str) -> NoReturn:
    """Be a worker until killed: jobs as in production, but with a pulse that is missed sooner."""

    async def run() -> None:
        jobs = worker_app(url, app)
        async with jobs.open_async():
            await asyncio.gather(
                jobs.run_worker_async(
                    concurrency=2,
                    delete_jobs="successful",
                    fetch_job_polling_interval=0.5,
                    update_heartbeat_interval=HEARTBEAT,
                    stalled_worker_timeout=DEAD_AFTER,
                ),
                take_up(jobs),
            )

    async def take_up(jobs: Any) -> None:  # Procrastinate's application
        while True:
            await asyncio.sleep(1)
            for each in await jobs.job_manager.get_stalled_jobs(seconds_since_heartbeat=DEAD_AFTER):
                with suppress(ConnectorException):  # another worker took it up first
                    await jobs.job_manager.retry_job(each)

    asyncio.run(run())
    os._exit(0)


def stand_in(settings: Settings, port: int) -> NoReturn:
    """Be GOV.UK Notify until killed."""
    from werkzeug.middleware.dispatcher import DispatcherMiddleware  # only this process needs it

    class Silent(WSGIRequestHandler):
        def log(self, type: str, message: str, *args: Any) -> None:
            """Say nothing of each request."""

    server = make_server(
        "127.0.0.1",
        port,
        DispatcherMiddleware(Flask("nothing").wsgi_app, {PATH: create_standin(settings).wsgi_app}),
        threaded=True,
        request_handler=Silent,
    )
    server.serve_forever()
    os._exit(0)


def forked(act: Callable[[], NoReturn]) -> int:
    """Do this in a child; its process id. The child shares what was made so far, and no connection: none is open."""
    child = os.fork()
    if child:
        return child
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what a worker says whose job another took up is of no use here
    try:
        act()
    finally:
        os._exit(1)


def prepare(app: Flask, cases: int) -> None:
    """Residents, two rules, and a job for each life."""
    with app.test_request_context("/"):
        now = clock.now()
        ids = [account_of(n).id for n in range(0, cases, CASES_EACH)]
        session().execute(insert(AccountRow), [{"id": each, "language": "en", "created_at": now} for each in ids])
        session().execute(
            insert(ProfileRow),
            [{"account_id": each, "email": f"{each}@tests.example", "email_confirmed_at": now} for each in ids],
        )
        add_rule("staff:load", team="highways", service="reporting", area="northfields")
        for n in range(cases):
            for _ in range(2 if n % TWINS == 0 else 1):
                live.defer(n=n)
        session().commit()
        dispose()


LEGAL = {(move.source, move.target) for move in MOVES}
CHECKS = {
    "lives that have not come to their end": "select count(*) from portal.case"
    " where status <> 'fixed' or closed_at is null or rating is null or held_at is not null or waits_for <> 'nobody'",
    "cases with a gap among their versions": "select count(*) from portal.case c where c.version <>"
    " (select count(*) from portal.case_event e where e.case_id = c.id and e.version between 1 and c.version)",
    "cases with two of what happens once": "select count(*) from (select from portal.case_event"
    " where kind in ('opened', 'taken', 'held', 'resumed', 'rated', 'task_set', 'task_done')"
    " group by case_id, kind having count(*) > 1) doubled",
    "cases without one message from each side": "select count(*) from portal.case c where"
    " (select array_agg(from_staff order by from_staff) from portal.case_message m where m.case_id = c.id)"
    " is distinct from array[false, true]",
    "cases that routing gave to nobody, or to the wrong team": "select count(*) from portal.case where team = ''"
    " or (area = 'northfields' and team <> 'highways')",
    "notices lost or doubled": "select abs((select count(*) from portal.notice where key like 'case:%') -"
    " (select count(*) from portal.case_event where kind in ('task_set', 'held') or (kind = 'moved' and actor like"
    " 'staff:%') or (kind = 'message_sent' and (details->>'from_staff')::bool)))",
    "letters that did not leave": "select count(*) from portal.outbound_message where state <> 'sent'",
    "notices without a letter": "select abs((select count(*) from portal.notice) -"
    " (select count(*) from portal.outbound_message))",
    "letters that Notify got twice": "select count(*) - count(distinct reference) from notify_standin.notification",
    "letters that Notify never got": "select count(*) from portal.outbound_message m where not exists"
    " (select from notify_standin.notification n where n.reference = m.id::text)",
    "jobs given up or left": "select count(*) from jobs.procrastinate_jobs where status <> 'succeeded'"
    " and task_name in ('load.live', 'notify.deliver', 'reporting.route', 'reporting.confirm')",
    "audit entries missing": "select (select count(*) from portal.case_event) - (select count(*) from"
    " portal.audit_entry where act like 'case.%' and act <> 'case.let_go')",
}
_DONE = (
    "select (select count(*) from portal.case where rating is not null)"
    " + (select count(*) from portal.outbound_message where state = 'sent')"
)
_LEFT = (
    "select (select count(*) from jobs.procrastinate_jobs where status in ('todo', 'doing')"
    " and task_name in ('load.live', 'notify.deliver', 'reporting.route', 'reporting.confirm'))"
    " + (select count(*) from portal.outbound_message where state = 'waiting')"
)
_WAYS = (
    "select distinct was, status from (select status, lag(status) over (partition by case_id order by version) as was"
    " from portal.case_event) ways where was is not null and was <> status"
)


def judge(connection: psycopg.Connection[Any], cases: int) -> dict[str, int]:
    """How often each promise was broken."""
    found = {name: int(connection.execute(query).fetchone()[0]) for name, query in CHECKS.items()}  # type: ignore[arg-type, index]  # a constant, one row
    count = connection.execute("select count(*) from portal.case").fetchone()
    ways = {(was, status) for was, status in connection.execute(_WAYS)}
    return {
        "cases missing or doubled": abs(int(count[0]) - cases) if count else cases,
        "moves that the type does not allow": len(ways - LEGAL),
        **found,
    }


@contextmanager
def database(given: str) -> Iterator[str]:
    """A migrated database: the one that is given, or one of our own."""
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "cluster", durable=False)
        server.start()
        try:
            upgrade(server.url, histories(discover()))
            yield server.url
        finally:
            server.remove()


def run(url: str, *, cases: int, workers: int, kills: int, seconds: float) -> dict[str, int]:
    """Let all lives be lived while workers are killed; how often each promise was broken."""
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    settings = settings_for(url, demo=True, public_url=base, notify=notify_settings(f"{base}{PATH}"))
    app = create_app(settings)
    prepare(app, cases)
    dice, began = random.Random(7), time.monotonic()
    post = forked(lambda: stand_in(settings, port))
    alive = [forked(lambda: work(app, url)) for _ in range(workers)]
    killed, steps = 0, cases * (1 + LETTERS)
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            while time.monotonic() - began < seconds:
                time.sleep(0.2)
                done, left = (int(connection.execute(query).fetchone()[0]) for query in (_DONE, _LEFT))  # type: ignore[index]  # one row
                if not left and done >= steps:
                    break
                for place, child in enumerate(alive):
                    if os.waitpid(child, os.WNOHANG)[0]:  # ended by itself, as when it got no connection for long
                        alive[place] = forked(lambda: work(app, url))
                if killed < kills and done >= steps * (killed + 1) / (kills + 1):
                    victim = dice.randrange(workers)
                    end(alive[victim])
                    alive[victim] = forked(lambda: work(app, url))
                    killed += 1
            took = time.monotonic() - began
            broken = judge(connection, cases)
            report(connection, cases, killed, took, broken)
    finally:
        for each in (*alive, post):
            end(each)
    return broken | {"kills that did not happen": kills - killed}


def end(child: int) -> None:
    """Kill a child of ours, wherever it is."""
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


def report(connection: psycopg.Connection[Any], cases: int, killed: int, took: float, broken: dict[str, int]) -> None:
    """Print the table."""
    print(f"{cases:,} cases, {killed} kills, {took:.0f} s, {cases / took:.1f} cases a second")
    for table in ("case_event", "case_message", "notice", "outbound_message", "audit_entry"):
        row = connection.execute(f"select count(*) from portal.{table}").fetchone()  # type: ignore[arg-type]  # our own names
        print(f"{row[0] if row else 0:>10,}  {table}")
    for name, many in broken.items():
        print(f"{many:>10,}  {name}")


def main(arguments: list[str]) -> int:
    """Run, and say by the exit code whether every promise was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=3600, help="Stop after so long, whatever is left.")
    parser.add_argument("--database", default="", help="An empty, migrated database; else one of our own.")
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))  # tidy up then too
    with database(chosen.database) as url:
        broken = run(url, cases=chosen.cases, workers=chosen.workers, kills=chosen.kills, seconds=chosen.seconds)
    return 1 if any(broken.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
