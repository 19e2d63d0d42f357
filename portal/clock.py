"""The time, asked for in one place so that tests can hold it still.

Import the module and call `clock.now()`; a name imported from here would escape the tests.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Europe/London")
_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def now() -> datetime:
    """The moment, aware, in UTC."""
    return _told.get() or datetime.now(UTC)


@contextmanager
def as_of(moment: datetime) -> Iterator[None]:
    """What is done in this block happens at `moment`: for demo data, whose stories began some time ago."""
    token = _told.set(moment)
    try:
        yield
    finally:
        _told.reset(token)


def today() -> date:
    """The day as people in the council's area call it."""
    return now().astimezone(LOCAL).date()
