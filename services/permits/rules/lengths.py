"""How long a permit runs: whole months or whole days, written `12m` and `14d` in tariffs and addresses."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Final

from pydantic import BeforeValidator, PlainSerializer

from portal.kit import Lazy
from portal.kit import lazy_gettext as _

_WRITTEN: Final = re.compile(r"([1-9][0-9]{0,2})([md])", re.ASCII)
MOST_MONTHS: Final = 60


@dataclass(frozen=True, slots=True, order=True)
class Length:
    """So many months, or so many days; exactly one of them is not nothing. Raises ValueError for anything else."""

    months: int = 0
    days: int = 0

    def __post_init__(self) -> None:
        if (self.months > 0) == (self.days > 0) or self.months < 0 or self.days < 0 or self.months > MOST_MONTHS:
            raise ValueError("a length is so many months or so many days, such as 12m or 14d")

    @property
    def code(self) -> str:
        """`12m` or `14d`."""
        return f"{self.months}m" if self.months else f"{self.days}d"

    @property
    def said(self) -> Lazy:
        """“12 months”, “1 month”, “14 days”."""
        if self.months:
            return _("1 month") if self.months == 1 else _("%(many)s months", many=self.months)
        return _("1 day") if self.days == 1 else _("%(many)s days", many=self.days)

    def last_day(self, first_on: date) -> date:
        """The last day of a permit from `first_on`: 12 months from 1 March end with 28 or 29 February."""
        if self.months:
            return last_of_months(first_on, self.months)
        return first_on + timedelta(days=self.days - 1)


def read_length(written: object) -> Length:
    """`12m` or `14d`. Raises ValueError."""
    if isinstance(written, Length):
        return written
    found = _WRITTEN.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        raise ValueError("a length is written as 12m or 14d")
    many = int(found[1])
    return Length(months=many) if found[2] == "m" else Length(days=many)


WrittenLength = Annotated[Length, BeforeValidator(read_length), PlainSerializer(lambda length: length.code)]
"""A length in a tariff's data."""


def months_after(day: date, months: int) -> date:
    """The same day some months on, or the last of a month that has no such day.

    The rule of the corresponding date, by which the courts count months (Dodds v Walker [1981] UKHL 3).
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_of_months(first_on: date, months: int) -> date:
    """The last of so many months from a day: the day before the same day, or the month's last where it has none.

    A month from 31 January ends with 28 February and not the day before: nobody loses a day to the calendar.
    """
    same = months_after(first_on, months)
    return same if same.day < first_on.day else same - timedelta(days=1)
