"""What pages cost: statements and processor time, with a few records and with hundreds."""

import time
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from flask import Flask

from portal.conformance.browsing import Browser, Shown
from portal.conformance.check import Check
from portal.conformance.findings import Finding, Look
from portal.conformance.house import ISSUER, House
from portal.conformance.residents import Known, newcomer, sign_in
from portal.conformance.walking import STAFF, STRANGER, looked_around, walked
from portal.db.session import session

FEW: Final = 30
MANY: Final = 300
MOST_STATEMENTS: Final = 25
MOST_TIMES_BARE: Final = 200
"""So many bare routes' worth of processor time: a bare Flask route is 0.2 ms, so that this is a page of 40 ms."""
MOST_GROWTH: Final = 1.5
ROUNDS: Final = 7
AT_LEAST: Final = 0.004
"""Seconds. Below, a difference between two sizes is one of the clock."""


def judge(house: House) -> Iterable[Look]:
    """One look for each page of residents; for a service that can fill in many records, at both sizes."""
    bare = _bare()
    sample = house.mounted.service.sample
    if sample is None or sample.fill is None:
        yield from _as_it_is(house, bare)
        return
    few, many = _filled(house, FEW), _filled(house, MANY)
    small, large = looked_around(house, few), looked_around(house, many)
    for endpoint, address in small.items():
        if endpoint in large:
            pair = (_cost(few, address), _cost(many, large[endpoint]))
            # What grows is too much in the end: said once, by its cause.
            yield Look(address, tuple(_grown(house, *pair)) or tuple(_alone(house, pair[1], bare)))


def _as_it_is(house: House, bare: float) -> Iterator[Look]:
    """Without many records there is one size to judge."""
    walk = house.once(walked)
    for who, browser in walk.browsers.items():
        if who in (STRANGER, STAFF):
            continue
        for shown in walk.addresses(who).values():
            cost = _cost(browser, shown[0].address)
            yield Look(shown[0].address, tuple(_alone(house, cost, bare)))


def _filled(house: House, many: int) -> Browser:
    known = newcomer(house.app, f"Holder of {many}", issuer=ISSUER)
    fill(house, known, many)
    browser = Browser(house.app, f"holder of {many}")
    sign_in(house.app, browser.client, known)
    return browser


def fill(house: House, known: Known, many: int) -> None:
    """Have the service make so many records for somebody, committed."""
    sample = house.mounted.service.sample
    assert sample is not None
    assert sample.fill is not None
    with house.app.test_request_context("/"):
        sample.fill(known.account, many)
        session().commit()


def _cost(browser: Browser, address: str) -> Shown:
    """The cheapest of some fetches: what else the machine does must not count."""
    return min((browser.get(address) for _ in range(ROUNDS)), key=lambda each: each.cpu)


def _bare() -> float:
    """Seconds of a route that does nothing, in this process."""
    app = Flask("bare")
    app.add_url_rule("/", "bare", lambda: "ok")
    client = app.test_client()
    return _least(lambda: client.get("/"))


def _least(call: Callable[[], object]) -> float:
    found = []
    for _ in range(20):
        began = time.thread_time()
        call()
        found.append(time.thread_time() - began)
    return min(found)


def _alone(house: House, cost: Shown, bare: float) -> Iterator[Finding]:
    place = house.place_of(cost.endpoint)
    if cost.statements > MOST_STATEMENTS:
        yield Finding(
            f"it sends {cost.statements} statements, and {MOST_STATEMENTS} are enough",
            "Ask for what a page shows in one query, not one for each thing.",
            place,
        )
    if cost.cpu > bare * MOST_TIMES_BARE:
        yield Finding(
            f"it takes {cost.cpu / bare:.0f} times what a bare route does, and {MOST_TIMES_BARE} times is enough",
            "Build statements once at module level, ask for columns, and show a page of rows at a time.",
            place,
        )


def _grown(house: House, few: Shown, many: Shown) -> Iterator[Finding]:
    place = house.place_of(many.endpoint)
    if many.statements > few.statements:
        yield Finding(
            f"it sends {few.statements} statements with {FEW} records and {many.statements} with {MANY}",
            "Ask for all of a page's things in one query.",
            place,
        )
    elif many.cpu > few.cpu * MOST_GROWTH and many.cpu - few.cpu > AT_LEAST:
        yield Finding(
            f"with {MANY} records it takes {many.cpu / few.cpu:.1f} times as long as with {FEW}",
            "Show some at a time, by a key and never by OFFSET, with an index for the query.",
            place,
        )


CHECK: Final = Check(
    name="budget",
    holds=f"No page sends more than {MOST_STATEMENTS} statements, nor more when there are {MANY} records.",
    mend="Ask for what a page shows in one query.",
    judge=judge,
)
