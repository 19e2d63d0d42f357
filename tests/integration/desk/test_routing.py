"""Routing rules at the desk: an ordered list that several change and none overwrites, and a page to try them."""

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.cases.routing import Rule
from portal.cases.routing_rules import all_rules
from tests.support.desk import now, report
from tests.support.staff import Colleague, colleague

CHANGED = "Somebody else has changed the rules since you opened the page."


@pytest.fixture
def lea(app: Flask) -> Colleague:
    return colleague(app, "Lea", role="lead")


def add(person: Colleague, team: str, **typed: str) -> None:
    person.get("/desk/routing/new")
    answer = person.client.submit(**{"cases": "reporting/pothole", "team": team, **typed})
    assert answer.status_code == 303, person.client.page.errors


def rules(app: Flask) -> list[Rule]:
    with app.test_request_context("/"):
        return list(all_rules())


def teams(app: Flask) -> list[str]:
    return [rule.team for rule in rules(app)]


def press(person: Colleague, rule: Rule, way: str) -> None:
    person.client.submit(move=f"{rule.id.hex}{way}")


def test_a_rule_is_added_and_routes_the_next_case(app: Flask, tom: Colleague, sam: Account) -> None:
    add(tom, "street_lighting")
    tom.get("/desk/routing")
    assert "Problems in the street: Pothole" in tom.client.page.main
    assert now(app, report(app, sam)).team == "street_lighting"


def test_conditions_are_typed_as_lines_and_shown_again(app: Flask, tom: Colleague) -> None:
    add(tom, "highways", area="w1", conditions="channel: telephone, desk")
    (rule,) = rules(app)
    assert (rule.area, rule.conditions) == ("w1", {"channel": ["telephone", "desk"]})
    tom.get(f"/desk/routing/{rule.id}")
    assert "channel: telephone, desk" in tom.client.page.html
    tom.client.submit(conditions="what is this")
    assert "This is none, or is there twice: what is this" in str(tom.client.page.errors)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("chanel: telephone", "There is no fact “chanel”. You can use: area, channel, service, summary, type."),
        ("channel: telefone, desk", "channel is never telefone. It can be: web, telephone, desk, letter, api, system."),
        ("type: potholes", "type is never potholes. It can be: pothole."),
        ("channel: desk\nchannel: web", "is there twice: channel: web"),
    ],
)
def test_a_rule_that_could_never_decide_is_refused_with_what_there_is(
    app: Flask, tom: Colleague, typed: str, sentence: str
) -> None:
    tom.get("/desk/routing/new")
    tom.client.submit(cases="reporting/pothole", team="highways", conditions=typed)
    assert sentence in str(tom.client.page.errors)
    assert rules(app) == []


def test_rules_are_moved_up_and_down(app: Flask, tom: Colleague) -> None:
    for team in ("highways", "street_lighting", "street_cleaning"):
        add(tom, team)
    tom.get("/desk/routing")
    press(tom, rules(app)[2], "up")
    assert teams(app) == ["highways", "street_cleaning", "street_lighting"]
    tom.get("/desk/routing")
    press(tom, rules(app)[0], "down")
    assert teams(app) == ["street_cleaning", "highways", "street_lighting"]


def test_two_who_move_at_once_do_not_undo_each_other(app: Flask, tom: Colleague, lea: Colleague) -> None:
    for team in ("highways", "street_lighting", "street_cleaning"):
        add(tom, team)
    lea.get("/desk/routing")
    tom.get("/desk/routing")
    press(tom, rules(app)[2], "up")
    after = teams(app)
    press(lea, rules(app)[0], "down")
    assert CHANGED in str(lea.client.page.errors)
    assert teams(app) == after
    press(lea, rules(app)[0], "down")  # the page shows the list as it is now
    assert teams(app) == ["street_cleaning", "highways", "street_lighting"]


def test_two_who_change_a_rule_at_once_see_both(app: Flask, tom: Colleague, lea: Colleague) -> None:
    add(tom, "highways")
    (rule,) = rules(app)
    lea.get(f"/desk/routing/{rule.id}")
    tom.get(f"/desk/routing/{rule.id}")
    tom.client.submit(team="street_lighting")
    lea.client.submit(team="street_cleaning", area="w7")
    assert CHANGED in str(lea.client.page.errors)
    assert "Team: Street lighting" in lea.client.page.main
    assert "Tom saved it." in lea.client.page.main
    assert 'value="w7"' in lea.client.page.html
    assert lea.client.submit().status_code == 303
    assert [(each.team, each.area) for each in rules(app)] == [("street_cleaning", "w7")]


def test_one_that_was_changed_meanwhile_is_not_removed_unseen(app: Flask, tom: Colleague, lea: Colleague) -> None:
    add(tom, "highways")
    (rule,) = rules(app)
    lea.get(f"/desk/routing/{rule.id}/remove")
    tom.get(f"/desk/routing/{rule.id}")
    tom.client.submit(team="street_lighting")
    lea.client.submit()
    assert CHANGED in str(lea.client.page.errors)
    assert "Street lighting" in lea.client.page.main
    lea.client.submit()
    assert rules(app) == []
    lea.get(f"/desk/routing/{rule.id}/remove", 404)


