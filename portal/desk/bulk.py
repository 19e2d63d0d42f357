"""One act on many cases: chosen, tried on paper, confirmed, then done one by one by the job worker.

Each case is a transaction of its own, in which the act and its outcome are written together. So a worker that is
killed has done a case wholly or not at all, the job may run twice or two at a time, and nothing is done twice. Rights
are read anew for each case: one that is taken away meanwhile counts for all that are left.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Integer, Text, bindparam, column, exists, func, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB

from portal import clock
from portal.audit.operations import record
from portal.cases.models import CaseRow
from portal.cases.queries import CASE_COLUMNS, case_from
from portal.cases.values import Case
from portal.db.session import session
from portal.desk.bulk_acts import Chosen, text_for, try_on
from portal.desk.bulk_around import Around
from portal.desk.bulk_work import work_off
from portal.desk.filters import Filter
from portal.desk.list_models import BulkActRow, BulkItemRow
from portal.desk.searching import search_of
from portal.desk.worklist import Reader, page_of
from portal.errors import NotFound, Refused
from portal.references import read_reference
from portal.staff.values import Staff
from portal.web.languages import gettext as _

MOST: Final = 1000
"""How many cases one bulk act takes: what a person can still answer for."""
PAGE: Final = 50
"""How many cases stand on one page of the preview and of the result."""

_ACT = select(BulkActRow).where(BulkActRow.id == bindparam("bulk"), BulkActRow.staff_id == bindparam("staff"))
_COUNTS = (
    select(BulkItemRow.outcome, func.count())
    .where(BulkItemRow.bulk_id == bindparam("bulk"))
    .group_by(BulkItemRow.outcome)
)
_WARNED = select(func.count()).where(
    BulkItemRow.bulk_id == bindparam("bulk"), BulkItemRow.outcome == "waiting", BulkItemRow.sentence != ""
)
_ITEMS = (
    select(BulkItemRow.position, BulkItemRow.outcome, BulkItemRow.sentence, *CASE_COLUMNS)
    .join(CaseRow, CaseRow.id == BulkItemRow.case_id)
    .where(BulkItemRow.bulk_id == bindparam("bulk"))
    .order_by(BulkItemRow.position)
)
_LINES = _ITEMS.where(BulkItemRow.position >= bindparam("start")).limit(bindparam("limit"))
_BY_REFERENCE = (
    select(*CASE_COLUMNS)
    .where(CaseRow.reference.in_(bindparam("references", expanding=True)))
    .order_by(CaseRow.opened_at, CaseRow.id)
)
_STILL = exists().where(BulkItemRow.bulk_id == bindparam("bulk"), BulkItemRow.outcome == "waiting")
_NOTED = (
    func.jsonb_to_recordset(bindparam("noted", type_=JSONB))
    .table_valued(
        column("position", Integer), column("version", Integer), column("outcome", Text), column("sentence", Text)
    )
    .render_derived(name="noted", with_types=True)
)
_NOTE = (
    update(BulkItemRow)
    .where(BulkItemRow.bulk_id == bindparam("bulk"), BulkItemRow.position == _NOTED.c.position)
    .values(version=_NOTED.c.version, outcome=_NOTED.c.outcome, sentence=_NOTED.c.sentence)
)
UNSEEN: Final = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Bulk:
    """One act on many cases, as it stands. `counts` is by outcome."""

    id: uuid.UUID
    act: str
    values: Mapping[str, str]
    state: str
    total: int
    capped: bool
    made_at: datetime
    ended_at: datetime | None
    counts: Mapping[str, int]

    @property
    def chosen(self) -> Chosen:
        """What was chosen to be done."""
        return Chosen(self.act, self.values, f"bulk-{self.id}")

    @property
    def worked_off(self) -> int:
        """How many cases the worker has looked at."""
        return sum(self.counts.get(outcome, 0) for outcome in ("done", "refused"))


@dataclass(frozen=True, slots=True)
class Line:
    """One case of a bulk act: what became of it, and while it is a preview what its resident would be written."""

    position: int
    case: Case
    outcome: str
    sentence: str
    who: str
    text: str


def choose(reader: Reader, *, references: Sequence[str] = (), chosen: Filter | None = None) -> uuid.UUID:
    """Lay out these cases, or all that the filter finds, up to `MOST`. Raises Refused when there is none.

    Only cases that they may see are taken; others are left out as if there were none of that reference.
    """
    if chosen is None:
        found, capped = _named(reader, references), False
    else:
        found, capped = _listed(reader, chosen)
    if not found:
        raise Refused(_("Choose at least one case."))
    bulk_id = uuid.uuid4()
    session().execute(
        insert(BulkActRow).values(
            id=bulk_id,
            staff_id=reader.staff.id,
            act="",
            values={},
            state="chosen",
            total=len(found),
            capped=capped,
            made_at=clock.now(),
        )
    )
    session().execute(
        insert(BulkItemRow),
        [
            {"bulk_id": bulk_id, "position": n, "case_id": each.id, "version": each.version}
            | {"outcome": "waiting", "sentence": ""}
            for n, each in enumerate(found)
        ],
    )
    return bulk_id


def get_bulk(staff: Staff, bulk_id: uuid.UUID) -> Bulk:
    """Their own bulk act. Raises NotFound."""
    row = session().execute(_ACT, {"bulk": bulk_id, "staff": staff.id}).scalar_one_or_none()
    if row is None:
        raise NotFound
    counts = {row[0]: row[1] for row in session().execute(_COUNTS, {"bulk": bulk_id})}
    return Bulk(row.id, row.act, row.values, row.state, row.total, row.capped, row.made_at, row.ended_at, counts)


def lines_of(found: Bulk, start: int = 0) -> tuple[Sequence[Line], bool]:
    """A page of the cases from that position on, and whether there are more. As many statements for many as for one."""
    rows = session().execute(_LINES, {"bulk": found.id, "start": start, "limit": PAGE + 1}).all()
    cases = [_case(row) for row in rows[:PAGE]]
    around = Around.read(found.values, cases)
    lines = [_line(found, row, case, around) for row, case in zip(rows, cases, strict=False)]
    return lines, len(rows) > PAGE


def warned(bulk_id: uuid.UUID) -> int:
    """With how many cases there is something to know before it is done."""
    return session().execute(_WARNED, {"bulk": bulk_id}).scalar_one()


def cases_of(bulk_id: uuid.UUID) -> Sequence[Case]:
    """The cases as they are now."""
    return [case for _position, case in _items(bulk_id)]


def preview(reader: Reader, bulk_id: uuid.UUID, *, act: str, values: Mapping[str, str]) -> None:
    """Try it on paper: note on each case whether it can be done, and why not. Nothing is done yet.

    The versions are taken anew: what is confirmed is what was previewed. Raises NotFound, Refused when it has begun.
    """
    row = _locked(reader.staff, bulk_id, "chosen", "preview")
    chosen = Chosen(act, values, "")
    row.act, row.values, row.state = act, dict(values), "preview"
    items = _items(bulk_id)
    around, noted = Around.read(values, [case for _position, case in items]), []
    for position, case in items:
        trial = try_on(chosen, case, reader.staff, reader.grants, around)
        outcome = "waiting" if trial.possible else "cannot"
        noted.append({"position": position, "version": case.version, "outcome": outcome, "sentence": trial.sentence})
    session().execute(_NOTE, {"bulk": bulk_id, "noted": noted}, execution_options=UNSEEN)


def confirm(staff: Staff, bulk_id: uuid.UUID) -> None:
    """Let the worker do it. Confirming twice is once. Raises NotFound, Refused when none can be done."""
    row = _locked(staff, bulk_id, "preview", "running", "done", "cancelled")
    if row.state != "preview":
        return
    if not session().scalar(select(_STILL), {"bulk": bulk_id}):
        raise Refused(_("This can be done with none of the cases."))
    row.state = "running"
    record("staff.bulk_confirmed", actor=staff.actor, subject=f"bulk:{bulk_id}", what=row.act, many=row.total)
    work_off.defer(bulk_id=str(bulk_id))


def cancel(staff: Staff, bulk_id: uuid.UUID) -> None:
    """Leave those alone that are not done yet. What is done stays done. Raises NotFound."""
    row = _locked(staff, bulk_id)
    if row.state not in ("chosen", "preview", "running"):
        return
    row.state, row.ended_at = "cancelled", clock.now()
    session().execute(
        update(BulkItemRow)
        .where(BulkItemRow.bulk_id == bulk_id, BulkItemRow.outcome == "waiting")
        .values(outcome="left"),
        execution_options=UNSEEN,
    )
    record("staff.bulk_cancelled", actor=staff.actor, subject=f"bulk:{bulk_id}")


def _listed(reader: Reader, chosen: Filter) -> tuple[list[Case], bool]:
    """The first that the list finds, and whether there may be more."""
    if not chosen.q.strip():
        page = page_of(reader, chosen, limit=MOST)
        return list(page.cases), page.next is not None
    found = search_of(reader, chosen, limit=MOST)
    return list(found.page.cases), found.incomplete or found.page.next is not None


def _named(reader: Reader, references: Sequence[str]) -> list[Case]:
    plain = {found for each in references[:MOST] if (found := read_reference(each)) is not None}
    query = _BY_REFERENCE.where(reader.may_see)
    return [case_from(row) for row in session().execute(query, {"references": sorted(plain)})] if plain else []


def _items(bulk_id: uuid.UUID) -> list[tuple[int, Case]]:
    return [(row.position, _case(row)) for row in session().execute(_ITEMS, {"bulk": bulk_id})]


def _case(row: Any) -> Case:  # a row of `_ITEMS`
    return Case(**{column.key: row._mapping[column.key] for column in CASE_COLUMNS})


def _line(found: Bulk, row: Any, case: Case, around: Around) -> Line:  # a row of `_ITEMS`
    resident = around.resident(case)
    shows_text = found.state == "preview" and row.outcome == "waiting"
    return Line(
        position=row.position,
        case=case,
        outcome=row.outcome,
        sentence=row.sentence,
        who=resident.full_name if resident else "",
        text=text_for(found.chosen, case, around) if shows_text else "",
    )


def _locked(staff: Staff, bulk_id: uuid.UUID, *states: str) -> BulkActRow:
    query = _ACT.with_for_update().execution_options(populate_existing=True)
    row: BulkActRow | None = session().execute(query, {"bulk": bulk_id, "staff": staff.id}).scalar_one_or_none()
    if row is None:
        raise NotFound
    if states and row.state not in states:
        raise Refused(_("This has begun already."))
    return row
