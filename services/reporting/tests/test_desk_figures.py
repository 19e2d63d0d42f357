"""Figures, the heat map and the files: what staff count, and that no spreadsheet calculates what residents typed."""

import csv
import io
from datetime import date, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from portal.kit import clock, session
from services.reporting.models.reports import Report
from services.reporting.operations.sending import file_report
from services.reporting.queries.figures import Asked, figures_of, squares_in, times_to_fix
from services.reporting.rules.periods import LONGEST, read_period
from services.reporting.rules.wanted import Box
from services.reporting.rules.written import Written
from services.reporting.tests.test_desk_moderation import DESK, HERE, TEAM, filed, the_report
from services.reporting.tests.test_moderating import TRAIL
from services.reporting.views.desk.bars import MOST, WIDEST, bars_of
from tests.support.residents import Resident
from tests.support.staff import Colleague, colleague


@pytest.fixture
def lee(app: Flask) -> Colleague:
    """Leads the highways."""
    return colleague(app, "Lee", role="lead", team=TEAM)


def asked(**more: str) -> Asked:
    now = clock.now()
    return Asked(
        among=select(Report.case_id),
        since=now - timedelta(days=1),
        until=now + timedelta(days=1),
        **more,
    )


def test_reports_are_counted_by_what_became_of_them(ada: Resident, context: Flask) -> None:
    references = [filed(ada) for _time in range(3)]
    done, late = (the_report(each) for each in references[:2])
    now = clock.now()
    done.closed_at, done.due_at = now + timedelta(days=2), now + timedelta(days=3)
    late.due_at = now - timedelta(hours=1)
    session().commit()
    by_category = figures_of(asked(), by="category")
    assert [each.key for each in by_category] == ["pothole", None]
    whole = by_category[-1]
    assert (whole.came, whole.closed, whole.still_open, whole.overdue, whole.kept) == (3, 1, 2, 1, 100)
    assert whole.days == pytest.approx(2, abs=0.01)
    (by_ward, _all) = figures_of(asked(), by="ward")
    assert by_ward.key == done.ward
    assert figures_of(asked(category="graffiti"), by="ward")[-1].came == 0


def test_reports_near_each_other_are_in_one_square(ada: Resident, context: Flask) -> None:
    references = [filed(ada) for _time in range(3)]
    the_report(references[2]).lat = 51.51
    session().commit()
    found = squares_in(asked(), zoom=17)
    assert [each.count for each in found] == [2, 1]
    assert found[0].box.south <= 51.4927 <= found[0].box.north
    assert found[0].box.west <= -0.2339 <= found[0].box.east
    assert [each.count for each in squares_in(asked(), zoom=17, box=Box(51.50, -0.3, 51.52, -0.1))] == [1]


def test_the_pages_show_those_of_ones_own_team_alone(app: Flask, ada: Resident) -> None:
    with app.app_context():
        filed(ada)
    lee, pat = (colleague(app, name, role="lead", team=team) for name, team in (("Lee", TEAM), ("Pat", "parks")))
    assert "Pothole</th>" in lee.get(f"{DESK}/figures")
    assert "Pothole</th>" not in pat.get(f"{DESK}/figures")
    box = "box=-0.3,51.4,-0.1,51.6&zoom=17"
    drawn = [each.client.get(f"{DESK}/heat.json?{box}").get_json()["squares"] for each in (lee, pat)]
    assert [len(each) for each in drawn] == [1, 0]
    assert drawn[0][0][4] == 1
    assert "The busiest places" in lee.get(f"{DESK}/heat")
    assert "No report of these days" in pat.get(f"{DESK}/heat")


def test_a_caseworker_sees_no_figures(app: Flask) -> None:
    person = colleague(app, "Mo", role="caseworker", team=TEAM)
    for page in ("figures", "heat", "heat.json"):
        person.get(f"{DESK}/{page}", 403)
    for page in ("figures.csv", "reports.csv"):
        person.post(f"{DESK}/{page}", 403)