def test_an_imaginary_case_shows_which_rule_decides_and_why_others_do_not(app: Flask, tom: Colleague) -> None:
    add(tom, "street_cleaning", area="w2")
    add(tom, "street_lighting", conditions="channel: telephone")
    add(tom, "highways")
    add(tom, "street_cleaning")
    tom.get("/desk/routing/try")
    tom.client.submit(cases="reporting/pothole", area="w1", channel="web")
    main = tom.client.page.main
    assert "The team Highways gets it." in main
    assert "Rule 3 decides." in main
    assert "The area is w1, and it asks for w2." in main
    assert "The way that it came is Online, and it asks for By telephone." in main
    assert main.count("Passed over") == 2
    assert main.count("Not reached") == 1


def test_a_case_that_there_is_can_be_tried(app: Flask, tom: Colleague, sam: Account) -> None:
    case = report(app, sam)
    tom.get("/desk/routing/try")
    tom.client.submit(reference=case.reference)
    assert "No rule fits" in tom.client.page.main
    assert "The team Highways gets it." in tom.client.page.main
    tom.client.submit(reference="2222-2222")
    assert "There is no such case" in str(tom.client.page.errors)
    tom.client.submit(reference="", cases="")
    assert "Choose a kind of case, or enter a reference" in str(tom.client.page.errors)


def test_another_teams_case_cannot_be_tried(app: Flask, sam: Account) -> None:
    lamp = report(app, sam, category="street_light")
    narrow = colleague(app, "Nora", role="lead", team="highways")
    narrow.get("/desk/routing/try")
    narrow.client.submit(reference=lamp.reference)
    assert "There is no such case" in str(narrow.client.page.errors)


@pytest.mark.parametrize("where", [{"team": "highways"}, {"service": "reporting", "team": "highways"}])
def test_who_leads_one_team_writes_no_rules_for_they_would_bring_it_every_teams_cases(
    app: Flask, lea: Colleague, where: dict[str, str]
) -> None:
    nora = colleague(app, "Nora", role="lead", **where)
    add(lea, "street_lighting")
    (rule,) = rules(app)
    nora.get("/desk/routing")
    assert "Add a rule" not in nora.client.page.main
    assert "Remove" not in nora.client.page.main
    nora.get("/desk/routing/new", 403)
    nora.post("/desk/routing/new", 403, cases="", team="highways", area="", conditions="")
    nora.get(f"/desk/routing/{rule.id}", 404)
    nora.post("/desk/routing", 200, move=f"{rule.id.hex}up", order=f"{rule.id.hex}.1")
    assert "There is no such rule, or it is for cases of others." in str(nora.client.page.errors)
    assert rules(app) == [rule]


def test_who_leads_in_one_area_writes_rules_for_it_alone(app: Flask) -> None:
    nora = colleague(app, "Nora", role="lead", service="reporting", area="w1")
    add(nora, "highways", area="w1")
    (rule,) = rules(app)
    nora.get("/desk/routing/new")
    nora.client.submit(cases="reporting", team="highways", area="")
    assert "You may not write rules for these cases" in str(nora.client.page.errors)
    nora.get(f"/desk/routing/{rule.id}")
    nora.client.submit(area="w2")
    assert "You may not write rules for these cases" in str(nora.client.page.errors)
    assert rules(app) == [rule]


def test_a_rule_of_others_is_not_overtaken(app: Flask, lea: Colleague, tom: Colleague) -> None:
    add(lea, "street_lighting", cases="")
    add(tom, "highways")
    theirs, mine = rules(app)
    tom.get("/desk/routing")
    press(tom, mine, "up")
    assert "It would come before a rule of others" in str(tom.client.page.errors)
    assert rules(app) == [theirs, mine]
    lea.get("/desk/routing")
    press(lea, mine, "up")
    assert teams(app) == ["highways", "street_lighting"]


def test_a_rule_is_not_widened_over_a_later_one_of_others(app: Flask, lea: Colleague) -> None:
    nora = colleague(app, "Nora", role="lead", service="reporting")
    add(lea, "highways")
    add(lea, "street_lighting", cases="", area="w2")
    first, last = rules(app)
    nora.get(f"/desk/routing/{first.id}")
    assert nora.client.submit(area="w1").status_code == 303
    nora.get(f"/desk/routing/{first.id}")
    nora.client.submit(area="")
    assert "It would come before a rule of others" in str(nora.client.page.errors)
    assert [each.area for each in rules(app)] == ["w1", "w2"]
    assert rules(app)[1] == last


def test_rules_that_share_no_case_pass_each_other(app: Flask, lea: Colleague) -> None:
    lamps = colleague(app, "Lamps", role="lead", service="reporting", type="street_light")
    add(lea, "highways")
    add(lamps, "street_lighting", cases="reporting/street_light")
    lamps.get("/desk/routing")
    press(lamps, rules(app)[1], "up")
    assert teams(app) == ["street_lighting", "highways"]


def test_the_button_pressed_twice_makes_one_rule(app: Flask, tom: Colleague) -> None:
    tom.get("/desk/routing/new")
    key = str(tom.client.page.all("input", name="key")[0].get("value"))
    for _again in range(2):
        tom.post("/desk/routing/new", cases="reporting/pothole", team="highways", key=key)
    assert teams(app) == ["highways"]
    tom.post("/desk/routing/new", cases="reporting/pothole", team="highways", key="tampered")
    assert teams(app) == ["highways", "highways"]
