"""Lists under a name: one's own, shared with a team, begun with; nobody else's to change."""

import uuid

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.cases.routing_rules import add_rule
from portal.cases.teams import save_team
from portal.db.session import session
from portal.desk import saved_filters
from tests.integration.desk.cases import make_case
from tests.integration.desk.test_worklist import listed
from tests.support.staff import Colleague, colleague


@pytest.fixture
def sunita(app: Flask) -> Colleague:
    return colleague(app, "Sunita", role="caseworker", team="highways")


def save(who: Colleague, query: str, **values: str) -> str:
    """Save a list; its address."""
    who.get(f"/desk/lists/new?{query}")
    answer = who.client.submit(**values)
    assert answer.status_code == 303, who.client.page.main
    return str(answer.location).partition("?")[2]


def test_a_saved_list_finds_what_its_filter_finds_and_keeps_nothing_that_was_typed(
    app: Flask, sam: Account, sunita: Colleague
) -> None:
    there = make_case(app, sam, area="northfields")
    make_case(app, sam, area="southgate")
    address = save(sunita, "view=teams&area=northfields&q=Tester", name="North")
    page = sunita.get(f"/desk/cases?{address}")
    assert there.reference in page
    assert "Tester" not in str([each.get("value") for each in sunita.client.page.all("input", name="q")])
    assert listed(sunita, address) == [there.reference]


def test_the_one_to_begin_with_is_where_the_worklist_leads(app: Flask, sam: Account, sunita: Colleague) -> None:
    first = save(sunita, "area=northfields", name="One", start="yes")
    assert str(sunita.client.get("/desk/cases").location).endswith(first)
    second = save(sunita, "area=southgate", name="Two", start="yes")
    assert str(sunita.client.get("/desk/cases").location).endswith(second)


def test_a_list_shared_with_a_team_is_for_those_of_the_team_with_their_own_rights(
    app: Flask, sam: Account, sunita: Colleague
) -> None:
    make_case(app, sam, "pothole")
    address = save(sunita, "view=teams", name="Ours", team="highways")
    mate = colleague(app, "Mo", role="viewer", team="highways")
    assert "shared by Sunita" in mate.get("/desk/cases?view=teams")
    stranger = colleague(app, "Olive", role="caseworker", team="street_lighting")
    assert "Ours" not in stranger.get("/desk/cases?view=teams")
    assert listed(stranger, address) == []


@pytest.mark.parametrize(
    ("where", "theirs"),
    [
        ({"service": "council_tax"}, False),
        ({"service": "reporting", "type": "street_light"}, False),
        ({"service": "reporting", "type": "pothole"}, True),
        ({"service": "reporting"}, True),
        ({}, True),
    ],
    ids=["service", "kind", "kind of the team", "service of the team", "all"],
)
def test_a_list_shared_with_a_team_is_for_those_who_see_what_comes_to_that_team(
    app: Flask, sunita: Colleague, where: dict[str, str], theirs: bool
) -> None:
    address = save(sunita, "view=teams", name="Ours", team="highways")
    other = colleague(app, "Olive", role="viewer", **where)
    for path in ("/desk/lists", "/desk/cases?view=teams"):
        page = other.get(path)
        assert ("Ours" in page) == theirs
        assert ("shared by Sunita" in page or "Sunita" in page) == theirs
    assert (f"?{address}" in other.get("/desk/cases?view=teams")) == theirs
    other.get("/desk/lists/new?view=teams")
    other.client.submit(name="Mine", team="highways")
    assert bool(other.client.page.errors) == (not theirs)


def test_a_team_that_a_rule_sends_cases_to_is_one_of_their_service(app: Flask) -> None:
    rita = colleague(app, "Rita", role="caseworker", team="roads")
    with app.test_request_context("/"):
        save_team("system:tests", slug="roads", title="Roads")
        session().commit()
    save(rita, "view=teams", name="Ours", team="roads")
    olive = colleague(app, "Olive", role="viewer", service="reporting")
    assert "Ours" not in olive.get("/desk/lists")
    with app.test_request_context("/"):
        add_rule("system:tests", team="roads", service="reporting", type="pothole")
        session().commit()
    assert "Ours" in olive.get("/desk/lists")


def test_nobody_changes_or_deletes_another_ones_list(app: Flask, sunita: Colleague) -> None:
    list_id = save(sunita, "view=mine", name="Mine", team="highways").partition("=")[2]
    mate = colleague(app, "Mo", role="caseworker", team="highways")
    for path in (f"/desk/lists/{list_id}", f"/desk/lists/{list_id}/delete", f"/desk/lists/{uuid.uuid4()}"):
        mate.get(path, 404)
        mate.post(path, 404, name="Theirs")
    sunita.get(f"/desk/lists/{list_id}")
    sunita.client.submit(name="Renamed", team="")
    assert "Renamed" in sunita.get("/desk/lists")
    sunita.post(f"/desk/lists/{list_id}/delete")
    assert "Renamed" not in sunita.get("/desk/lists")


def test_a_name_that_is_taken_another_team_and_too_many_are_refused(
    app: Flask, sunita: Colleague, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(sunita, "view=mine", name="Mine")
    sunita.get("/desk/lists/new?view=held")
    sunita.client.submit(name="Mine")
    assert "You have a list of this name already" in sunita.client.page.main
    sunita.post("/desk/lists/new", 200, name="Other", team="street_lighting")
    monkeypatch.setattr(saved_filters, "MOST", 1)
    sunita.get("/desk/lists/new?view=mine")
    sunita.client.submit(name="More")
    assert "Delete one first" in sunita.client.page.main


def test_the_pages_that_change_and_delete_a_list_name_it(app: Flask, sunita: Colleague) -> None:
    list_id = save(sunita, "view=mine", name="Mine").partition("=")[2]
    assert "Change a saved list" in sunita.get(f"/desk/lists/{list_id}")
    assert "Delete the list “Mine”?" in sunita.get(f"/desk/lists/{list_id}/delete")
    answer = sunita.client.submit()
    sunita.client.follow(answer)
    assert "The list is deleted" in sunita.client.page.main
    assert "Mine" not in [item.text for item in sunita.client.page.all("strong")]


def test_the_button_pressed_twice_saves_one_list(app: Flask, sunita: Colleague) -> None:
    assert save(sunita, "view=mine", name="Mine", start="yes") == save(sunita, "view=mine", name="Mine", start="yes")
    sunita.get("/desk/lists")
    assert len([link for link in sunita.client.page.all("a") if str(link.get("href")).endswith("/delete")]) == 1
