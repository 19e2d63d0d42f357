"""Which team gets a case: a pure choice by rules that are data."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

ANY = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. Empty `service`, `type` or `area` means any. `conditions` name a fact and the codes that will do.

    A rule for a team that `is_closed` decides nothing. `version` grows with each change.
    """

    id: uuid.UUID
    position: int
    service: str
    type: str
    area: str
    conditions: Mapping[str, Sequence[str]]
    team: str
    team_closed: bool = False
    version: int = 1
    changed_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is known of a case when it comes in. `more` are the service's own codes, by name."""

    service: str
    type: str
    area: str = ""
    channel: str = "web"
    summary: str = ""
    more: Mapping[str, str] | None = None

    def get(self, name: str) -> str:
        """One fact by its name; empty when nothing is known."""
        if name in ("service", "type", "area", "channel", "summary"):
            return str(getattr(self, name))
        return (self.more or {}).get(name, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The team, and what decided: a `rule`, or the case type's own team where it is None.

    `passed_over` are the rules before it, each with the name of the first fact that did not fit; `team` stands for a
    rule whose team is closed.
    """

    team: str
    rule: Rule | None
    passed_over: Sequence[tuple[Rule, str]]


def choose_team(rules: Sequence[Rule], facts: Facts, *, otherwise: str) -> Choice:
    """The first rule, in the order given, whose every condition the facts meet; `otherwise` where there is none."""
    passed_over: list[tuple[Rule, str]] = []
    for rule in rules:
        misfit = first_misfit(rule, facts)
        if misfit is None:
            return Choice(team=rule.team, rule=rule, passed_over=passed_over)
        passed_over.append((rule, misfit))
    return Choice(team=otherwise, rule=None, passed_over=passed_over)


def share_cases(one: Rule, other: Rule) -> bool:
    """Whether there could be a case that fits both, by what it is about."""
    pairs = ((one.service, other.service), (one.type, other.type), (one.area, other.area))
    return all(mine == theirs or ANY in (mine, theirs) for mine, theirs in pairs)


def first_misfit(rule: Rule, facts: Facts) -> str | None:
    """The name of the first fact that keeps a rule from deciding; None when it decides."""
    if rule.team_closed:
        return "team"
    for name in ("service", "type", "area"):
        if getattr(rule, name) not in (ANY, facts.get(name)):
            return name
    return next((name for name in sorted(rule.conditions) if facts.get(name) not in rule.conditions[name]), None)
