"""The access table of the desk and the URL map say the same, both ways, and the desk does what the table says."""

import re
import uuid
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.routing import Rule

from portal import clock
from portal.accounts.values import Account
from portal.cases.models import CaseRow
from portal.db.session import session
from portal.staff.access_table import NOBODY, OPEN, AccessRow, access_table, allowed, as_markdown
from portal.staff.values import ROLES, Role
from portal.web.access import is_public
from services.reporting.operations.sending import file_report
from services.reporting.rules.places import Place
from services.reporting.rules.written import Written
from tests.support.staff import Colleague, colleague

OPEN_AT_THE_DESK = {
    "staff.sign_in": "the way in",
    "staff.begin": "the way in",
    "staff.sign_out": "the way out; pressing it twice is no error",
    "staff.signed_out": "the way out",
    "staff.signed_in_until": "tells a page's script that somebody is signed out",
}
NOWHERE = str(uuid.UUID(int=0xABCD))
WORDS = {"reference": "2222-2222", "provider": "moothall", "slug": "none", "account_id": NOWHERE}
ENDS_HERE = {"staff.stay"}


def desk_rules(app: Flask) -> Iterator[Rule]:
    """Every address of the desk, told in another way than the table does."""
    yield from (rule for rule in app.url_map.iter_rules() if re.match(r"/desk(/|$)", rule.rule))


def address(rule: str) -> str:
    """The rule with things in its places that are nowhere: the gate looks at the view before the view at the thing."""

    def filled(match: re.Match[str]) -> str:
        kind, _colon, name = match[1].rpartition(":")
        return {"uuid": NOWHERE, "int": "1"}.get(kind.partition("(")[0], WORDS.get(name, "none"))

    return re.sub(r"<([^>]+)>", filled, rule)


def test_every_address_of_the_desk_has_its_rows(app: Flask) -> None:
    mapped = {
        (rule.rule, method, rule.endpoint)
        for rule in desk_rules(app)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {(row.rule, row.method, row.endpoint) for row in access_table(app)} == mapped
    assert len(mapped) >= 8


def test_every_row_has_its_address(app: Flask) -> None:
    adapter = app.url_map.bind("localhost")
    for row in access_table(app):
        endpoint, _values = adapter.match(address(row.rule), method=row.method)
        assert endpoint == row.endpoint


def test_every_view_says_what_it_needs(app: Flask) -> None:
    assert [row for row in access_table(app) if row.needs == NOBODY or not row.roles] == []


def test_the_open_pages_are_those_listed(app: Flask) -> None:
    assert {row.endpoint for row in access_table(app) if row.needs == OPEN} == set(OPEN_AT_THE_DESK)


def test_no_page_of_the_desk_is_anywhere_else(app: Flask) -> None:
    stray = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("desk") and not re.match(r"/desk(/|$)", rule.rule)
    ]
    assert stray == []


def test_no_marked_view_is_outside_the_desk(app: Flask) -> None:
    inside = {rule.endpoint for rule in desk_rules(app)}
    marked = {name for name, view in app.view_functions.items() if hasattr(view, "needs")}
    assert marked <= inside


@pytest.mark.parametrize("role", list(ROLES))
def test_the_desk_does_what_the_table_says(app: Flask, role: Role) -> None:
    person = colleague(app, role, role=role)
    tried = 0
    for row in access_table(app):
        if row.needs == OPEN or row.endpoint in ENDS_HERE:
            continue
        assert is_let_in(person, row) is (role in row.roles), (role, row)
        tried += 1
    assert tried >= 6


def test_who_has_no_right_is_let_in_nowhere(app: Flask) -> None:
    person = colleague(app, "Nobody", role=None)
    for row in access_table(app):
        if row.needs != OPEN:
            assert not is_let_in(person, row), row


def test_strangers_are_led_to_the_sign_in_page(app: Flask) -> None:
    client = app.test_client()
    for rule in desk_rules(app):
        if "GET" in (rule.methods or ()) and not is_public(app, rule.endpoint):
            answer = client.get(address(rule.rule))
            assert answer.status_code == 303, rule.rule
            assert answer.location.startswith("/desk/sign-in?next="), rule.rule


def test_a_change_without_a_token_is_refused(app: Flask) -> None:
    person = colleague(app, "Lee", role="lead")
    for row in access_table(app):
        if row.method != "GET" and row.endpoint != "staff.sign_out":
            assert person.client.open(address(row.rule), method=row.method).status_code == 400, row


def test_the_table_sees_a_view_without_a_mark(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.view_functions, "desk_rights.table", lambda: "")
    (row, *_rest) = [row for row in access_table(app) if row.endpoint == "desk_rights.table"]
    assert row.needs == NOBODY
    assert row.roles == ()


def test_it_is_printed_as_a_table(app: Flask) -> None:
    printed = as_markdown(access_table(app))
    assert "| `/desk/rights` | GET | administer |" in printed
    assert allowed("administer") == ("administrator",)


WITHOUT_A_REASON = {
    "desk_looking.why": "where the reason is asked for",
    "desk_see_as.begin": "asks for a reason of its own, and shows nothing",
}


def test_no_page_shows_a_case_without_a_reason(app: Flask, sam: Account) -> None:
    """Not even to who leads every team, when nobody works on the case any more."""
    tina = colleague(app, "Tina", role="lead")
    with app.test_request_context("/"):
        place = Place("Larkspur Lane", None)
        case = file_report(sam, report_id=uuid.uuid4(), written=Written("pothole", place, "A hole."))
        session().execute(update(CaseRow).where(CaseRow.id == case.id).values(status="fixed", closed_at=clock.now()))
        session().commit()
    tina.client.check_pages = False
    looked = 0
    for row in access_table(app):
        if row.method != "GET" or "<reference>" not in row.rule or row.endpoint in WITHOUT_A_REASON:
            continue
        answer = tina.client.get(address(row.rule.replace("<reference>", case.reference)))
        shown = answer.status_code == 303 and answer.location.startswith("/desk/why/")
        assert shown or answer.status_code in (403, 404), (row, answer.status_code, answer.location)
        looked += shown
    assert looked or "desk_case.case" not in app.view_functions


def is_let_in(person: Colleague, row: AccessRow) -> bool:
    """Whether the gate lets them through; what the view says then is its own affair."""
    person.client.check_pages = False
    data = {"csrf_token": person.token()} if row.method != "GET" else None
    answer = person.client.open(address(row.rule), method=row.method, data=data)
    assert answer.status_code < 500, row
    refused = answer.status_code == 403
    if refused:
        heading = answer.get_data(as_text=True)
        assert "You may not do this" in heading or "You have no rights at the desk yet" in heading, row
    return not refused
