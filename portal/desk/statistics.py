"""Statistics of a period: added up from the days, and from today's cases as they are.

How much is read depends on the length of the period and on how many kinds and areas there are, not on how many cases.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ARRAY, ColumnElement, Date, Float, and_, cast, func, literal, select, true, tuple_, union_all

from portal import clock
from portal.cases.models import CaseRow
from portal.db.session import session
from portal.desk.day_sums import KEYS, MEASURES, first_not_added_up, sums_of
from portal.desk.list_models import CaseDayRow
from portal.staff.values import Grants

LONGEST: Final = timedelta(days=366)
FEW: Final = 5
"""Fewer ratings than this are not shown: with few, one could tell who said what."""
BY: Final = ("month", "week", "service", "kind", "team", "area", "channel")
AGES: Final = ((0, 7), (8, 28), (29, 91), (92, None))
MOST_LINES: Final = 200
"""How many lines the page shows. The file has them all."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases, of which days, arranged by what. Empty means any; `kind` is a service or `service/type`."""

    since: date
    until: date
    by: str = "month"
    kind: str = ""
    team: str = ""
    area: str = ""
    channel: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What came in and was finished, of one month, team or the like; or of all. `days_…` count from opening to end."""

    key: str
    opened: int
    closed: int
    met: int
    missed: int
    rated: int
    stars: int
    days_median: int | None = None
    days_p90: int | None = None
    still_open: int | None = None
    hides_ratings: bool = field(default=False, kw_only=True)

    @property
    def kept(self) -> int | None:
        """Of those with a promise, how many of a hundred were finished within it."""
        promised = self.met + self.missed
        return round(100 * self.met / promised) if promised else None

    @property
    def satisfaction(self) -> float | None:
        """The mean of the ratings, from 1 to 5; None when there are too few to show."""
        return round(self.stars / self.rated, 1) if self.rated >= FEW and not self.hides_ratings else None


@dataclass(frozen=True, slots=True)
class Statistics:
    """The lines, all together, and how old the open cases are: number by (from, to) in days."""

    lines: Sequence[Line]
    whole: Line
    ages: Mapping[tuple[int, int | None], int]
    overdue: int


def statistics_of(grants: Grants, wanted: Wanted) -> Statistics:
    """The numbers of all cases for which they have the right."""
    lines, whole = _lines(grants, wanted)
    ages, overdue, by_key = _open_now(grants, wanted)
    if wanted.by not in ("month", "week"):
        lines = [_with_open(line, by_key.pop(line.key, 0)) for line in lines]
        lines += [_with_open(_none(key), many) for key, many in sorted(by_key.items())]
    lines, whole = hide_ratings(lines, _with_open(whole, sum(ages.values())))
    return Statistics(lines, whole, ages, overdue)


def hide_ratings(lines: Sequence[Line], whole: Line) -> tuple[list[Line], Line]:
    """The lines with too few ratings hide them, and so many others that nobody finds those out by subtracting.

    What all lines together have, less what is shown of them, is never a few ratings: the line with the fewest that is
    shown hides its own too, and where there is none the sum does.
    """
    hidden = [line for line in lines if 0 < line.rated < FEW]
    shown = sorted((line for line in lines if line.rated >= FEW), key=lambda line: (line.rated, line.key))
    while hidden and sum(line.rated for line in hidden) < FEW and shown:
        hidden.append(shown.pop(0))
    keys = {line.key for line in hidden}
    few = 0 < whole.rated < FEW
    return [replace(line, hides_ratings=line.key in keys) for line in lines], replace(whole, hides_ratings=few)


def _lines(grants: Grants, wanted: Wanted) -> tuple[list[Line], Line]:
    """A line for each key, and one of all together: the days are gone through once for the sums, once for the times."""
    days = _days(grants, wanted)
    keyed = select(_key(days.c, wanted.by).label("key"), *(days.c[name] for name in MEASURES)).subquery()
    each_and_all = func.grouping_sets(keyed.c.key, tuple_())
    which = (keyed.c.key, func.grouping(keyed.c.key).label("whole"))
    sums = (func.coalesce(func.sum(keyed.c[name]), 0).label(name) for name in MEASURES[:-1])
    rows = session().execute(select(*which, *sums).group_by(each_and_all).order_by("whole", keyed.c.key)).all()
    took = func.unnest(keyed.c.took).table_valued("days").render_derived().lateral()
    at = func.percentile_disc(cast(literal([0.5, 0.9], ARRAY(Float)), ARRAY(Float))).within_group(took.c.days)
    shares = select(*which, at.label("at")).select_from(keyed.join(took, true())).group_by(each_and_all)
    known = {(row.key, row.whole): row.at for row in session().execute(shares)}
    lines = [
        Line(
            "" if row.whole else _text(row.key),
            *(int(getattr(row, name)) for name in MEASURES[:-1]),
            *(known.get((row.key, row.whole)) or (None, None)),
        )
        for row in rows
    ]
    return lines[:-1], lines[-1]


def _days(grants: Grants, wanted: Wanted) -> Any:
    """The days of the period; today, and what the night has not added up, from the cases themselves."""
    columns = [CaseDayRow.day, *(getattr(CaseDayRow, column.key) for column in KEYS)]
    measures = [getattr(CaseDayRow, name) for name in MEASURES]
    live_from = max(first_not_added_up(clock.today()), wanted.since)
    past = select(*columns, *measures).where(
        CaseDayRow.day.between(wanted.since, min(wanted.until, live_from - timedelta(days=1))),
        *_narrow(wanted, CaseDayRow),
    )
    parts = [past.where(grants.where("statistics", CaseDayRow))]
    if live_from <= wanted.until:
        live = sums_of(cast(literal(live_from), Date), cast(literal(wanted.until), Date)).subquery()
        parts.append(select(live).where(grants.where("statistics", live.c), *_narrow(wanted, live.c)))
    return union_all(*parts).subquery()


def _open_now(grants: Grants, wanted: Wanted) -> tuple[dict[tuple[int, int | None], int], int, dict[str, int]]:
    """How many are open, by age in days; how many of them overdue; how many by the key. As it is now."""
    now = clock.now()
    key = _key(CaseRow, wanted.by if wanted.by not in ("month", "week") else "")
    counts = [func.count().filter(_opened_between(now, *age)).label(f"age{n}") for n, age in enumerate(AGES)]
    late = func.count().filter(CaseRow.due_at < now, CaseRow.held_at.is_(None)).label("overdue")
    query = select(key.label("key"), *counts, late).where(
        CaseRow.closed_at.is_(None), grants.where("statistics", CaseRow), *_narrow(wanted, CaseRow)
    )
    rows = session().execute(query.group_by(key).order_by(key)).all()
    ages = {age: sum(getattr(row, f"age{n}") for row in rows) for n, age in enumerate(AGES)}
    by_key = {_text(row.key): sum(getattr(row, f"age{n}") for n in range(len(AGES))) for row in rows}
    return ages, sum(row.overdue for row in rows), by_key


def _opened_between(now: datetime, youngest: int, oldest: int | None) -> ColumnElement[bool]:
    midnight = datetime.combine(now.astimezone(clock.LOCAL).date(), time(), clock.LOCAL) + timedelta(days=1)
    younger = CaseRow.opened_at < midnight - timedelta(days=youngest)
    if oldest is None:
        return younger
    return and_(younger, CaseRow.opened_at >= midnight - timedelta(days=oldest + 1))


def _key(columns: Any, by: str) -> ColumnElement[Any]:  # the columns of a table or a subquery, by name
    if by in ("month", "week"):
        return cast(func.date_trunc(literal(by, literal_execute=True), columns.day), Date)
    if by == "kind":
        return columns.service.concat("/").concat(columns.type)  # type: ignore[no-any-return]  # a column
    return getattr(columns, by) if by else func.left(columns.service, 0)  # all of them are one group


def _narrow(wanted: Wanted, columns: Any) -> list[ColumnElement[bool]]:  # as above
    service, _slash, kind = wanted.kind.partition("/")
    pairs = (
        (columns.service, service),
        (columns.type, kind),
        (columns.team, wanted.team),
        (columns.area, wanted.area),
        (columns.channel, wanted.channel),
    )
    return [column == value for column, value in pairs if value]


def _with_open(line: Line, many: int) -> Line:
    return replace(line, still_open=many)


def _none(key: str = "") -> Line:
    return Line(key, 0, 0, 0, 0, 0, 0)


def _text(key: object) -> str:
    return key.isoformat() if isinstance(key, date) else str(key)
