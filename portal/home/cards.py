"""Ask every service for its part of home, side by side, within one budget.

A service that raises or is late costs only its own card. Each is asked in a thread with a session of its own. A
thread cannot be stopped, so a service that hangs keeps a few threads at most: when these are taken it is not asked
again until one comes back.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from flask import Flask, current_app

from portal.accounts.values import Account
from portal.db.session import release
from portal.errors import Unavailable
from portal.kit.manifest import Activity, Card
from portal.registry.discovery import Mounted
from portal.web.fault_log import told
from portal.web.languages import current_language, using

logger = logging.getLogger(__name__)
EXTENSION = "moothall.cards"
THREADS = 32
ASKED_AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Answer:
    """One service's part of home. `problem` is set instead of cards when it did not answer."""

    slug: str
    title: str
    summary: str
    cards: Sequence[Card] = ()
    activity: Sequence[Activity] = ()
    problem: bool = False
    off_because: str = ""


@dataclass(slots=True)
class Pool:
    """Threads for asking, and how many of them each service may hold."""

    budget: float
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS, "cards"))
    places: dict[str, threading.BoundedSemaphore] = field(default_factory=dict)


def install(app: Flask, services: Sequence[Mounted], *, budget_ms: int) -> None:
    """Make the threads. `budget_ms` is how long home waits for all services together."""
    places = {each.slug: threading.BoundedSemaphore(ASKED_AT_ONCE) for each in services}
    app.extensions[EXTENSION] = Pool(budget_ms / 1000, places=places)


def ask_all(services: Sequence[Mounted], account: Account, off: Mapping[str, str]) -> list[Answer]:
    """What every service has for this resident. Services in `off` are not asked and give their reason.

    The page's connection is given back first: the threads need their own, and the page would hold one while it waits.
    """
    release()
    pool: Pool = current_app.extensions[EXTENSION]
    until = time.monotonic() + pool.budget
    asked = {each.slug: _ask(pool, each, account) for each in services if each.slug not in off}
    wait([future for future in asked.values() if future], timeout=max(0.0, until - time.monotonic()))
    return [_collect(each, asked.get(each.slug), off) for each in services]


def _ask(pool: Pool, each: Mounted, account: Account) -> "Future[tuple[Sequence[Card], Sequence[Activity]]] | None":
    place = pool.places[each.slug]
    if not place.acquire(blocking=False):
        return None
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's documented way out
    future = pool.threads.submit(_in_context, app, each, account, current_language())
    future.add_done_callback(lambda _: place.release())
    return future


def _in_context(
    app: Flask, each: Mounted, account: Account, language: str
) -> tuple[Sequence[Card], Sequence[Activity]]:
    with app.app_context(), using(language):
        cards = [_plain(Card, card) for card in each.service.home_cards(account)]
        activity = [_plain(Activity, item) for item in each.service.activity(account)]
        return cards, activity


def _plain(kind: Callable[..., Any], value: Any) -> Any:
    """Refuse a wrong answer here, where it costs one service, and not in the template, where it costs the page."""
    if not isinstance(value, kind):  # type: ignore[arg-type]  # Card and Activity are classes
        raise TypeError(f"expected {kind}, not {type(value)}")
    return value


def _collect(each: Mounted, future: "Future[Any] | None", off: Mapping[str, str]) -> Answer:
    answered = partial(Answer, each.slug, str(each.service.title), str(each.service.summary))
    if each.slug in off:
        return answered(off_because=off[each.slug])
    if future is None or not future.done():
        logger.warning("service late on home: %s", each.slug)
        return answered(problem=True)
    error = future.exception()
    if error is not None:
        if isinstance(error, Unavailable):
            logger.warning("service failed on home: %s", each.slug)
        else:
            logger.error("service failed on home: %s\n%s", each.slug, told(error))
        return answered(problem=True)
    cards, activity = future.result()
    return answered(cards=cards, activity=activity)
