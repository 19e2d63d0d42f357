"""The time, asked for in one place so that tests can hold it still.

Import the module and call `clock.now()`; a name imported from here would escape the tests.
"""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

LOCAL = ZoneInfo("Europe/London")


def now() -> datetime:
    """The moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The day as people in the council's area call it."""
    return now().astimezone(LOCAL).date()
