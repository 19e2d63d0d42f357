"""The table of rights: administrators change it, everything in it counts at the next request, nobody locks all out."""

import uuid

import pytest
from flask import Flask
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.db.session import session
from portal.errors import Refused
from portal.staff import granting, rights
from portal.staff.values import Grant
from tests.support.staff import Colleague, colleague, grant


@pytest.fixture
def ruth(app: Flask) -> Colleague:
    return colleague(app, "Ruth", role="administrator")


def lines(app: Flask) -> list[tuple[str, Grant]]:
    with app.app_context():
        return [(line.staff_group, line.grant) for line in rights.all_lines()]


def test_an_administrator_gives_a_right(app: Flask, ruth: Colleague) -> None:
    ruth.get("/desk/rights")
    answer = ruth.client.submit(
        group="streets", role="caseworker", cases="reporting/pothole", area="w1", team="highways"
    )
    ruth.client.follow(answer)
    assert "The right is given. No case has the area “w1” yet: check how it is written." in ruth.client.page.main
    assert "Given by" in ruth.client.page.main
    assert "Ruth, " in ruth.client.page.main
    assert ("streets", Grant("caseworker", "reporting", "pothole", "w1", "highways")) in lines(app)
    with app.app_context():
        entry = session().scalars(select(AuditEntry).where(AuditEntry.act == "staff.right_added")).one()
    assert entry.actor == ruth.staff.actor


def test_the_same_right_twice_is_one(app: Flask, ruth: Colleague) -> None:
    for _again in range(2):
        ruth.get("/desk/rights")
        ruth.client.submit(group="streets", role="caseworker", cases="*", team="*")
    ruth.get("/desk/rights")
    assert [group for group, _grant in lines(app)].count("streets") == 1


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"group": "", "role": "lead"}, "Enter a group"),
        ({"group": "x", "role": ""}, "Choose a role"),
        ({"group": "x", "role": "king"}, "Choose a role"),
        ({"group": "x", "role": "lead", "cases": ""}, "Choose for which cases"),
        ({"group": "x", "role": "lead", "team": ""}, "Choose a team, or every team"),
        ({"group": "x", "role": "auditor", "team": "highways"}, "This role is for the whole council"),
        ({"group": "x", "role": "lead", "team": "nowhere"}, "#team"),
        ({"group": "group of Ruth", "role": "lead"}, "Another administrator has to give it this right"),
    ],
    ids=["no-group", "no-role", "unknown-role", "no-cases", "no-team", "narrowed-auditor", "unknown-team", "own-group"],
)
def test_a_line_that_makes_no_sense_is_refused(
    app: Flask, ruth: Colleague, typed: dict[str, str], sentence: str
) -> None:
    ruth.get("/desk/rights")
    ruth.post("/desk/rights", 200, **{"cases": "*", "team": "*", **typed})
    assert sentence in str(ruth.client.page.errors)
    assert len(lines(app)) == 1


def test_a_right_for_every_case_and_team_has_to_be_chosen(app: Flask, ruth: Colleague) -> None:
    ruth.get("/desk/rights")
    ruth.client.submit(group="streets", role="lead")
    assert [where for where, _sentence in ruth.client.page.errors] == ["#cases", "#team"]
    assert len(lines(app)) == 1
    ruth.client.submit(cases="*", team="*")
    assert ("streets", Grant("lead")) in lines(app)


def test_a_right_is_taken_away_and_the_table_says_by_whom(app: Flask, ruth: Colleague) -> None:
    with app.app_context():
        right_id = grant("streets", "caseworker")
        session().commit()
    ruth.get(f"/desk/rights/{right_id}/remove")
    ruth.client.follow(ruth.client.submit())
    assert "streets: Caseworker, everywhere." in ruth.client.page.main
    assert "taken away by Ruth on" in ruth.client.page.main
    assert [group for group, _grant in lines(app)] == ["group of Ruth"]
    ruth.get(f"/desk/rights/{right_id}/remove", 404)


def test_the_last_right_to_give_rights_stays(app: Flask, ruth: Colleague) -> None:
    with app.app_context():
        (only,) = [line.id for line in rights.all_lines()]
    ruth.get(f"/desk/rights/{only}/remove")
    ruth.client.submit()
    assert "This is the last right to give rights" in str(ruth.client.page.errors)
    assert len(lines(app)) == 1
    with app.app_context():
        with pytest.raises(Refused):
            granting.remove_right("system:tests", only)
        session().rollback()


def test_a_right_removed_while_the_page_is_open_refuses_what_is_sent_and_shows_it(app: Flask, ruth: Colleague) -> None:
    other = colleague(app, "Rob", role="administrator")
    other.get("/desk/rights")
    with app.app_context():
        (his,) = [line.id for line in rights.all_lines() if line.staff_group == "group of Rob"]
        grant("group of Rob", "viewer")
        session().commit()
    ruth.post(f"/desk/rights/{his}/remove")
    group = "a group whose long name he has typed with care"
    other.post("/desk/rights", 403, group=group, role="lead")
    assert "You may not do this" in other.client.page.h1
    assert "Give and take away rights" in other.client.page.main
    assert group in other.client.page.html
    assert group not in str(lines(app))


def test_who_has_no_right_to_it_sees_no_table(app: Flask) -> None:
    for role in ("lead", "auditor", "caseworker"):
        person = colleague(app, role, role=role)
        person.get("/desk/rights", 403)
        person.get(f"/desk/rights/{uuid.uuid4()}/remove", 403)
