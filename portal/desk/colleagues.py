"""Who could take a case: those members of staff whose groups may work on it, in the team that shall have it."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import any_, bindparam, or_, select

from portal.cases.values import Case
from portal.db.session import session
from portal.staff.models import StaffMemberRow, StaffRightRow
from portal.staff.values import ROLES

MOST: Final = 300
"""How many a list to choose from can hold."""

_WORKING: Final = tuple(role for role, rights in ROLES.items() if "work" in rights)
_ABLE = (
    select(StaffMemberRow.id, StaffMemberRow.name, StaffRightRow.team)
    .join(StaffRightRow, StaffRightRow.staff_group == any_(StaffMemberRow.groups))
    .where(
        StaffRightRow.removed_at.is_(None),
        StaffRightRow.role.in_(_WORKING),
        or_(StaffRightRow.service == "", StaffRightRow.service == bindparam("service")),
        or_(StaffRightRow.type == "", StaffRightRow.type == bindparam("type")),
        or_(StaffRightRow.area == "", StaffRightRow.area == bindparam("area")),
    )
    .distinct()
    .order_by(StaffMemberRow.name, StaffMemberRow.id, StaffRightRow.team)
    .limit(MOST)
)


@dataclass(frozen=True, slots=True)
class Able:
    """Somebody who may work on such a case. `teams`: in these, or in every one where it holds the empty one."""

    id: uuid.UUID
    name: str
    teams: frozenset[str]

    def may_work_in(self, team: str) -> bool:
        """Whether they may still work on it once that team has it."""
        return "" in self.teams or team in self.teams


def who_may_work_on(case: Case) -> Sequence[Able]:
    """Everybody who may work on cases like this one, by name."""
    values = {"service": case.service, "type": case.type, "area": case.area}
    teams: dict[uuid.UUID, set[str]] = {}
    names: dict[uuid.UUID, str] = {}
    for row in session().execute(_ABLE, values):
        teams.setdefault(row.id, set()).add(row.team)
        names[row.id] = row.name
    return [Able(each, names[each], frozenset(those)) for each, those in teams.items()]


def by_id(able: Sequence[Able]) -> Mapping[str, Able]:
    """The same by their ids, as a form sends them."""
    return {str(each.id): each for each in able}
