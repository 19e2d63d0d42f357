"""Statistics say what happened in a period, of those cases alone for which somebody has the right."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import delete, select

from portal import clock
from portal.accounts.values import Account
from portal.cases.drafts import discard_draft, finish, start_draft
from portal.db.session import session
from portal.desk import statistics_page
from portal.desk.day_sums import add_up, add_up_lately
from portal.desk.list_models import CaseDayRow, FormDayRow
from portal.desk.statistics import FEW, Line, hide_ratings
from tests.integration.desk.cases import make_case
from tests.support.staff import Colleague, colleague

NOW = datetime(2026, 11, 18, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def tom(app: Flask) -> Colleague:
    return colleague(app, "Tom", role="lead")


@pytest.fixture
def history(app: Flask, sam: Account) -> None:
    """Six potholes closed after 1 to 6 days, one too late, five of them rated; one graffiti; one of today."""
    october = datetime(2026, 10, 5, 9, tzinfo=UTC)
    for n in range(1, 7):
        make_case(
            app, sam, "pothole", area="northfields",
            opened_at=october, closed_at=october + timedelta(days=n), due_at=october + timedelta(days=5, hours=2),
            status="fixed", waits_for="nobody", rating=4 if n < 6 else None,
        )  # fmt: skip
    make_case(app, sam, "graffiti", area="=cmd()", opened_at=october, rating=None)
    make_case(app, sam, "pothole", area="northfields", channel="telephone")
    with app.app_context():
        add_up_lately()
        session().commit()


def numbers(who: Colleague, query: str = "") -> dict[str, list[str]]:
    """The file's lines by their first cell."""
    answer = who.client.get(f"/desk/statistics/file?{query}")
    assert answer.status_code == 200
    rows = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    return {row[0]: row[1:] for row in rows[1:]}


def test_months_have_what_came_in_what_was_finished_and_how_well(app: Flask, tom: Colleague, history: None) -> None:
    found = numbers(tom, "by=month")
    assert found["October 2026"] == ["7", "6", "–", "83%", "3", "6", "5", "4.0"]
    assert found["November 2026"] == ["1", "0", "–", "–", "–", "–", "0", "–"]
    assert found["All together"] == ["8", "6", "2", "83%", "3", "6", "5", "4.0"]


def test_what_no_night_has_added_up_is_counted_all_the_same(app: Flask, tom: Colleague, history: None) -> None:
    before = numbers(tom, "by=week")
    with app.app_context():
        session().execute(delete(CaseDayRow))
        session().commit()
    assert numbers(tom, "by=week") == before


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("kind", {"Pothole": "7", "Graffiti": "1"}),
        ("team", {"Highways": "7", "Street cleaning": "1"}),
        ("area", {"northfields": "7", "'=cmd()": "1"}),
        ("channel", {"Online": "7", "By telephone": "1"}),
        ("service", {"reporting": "8"}),
        ("week", {"5 October 2026": "7", "16 November 2026": "1"}),
    ],
)
def test_they_are_arranged_by_what_is_chosen(
    app: Flask, tom: Colleague, history: None, by: str, expected: dict[str, str]
) -> None:
    found = {key: cells[0] for key, cells in numbers(tom, f"by={by}").items() if key != "All together"}
    assert found == expected


def test_a_right_for_one_team_counts_no_other_teams_cases(app: Flask, history: None) -> None:
    narrow = colleague(app, "Lena", role="lead", team="street_cleaning")
    assert numbers(narrow)["All together"][:3] == ["1", "0", "1"]
    assert numbers(narrow, "team=highways")["All together"][:3] == ["0", "0", "0"]


def test_few_ratings_are_not_shown(app: Flask, sam: Account, tom: Colleague) -> None:
    for _ in range(4):
        make_case(app, sam, closed_at=NOW, status="fixed", rating=1)
    assert numbers(tom)["All together"][-2:] == ["fewer than 5", "–"]


def ratings(app: Flask, sam: Account, **many: int) -> None:
    """So many rated potholes of each area."""
    for area, count in many.items():
        for _ in range(count):
            make_case(app, sam, area=area, closed_at=NOW, status="fixed", rating=1 if area == "a" else 5)


def test_few_ratings_cannot_be_found_out_by_subtracting(app: Flask, sam: Account, tom: Colleague) -> None:
    ratings(app, sam, a=1, b=6, c=9)
    found = {key: cells[-2:] for key, cells in numbers(tom, "by=area").items()}
    assert found == {
        "a": ["fewer than 5", "–"], "b": ["not shown", "–"], "c": ["9", "5.0"], "All together": ["16", "4.8"],
    }  # fmt: skip


def test_several_lines_that_together_are_not_few_hide_no_other(app: Flask, sam: Account, tom: Colleague) -> None:
    ratings(app, sam, a=3, b=4, c=9)
    found = {key: cells[-2:] for key, cells in numbers(tom, "by=area").items()}
    assert [found[key][0] for key in "abc"] == ["fewer than 5", "fewer than 5", "9"]
    assert found["All together"][0] == "16"


@pytest.mark.parametrize("rated", [(1, 2), (1, 6), (4, 4, 20), (1, 5, 5), (2,), (), (0, 3, 0, 9), (5, 6)])
def test_what_is_hidden_together_is_never_few(rated: tuple[int, ...]) -> None:
    made = [Line(str(n), 0, 0, 0, 0, many, many) for n, many in enumerate(rated)]
    lines, whole = hide_ratings(made, Line("", 0, 0, 0, 0, sum(rated), sum(rated)))
    unseen = sum(line.rated for line in lines if line.hides_ratings)
    assert whole.hides_ratings or unseen == 0 or unseen >= FEW
    assert all(line.hides_ratings for line in lines if 0 < line.rated < FEW)


