"""`moothall staff`: the first rights are given by command, and the table of access is printed."""

import re
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from portal.accounts.values import Account
from portal.cases.ending import reopen_by_staff
from portal.cases.queries import whole_timeline
from portal.cli.cases import cases
from portal.cli.people import people
from portal.cli.staff import staff
from portal.db.session import session
from portal.errors import Refused, SetupError
from portal.provider.models import Person
from portal.staff.models import StaffMemberRow
from tests.support.desk import do, now, report
from tests.support.staff import colleague

Run = Callable[..., Result]
UUID = re.compile(r"[0-9a-f-]{36}")


@pytest.fixture
def run(app: Flask, clean_database: str, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command as an operator does, with settings in the environment."""
    for name, value in {
        "MOOTHALL_DATABASE_URL": clean_database,
        "MOOTHALL_SECRET_KEY": "tests-tests-tests-tests-tests-tests",
        "MOOTHALL_MAIL__HOST": "127.0.0.1",
        "MOOTHALL_PUBLIC_URL": "https://my.council.example",
    }.items():
        monkeypatch.setenv(name, value)
    return lambda *words, group=staff: CliRunner().invoke(group, list(words))


def test_rights_are_given_listed_and_taken_away(run: Run) -> None:
    assert "There is no right yet" in run("rights", "list").output
    first = run("rights", "add", "admins", "administrator")
    assert first.exit_code == 0, first.output
    run("rights", "add", "streets", "caseworker", "--service", "reporting", "--team", "north")
    assert "it stood there already" in run("rights", "add", "admins", "administrator").output
    listed = run("rights", "list").output
    assert "admins  administrator  everywhere" in listed
    assert "streets  caseworker  service=reporting team=north" in listed
    found = UUID.search(next(line for line in listed.splitlines() if "streets" in line))
    assert found
    assert "The right is taken away." in run("rights", "remove", found[0]).output
    assert "streets" not in run("rights", "list").output


def test_the_last_administrator_stays_and_a_wrong_id_is_said(run: Run) -> None:
    run("rights", "add", "admins", "administrator")
    found = UUID.search(run("rights", "list").output)
    assert found
    assert isinstance(run("rights", "remove", found[0]).exception, Refused)
    assert isinstance(run("rights", "remove", "00000000-0000-4000-8000-00000000abcd").exception, SetupError)
    assert isinstance(run("rights", "add", "x", "auditor", "--team", "north").exception, Refused)
    assert run("rights", "add", "x", "king").exit_code == 2


def test_the_table_of_access_is_printed(run: Run) -> None:
    printed = run("access")
    assert printed.exit_code == 0, printed.exception
    assert "| `/desk/rights` | POST | administer |" in printed.output


def test_people_are_put_into_groups(app: Flask, run: Run) -> None:
    words = ("add", "--email", "s@staff.example", "--given-name", "Sunita", "--family-name", "Deskworker")
    added = run(*words, "--group", "streets", "--password", "a long and unusual phrase", group=people)
    assert added.exit_code == 0, (added.output, added.exception)
    changed = run("groups", "s@staff.example", "--add", "leaders", "--remove", "streets", group=people)
    assert changed.output.split() == ["leaders"]
    assert "s@staff.example" in run("list", group=people).output
    with app.app_context():
        assert session().query(Person).one().groups == ["leaders"]


def test_who_has_left_is_forgotten_by_their_address(app: Flask, run: Run) -> None:
    sunita = colleague(app, "Sunita", role="caseworker")
    with app.app_context():
        email = session().get_one(StaffMemberRow, sunita.staff.id).email
    done = run("forget", email.upper())
    assert "They are forgotten" in done.output, done.exception
    with app.app_context():
        left = session().get_one(StaffMemberRow, sunita.staff.id)
        assert (left.name, left.email, left.groups) == ("", "", [])
    assert sunita.client.get("/desk").status_code in (302, 303)
    assert isinstance(run("forget", email).exception, SetupError)


def test_the_cases_of_who_has_left_are_there_for_others(app: Flask, run: Run, sam: Account) -> None:
    ann, bob = (colleague(app, name, role="decider", service="reporting") for name in ("Ann", "Bob"))
    kept, closed, others = (report(app, sam) for _each in range(3))
    for case in (kept, closed):
        do(ann, case, "take")
    do(bob, others, "take")
    do(ann, closed, "move/no_action", reason="It is not ours.")
    assert "put back on their teams' lists: 1." in run("forget", ann.staff.email).output
    assert [now(app, case).holder_id for case in (kept, closed, others)] == [None, ann.staff.id, bob.staff.id]
    assert kept.reference in bob.get("/desk/cases?view=unassigned")
    with app.test_request_context("/"):
        event = whole_timeline(kept.id)[0]
        reopen_by_staff(closed.id, actor=bob.staff.actor, reason="It is ours after all.")
        session().commit()
    assert (event.kind, event.actor, event.visible) == ("released", "system:command", False)
    assert now(app, closed).holder_id is None
    do(bob, kept, "take")
    assert now(app, kept).holder_id == bob.staff.id


def test_teams_are_saved_listed_and_closed_and_the_next_night_is_foretold(run: Run) -> None:
    assert "is saved" in run("teams", "save", "north", "--title", "North", group=cases).output
    assert "north  North\n" in run("teams", "list", group=cases).output
    assert "no more cases" in run("teams", "close", "north", group=cases).output
    assert "north  North  (closed)" in run("teams", "list", group=cases).output
    for words in (("teams", "close", "nobody"), ("teams", "save", "No!", "--title", "x")):
        assert isinstance(run(*words, group=cases).exception, SetupError)
    assert re.search(r"^ +0  reporting\.", run("retention", group=cases).output, re.MULTILINE)
