"""Slow hashes without slow pages: a thread of low priority does the hashing, and only so many requests may wait.

Argon2 takes 35 ms of a core and lets go of the interpreter meanwhile. Three things could starve other pages:

- the cores: hashing runs at a lower priority of the operating system, so that a page is served first;
- the interpreter: one sign-in at a time is worked on in each process, all of it and not the hash alone, or fifty that
  arrive together would all want the interpreter's lock before the first comes to be hashed. There is about one process
  for each core, so every core can hash;
- the server's threads: each sign-in that waits holds one, so there is room for some, and who comes when there is none
  is told at once to try again.
"""

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from portal.errors import Unavailable
from portal.web.languages import gettext as _

P = ParamSpec("P")
R = TypeVar("R")

WAIT_SECONDS = 5.0
NICENESS = 10
"""Ten steps are a tenth of a page's share. At nineteen a thread that is given nothing would keep the interpreter's
lock, which it takes for the moment between two hashes, for too long. Measured side by side while fifty wrong passwords
arrived (six rounds, two processes on two shared cores), the slowest twentieth of another page's answers took 76 ms at
ten, 57 at fifteen and 69 at nineteen, which changed places from run to run. With four processes on two cores, one hash
for each core over all of them made 57 ms of 60: not worth a lock that processes share."""

TURNS = 1
"""Of each process. With two, another page took three times as long in its worst twentieth as with one."""

_pool: ThreadPoolExecutor | None = None
_making = threading.Lock()
_turns = threading.BoundedSemaphore(TURNS)
_room = threading.BoundedSemaphore(6)
_mine = threading.local()


def let_wait(requests: int) -> None:
    """So many requests of this process may have a turn or wait for one at a time."""
    global _room
    _room = threading.BoundedSemaphore(requests)


@contextmanager
def turn() -> Iterator[None]:
    """A turn at work with a password in it; within another one, the same. Nothing may be held that others wait for.

    Raises Unavailable at once when too many wait already, and when none has been free for long.
    """
    if getattr(_mine, "held", False):
        yield
        return
    room, turns = _room, _turns
    if not room.acquire(blocking=False):
        raise _busy()
    try:
        if not turns.acquire(timeout=WAIT_SECONDS):
            raise _busy()
        try:
            _mine.held = True
            yield
        finally:
            _mine.held = False
            turns.release()
    finally:
        room.release()


def slowly(act: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """What `act` returns, worked out in a turn by a thread that steps back. Raises Unavailable as `turn` does."""
    with turn():
        return _threads().submit(act, *args, **kwargs).result()


def _busy() -> Unavailable:
    return Unavailable(_("Many people are signing in right now. Wait a minute and try again."))


def _threads() -> ThreadPoolExecutor:
    """As many as there are turns, started at the first hash: a server forks its workers before that."""
    global _pool
    with _making:
        if _pool is None:
            _pool = ThreadPoolExecutor(TURNS, thread_name_prefix="hashing", initializer=_step_back)
        return _pool


def _step_back() -> None:
    """Lower the priority of this thread alone, where the system knows how."""
    if hasattr(os, "setpriority"):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)


def _forget_threads() -> None:
    """In a forked process: its parent's threads are not there, nor will they give anything back."""
    global _pool, _making, _turns
    _pool, _making, _turns = None, threading.Lock(), threading.BoundedSemaphore(TURNS)


os.register_at_fork(after_in_child=_forget_threads)
