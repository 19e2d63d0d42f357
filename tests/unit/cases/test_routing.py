import uuid
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portal.cases.routing import Facts, Rule, choose_team, first_misfit

FACTS = Facts(service="reporting", type="pothole", area="north", channel="telephone", more={"size": "large"})


def rule(team: str, **parts: Any) -> Rule:
    empty: dict[str, Any] = {"service": "", "type": "", "area": "", "conditions": {}, "position": 1}
    return Rule(id=uuid.uuid4(), team=team, **empty | parts)


def test_the_first_rule_that_fits_decides_and_says_so() -> None:
    parks, north, rest = rule("parks", service="permits"), rule("north", area="north"), rule("rest")
    choice = choose_team([parks, north, rest], FACTS, otherwise="own")
    assert (choice.team, choice.rule) == ("north", north)
    assert choice.passed_over == [(parks, "service")]


def test_without_a_rule_that_fits_the_types_own_team_has_it() -> None:
    choice = choose_team([rule("south", area="south")], FACTS, otherwise="own")
    assert (choice.team, choice.rule) == ("own", None)
    assert choose_team([], FACTS, otherwise="").team == ""


def test_each_condition_must_be_met_by_one_of_its_values() -> None:
    assert first_misfit(rule("t", conditions={"channel": ["web", "telephone"], "size": ["large"]}), FACTS) is None
    assert first_misfit(rule("t", conditions={"channel": ["web"], "size": ["large"]}), FACTS) == "channel"
    assert first_misfit(rule("t", conditions={"channel": ["telephone"], "size": ["small"]}), FACTS) == "size"
    assert first_misfit(rule("t", conditions={"depth": ["deep"]}), FACTS) == "depth"  # of which nothing is known


def test_a_rule_for_a_closed_team_decides_nothing() -> None:
    assert first_misfit(rule("gone", team_closed=True), FACTS) == "team"


CODES = st.sampled_from(["", "a", "b"])
RULES = st.lists(st.builds(rule, st.sampled_from(["x", "y"]), service=CODES, type=CODES, area=CODES), max_size=8)


@given(rules=RULES, service=CODES, type_=CODES, area=CODES)
def test_whatever_the_rules_one_team_comes_out_and_every_rule_before_it_misfits(
    rules: list[Rule], service: str, type_: str, area: str
) -> None:
    facts = Facts(service=service, type=type_, area=area)
    choice = choose_team(rules, facts, otherwise="own")
    before = rules[: len(choice.passed_over)]
    assert [each for each, _name in choice.passed_over] == before
    assert all(first_misfit(each, facts) for each in before)
    if choice.rule is None:
        assert (before, choice.team) == (rules, "own")
    else:
        assert choice.rule is rules[len(before)]
        assert first_misfit(choice.rule, facts) is None
