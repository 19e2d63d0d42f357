"""How many forms were begun in a period, and how many of those were sent: what people finish, and what they give up.

A form that was begun is of no team and no area yet, so it is counted for whole services: by who may see the statistics
of all of one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from sqlalchemy import Date, cast, func, literal, select, union_all

from portal import clock
from portal.cases.types import all_types
from portal.db.session import session
from portal.desk.day_sums import first_not_added_up, forms_of
from portal.desk.list_models import FormDayRow
from portal.desk.statistics import Wanted
from portal.staff.values import Grants

_COLUMNS: Final = ("day", "service", "journey", "begun", "sent")


@dataclass(frozen=True, slots=True)
class FormLine:
    """The forms of one month, week or kind; or all together, without a key."""

    key: str
    begun: int
    sent: int

    @property
    def completion(self) -> int | None:
        """Of a hundred that were begun, how many were sent."""
        return round(100 * self.sent / self.begun) if self.begun else None


def forms_begun(grants: Grants, wanted: Wanted) -> tuple[Sequence[FormLine], FormLine] | None:
    """The lines and their sum; None for who may see the statistics of no whole service."""
    mine = _services(grants, wanted)
    if not mine:
        return None
    days = _days(wanted, mine)
    by_time = wanted.by in ("month", "week")
    key: Any = (
        cast(func.date_trunc(literal(wanted.by, literal_execute=True), days.c.day), Date)
        if by_time
        else days.c.service.concat("/").concat(days.c.journey)
    )
    sums = [func.sum(days.c[name]).label(name) for name in ("begun", "sent")]
    rows = session().execute(select(key.label("key"), *sums).group_by(key).order_by(key)).all()
    lines = [FormLine(_text(row.key), int(row.begun), int(row.sent)) for row in rows]
    return lines, FormLine("", sum(line.begun for line in lines), sum(line.sent for line in lines))


def _services(grants: Grants, wanted: Wanted) -> list[str]:
    chosen = wanted.kind.partition("/")[0]
    every = {each.service for each in all_types() if chosen in ("", each.service)}
    return sorted(each for each in every if grants.allow("statistics", service=each, type="", area="", team=""))


def _days(wanted: Wanted, services: Sequence[str]) -> Any:
    """The days of the period; today, and what the night has not added up, from the forms themselves."""
    live_from = max(first_not_added_up(clock.today()), wanted.since)
    past = select(*(getattr(FormDayRow, name) for name in _COLUMNS)).where(
        FormDayRow.day.between(wanted.since, min(wanted.until, live_from - timedelta(days=1))),
        FormDayRow.service.in_(services),
    )
    parts = [past]
    if live_from <= wanted.until:
        live = forms_of(cast(literal(live_from), Date), cast(literal(wanted.until), Date)).subquery()
        parts.append(select(live).where(live.c.service.in_(services)))
    return union_all(*parts).subquery()


def _text(key: object) -> str:
    return key.isoformat() if isinstance(key, date) else str(key)
