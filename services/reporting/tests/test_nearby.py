"""Already reported? Open reports of a like kind near by, nearest first; nobody's secret among them."""

from math import cos, radians, sin
from uuid import UUID, uuid4

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.kit import move_case, session
from services.reporting.models.reports import Report
from services.reporting.operations.moderating import hide_report
from services.reporting.operations.sending import file_report
from services.reporting.queries.nearby import NEAR, near_values, reports_near
from services.reporting.rules.categories import get_category
from services.reporting.rules.places import Place, Point, cell_of, cells_around
from services.reporting.rules.written import Written
from services.reporting.settings.shapes import metres_between
from services.reporting.tests.test_public_indexes import plan_of
from tests.support.residents import Resident

STAFF = "staff:00000000-0000-4000-8000-000000000007"
HERE = Point(51.4927, -0.2339)
METRE = 1 / 111_195.0  # in degrees of latitude
degrees = st.floats(-89.9, 89.9), st.floats(-179.9, 179.9)


def filed(of: Resident, metres_north: float = 0, category: str = "pothole", private: bool = False) -> UUID:
    """A report so many metres north of here; its id."""
    report_id, point = uuid4(), Point(HERE.lat + metres_north * METRE, HERE.lon)
    file_report(
        of.account, report_id=report_id, written=Written(category, Place("Lane", point), "A hole.", private=private)
    )
    session().commit()
    return report_id


def near(category: str = "pothole") -> list[tuple[UUID, int]]:
    return [(each.report.id, each.metres) for each in reports_near(get_category(category), HERE)]


def test_the_nearest_comes_first_and_what_is_far_away_not_at_all(ada: Resident, context: Flask) -> None:
    far, close, there = filed(ada, 49), filed(ada, 20), filed(ada, 0)
    filed(ada, 51)
    filed(ada, 400)
    assert near() == [(there, 0), (close, 20), (far, 49)]


def test_a_hole_that_another_calls_a_broken_pavement_is_found(ada: Resident, context: Flask) -> None:
    pavement = filed(ada, 3, "pavement")
    filed(ada, 3, "dog_fouling")
    assert near() == [(pavement, 3)]


def test_what_is_over_private_or_hidden_is_not_shown(ada: Resident, context: Flask) -> None:
    closed, hidden, _private = filed(ada), filed(ada), filed(ada, private=True)
    case_id = session().get_one(Report, closed).case_id
    for status in ("with_team", "fixed"):
        move_case(case_id, to=status, actor=STAFF, channel="desk", rights={"work", "decide"})
    hide_report(STAFF, report_id=hidden)
    session().commit()
    assert near() == []


def test_a_report_that_is_open_again_is_found_again(ada: Resident, context: Flask) -> None:
    report_id = filed(ada)
    case_id = session().get_one(Report, report_id).case_id
    for status in ("with_team", "fixed"):
        move_case(case_id, to=status, actor=STAFF, channel="desk", rights={"work", "decide"})
    session().commit()
    assert near() == []
    reference = session().get_one(Report, report_id).reference
    ada.post(f"/cases/{reference}/reopen", reason="It is still there.")
    session().expire_all()
    assert near() == [(report_id, 0)]
    again = session().get_one(Report, report_id)
    assert (again.status, again.closed_at) == ("with_team", None)


def test_no_more_are_shown_than_somebody_reads(ada: Resident, context: Flask) -> None:
    for metres in range(8):
        filed(ada, metres)
    assert [metres for _id, metres in near()] == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("point", [Point(90, 0), Point(-90, 180), Point(0, -180)], ids=str)
def test_the_ends_of_the_earth_have_squares_too(point: Point) -> None:
    assert cell_of(point) in cells_around(point, 50)


@settings(deadline=None)  # other work on the machine is no fault of ours
@given(*degrees, st.floats(0, 500), st.floats(0, 1), st.floats(0, 6.28))
def test_every_place_within_the_distance_lies_in_a_square_that_is_asked(
    lat: float, lon: float, metres: float, part: float, angle: float
) -> None:
    away = metres * part * METRE
    there = Point(lat + away * cos(angle), lon + away * sin(angle) / max(cos(radians(lat)), 0.01))
    here = Point(lat, lon)
    if abs(lat) < 80 and metres_between(here, there) <= metres:
        assert cell_of(there) in cells_around(here, metres + 1)


def test_it_runs_along_the_index_that_is_made_for_it(context: Flask) -> None:
    plan = plan_of(NEAR, near_values(get_category("pothole"), HERE, 50), "seqscan", only="ix_report_category_cell")
    assert "ix_report_category_cell" in plan, plan
