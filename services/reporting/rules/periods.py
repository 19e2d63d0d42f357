"""The period that figures are asked for: whole days in the council's own time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from portal.kit import clock

USUAL: Final = timedelta(days=91)
LONGEST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both included."""

    first: date
    last: date

    @property
    def since(self) -> datetime:
        """When it begins."""
        return datetime.combine(self.first, time(), clock.LOCAL)

    @property
    def until(self) -> datetime:
        """When the day after it begins."""
        return datetime.combine(self.last + timedelta(days=1), time(), clock.LOCAL)


def read_period(values: Mapping[str, str]) -> Period:
    """The period in an address, `from` and `to` as 2026-11-22: at most a year, up to today. What cannot be read, or
    is in the wrong order, is the last quarter.
    """
    today = clock.today()
    last = min(_day(values.get("to", "")) or today, today)
    first = _day(values.get("from", "")) or last - USUAL
    if first > last:
        first = last - USUAL
    return Period(max(first, last - LONGEST), last)


def faults_in(values: Mapping[str, str]) -> Mapping[str, str]:
    """What is wrong with the days in an address, by their name: `unreadable`, or `order` where the last comes first."""
    given = {name: values.get(name, "").strip() for name in ("from", "to")}
    days = {name: _day(text) for name, text in given.items()}
    faults = {name: "unreadable" for name, text in given.items() if text and days[name] is None}
    if days["from"] and days["from"] > (days["to"] or clock.today()):
        faults["from"] = "order"
    return faults


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.year > 1900 else None
