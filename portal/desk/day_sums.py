"""The days, added up: each night the last weeks anew, so that the statistics never read a million cases.

A day is written as a whole in one transaction, so adding up twice changes nothing. What happens to a case later, such
as a rating or a reopening, counts on the day when it was opened or closed, as long as that day is still added up anew.
"""

from datetime import date, timedelta
from typing import Any, Final
from typing import cast as cast_type

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    Table,
    bindparam,
    case,
    cast,
    delete,
    func,
    insert,
    literal,
    select,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by

from portal import clock
from portal.cases.models import CaseRow, FormBegunRow
from portal.db.session import session
from portal.desk.list_models import CaseDayRow, FormDayRow
from portal.jobs.queue import job

AGAIN: Final = 92
"""How many days back each night adds up anew."""
KEYS: Final = (CaseRow.service, CaseRow.type, CaseRow.team, CaseRow.area, CaseRow.channel)
MEASURES: Final = ("opened", "closed", "met", "missed", "rated", "stars", "took")


def local_day_of(column: Any) -> ColumnElement[date]:  # a column of moments
    """The day of a moment as people here call it; written as its index is."""
    return cast(func.timezone(literal(str(clock.LOCAL), literal_execute=True), column), Date)


OPENED_ON, CLOSED_ON = local_day_of(CaseRow.opened_at), local_day_of(CaseRow.closed_at)


def sums_of(since: ColumnElement[date], until: ColumnElement[date]) -> Select[Any]:
    """What came in and was finished on these days, by day, kind and place: straight from the cases."""
    nothing = literal(0)
    came = (
        select(OPENED_ON.label("day"), *KEYS, literal(1).label("opened"))
        .add_columns(*(nothing.label(name) for name in ("closed", "met", "missed", "rated", "stars")))
        .add_columns(cast(None, Integer).label("days"))
        .where(OPENED_ON.between(since, until))
    )
    promised = CaseRow.due_at.is_not(None)
    went = (
        select(CLOSED_ON.label("day"), *KEYS, nothing.label("opened"), literal(1).label("closed"))
        .add_columns(
            case((promised & (CaseRow.closed_at <= CaseRow.due_at), 1), else_=0).label("met"),
            case((promised & (CaseRow.closed_at > CaseRow.due_at), 1), else_=0).label("missed"),
            case((CaseRow.rating.is_not(None), 1), else_=0).label("rated"),
            func.coalesce(CaseRow.rating, 0).label("stars"),
            (CLOSED_ON - OPENED_ON).label("days"),
        )
        .where(CLOSED_ON.between(since, until))
    )
    both = union_all(came, went).subquery()
    keys = [both.c.day, *(both.c[column.key] for column in KEYS)]
    took = func.array_agg(aggregate_order_by(both.c.days, both.c.days)).filter(both.c.days.is_not(None))
    empty = cast(literal([], ARRAY(Integer)), ARRAY(Integer))
    return select(
        *keys,
        *(cast(func.sum(both.c[name]), Integer).label(name) for name in MEASURES[:-1]),
        func.coalesce(took, empty).label("took"),
    ).group_by(*keys)


BEGUN_ON = local_day_of(FormBegunRow.begun_at)


def forms_of(since: ColumnElement[date], until: ColumnElement[date]) -> Select[*tuple[Any, ...]]:
    """Which forms were begun on these days, by day, service and form, and how many of them were sent."""
    keys = (BEGUN_ON.label("day"), FormBegunRow.service, FormBegunRow.journey)
    sent = func.count(FormBegunRow.sent_at).label("sent")
    return select(*keys, func.count().label("begun"), sent).where(BEGUN_ON.between(since, until)).group_by(*keys)


_DAY = cast(bindparam("day", type_=Date), Date)
_FORGET = delete(CaseDayRow).where(CaseDayRow.day == bindparam("day"))
_TABLE: Final = cast_type(Table, CaseDayRow.__table__)
_WRITE = insert(_TABLE).from_select(["day", *(column.key for column in KEYS), *MEASURES], sums_of(_DAY, _DAY))
_FORMS: Final = cast_type(Table, FormDayRow.__table__)
_FORGET_FORMS = delete(FormDayRow).where(FormDayRow.day == bindparam("day"))
_WRITE_FORMS = insert(_FORMS).from_select(["day", "service", "journey", "begun", "sent"], forms_of(_DAY, _DAY))
_LAST = select(func.max(CaseDayRow.day))


def first_not_added_up(today: date) -> date:
    """From which day on, up to today, nothing is added up yet: today, unless the nightly job did not run."""
    last: date | None = session().scalar(_LAST)
    return min(today, last + timedelta(days=1)) if last is not None else date.min


def add_up(day: date) -> None:
    """Write the sums of one day anew, in this transaction."""
    session().execute(_FORGET, {"day": day}, execution_options={"synchronize_session": False})
    session().execute(_WRITE, {"day": day})
    session().execute(_FORGET_FORMS, {"day": day}, execution_options={"synchronize_session": False})
    session().execute(_WRITE_FORMS, {"day": day})


@job("desk.add_up", cron="7 2 * * *")
def add_up_lately(days: int = AGAIN) -> None:
    """Add up the last weeks anew, each day committed. The first run takes all days that there are."""
    today = clock.today()
    start = today - timedelta(days=days)
    if session().scalar(select(CaseDayRow.day).limit(1)) is None:
        start = min(start, session().scalar(select(func.min(OPENED_ON))) or start)
    session().commit()
    while start < today:
        add_up(start)
        session().commit()
        start += timedelta(days=1)
