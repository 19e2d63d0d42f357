import uuid

import pytest

from portal.accounts.values import Account
from portal.cases.opening import open_case
from portal.cases.queries import timeline
from portal.cases.routing import Rule
from portal.cases.routing_rules import add_rule, all_rules, delete_rule, get_rule, move_rule, reorder_rules, save_rule
from portal.cases.teams import all_teams, close_team, find_team, save_team
from portal.errors import Conflict, NotFound, Refused
from portal.web.languages import using
from tests.support.cases import REPORT, STAFF


@pytest.fixture
def rules(ledger: object) -> list[Rule]:
    """Two teams and three rules: the north's, callers', all the rest."""
    save_team(STAFF, slug="north", title="North", title_cy="Gogledd")
    save_team(STAFF, slug="callers", title="Callers")
    return [
        add_rule(STAFF, team="north", service="reporting", type="report", area="north"),
        add_rule(STAFF, team="callers", conditions={"channel": ["telephone"]}),
        add_rule(STAFF, team="north", conditions={"size": ["large"]}),
    ]


def shown(rules: list[Rule]) -> list[tuple[uuid.UUID, int]]:
    return [(rule.id, rule.version) for rule in rules]


def test_new_case_goes_to_the_team_of_the_first_rule_and_the_ledger_says_which(ada: Account, rules: list[Rule]) -> None:
    by_area = open_case(ada, case_type=REPORT, key="1", area="north", channel="telephone")
    called = open_case(ada, case_type=REPORT, key="2", area="south", channel="telephone")
    large = open_case(ada, case_type=REPORT, key="3", facts={"size": "large"})
    own = open_case(ada, case_type=REPORT, key="4")
    assert [case.team for case in (by_area, called, large, own)] == ["north", "callers", "north", "streets"]
    assert timeline(by_area.id)[0].details == {"team": "north", "rule": str(rules[0].id)}
    assert timeline(own.id)[0].details == {"team": "streets"}


def test_closed_team_gets_no_more_and_its_rules_decide_nothing(ada: Account, rules: list[Rule]) -> None:
    close_team(STAFF, "north")
    assert open_case(ada, case_type=REPORT, key="1", area="north").team == "streets"
    assert [team.slug for team in all_teams()] == ["callers"]
    with pytest.raises(Refused, match="no more cases"):
        add_rule(STAFF, team="north")
    with pytest.raises(NotFound):
        close_team(STAFF, "nobody")


def test_saved_rule_counts_at_once_and_a_late_page_overwrites_nothing(ada: Account, rules: list[Rule]) -> None:
    saved = save_rule(STAFF, rules[0].id, expected_version=1, team="callers", area="north")
    assert (saved.version, saved.service, saved.team) == (2, "", "callers")
    assert open_case(ada, case_type=REPORT, key="1", area="north").team == "callers"
    with pytest.raises(Conflict, match="Somebody else"):
        save_rule(STAFF, rules[0].id, expected_version=1, team="north")
    with pytest.raises(Conflict, match="Somebody else"):
        delete_rule(STAFF, rules[0].id, expected_version=1)
    delete_rule(STAFF, rules[0].id, expected_version=2)
    with pytest.raises(NotFound):
        get_rule(rules[0].id)


def test_order_is_changed_by_who_has_seen_all_of_it(ada: Account, rules: list[Rule]) -> None:
    assert [rule.team for rule in move_rule(STAFF, rules[1].id, by=-1, expected=shown(rules))][:2] == [
        "callers",
        "north",
    ]
    assert open_case(ada, case_type=REPORT, key="1", area="north", channel="telephone").team == "callers"
    before = shown(list(all_rules()))
    add_rule(STAFF, team="north", area="west")
    for order in (before, before[:1], [*before, before[0]]):
        with pytest.raises(Conflict, match="Somebody else"):
            reorder_rules(STAFF, order)
    with pytest.raises(NotFound):
        move_rule(STAFF, uuid.uuid4(), by=1, expected=before)


@pytest.mark.parametrize(
    ("parts", "error"),
    [
        ({"team": "nobody"}, NotFound),
        ({"team": "north", "service": "reporting", "type": "unheard_of"}, Refused),
        ({"team": "north", "type": "report"}, Refused),
        ({"team": "north", "conditions": {"Not a name": ["x"]}}, Refused),
        ({"team": "north", "conditions": {"size": []}}, Refused),
        ({"team": "north", "area": "x" * 41}, Refused),
    ],
)
def test_rule_that_cannot_be_is_refused(rules: list[Rule], parts: dict[str, object], error: type[Exception]) -> None:
    with pytest.raises(error):
        add_rule(STAFF, **parts)  # type: ignore[arg-type]  # on purpose
    assert len(all_rules()) == len(rules)


def test_team_has_a_name_in_both_languages(rules: list[Rule]) -> None:
    north, callers = find_team("north"), find_team("callers")
    assert north is not None
    assert callers is not None
    with using("cy"):
        assert (north.name, callers.name) == ("Gogledd", "Callers")
    assert north.name == "North"
