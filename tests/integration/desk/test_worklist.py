"""The worklist shows what rights allow, in its order, page by page; bad input shows more and never fails."""

import re
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.accounts.values import Account
from portal.audit.models import AuditEntry
from portal.cases.search_writing import read_facts
from portal.cases.values import Case
from portal.db.session import session
from portal.desk import searching, worklist
from portal.desk.filters import VIEWS, Filter, read_filter
from tests.integration.desk.cases import make_case
from tests.support.people import someone
from tests.support.staff import Colleague, colleague

REFERENCE = re.compile(r'/desk/cases/([0-9A-Z]{4}-[0-9A-Z]{4})"')
NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)  # a Wednesday


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def sunita(app: Flask) -> Colleague:
    return colleague(app, "Sunita", role="caseworker", team="highways")


def listed(who: Colleague, query: str = "view=teams") -> list[str]:
    """The references on the page, in order."""
    return REFERENCE.findall(who.get(f"/desk/cases?{query}"))


def due(**by: float) -> dict[str, datetime]:
    return {"due_at": NOW + timedelta(**by)}


def test_only_cases_of_ones_rights_are_listed_and_another_teams_are_not(
    app: Flask, sam: Account, sunita: Colleague
) -> None:
    mine = make_case(app, sam, "pothole")
    make_case(app, sam, "graffiti")
    assert listed(sunita) == [mine.reference]
    assert listed(sunita, "view=teams&team=street_cleaning") == []
    assert listed(sunita, "view=teams&kind=reporting/graffiti") == []


def test_a_right_for_one_kind_in_one_area_lists_no_other(app: Flask, sam: Account) -> None:
    narrow = colleague(app, "Nia", role="caseworker", service="reporting", type="graffiti", area="northfields")
    there = make_case(app, sam, "graffiti", area="northfields")
    make_case(app, sam, "graffiti", area="southgate")
    make_case(app, sam, "pothole", area="northfields")
    assert listed(narrow) == [there.reference]


@pytest.fixture
def lives(app: Flask, sam: Account, sunita: Colleague) -> dict[str, Case]:
    """One case for each view."""
    me = sunita.staff.id
    other = uuid.uuid4()
    return {
        "mine": make_case(app, sam, holder_id=me, **due(days=20)),
        "held": make_case(
            app, sam, holder_id=other, held_at=NOW, held_until_at=NOW + timedelta(days=9), **due(days=19)
        ),
        "theirs": make_case(app, sam, holder_id=other, waits_for="resident", **due(days=18)),
        "overdue": make_case(app, sam, holder_id=other, **due(days=-1)),
        "escalated": make_case(app, sam, holder_id=other, escalated_at=NOW, **due(days=-2)),
        "nearly_due": make_case(app, sam, holder_id=other, **due(hours=20)),
        "unpromised": make_case(app, sam, due_at=None),
        "closed": make_case(
            app, sam, status="fixed", closed_at=NOW - timedelta(days=1), waits_for="nobody", holder_id=other
        ),
        "long_closed": make_case(
            app, sam, status="fixed", closed_at=NOW - timedelta(days=100), waits_for="nobody", holder_id=other
        ),
    }


@pytest.mark.parametrize(
    ("view", "names"),
    [
        ("teams", ["escalated", "overdue", "nearly_due", "theirs", "held", "mine", "unpromised"]),
        ("mine", ["mine"]),
        ("unassigned", ["unpromised"]),
        ("ours", ["escalated", "overdue", "nearly_due", "mine", "unpromised"]),
        ("theirs", ["theirs"]),
        ("held", ["held"]),
        ("nearly_due", ["nearly_due"]),
        ("overdue", ["escalated", "overdue"]),
        ("escalated", ["escalated"]),
        ("closed", ["closed"]),
    ],
)
def test_each_view_has_its_cases_what_is_due_first_first(
    app: Flask, sunita: Colleague, lives: dict[str, Case], view: str, names: list[str]
) -> None:
    assert listed(sunita, f"view={view}") == [lives[name].reference for name in names]


