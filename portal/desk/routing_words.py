"""Routing rules in words: what each asks for, and what it says of a case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from portal.cases.routing import Choice, Facts, Rule
from portal.desk import where_fields
from portal.desk.case_words import CHANNELS
from portal.web.languages import Lazy, lazy_gettext
from portal.web.languages import gettext as _

Verdict = Literal["decides", "passed_over", "not_reached"]
NAMES: Final[Mapping[str, Lazy]] = {
    "service": lazy_gettext("service"),
    "type": lazy_gettext("kind of case"),
    "area": lazy_gettext("area"),
    "channel": lazy_gettext("way that it came"),
    "summary": lazy_gettext("short code"),
}


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule as a list shows it. `verdict` and `why` are set where it was tried on a case."""

    rule: Rule
    cases: str
    only_if: Sequence[str]
    team: str
    may_change: bool = False
    verdict: Verdict | None = None
    why: str = ""


def line_of(rule: Rule, teams: Mapping[str, str], *, may_change: bool = False) -> RuleLine:
    """A rule in the list."""
    return RuleLine(
        rule, where_fields.in_words(rule.service, rule.type), _only_if(rule), _team(rule, teams), may_change
    )


def tried(rules: Sequence[Rule], choice: Choice, facts: Facts, teams: Mapping[str, str]) -> list[RuleLine]:
    """Each rule with what it said of a case, in their order."""
    misfits = {rule.id: name for rule, name in choice.passed_over}
    return [_tried(rule, choice, misfits.get(rule.id), facts, teams) for rule in rules]


def _tried(rule: Rule, choice: Choice, misfit: str | None, facts: Facts, teams: Mapping[str, str]) -> RuleLine:
    verdict: Verdict = "not_reached"
    if choice.rule is not None and choice.rule.id == rule.id:
        verdict = "decides"
    elif misfit is not None:
        verdict = "passed_over"
    why = _why(rule, misfit, facts) if misfit is not None else ""
    cases = where_fields.in_words(rule.service, rule.type)
    return RuleLine(rule, cases, _only_if(rule), _team(rule, teams), verdict=verdict, why=why)


def _why(rule: Rule, misfit: str, facts: Facts) -> str:
    if misfit == "team":
        return _("Its team takes no more cases.")
    codes = [getattr(rule, misfit)] if misfit in ("service", "type", "area") else rule.conditions[misfit]
    service = rule.service or facts.get("service") or ""
    wanted = ", ".join(_called(misfit, code, service) for code in codes)
    name, is_now = str(NAMES.get(misfit, misfit)), facts.get(misfit)
    if not is_now:
        return _("The %(name)s is not known, and it asks for %(wanted)s.", name=name, wanted=wanted)
    now = _called(misfit, is_now, facts.get("service") or "")
    return _("The %(name)s is %(now)s, and it asks for %(wanted)s.", name=name, now=now, wanted=wanted)


def _called(fact: str, code: str, service: str) -> str:
    """What a code of that fact means, where the portal knows it: the codes of a service's own facts are its own."""
    match fact:
        case "service":
            return where_fields.service_called(code)
        case "type":
            return where_fields.kind_called(service, code)
        case "channel":
            return str(CHANNELS.get(code, code))
    return code


def _only_if(rule: Rule) -> list[str]:
    area = [f"{NAMES['area']}: {rule.area}"] if rule.area else []
    return area + [
        f"{NAMES.get(name, name)}: {', '.join(_called(name, code, rule.service) for code in codes)}"
        for name, codes in rule.conditions.items()
    ]


def _team(rule: Rule, teams: Mapping[str, str]) -> str:
    name = teams.get(rule.team, rule.team)
    return _("%(team)s (takes no more cases)", team=name) if rule.team_closed else name
