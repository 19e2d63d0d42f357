"""Worklists by a name: each member of staff keeps their own, and may share one with a team of theirs."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import bindparam, delete, func, insert, or_, select, update

from portal import clock
from portal.audit.operations import record
from portal.cases.routing_rules import all_rules
from portal.cases.teams import get_open_team
from portal.cases.types import all_types
from portal.db.session import session
from portal.desk.filters import Filter
from portal.desk.list_models import SavedFilterRow
from portal.errors import Conflict, NotFound, Refused
from portal.staff.models import StaffMemberRow
from portal.staff.values import Grants, Staff
from portal.web.languages import gettext as _

MOST: Final = 30
MOST_SHOWN: Final = 100
LONGEST_NAME: Final = 60

_COLUMNS = (
    SavedFilterRow.id,
    SavedFilterRow.staff_id,
    SavedFilterRow.name,
    SavedFilterRow.filter,
    SavedFilterRow.team,
    SavedFilterRow.is_default,
    StaffMemberRow.name.label("saved_by"),
)
_ALL = select(*_COLUMNS).join(StaffMemberRow, StaffMemberRow.id == SavedFilterRow.staff_id)
_ONE = _ALL.where(SavedFilterRow.id == bindparam("id"))
_DEFAULT = _ALL.where(SavedFilterRow.staff_id == bindparam("staff"), SavedFilterRow.is_default)
_MINE = SavedFilterRow.staff_id == bindparam("staff")
_SHARED = SavedFilterRow.team.in_(bindparam("teams", expanding=True))
_USABLE = _ALL.where(or_(_MINE, _SHARED)).order_by(SavedFilterRow.name, SavedFilterRow.id).limit(MOST_SHOWN)
_EVERY_TEAMS = (
    _ALL.where(or_(_MINE, SavedFilterRow.team != "")).order_by(SavedFilterRow.name, SavedFilterRow.id).limit(MOST_SHOWN)
)
_HOW_MANY = select(func.count()).select_from(SavedFilterRow).where(_MINE)
_OWN_NAMED = _ALL.where(_MINE, SavedFilterRow.name == bindparam("name"))
_SAME_NAME = select(SavedFilterRow.id).where(_MINE, SavedFilterRow.name == bindparam("name"))
_LOCK = select(StaffMemberRow.id).where(StaffMemberRow.id == bindparam("staff")).with_for_update()


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A worklist by a name. `filter` is as an address has it."""

    id: uuid.UUID
    staff_id: uuid.UUID
    name: str
    filter: Mapping[str, Any]  # plain texts
    team: str
    is_default: bool
    saved_by: str


def usable_by(staff_id: uuid.UUID, grants: Grants) -> Sequence[SavedFilter]:
    """Somebody's own, and those shared with a team whose cases they may see; by name."""
    teams = teams_seen(grants)
    if teams is None:
        return _read(_EVERY_TEAMS, staff=staff_id)
    return _read(_USABLE, staff=staff_id, teams=sorted(teams))


def find_usable(staff_id: uuid.UUID, grants: Grants, typed: str) -> SavedFilter | None:
    """The one whose id stands in an address, if they may use it. What it finds is asked for with their own rights."""
    try:
        found = _read(_ONE, id=uuid.UUID(typed))
    except ValueError:
        return None
    teams = teams_seen(grants)
    return next((each for each in found if each.staff_id == staff_id or _is_shared(each, teams)), None)


def teams_seen(grants: Grants) -> frozenset[str] | None:
    """The teams whose lists concern somebody: their own, and where a right names none, those to which such cases come.
    None for who may see all cases: then it is every team.
    """
    lines = grants.lines("look")
    wide = [line for line in lines if not line.team]
    if any(not (line.service or line.type or line.area) for line in wide):
        return None
    come = {
        team
        for service, kind, area, team in (_routes() if wide else ())
        for line in wide
        if line.covers(service or None, kind or None, area or None, None)
    }
    return frozenset({line.team for line in lines if line.team} | come - {""})


def find_default(staff_id: uuid.UUID) -> SavedFilter | None:
    """The one that somebody starts with."""
    return next(iter(_read(_DEFAULT, staff=staff_id)), None)