def test_the_page_says_how_many_lines_it_leaves_out_and_the_file_has_them(
    app: Flask, tom: Colleague, history: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statistics_page, "MOST_LINES", 1)
    tom.get("/desk/statistics?by=area")
    assert "1 more line is not shown here." in tom.client.page.main
    assert len(numbers(tom, "by=area")) == 3


@pytest.mark.parametrize("query", ["to=yesterday", "from=2026-13-01", "from=2026-12-01&to=2026-01-01"])
def test_a_file_of_days_that_cannot_be_read_is_refused(app: Flask, tom: Colleague, history: None, query: str) -> None:
    tom.get(f"/desk/statistics/file?{query}", 400)
    assert tom.client.page.errors


@pytest.fixture
def begun(app: Flask, sam: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three forms of October, of which one was sent and one thrown away; one of today."""
    case = make_case(app, sam)
    with app.test_request_context("/"):
        for n in range(3):
            moment = datetime(2026, 10, 5 + n, 9, tzinfo=UTC)
            monkeypatch.setattr(clock, "now", lambda moment=moment: moment)
            draft = start_draft(sam, service="reporting", journey="report")
            if n == 0:
                finish(sam, draft.id, case_id=case.id)
            if n == 1:
                discard_draft(sam, draft.id)
        monkeypatch.setattr(clock, "now", lambda: NOW)
        start_draft(sam, service="reporting", journey="report")
        session().commit()
        add_up_lately()
        session().commit()


def test_how_many_of_the_forms_begun_were_sent(app: Flask, tom: Colleague, begun: None) -> None:
    found = numbers(tom, "by=month&of=forms")
    assert found == {
        "October 2026": ["3", "1", "33%"], "November 2026": ["1", "0", "0%"], "All together": ["4", "1", "25%"],
    }  # fmt: skip
    assert numbers(tom, "by=team&of=forms")["reporting/report"] == ["4", "1", "25%"]
    with app.app_context():
        session().execute(delete(FormDayRow))
        session().execute(delete(CaseDayRow))
        session().commit()
    assert numbers(tom, "by=month&of=forms") == found
    page = tom.get("/desk/statistics")
    assert "Forms begun and sent" in page
    assert page.count('<svg class="moot-chart"') == 2
    assert "25%" in tom.client.page.main


def test_forms_are_of_no_team_and_shown_to_no_teams_leader(app: Flask, begun: None) -> None:
    narrow = colleague(app, "Lena", role="lead", team="highways")
    assert "Forms begun and sent" not in narrow.get("/desk/statistics")
    narrow.get("/desk/statistics/file?of=forms", 404)


def test_a_day_long_ago_is_a_day(tom: Colleague) -> None:
    tom.get("/desk/statistics?from=1990-01-01")
    assert tom.client.page.errors == [("#from", "Choose at most a year")]
    tom.get("/desk/statistics?from=1990-01-01&to=1990-03-01")
    assert tom.client.page.errors == []
    assert "1 January 1990 to 1 March 1990" in tom.client.page.main


def test_what_the_chart_says_is_not_made_smaller_with_it(app: Flask, tom: Colleague, history: None) -> None:
    page = tom.get("/desk/statistics")
    assert "viewBox" not in page.split('class="moot-chart"')[1]
    widths = re.findall(r'<rect class="moot-chart__in" x="[^"]+%"[^>]* width="([^"]+)"', page)
    assert widths
    assert all(width.endswith("%") for width in widths)


def test_each_cell_says_what_it_is_where_the_table_folds(app: Flask, tom: Colleague, history: None) -> None:
    tom.get("/desk/statistics")
    (row, *_rest) = tom.client.page.all("tr", class_="govuk-table__row")[1:]
    assert [cell.get("data-label") for cell in row][1:4] == ["Came in", "Finished", "Open now"]
    colleague(app, "Ruth", role="administrator", client=tom.client)
    tom.get("/desk/access")
    labels = {cell.get("data-label") for cell in tom.client.page.all("td")}
    assert labels == {"Method", "Needs", "Role"}


def test_the_page_has_the_table_the_chart_and_the_ages(app: Flask, tom: Colleague, history: None) -> None:
    page = tom.get("/desk/statistics")
    assert page.count('<rect class="moot-chart__in"') == 3  # two months and the key
    assert "29 to 91 days" in tom.client.page.main
    assert "October 2026" in tom.client.page.main


@pytest.mark.parametrize(
    "query", ["from=x&to=2026-02-30", "from=2026-12-01&to=2026-01-01", "from=2000-01-01", "by=king&kind='&team=%00"]
)
def test_bad_input_shows_a_usual_period(app: Flask, tom: Colleague, history: None, query: str) -> None:
    assert "The numbers" in tom.get(f"/desk/statistics?{query}")


def test_only_those_with_the_right_see_them(app: Flask) -> None:
    colleague(app, "Sunita", role="caseworker").get("/desk/statistics", 403)
    colleague(app, "Alex", role="auditor").get("/desk/statistics")


def test_adding_up_again_follows_what_was_changed_and_doubles_nothing(app: Flask, sam: Account, history: None) -> None:
    day = datetime(2026, 10, 6, tzinfo=UTC).date()
    with app.app_context():
        query = select(CaseDayRow.closed, CaseDayRow.took).where(CaseDayRow.day == day)
        before = session().execute(query).all()
        add_up(day)
        add_up(day)
        assert session().execute(query).all() == before == [(1, [1])]