def test_no_cell_of_the_file_is_a_formula(ada: Resident, lee: Colleague, context: Flask) -> None:
    reference = filed(ada)
    report = the_report(reference)
    report.place, report.asset = '=HYPERLINK("http://evil.example","Click")', "+1"
    session().commit()
    answer = lee.post(f"{DESK}/reports.csv", 200)
    assert "attachment" in answer.headers["Content-Disposition"]
    head, line = csv.reader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff")))
    cells = dict(zip(head, line, strict=True))
    assert cells["Reference"] == reference
    assert cells["Where"] == '\'=HYPERLINK("http://evil.example","Click")'
    assert cells["Priority"] == "Normal"
    assert cells["Number on it"] == "'+1"
    assert cells["Longitude"] == "-0.233900"  # a number, which may begin with a minus
    assert "Mr Smith" not in answer.get_data(as_text=True)


def test_the_table_is_a_file_too_and_who_takes_one_is_on_the_record(
    ada: Resident, lee: Colleague, context: Flask
) -> None:
    filed(ada)
    answer = lee.post(f"{DESK}/figures.csv?by=ward", 200).get_data(as_text=True)
    lines = list(csv.reader(io.StringIO(answer.removeprefix("\ufeff"))))
    assert lines[0][:2] == ["Ward", "Came in"]
    assert lines[-1][:2] == ["All together", "1"]
    lee.post(f"{DESK}/reports.csv", 200)
    taken = select(TRAIL.c.act).where(TRAIL.c.actor == lee.staff.actor, TRAIL.c.act.like("reporting.%_taken"))
    assert sorted(session().scalars(taken)) == ["reporting.figures_taken", "reporting.reports_taken"]


def test_how_long_it_took_is_counted_of_what_was_put_right(ada: Resident, lee: Colleague, context: Flask) -> None:
    took = (("fixed", 0.5), ("fixed", 2), ("fixed", 2.5), ("fixed", 40), ("no_action", 2), ("with_team", None))
    for status, days in took:
        report = the_report(filed(ada))
        report.status = status
        report.closed_at = None if days is None else report.created_at + timedelta(days=days)
        session().commit()
    assert times_to_fix(asked()) == [1, 2, 0, 0, 0, 1]
    page = lee.get(f"{DESK}/figures")
    assert "1 to 3 days</th>" in page
    assert page.count('class="moot-bars"') == 2


def test_reports_taken_down_for_a_caller_are_counted_apart(ada: Resident, lee: Colleague, context: Flask) -> None:
    filed(ada)
    file_report(ada.account, report_id=uuid4(), written=Written("pothole", HERE, "A hole."), channel="telephone")
    session().commit()
    page = lee.get(f"{DESK}/figures?by=channel")
    assert "By telephone, taken down by staff</th>" in page
    assert "Online</th>" in page
    assert "By telephone" in lee.post(f"{DESK}/reports.csv", 200).get_data(as_text=True)


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(0, 10**6), st.integers(0, 10**6)), max_size=30))
def test_the_longest_bar_is_the_highest_number_and_none_is_wider_than_the_chart(
    lines: list[tuple[str, int, int]],
) -> None:
    rows = bars_of(lines)
    bars = [bar for row in rows for bar in row.bars]
    assert len(rows) <= MOST
    assert all(0 <= bar.width <= WIDEST for bar in bars)
    if bars:
        assert max(bars, key=lambda bar: bar.count).width == WIDEST


@given(st.fixed_dictionaries({}, optional={"from": st.text(max_size=12), "to": st.text(max_size=12)}))
def test_whatever_is_typed_there_is_a_period_of_at_most_a_year(values: dict[str, str]) -> None:
    period = read_period(values)
    assert period.first <= period.last <= clock.today()
    assert period.last - period.first <= LONGEST


@pytest.mark.parametrize("page", ["figures", "heat"])
def test_days_that_cannot_be_are_named_beside_their_fields(page: str, lee: Colleague, context: Flask) -> None:
    wrong = lee.get(f"{DESK}/{page}?from=2026-13-01&to=2026-02-28")
    assert "Enter a day, such as 2026-01-31." in wrong
    assert 'value="2026-13-01"' in wrong
    assert "Enter a first day that is not after the last." in lee.get(f"{DESK}/{page}?from=2026-02-28&to=2026-01-31")
    assert "govuk-error-message" not in lee.get(f"{DESK}/{page}?from=2026-01-31&to=")


def test_a_period_is_as_it_was_asked_for() -> None:
    period = read_period({"from": "2026-01-31", "to": "2026-02-28"})
    assert (period.first, period.last) == (date(2026, 1, 31), date(2026, 2, 28))
    assert period.until - period.since == timedelta(days=29)
    assert read_period({"from": "9999-01-01"}).last == clock.today()
