"""A thousand payments while the gateway is stopped, slowed and killed, and so are those who pay and the worker.

    .venv/bin/python -m tests.load.payments_under_fire [--payments 1000] [--payers 4] [--seconds 3600]

Residents fill a basket, pay at the stand-in for GOV.UK Pay over HTTP, and come back, or do not. One in seven has a
card that is declined, some of which are charged later all the same; one in ten presses in two tabs; their service
stumbles over one payment in thirty. The gateway's answers are slow, lost after it did what was asked, somebody else's,
or none; its messages come late, twice, out of order, forged, altered or not at all; it is stopped and killed with its
memory kept, as are the residents' processes and the worker.

In the end everybody has paid, and every penny that the gateway has taken is in the books, once, where it belongs; the
reconciliation finds nothing that is left. Exit code 1 if not.
"""

import argparse
import random
import signal
import sys
import time
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

import psycopg
from flask import Flask
from sqlalchemy import text

from portal.app import create_app
from portal.db.session import dispose, session
from portal.payments.asking_again import again, tell_again
from portal.payments.ledger import trial_balance
from portal.payments.reconciling import THIS_SECOND, Report, reconcile
from portal.payments.standin.place import PATH
from tests.load.case_lives import database
from tests.load.fire.payers import declare, pay_all, prepare
from tests.load.fire.storms import STORMS, WEBHOOKS, Gate, gate, web
from tests.load.lives.processes import end, forked, work
from tests.peers.running import free_port
from tests.support.pay import pay_settings
from tests.support.settings import settings_for

_LEFT = "select :many - count(distinct account_id) from fire.told"
_DUE = "update portal.payment set ask_at = now() where ask_at is not null"
_TELL = "update portal.payment_line set tell_at = now() where outcome = 'failed'"
_SUMS = {
    "payments that paid": "select count(*) from portal.payment where state = 'paid'",
    "payments that came to nothing": "select count(*) from portal.payment where state not in ('paid')",
    "lines on the suspense account": "select count(*) from portal.payment_line where outcome = 'twice'",
    "messages of the gateway": "select count(*) from portal.payment_event",
}
_BROKEN = {
    "residents whose money was taken twice for one thing": (
        "select count(*) from (select p.account_id from portal.payment p join portal.payment_line l on"
        " l.payment_id = p.id where l.outcome = 'taken' group by 1 having count(*) > 1) twice"
    ),
    "lines that their service took and was not told of, or told of and did not take": (
        "select count(*) from (select id from portal.payment_line where outcome = 'taken') taken"
        " full join fire.told on told.line_id = taken.id where told.line_id is null or taken.id is null"
    ),
    "lines whose service still stumbles": "select count(*) from portal.payment_line where outcome = 'failed'",
}


def run(url: str, *, many: int, payers: int, seconds: float) -> bool:
    """Let everybody pay while storms go on; whether every promise was kept."""
    ports = free_port(), free_port()
    settings = settings_for(
        url,
        demo=True,
        public_url=f"http://127.0.0.1:{ports[0]}",
        pay=pay_settings(f"http://127.0.0.1:{ports[1]}{PATH}"),
    )
    app = create_app(settings, ())
    declare(app)
    prepare(app, many)
    with app.app_context():
        dispose()
    began = datetime.now(UTC)
    till = Gate(settings.pay.url, lambda: gate(settings, ports[1]))
    portal = forked(lambda: web(app, ports[0]))
    shares = [range(n, many, payers) for n in range(payers)]
    alive = [forked(lambda share=share: pay_all(app, share)) for share in shares]  # type: ignore[misc]  # a lambda's default
    worker = forked(lambda: work(app, url))
    kills = 0
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            dice, ends = random.Random(7), time.monotonic() + seconds
            storms, webhooks = cycle(STORMS), cycle(WEBHOOKS)
            while time.monotonic() < ends and (left := _number(connection, _LEFT.replace(":many", str(many)))):
                print(f"{datetime.now(UTC):%H:%M:%S} {left:,} have yet to pay", flush=True)
                till.suffer(next(storms), next(webhooks))
                victim = dice.randrange(payers + 1)
                kills += 1
                if victim == payers:
                    end(worker)
                    worker = forked(lambda: work(app, url))
                else:
                    end(alive[victim])
                    alive[victim] = forked(lambda share=shares[victim]: pay_all(app, share))  # type: ignore[misc]  # the same
            for each in alive:
                end(each)
            alive.clear()
            report = _settle(app, till, began)
            took = (datetime.now(UTC) - began).total_seconds()
            print(f"{many:,} residents, {took:.0f} s, {kills} kills of ours, storms: {till.storms}")
            return _judge(app, connection, till, report, many)
    finally:
        for each in (*alive, worker, portal, till.process):
            end(each)


def _settle(app: Flask, till: Gate, began: datetime) -> Report:
    """What the clock does in the hours after, at once; and then the reconciliation of the morning."""
    till.behave()
    time.sleep(5)  # for declined cards that are charged all the same
    with app.test_request_context("/"):
        for _round in range(3):
            for statement in (_DUE, _TELL):
                session().execute(text(statement))
            session().commit()
            for clockwork in (again, tell_again):
                clockwork()
                session().commit()
        return reconcile(began.replace(microsecond=0), datetime.now(UTC) + THIS_SECOND)


def _judge(app: Flask, connection: psycopg.Connection[Any], till: Gate, report: Report, many: int) -> bool:
    sums = till.sums()
    with app.test_request_context("/"):
        books = {each.account: each.pence for each in trial_balance()}
    recorded = books.get("gateway", 0)
    for name, query in _SUMS.items():
        print(f"{_number(connection, query):>12,}  {name}")
    print(f"{sums['payments']:>12,}  payments that the gateway knows")
    print(f"{sums['taken']:>12,}  pence that the gateway has taken")
    print(f"{recorded:>12,}  pence that are in the books: {books}")
    broken = {name: _number(connection, query) for name, query in _BROKEN.items()}
    broken["residents who have not paid"] = _number(connection, _LEFT.replace(":many", str(many)))
    broken["pence taken and not recorded, or recorded and not taken"] = abs(sums["taken"] - recorded)
    broken["differences that the reconciliation leaves"] = len(report.left)
    for name, how_many in broken.items():
        print(f"{how_many:>12,}  {name}")
    for each in report.differences:
        print(f"    {'taken in' if each.mended else 'LEFT'} {each.kind} {each.subject}: {each.says}")
    return not any(broken.values())


def _number(connection: psycopg.Connection[Any], query: str) -> int:
    row = connection.execute(query).fetchone()  # type: ignore[arg-type]  # our own statements
    return int(row[0]) if row else 0


def main(arguments: list[str]) -> int:
    """Run, and say by the exit code whether every promise was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--payments", type=int, default=1000)
    parser.add_argument("--payers", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=3600, help="Stop after so long, whatever is left.")
    parser.add_argument("--database", default="", help="An empty, migrated database; else one of our own.")
    chosen = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))  # tidy up then too
    with database(chosen.database) as url:
        kept = run(url, many=chosen.payments, payers=chosen.payers, seconds=chosen.seconds)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