def get_own(staff_id: uuid.UUID, filter_id: uuid.UUID) -> SavedFilter:
    """One of their own. Raises NotFound."""
    found = next(iter(_read(_ONE, id=filter_id)), None)
    if found is None or found.staff_id != staff_id:
        raise NotFound
    return found


def save_filter(
    staff: Staff, grants: Grants, *, name: str, chosen: Filter, team: str = "", is_default: bool = False
) -> uuid.UUID:
    """Keep a filter under a name, once for each name: the very same again is the one that is there. What was typed into
    the search is not kept: it may be a name.

    Raises Refused when they have too many or the team is not theirs, Conflict when the name is taken.
    """
    session().execute(_LOCK, {"staff": staff.id})
    values = {"name": name, "filter": chosen.written(q=""), "team": team, "is_default": is_default}
    same = [each for each in _read(_OWN_NAMED, staff=staff.id, name=name) if _says(each, values)]
    if same:
        return same[0].id
    if session().execute(_HOW_MANY, {"staff": staff.id}).scalar_one() >= MOST:
        raise Refused(_("You have %(many)s saved lists already. Delete one first.", many=MOST))
    _must_be_free(staff.id, name)
    _must_be_theirs(grants, team)
    _clear_default(staff.id, is_default)
    filter_id = uuid.uuid4()
    session().execute(insert(SavedFilterRow).values(id=filter_id, staff_id=staff.id, saved_at=clock.now(), **values))
    record("staff.filter_saved", actor=staff.actor, subject=f"filter:{filter_id}", team=team)
    return filter_id


def _says(saved: SavedFilter, values: Mapping[str, Any]) -> bool:  # columns of `SavedFilterRow`
    return all(getattr(saved, name) == value for name, value in values.items())


def change_filter(
    staff: Staff, grants: Grants, filter_id: uuid.UUID, *, name: str, team: str, is_default: bool
) -> None:
    """Another name, another team or none, the one to start with. Raises NotFound, Refused, Conflict."""
    session().execute(_LOCK, {"staff": staff.id})
    before = get_own(staff.id, filter_id)
    if name != before.name:
        _must_be_free(staff.id, name)
    if team != before.team:
        _must_be_theirs(grants, team)
    _clear_default(staff.id, is_default)
    values = {"name": name, "team": team, "is_default": is_default, "saved_at": clock.now()}
    session().execute(update(SavedFilterRow).where(SavedFilterRow.id == filter_id).values(values))
    record("staff.filter_changed", actor=staff.actor, subject=f"filter:{filter_id}", team=team)


def delete_filter(staff: Staff, filter_id: uuid.UUID) -> None:
    """Keep it no longer. Raises NotFound."""
    get_own(staff.id, filter_id)
    session().execute(delete(SavedFilterRow).where(SavedFilterRow.id == filter_id))
    record("staff.filter_deleted", actor=staff.actor, subject=f"filter:{filter_id}")


def _routes() -> list[tuple[str, str, str, str]]:
    """Which cases come to which team: service, kind and area, empty for any, and the team."""
    by_rule = [(each.service, each.type, each.area, each.team) for each in all_rules()]
    return by_rule + [(each.service, each.slug, "", each.team) for each in all_types()]


def _is_shared(each: SavedFilter, teams: frozenset[str] | None) -> bool:
    return bool(each.team) and (teams is None or each.team in teams)


def _must_be_free(staff_id: uuid.UUID, name: str) -> None:
    if session().execute(_SAME_NAME, {"staff": staff_id, "name": name}).first() is not None:
        raise Conflict(_("You have a list of this name already. Choose another name."))


def _must_be_theirs(grants: Grants, team: str) -> None:
    if not team:
        return
    teams = teams_seen(grants)
    if teams is not None and team not in teams:
        raise Refused(_("You can share a list only with a team whose cases you may see."))
    get_open_team(team)


def _clear_default(staff_id: uuid.UUID, is_default: bool) -> None:
    if is_default:
        session().execute(
            update(SavedFilterRow).where(SavedFilterRow.staff_id == staff_id).values(is_default=False),
            execution_options={"synchronize_session": False},
        )


def _read(query: Any, **values: Any) -> list[SavedFilter]:  # a statement over _COLUMNS and what is bound in it
    return [SavedFilter(**row._mapping) for row in session().execute(query, values)]
