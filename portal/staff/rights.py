"""What staff may do. It is read from the one table at each request, so a right that is taken away is gone at once."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeVar, cast

from flask import Flask, g
from sqlalchemy import ARRAY, String, any_, bindparam, select

from portal.db.session import session
from portal.staff.models import StaffRightRow
from portal.staff.sessions import current_staff
from portal.staff.values import Grant, Grants, Placed, Right, Role, Staff

View = TypeVar("View", bound=Callable[..., object])
ANY: Final = "any"
"""For pages that are for everybody at the desk."""

_MINE = (
    select(StaffRightRow.role, StaffRightRow.service, StaffRightRow.type, StaffRightRow.area, StaffRightRow.team)
    .where(
        StaffRightRow.staff_group == any_(bindparam("groups", type_=ARRAY(String))),
        StaffRightRow.removed_at.is_(None),
    )
    .order_by(StaffRightRow.role, StaffRightRow.service, StaffRightRow.id)
)
_IN_FORCE = (
    select(StaffRightRow)
    .where(StaffRightRow.removed_at.is_(None))
    .order_by(StaffRightRow.staff_group, StaffRightRow.role, StaffRightRow.service, StaffRightRow.id)
)
MOST_LISTED: Final = 1000
"""A table of more lines than this nobody reads; a council's has some dozens."""
_LATELY = (
    select(StaffRightRow)
    .where(StaffRightRow.removed_at.is_not(None))
    .order_by(StaffRightRow.removed_at.desc(), StaffRightRow.id)
    .limit(bindparam("limit"))
)


@dataclass(frozen=True, slots=True)
class RightLine:
    """One line of the table of rights, with who wrote it, and who struck it out."""

    id: uuid.UUID
    staff_group: str
    grant: Grant
    added_by: str
    added_at: datetime
    removed_by: str | None
    removed_at: datetime | None


def needs(right: Right | str) -> Callable[[View], View]:
    """Mark a view of the desk with the least right that it needs anywhere; `ANY` is for everybody who has some right.

    The gate refuses a view without a mark. What a case needs besides is asked with `Grants.require`.
    """

    def mark(view: View) -> View:
        view.__dict__["needs"] = right
        return view

    return mark


def needed(app: Flask, endpoint: str) -> str | None:
    """The right that an endpoint is marked with."""
    return getattr(app.view_functions.get(endpoint), "needs", None)


def grants_of(staff: Staff) -> Grants:
    """All that a member of staff may do now."""
    if not staff.groups:
        return Grants()
    rows = session().execute(_MINE, {"groups": list(staff.groups)}).all()
    return Grants(tuple(Grant(cast(Role, row.role), row.service, row.type, row.area, row.team) for row in rows))


def current_grants() -> Grants:
    """What the member of staff of this request may do: read once for each request."""
    known: Grants | None = g.get("staff_grants")
    if known is None:
        known = g.staff_grants = grants_of(current_staff())
    return known


def require(right: Right, case: Placed) -> None:
    """For the member of staff of this request. Raises NotFound and Forbidden as `Grants.require` does."""
    current_grants().require(right, case)


def all_lines() -> Sequence[RightLine]:
    """The whole table as it is in force."""
    return [_line(row) for row in session().scalars(_IN_FORCE.limit(MOST_LISTED))]


def struck_out(limit: int = 50) -> Sequence[RightLine]:
    """What was taken away last, newest first."""
    return [_line(row) for row in session().scalars(_LATELY, {"limit": limit})]


def _line(row: StaffRightRow) -> RightLine:
    grant = Grant(cast(Role, row.role), row.service, row.type, row.area, row.team)
    return RightLine(row.id, row.staff_group, grant, row.added_by, row.added_at, row.removed_by, row.removed_at)
