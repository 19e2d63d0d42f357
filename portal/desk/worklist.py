"""Read one page of a worklist, at the same cost among a thousand cases as among a million.

A page runs along an index in its order and stops when it is full. Somebody with rights for a few teams gets a stretch
of each team's index, and the stretches are put together; so no list reads what is another team's. Cases without a
promise come after those with one, as a stretch of their own.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, bindparam, func, literal, select, tuple_, union_all

from portal import clock
from portal.accounts.models import ProfileRow
from portal.cases.models import CaseRow
from portal.cases.queries import CASE_COLUMNS, case_from
from portal.cases.talk_values import mark_of, read_mark
from portal.cases.values import Case
from portal.db.session import session
from portal.desk.filters import Filter, in_view, narrowed, view_conditions
from portal.staff.values import Grants, Staff

PAGE: Final = 25
MOST_STRETCHES: Final = 20
COUNTED: Final = 2000
"""How many open cases, those due first, the numbers beside the views are counted in."""
UNDATED: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""In the mark of a page that ends among cases without a promise."""

_NAMES = select(
    ProfileRow.account_id, func.concat_ws(" ", ProfileRow.given_name, ProfileRow.family_name).label("name")
).where(ProfileRow.account_id.in_(bindparam("accounts", expanding=True)))


@dataclass(frozen=True, slots=True)
class Page:
    """Some cases in their order, and the marks where the pages before and after begin, if there are any."""

    cases: Sequence[Case]
    previous: str | None = None
    next: str | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Where in a list a page begins: after, or before, a case by what it is ordered by."""

    at: datetime
    id: uuid.UUID
    back: bool = False


@dataclass(frozen=True, slots=True)
class Reader:
    """Whose list it is: who they are, and what they may see."""

    staff: Staff
    grants: Grants

    @property
    def may_see(self) -> ColumnElement[bool]:
        """The condition that leaves out another team's cases."""
        return self.grants.where("look", CaseRow)


def read_marks(after: str, before: str) -> Mark | None:
    """The mark in an address; None for anything else, which means the first page."""
    found = read_mark(before) or read_mark(after)
    return Mark(*found, back=read_mark(before) is not None) if found else None


def page_of(reader: Reader, chosen: Filter, mark: Mark | None = None, *, limit: int = PAGE) -> Page:
    """One page of a list of open cases, or of those closed lately."""
    back = mark is not None and mark.back
    wanted = [in_view(chosen, reader.staff.id, clock.now()), *narrowed(chosen, reader.staff.id, clock.now())]
    stretches = [
        _stretch([*wanted, *place, *part], chosen, back, limit)
        for place in _places(reader, chosen)
        for part in _parts(chosen, mark)
    ]
    found = [case_from(row) for row in session().execute(_together(stretches, back, limit))]
    return as_page(found, chosen, mark, limit)


def as_page(found: Sequence[Case], chosen: Filter, mark: Mark | None, limit: int) -> Page:
    """The page that one case more than it holds makes."""
    more, back = len(found) > limit, mark is not None and mark.back
    shown = list(found[:limit])
    if back:
        shown.reverse()
    first, last = (_mark(shown[0], chosen), _mark(shown[-1], chosen)) if shown else (None, None)
    has_previous, has_next = (more, True) if back else (mark is not None, more)
    return Page(shown, first if has_previous else None, last if has_next else None)


def names_of(cases: Sequence[Case]) -> dict[uuid.UUID, str]:
    """By account: the residents' names. One query for a page."""
    ids = {case.account_id for case in cases if case.account_id is not None}
    return {row.account_id: row.name for row in session().execute(_NAMES, {"accounts": list(ids)})} if ids else {}


def counts(reader: Reader) -> tuple[dict[str, int], bool]:
    """How many open cases each view has among the first `COUNTED` that are due, and whether there are more than those.

    One look at so many rows, however many there are behind them.
    """
    views = view_conditions(reader.staff.id, clock.now())
    some = (
        select(*(condition.label(view) for view, condition in views))
        .where(CaseRow.closed_at.is_(None), reader.may_see)
        .order_by(CaseRow.due_at, CaseRow.id)
        .limit(COUNTED + 1)
        .subquery()
    )
    counted = (func.count().filter(some.c[view]).label(view) for view, _condition in views)
    found = dict(session().execute(select(*counted).select_from(some)).one()._mapping)
    return found, found["teams"] > COUNTED


def _places(reader: Reader, chosen: Filter) -> list[list[ColumnElement[bool]]]:
    """The stretches by team: one for each team of theirs, where the order of a team's own index serves.

    A case has one team, so no case is in two of them.
    """
    teams = reader.grants.teams("look")
    own_list = chosen.view == "mine" or chosen.team or chosen.order != "due"
    if own_list or teams is None or len(teams) > MOST_STRETCHES:
        return [[reader.may_see]]
    return [[CaseRow.team == team, reader.may_see] for team in sorted(teams)]


def _parts(chosen: Filter, mark: Mark | None) -> list[list[ColumnElement[bool]]]:
    """What is left of the list on that side of the mark, as stretches of an index."""
    if chosen.order != "due":
        column = _ordered_by(chosen)
        if mark is None:
            return [[]]
        here, there = tuple_(column, CaseRow.id), tuple_(literal(mark.at), literal(mark.id))
        return [[here > there if mark.back else here < there]]
    dated, undated = CaseRow.due_at.is_not(None), CaseRow.due_at.is_(None)
    if mark is None:
        return [[dated], [undated]]
    if mark.at == UNDATED:
        return [[undated, CaseRow.id < mark.id], [dated]] if mark.back else [[undated, CaseRow.id > mark.id]]
    here, there = tuple_(CaseRow.due_at, CaseRow.id), tuple_(literal(mark.at), literal(mark.id))
    return [[here < there]] if mark.back else [[here > there], [undated]]


def _stretch(wanted: Sequence[ColumnElement[bool]], chosen: Filter, back: bool, limit: int) -> Any:
    column = _ordered_by(chosen)
    downwards = back == (chosen.order == "due")
    order = (column.desc(), CaseRow.id.desc()) if downwards else (column, CaseRow.id)
    return select(*CASE_COLUMNS).where(and_(*wanted)).order_by(*order).limit(limit + 1)


def _together(stretches: Sequence[Any], back: bool, limit: int) -> Any:
    """The stretches as one list. A single one is in its order already."""
    if len(stretches) == 1:
        return stretches[0]
    whole = union_all(*(select(each.subquery()) for each in stretches)).subquery()
    due, key = whole.c.due_at, whole.c.id
    order = (due.desc().nulls_first(), key.desc()) if back else (due.asc().nulls_last(), key)
    return select(whole).order_by(*order).limit(limit + 1)


def _ordered_by(chosen: Filter) -> Any:  # a column of moments
    return {"closed": CaseRow.closed_at, "newest": CaseRow.opened_at}.get(chosen.order, CaseRow.due_at)


def _mark(case: Case, chosen: Filter) -> str:
    at = {"closed": case.closed_at, "newest": case.opened_at}.get(chosen.order, case.due_at)
    return mark_of(at or UNDATED, case.id)
