"""Ask every service the same question, side by side, within one budget.

A service that raises or is late costs only its own answer. Each is asked in a thread with a session of its own. A
thread cannot be stopped, so a service that hangs keeps some threads at most: when these are taken it is not asked
again until one comes back.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from flask import Flask, current_app

from portal.accounts.values import Account
from portal.db.session import release
from portal.errors import Unavailable
from portal.identity.sessions import Session, carry, current_session_or_none
from portal.kit.manifest import Service
from portal.registry.discovery import Mounted
from portal.web.fault_log import told
from portal.web.languages import current_language, using

T = TypeVar("T")
logger = logging.getLogger(__name__)
EXTENSION = "moothall.asking"
ASKED_AT_ONCE = 16
"""Of one service: as many as a process has threads for pages, so that one that answers has a place for each page."""
THREADS = 4 * ASKED_AT_ONCE
"""Made when they are first wanted. Services that hang have taken them all only when there are four."""


@dataclass(frozen=True, slots=True)
class Asked(Generic[T]):
    """What one service said. `answer` is None when it was not asked (`off_because`) or did not answer (`problem`).

    `late` is a problem that may be over in a moment: the service is still at it, or has no thread free.
    """

    service: Service
    answer: T | None = None
    problem: bool = False
    late: bool = False
    off_because: str = ""


@dataclass(slots=True)
class Pool:
    """Threads for asking, and how many of them each service may hold."""

    budget: float
    threads: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(THREADS, "asking"))
    places: dict[str, threading.BoundedSemaphore] = field(default_factory=dict)


def install(app: Flask, services: Sequence[Mounted], *, budget_ms: int) -> None:
    """Make the threads. `budget_ms` is how long a page waits for all services together."""
    places = {each.slug: threading.BoundedSemaphore(ASKED_AT_ONCE) for each in services}
    app.extensions[EXTENSION] = Pool(budget_ms / 1000, places=places)


def ask_all(
    services: Sequence[Mounted],
    account: Account,
    off: Mapping[str, str],
    question: Callable[[Service, Account], T],
    *,
    seconds: float | None = None,
) -> list[Asked[T]]:
    """What every service says of this resident. Services in `off` are not asked and give their reason.

    `seconds` is how long to wait for all of them together; without it, as long as the settings say.
    The page's connection is given back first: the threads need their own, and the page would hold one while it waits.
    """
    release()
    pool: Pool = current_app.extensions[EXTENSION]
    until = time.monotonic() + (pool.budget if seconds is None else seconds)
    asked = {each.slug: _ask(pool, each, account, question) for each in services if each.slug not in off}
    wait([future for future in asked.values() if future], timeout=max(0.0, until - time.monotonic()))
    return [_collect(each, asked.get(each.slug), off) for each in services]


def _ask(pool: Pool, each: Mounted, account: Account, question: Callable[[Service, Account], T]) -> "Future[T] | None":
    place = pool.places[each.slug]
    if not place.acquire(blocking=False):
        return None
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the proxy's documented way out
    future = pool.threads.submit(
        _in_context, app, each, account, question, current_language(), current_session_or_none()
    )
    future.add_done_callback(lambda _: place.release())
    return future


def _in_context(
    app: Flask,
    each: Mounted,
    account: Account,
    question: Callable[[Service, Account], T],
    language: str,
    live: Session | None,
) -> T:
    with app.app_context(), using(language):
        carry(live)  # staff in the resident's place do not see all that the resident does
        return question(each.service, account)


def _collect(each: Mounted, future: "Future[T] | None", off: Mapping[str, str]) -> Asked[T]:
    if each.slug in off:
        return Asked(each.service, off_because=off[each.slug])
    if future is None or not future.done():
        logger.warning("service late: %s", each.slug)
        return Asked(each.service, problem=True, late=True)
    error = future.exception()
    if error is None:
        return Asked(each.service, answer=future.result())
    if isinstance(error, Unavailable):
        logger.warning("service failed: %s", each.slug)
    else:
        logger.error("service failed: %s\n%s", each.slug, told(error))
    return Asked(each.service, problem=True)