def test_the_numbers_beside_the_views_are_those_of_the_views(
    app: Flask, sunita: Colleague, lives: dict[str, Case]
) -> None:
    sunita.get("/desk/cases?view=teams")
    counted = {
        str(item.get("href")).split("view=")[1]: "".join(item.itertext()).split()[-1]
        for item in sunita.client.page.all("nav", class_="moot-views")[0].iter("a")
    }
    assert counted == {
        "teams": "7", "mine": "1", "unassigned": "1", "ours": "5", "theirs": "1", "held": "1",
        "nearly_due": "1", "overdue": "2", "escalated": "1", "closed": "lately",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("status=fixed", []),
        ("holder=me", ["mine"]),
        ("holder=nobody", ["unpromised"]),
        ("due=today", ["escalated", "overdue"]),
        ("due=none", ["unpromised"]),
        ("channel=web&holder=me", ["mine"]),
        ("channel=letter", []),
        ("area=nowhere", []),
        ("kind=reporting&holder=me", ["mine"]),
    ],
)
def test_filters_narrow_a_view(
    app: Flask, sunita: Colleague, lives: dict[str, Case], query: str, names: list[str]
) -> None:
    assert listed(sunita, f"view=teams&{query}") == [lives[name].reference for name in names]


@pytest.mark.parametrize("teams", [("highways",), ("highways", "street_cleaning"), ("",)], ids=["one", "two", "all"])
@pytest.mark.parametrize("order", ["due", "newest"])
def test_pages_go_on_and_back_without_a_gap_or_a_repetition(
    app: Flask, sam: Account, monkeypatch: pytest.MonkeyPatch, teams: tuple[str, ...], order: str
) -> None:
    monkeypatch.setattr(worklist, "PAGE", 3)
    monkeypatch.setattr(worklist.page_of, "__kwdefaults__", {"limit": 3})
    for team in teams:
        who = colleague(app, "Sunita", role="caseworker", team=team)
    for n in range(6):
        same_day = {"due_at": NOW + timedelta(days=n // 3)}
        make_case(app, sam, "pothole", **(same_day if n < 4 else {"due_at": None}))
        make_case(app, sam, "graffiti", **same_day)
    expected = 12 if len(teams) > 1 or teams == ("",) else 6
    pages, query = [], f"view=teams&sort={order}"
    for _ in range(9):
        pages.append(listed(who, query))
        onwards = who.client.page.all("a", rel="next")
        if not onwards:
            break
        query = str(onwards[0].get("href"))[1:]
    whole = [reference for page in pages for reference in page]
    assert len(whole) == len(set(whole)) == expected
    back = [pages[-1]]
    for _ in range(9):
        earlier = who.client.page.all("a", rel="prev")
        if not earlier:
            break
        back.insert(0, listed(who, str(earlier[0].get("href"))[1:]))
    assert [reference for page in back for reference in page] == whole


@pytest.mark.parametrize("teams", [("highways",), ("highways", "street_cleaning")], ids=["one", "two"])
@pytest.mark.parametrize(
    "query", [*(f"view={view}" for view in VIEWS), "view=teams&due=none", "view=closed&q=tester", "view=mine&q=tester"]
)
def test_every_list_is_walked_to_its_end_and_back_where_nothing_is_promised_too(
    app: Flask, sam: Account, monkeypatch: pytest.MonkeyPatch, teams: tuple[str, ...], query: str
) -> None:
    for page in (worklist.page_of, searching.search_of):
        monkeypatch.setattr(page, "__kwdefaults__", {"limit": 2})
    for team in teams:
        who = colleague(app, "Sunita", role="caseworker", team=team)
    me = who.staff.id
    states = ({}, {"due_at": None}, {"due_at": None, "holder_id": me}, {"closed_at": NOW - timedelta(days=2)})
    held = {"due_at": None, "held_at": NOW, "escalated_at": NOW, "waits_for": "resident"}
    for columns in (*states, held, {"holder_id": me, **due(days=-1)}, due(hours=20)):
        for _n in range(3):
            make_case(app, sam, "pothole", **columns)
    pages = walked(who, query, "next")
    back = walked(who, "", "prev")[::-1]
    whole = [reference for page in pages for reference in page]
    assert len(whole) == len(set(whole)) >= 3
    assert [reference for page in (*back, pages[-1]) for reference in page] == whole


def walked(who: Colleague, query: str, way: str) -> list[list[str]]:
    """Page after page from a list, or from the page that is shown; what stands on each."""
    pages = [listed(who, query)] if query else []
    for _n in range(20):
        onwards = who.client.page.all("a", rel=way)
        if not onwards:
            return pages
        pages.append(listed(who, str(onwards[0].get("href"))[1:]))
    pytest.fail("the pages have no end")


@pytest.mark.parametrize(
    "query",
    [
        "view=king&status='&kind=/&team=%00&holder=x&due=9&sort=z&area=%3Cb%3E",
        "after=x",
        "before=99999999999999999999-0",
        "after=253402214400000000-00000000000000000000000000000000",
        "holder=00000000-0000-0000-0000-000000000000",
        "q=%00%27%22%5C",
        "q=" + "a" * 5000,
        "saved=00000000-0000-4000-8000-00000000abcd",
        "saved=x&view=mine",
        "kind=reporting/pothole/x",
        "status=" + "a" * 300,
    ],
    ids=range(11),
)
def test_whatever_stands_in_the_address_is_no_fault(app: Flask, sam: Account, sunita: Colleague, query: str) -> None:
    make_case(app, sam, "graffiti")
    assert listed(sunita, query) == []


def test_a_filter_is_written_as_it_is_read() -> None:
    chosen = Filter(
        "mine", "reporting/pothole", "received", "highways", "North", "me", "web", "week", "newest", "hole "
    )
    assert read_filter(chosen.written()) == chosen
    assert Filter().written() == {}


def test_listing_names_is_on_the_record_once_in_a_while_and_never_with_what_was_typed(
    app: Flask, sam: Account, sunita: Colleague
) -> None:
    make_case(app, sam, "pothole")
    for _again in range(3):
        listed(sunita)
    listed(sunita, "q=Tester")
    with app.app_context():
        query = select(AuditEntry.act, AuditEntry.details).where(AuditEntry.actor == sunita.staff.actor)
        found = [(act, details) for act, details in session().execute(query.order_by(AuditEntry.id)).all()]
    (listing, searching) = found
    assert listing == ("staff.listed", {"filter": {}})
    assert (searching[0], searching[1]["filter"]) == ("staff.searched", {"words": 1})
    assert "tester" not in str(searching).lower()


def test_each_name_that_somebody_searches_for_is_on_the_record(app: Flask, sunita: Colleague) -> None:
    for name in ("Zelda", "Quentin"):
        make_case(app, someone(app, name), "pothole")
    with app.app_context():
        read_facts()
        session().commit()
    for words in ("Zelda", "Quentin", "zelda", "Quentin", "Nobody"):
        listed(sunita, f"q={words}")
    with app.app_context():
        query = select(AuditEntry.details["searched_for"].astext).where(AuditEntry.act == "staff.searched")
        first, second = session().scalars(query).all()
    assert first != second


def test_a_card_says_who_what_and_how_long_is_left(app: Flask, sam: Account, sunita: Colleague) -> None:
    make_case(app, sam, "pothole", area="northfields", **due(days=2))
    page = sunita.get("/desk/cases?view=teams")
    for words in ("Sam Tester", "Pothole", "Received", "2 working days left", "Nobody yet", "Highways", "northfields"):
        assert words in page


def test_the_way_back_from_a_case_is_the_list_that_led_there(app: Flask, sam: Account, sunita: Colleague) -> None:
    case = make_case(app, sam, area="northfields")
    listed(sunita, "view=unassigned&area=northfields&q=tester")
    sunita.get(f"/desk/cases/{case.reference}")
    assert sunita.client.page.links()["Back"] == "/desk/cases?view=unassigned&area=northfields&q=tester"
    browser = sunita.client
    other = colleague(app, "Mo", role="caseworker", team="highways", client=browser)
    other.get(f"/desk/cases/{case.reference}")
    assert browser.page.links()["Back"] == "/desk/cases"


def test_a_search_is_called_what_it_is_and_what_is_saved_is_named(app: Flask, sam: Account, sunita: Colleague) -> None:
    make_case(app, sam, area="northfields")
    sunita.get("/desk/cases?view=closed&area=northfields&q=tester")
    assert sunita.client.page.h1 == "Search in all cases, open and closed"
    assert "Save “Closed lately” with this filter, without the words" in sunita.client.page.main
    sunita.get("/desk/lists/new?view=closed&area=northfields")
    assert "The list “Closed lately” is saved" in sunita.client.page.main


def test_the_list_is_one_link_away_and_its_rows_are_letters_away(app: Flask, sam: Account, sunita: Colleague) -> None:
    make_case(app, sam)
    sunita.get("/desk/cases?view=teams")
    page = sunita.client.page
    assert page.links()["Skip to the list"] == "#cases"
    assert len([link for link in page.all("a") if "data-desk-row" in link.attrib]) == 1
    assert page.all("form", role="search")[0].get("data-desk-key") == "/"
    sunita.post("/desk/keys", keys="off")
    sunita.get("/desk/cases?view=teams")
    assert not [link for link in sunita.client.page.all("a") if "data-desk-row" in link.attrib]
