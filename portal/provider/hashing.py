"""Slow hashes without slow pages: a few threads of low priority do the hashing, and only so many requests may wait.

Argon2 takes 35 ms of a core and lets go of the interpreter meanwhile, so what could starve other pages is the cores
and the server's threads. The cores: hashing runs at a lower priority of the operating system, so that a page that
has something to do is served first, whatever waits here. The threads: each waiting sign-in holds one, so there is
room for some, and who comes when there is none is told at once to try again.
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from typing import ParamSpec, TypeVar

from portal.errors import Unavailable
from portal.web.languages import gettext as _

P = ParamSpec("P")
R = TypeVar("R")

WAIT_SECONDS = 5.0
NICENESS = 10
"""Ten steps are a tenth of a page's share. At nineteen a thread that is given nothing would keep the interpreter's
lock, which it takes for the moment between two hashes, for too long."""

_cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
_pool: ThreadPoolExecutor | None = None
_making = threading.Lock()
_room = threading.BoundedSemaphore(8)


def let_wait(requests: int) -> None:
    """So many requests of this process may hash or wait for it at a time."""
    global _room
    _room = threading.BoundedSemaphore(requests)


def slowly(act: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What `act` returns, worked out when a turn is free. Raises Unavailable at once when too many wait already."""
    room = _room
    if not room.acquire(blocking=False):
        raise _busy()
    try:
        turn = _threads().submit(act, *args, **kwargs)
        try:
            return turn.result(timeout=WAIT_SECONDS)
        except TooSlow:
            turn.cancel()
            raise _busy() from None
    finally:
        room.release()


def _busy() -> Unavailable:
    return Unavailable(_("Many people are signing in right now. Wait a minute and try again."))


def _threads() -> ThreadPoolExecutor:
    """One for each core, started at the first hash: a server forks its workers before that."""
    global _pool
    with _making:
        if _pool is None:
            _pool = ThreadPoolExecutor(_cores, thread_name_prefix="hashing", initializer=_step_back)
        return _pool


def _step_back() -> None:
    """Lower the priority of this thread alone, where the system knows how."""
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def _forget_threads() -> None:
    """In a forked process: its parent's threads are not there."""
    global _pool, _making
    _pool, _making = None, threading.Lock()


os.register_at_fork(after_in_child=_forget_threads)
