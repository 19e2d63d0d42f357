"""The routing rules as the council keeps them: an ordered list that several people may edit, and none overwrites.

A change names the versions that its page showed. The list is changed by one person at a time, under a lock.
"""

import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, func, insert, select, text, update

from portal import clock
from portal.audit.operations import record
from portal.cases.declared import CaseType
from portal.cases.routing import ANY, Choice, Facts, Rule, choose_team
from portal.cases.rule_models import RoutingRuleRow, TeamRow
from portal.cases.teams import get_open_team, write_down
from portal.cases.types import find_type
from portal.db.session import session
from portal.errors import Conflict, NotFound, Refused
from portal.web.languages import gettext as _

MOST_RULES: Final = 500
MOST_CONDITIONS: Final = 10
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
LONGEST_AREA: Final = 40
_LONGEST_CODE: Final = 120
_COLUMNS = (
    RoutingRuleRow.id,
    RoutingRuleRow.position,
    RoutingRuleRow.service,
    RoutingRuleRow.type,
    RoutingRuleRow.area,
    RoutingRuleRow.conditions,
    RoutingRuleRow.team,
    TeamRow.closed_at.is_not(None).label("team_closed"),
    RoutingRuleRow.version,
    RoutingRuleRow.changed_by,
)
_RULES = (
    select(*_COLUMNS)
    .join(TeamRow, TeamRow.slug == RoutingRuleRow.team)
    .order_by(RoutingRuleRow.position, RoutingRuleRow.id)
    .limit(MOST_RULES)
)
_ONE = (
    select(*_COLUMNS).join(TeamRow, TeamRow.slug == RoutingRuleRow.team).where(RoutingRuleRow.id == bindparam("rule"))
)
_LAST = select(func.coalesce(func.max(RoutingRuleRow.position), 0), func.count())
_ALONE = text("select pg_advisory_xact_lock(hashtext('portal.routing_rule'))")


def all_rules() -> Sequence[Rule]:
    """The rules in the order in which they are tried."""
    return [_rule(row) for row in session().execute(_RULES)]


def find_rule(rule_id: uuid.UUID) -> Rule | None:
    """One rule, if it is still there."""
    row = session().execute(_ONE, {"rule": rule_id}).one_or_none()
    return _rule(row) if row else None


def get_rule(rule_id: uuid.UUID) -> Rule:
    """One rule. Raises NotFound."""
    rule = find_rule(rule_id)
    if rule is None:
        raise NotFound
    return rule


def route(case_type: CaseType, facts: Facts) -> Choice:
    """Which team gets a case with these facts by the rules as they are now, and which rule says so."""
    return choose_team(all_rules(), facts, otherwise=case_type.team)


def add_rule(
    actor: str,
    *,
    team: str,
    service: str = ANY,
    type: str = ANY,
    area: str = ANY,
    conditions: Mapping[str, Sequence[str]] | None = None,
    key: uuid.UUID | None = None,
) -> Rule:
    """A new rule after all others, once for each `key`, which becomes its id.

    Raises NotFound and Refused as `save_rule`, Refused when there are too many.
    """
    values = _checked(team=team, service=service, type=type, area=area, conditions=conditions or {})
    session().execute(_ALONE)
    rule_id = key or uuid.uuid4()
    there = find_rule(rule_id)
    if there is not None:
        return there
    last, many = session().execute(_LAST).one()
    if many >= MOST_RULES:
        raise Refused(_("There are too many rules. Delete some first."))
    written = {"id": rule_id, "position": last + 1, "version": 1, "changed_by": actor, "changed_at": clock.now()}
    session().execute(insert(RoutingRuleRow).values(**values, **written))
    record("routing_rule.added", actor=actor, subject=f"routing_rule:{rule_id}", team=team)
    return get_rule(rule_id)


