"""A circuit breaker: after so many failures in a row nobody is sent to wait for the same failure again, for a while."""

import math
import threading
import time
from collections.abc import Callable
from typing import Final, Literal

OPENS_AFTER: Final = 5
RESTS: Final = 30.0
"""Seconds without a call. Then one call is let through; when it fails too, so many more."""

State = Literal["closed", "open", "half_open"]


class Breaker:
    """One for each back office and process. Threads may share it."""

    def __init__(
        self, *, opens_after: int = OPENS_AFTER, rests: float = RESTS, now: Callable[[], float] = time.monotonic
    ) -> None:
        self._lock = threading.Lock()
        self._opens_after = opens_after
        self._rests = rests
        self._now = now
        self._failures = 0
        self._failed: set[str] = set()
        self._opened_at: float | None = None
        self._probed_at: float | None = None

    @property
    def state(self) -> State:
        """`half_open` while one call finds out whether the office is back."""
        if self._opened_at is None:
            return "closed"
        return "open" if self._probed_at is None else "half_open"

    def admits(self, *, let_ago: float = math.inf) -> bool:
        """Whether a call may be made. Whoever is let through says how it went, by `succeeded` or `failed`.

        `let_ago` seconds ago somebody let it be tried again: that counts if it has been left alone for longer.
        """
        with self._lock:
            if self._opened_at is None:
                return True
            # A probe whose thread died without a word would otherwise keep all others out for ever.
            since = self._opened_at if self._probed_at is None else self._probed_at
            rested = self._now() - since
            is_let = self._probed_at is None and let_ago < rested
            if rested < self._rests and not is_let:
                return False
            self._probed_at = self._now()
            return True

    def succeeded(self) -> bool:
        """The office answered. True when that closes the breaker."""
        with self._lock:
            was_open = self._opened_at is not None
            self._failures, self._opened_at, self._probed_at = 0, None, None
            self._failed.clear()
            return was_open

    def failed(self, only: str = "") -> bool:
        """The office did not answer well. True when that opens the breaker.

        `only` names what may be all that is broken, such as one record: however often it fails, it counts once.
        """
        with self._lock:
            self._failures += only not in self._failed
            if only:
                self._failed.add(only)
            if self._opened_at is not None:
                if self._probed_at is not None:
                    self._opened_at, self._probed_at = self._now(), None
                return False
            if self._failures < self._opens_after:
                return False
            self._opened_at = self._now()
            self._failed.clear()
            return True
