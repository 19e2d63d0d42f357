"""Full-text search over all cases that somebody may see, newest first, at a bounded cost.

A common word stands in hundreds of thousands of cases, and an index of words knows no order. So the newest two days
are looked through first, then two weeks, then some months, and only a word so rare that all these do not fill a page
is looked for everywhere: the marks of time and team stand in the same index, which narrows before a row is read. What
is read in one step has a limit, and where that is reached the page says so instead of pretending to be complete.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import CTE, ColumnElement, cast, func, literal, select, true, tuple_
from sqlalchemy.dialects.postgresql import TSQUERY

from portal import clock
from portal.cases.models import CaseRow
from portal.cases.queries import CASE_COLUMNS, case_from
from portal.cases.search_models import CaseSearchRow
from portal.cases.search_words import QUARTER, Typed, any_of, day_of, quoted, read_typed, week_of
from portal.cases.values import Case
from portal.db.session import session
from portal.desk.filters import Filter, in_view, narrowed
from portal.desk.worklist import PAGE, Mark, Page, Reader, as_page
from portal.references import read_reference

MOST_READ: Final = 5000
"""How many cases with the words are looked at in one step."""
MOST_TEAMS: Final = 20
_NAMES: Final = tuple(column.key for column in CASE_COLUMNS)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. `incomplete`: there are more than were looked at, and the order among them is not kept."""

    page: Page
    incomplete: bool = False


def search_of(reader: Reader, chosen: Filter, mark: Mark | None = None, *, limit: int = PAGE) -> Found:
    """One page of the cases that have all the words, and fit the rest of the filter."""
    reference = read_reference(chosen.q)
    if reference is not None:
        row = session().execute(_by_reference(reader, reference)).one_or_none()
        if row is not None:
            return Found(Page([case_from(row)]))
    typed = read_typed(chosen.q)
    if not typed:
        return Found(Page([]))
    known: dict[uuid.UUID, Case] = {}
    for marks in _steps(mark):
        cases, incomplete = _look(reader, chosen, typed, mark, marks, limit)
        if incomplete and not typed.is_vague and _in_rows(typed, marks):
            incomplete = False  # so much comes in in two days: the index finds the rest
            continue
        known |= {case.id: case for case in cases}
        if len(cases) > limit or incomplete:
            break
    back = mark is not None and mark.back
    ordered = sorted(known.values(), key=lambda case: (case.opened_at, case.id), reverse=not back)
    return Found(as_page(ordered[: limit + 1], chosen, mark, limit), incomplete)


def _steps(mark: Mark | None) -> list[tuple[str, ...]]:
    """Where to look, wider each time; the last one is everywhere. Towards the newer side from a mark, if it says so."""
    here = mark.at if mark is not None else clock.now()
    to = 1 if mark is not None and mark.back else -1
    numbers = (("#d", day_of(here)), ("#w", week_of(here)), ("#q", week_of(here) // QUARTER))
    return [*((f"{kind}{number}", f"{kind}{number + to}") for kind, number in numbers), ()]


def _look(
    reader: Reader, chosen: Filter, typed: Typed, mark: Mark | None, marks: Sequence[str], limit: int
) -> tuple[Sequence[Case], bool]:
    """The first cases of one step in their order, one more than the page holds; and whether a limit was reached."""
    me, now, back = reader.staff.id, clock.now(), mark is not None and mark.back
    some = _candidates(reader, chosen, typed, mark, marks)
    order = (some.c.opened_at, some.c.case_id) if back else (some.c.opened_at.desc(), some.c.case_id.desc())
    # One look-up by id for each candidate in its order, until the page is full: never the whole table of cases.
    one = (
        select(*CASE_COLUMNS)
        .where(CaseRow.id == some.c.case_id, reader.may_see, in_view(chosen, me, now), *narrowed(chosen, me, now))
        .limit(1)
        .lateral()
    )
    page = (
        select(one).select_from(some.join(one, true())).where(some.c.fits).order_by(*order).limit(limit + 1).subquery()
    )
    read = select(func.count().label("read")).select_from(some).subquery()
    rows = session().execute(select(read.c.read, page).select_from(read.outerjoin(page, true()))).all()
    cases = [Case(**{name: row._mapping[name] for name in _NAMES}) for row in rows if row.id is not None]
    return cases, rows[0].read >= MOST_READ


def _candidates(reader: Reader, chosen: Filter, typed: Typed, mark: Mark | None, marks: Sequence[str]) -> CTE:
    """Ids of the cases with the words, in any order, up to the limit.

    Within the narrowest step the beginning of a word is looked for in the rows: the index would first put together all
    words that begin so, of all years. What is not frequent there is rare enough to be asked of the index. One or two
    letters are never asked of it.
    """
    in_rows = _in_rows(typed, marks)
    words = Typed(typed.words) if in_rows else typed
    query = " & ".join(part for part in (words.query, *_within(reader, chosen, marks)) if part)
    conditions: list[ColumnElement[bool]] = [CaseSearchRow.words.op("@@", is_comparison=True)(cast(query, TSQUERY))]
    if mark is not None:
        here, there = tuple_(CaseSearchRow.opened_at, CaseSearchRow.case_id), tuple_(literal(mark.at), literal(mark.id))
        conditions.append(here > there if mark.back else here < there)
    fits: ColumnElement[bool] = true()
    if in_rows:
        fits = func.ts_match_vq(CaseSearchRow.words, cast(Typed((), typed.beginning).query, TSQUERY))
    columns = (CaseSearchRow.case_id, CaseSearchRow.opened_at, fits.label("fits"))
    found = select(*columns).where(*conditions).limit(MOST_READ)
    return found.cte("some").prefix_with("MATERIALIZED", dialect="postgresql")


def _in_rows(typed: Typed, marks: Sequence[str]) -> bool:
    return typed.is_vague or (bool(typed.beginning) and any(each.startswith("#d") for each in marks))


def _within(reader: Reader, chosen: Filter, marks: Sequence[str]) -> list[str]:
    """What else the index can narrow by: the time, and whose cases of which kind they are."""
    service, _slash, kind = chosen.kind.partition("/")
    teams = reader.grants.teams("look")
    found = [any_of(marks)] if marks else []
    if kind or service:
        found.append(quoted(f"#k{service}.{kind}" if kind else f"#s{service}"))
    if chosen.area:
        found.append(quoted(f"#a{chosen.area}"))
    if chosen.team:
        found.append(quoted(f"#t{chosen.team}"))
    elif teams and len(teams) <= MOST_TEAMS:
        found.append(any_of([f"#t{team}" for team in sorted(teams)]))
    return found


def _by_reference(reader: Reader, reference: str) -> Any:  # a statement over the columns of a case
    return select(*CASE_COLUMNS).where(CaseRow.reference == reference, reader.may_see)