def save_rule(
    actor: str,
    rule_id: uuid.UUID,
    *,
    expected_version: int,
    team: str,
    service: str = ANY,
    type: str = ANY,
    area: str = ANY,
    conditions: Mapping[str, Sequence[str]] | None = None,
) -> Rule:
    """The rule as it shall be. Raises NotFound (no such rule or team), Conflict when somebody has changed it since,
    Refused when the team is closed, there is no such service or type, or a condition cannot be read.
    """
    values = _checked(team=team, service=service, type=type, area=area, conditions=conditions or {})
    session().execute(_ALONE)
    _get_unchanged(rule_id, expected_version)
    written = {"version": expected_version + 1, "changed_by": actor, "changed_at": clock.now()}
    session().execute(update(RoutingRuleRow).where(RoutingRuleRow.id == rule_id).values(**values, **written))
    record("routing_rule.changed", actor=actor, subject=f"routing_rule:{rule_id}", team=team)
    return get_rule(rule_id)


def delete_rule(actor: str, rule_id: uuid.UUID, *, expected_version: int) -> None:
    """Take a rule away. Raises NotFound, Conflict when somebody has changed it since."""
    session().execute(_ALONE)
    _get_unchanged(rule_id, expected_version)
    session().execute(delete(RoutingRuleRow).where(RoutingRuleRow.id == rule_id))
    record("routing_rule.deleted", actor=actor, subject=f"routing_rule:{rule_id}")


def reorder_rules(actor: str, order: Sequence[tuple[uuid.UUID, int]]) -> Sequence[Rule]:
    """The rules in a new order, each named with the version that the page showed.

    Raises Conflict when a rule was added, changed or deleted since.
    """
    session().execute(_ALONE)
    known = {rule.id: rule.version for rule in all_rules()}
    if len(order) != len(known) or dict(order) != known:
        raise _changed()
    for position, (rule_id, _version) in enumerate(order, start=1):
        session().execute(update(RoutingRuleRow).where(RoutingRuleRow.id == rule_id).values(position=position))
    record("routing_rule.reordered", actor=actor, subject="routing_rules")
    return all_rules()


def move_rule(actor: str, rule_id: uuid.UUID, *, by: int, expected: Sequence[tuple[uuid.UUID, int]]) -> Sequence[Rule]:
    """One rule that many places further down, or up when below zero. `expected` is the list as the page showed it.

    Raises NotFound, Conflict as `reorder_rules`, and when somebody else has moved a rule since.
    """
    order = list(expected)
    place = next((n for n, (each, _version) in enumerate(order) if each == rule_id), None)
    if place is None:
        raise NotFound
    session().execute(_ALONE)
    if order != [(rule.id, rule.version) for rule in all_rules()]:
        raise _changed()
    moved = order.pop(place)
    order.insert(max(0, min(len(order), place + by)), moved)
    return reorder_rules(actor, order)


def _checked(
    *, team: str, service: str, type: str, area: str, conditions: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    write_down(get_open_team(team))
    if type != ANY and find_type(service, type) is None:
        raise Refused(_("There is no such kind of case in this service."))
    if len(area) > LONGEST_AREA or len(conditions) > MOST_CONDITIONS:
        raise Refused(_("There are too many conditions."))
    for name, codes in conditions.items():
        if not _NAME.fullmatch(name) or not codes or any(not code or len(code) > _LONGEST_CODE for code in codes):
            raise Refused(_("Each condition names a fact and at least one value."))
    kept = {name: list(codes) for name, codes in conditions.items()}
    return {"team": team, "service": service, "type": type, "area": area, "conditions": kept}


def _get_unchanged(rule_id: uuid.UUID, expected_version: int) -> Rule:
    rule = get_rule(rule_id)
    if rule.version != expected_version:
        raise _changed()
    return rule


def _changed() -> Conflict:
    return Conflict(_("Somebody else has changed the rules since you opened the page. Look at them again."))


def _rule(row: Row[*tuple[Any, ...]]) -> Rule:
    return Rule(**row._mapping)
