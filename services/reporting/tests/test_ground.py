"""The council's own map: what lies where, and what is wrong with a file."""

import json
from collections.abc import Sequence
from itertools import pairwise
from math import cos, hypot, radians
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.settings.ground import numbered, read_ground
from services.reporting.settings.reporting import DATA, ReportingSettings
from services.reporting.settings.shapes import METRES, FaultyShapes, Layer, Point, Shape, read_shapes
from services.reporting.settings.street_words import folded

GROUND = read_ground(DATA / "map")
points = st.builds(Point, st.floats(51.40, 51.60), st.floats(-0.35, -0.10))


def square(south: float, west: float, size: float) -> tuple[Point, ...]:
    corners = [(south, west), (south, west + size), (south + size, west + size), (south + size, west), (south, west)]
    return tuple(Point(lat, lon) for lat, lon in corners)


def test_a_hole_in_an_area_is_not_in_it() -> None:
    area = Shape("area", {}, (square(51.0, 0.0, 1.0), square(51.4, 0.4, 0.2)))
    assert area.holds(Point(51.1, 0.1))
    assert not area.holds(Point(51.5, 0.5))
    assert not area.holds(Point(52.5, 0.5))


@given(points)
def test_every_place_of_ours_is_in_a_ward(point: Point) -> None:
    inside = GROUND.boundary.holding(point) is not None
    assert not inside or any(ward.holds(point) for ward in GROUND.wards)
    assert not inside or GROUND.is_ours(point)


@given(points)
def test_the_nearest_street_by_the_grid_is_the_nearest_of_all(point: Point) -> None:
    """Against a search without a grid, by a sum of its own."""
    found = GROUND.streets.nearest(point, metres=60)
    near = [shape for shape in GROUND.streets.shapes if apart(shape, point) <= 60]
    assert (found is None) == (not near)
    assert found is None or apart(found, point) == pytest.approx(min(apart(each, point) for each in near), abs=0.01)


def apart(shape: Shape, point: Point) -> float:
    """Metres, by the foot of the perpendicular on each stretch."""
    east = METRES * cos(radians(point.lat))
    best = float("inf")
    for part in shape.parts:
        flat = [((each.lon - point.lon) * east, (each.lat - point.lat) * METRES) for each in part]
        for (ax, ay), (bx, by) in pairwise(flat):
            dx, dy = bx - ax, by - ay
            share = max(0.0, min(1.0, (-ax * dx - ay * dy) / (dx * dx + dy * dy)))
            best = min(best, hypot(ax + share * dx, ay + share * dy))
    return best


@given(st.floats(51.45, 51.53), st.floats(-0.27, -0.17), st.floats(0.0001, 0.05))
def test_a_rectangle_of_the_map_loses_nothing(south: float, west: float, size: float) -> None:
    edges = (south, west, south + size, west + size)
    asked = {id(shape) for shape in GROUND.streets.within(edges)}
    for shape in GROUND.streets.shapes:
        meets = any(south <= p.lat <= south + size and west <= p.lon <= west + size for p in shape.parts[0])
        assert not meets or id(shape) in asked


@pytest.mark.parametrize(
    ("typed", "name"),
    [("larkspur ln.", "Larkspur Lane"), ("LARKSPUR  LANE", "Larkspur Lane"), ("St. Mary's Rd", "St Marys Road")],
)
def test_a_street_is_known_however_it_is_written(typed: str, name: str) -> None:
    assert folded(typed) == folded(name)


@pytest.mark.parametrize(
    ("typed", "labels"),
    [
        ("12 Alderfen Way", {"Alderfen Way"}),
        ("outside flat 2, 12 alderfen way, W12 8AA", {"Alderfen Way"}),
        ("Alderfen Grove SW6 6", {"Alderfen Grove, SW6 6"}),
        ("14b Alderfen Grove, SW6 6QT", {"Alderfen Grove, SW6 6"}),
        ("Alderfen Grove, SW6", {"Alderfen Grove, SW6 6"}),
        ("Alderfen Rd", {"Alderfen Road, W14 8"}),
        ("Goldcrest Common", {"Goldcrest Common"}),
    ],
)
def test_a_street_or_park_is_found_in_what_people_say(typed: str, labels: set[str]) -> None:
    assert {each.label for each in GROUND.streets_named_in(typed)} == labels


@pytest.mark.parametrize(
    ("typed", "some"),
    [
        ("alderfen", {"Alderfen Way", "Alderfen Road, W14 8", "Alderfen Grove, W6 7"}),
        ("Alderfen Avenue", {"Alderfen Way", "Alderfen Road, W14 8"}),
        ("Alderfn Way", {"Alderfen Way"}),
        ("Goldcrest", {"Goldcrest Common"}),
    ],
)
def test_half_a_name_or_the_wrong_kind_of_street_offers_those_that_may_be_meant(typed: str, some: set[str]) -> None:
    assert some <= {each.label for each in GROUND.streets_like(typed)}
    assert not GROUND.streets_named_in(typed)


@pytest.mark.parametrize("typed", ["Downing Street", "W6 9JU", "Larkspur Meadow", "", "12", "the street", "x " * 60])
def test_what_is_no_street_of_ours_offers_none(typed: str) -> None:
    assert not GROUND.streets_like(typed)


def test_a_place_of_a_neighbour_says_whose_it_is() -> None:
    found = GROUND.neighbour_named_in("Bishops Park, Southmere")
    assert found is not None
    assert found.name == "Southmere Council"
    assert GROUND.neighbour_named_in("The council house") is None


def test_a_saint_is_no_street() -> None:
    assert folded("St Marys Church") != folded("Street Marys Church")
    assert folded("Mill St") == folded("Mill Street")


@pytest.mark.parametrize("typed", ["LC 417", "lc-417", " Lc417.", "00lc417"])
def test_a_number_is_known_however_it_is_typed(typed: str) -> None:
    assert numbered(typed) == "LC417"


@pytest.mark.parametrize("layer", sorted({each.layer for each in ReportingSettings().catalogue.categories} - {""}))
def test_the_demos_things_have_numbers_of_their_own_in_streets_of_ours(layer: str) -> None:
    shapes = GROUND.assets[layer].shapes
    assert shapes
    assert len({numbered(shape.facts["number"]) for shape in shapes}) == len(shapes)
    assert all(GROUND.find_street(shape.facts["usrn"]) for shape in shapes)
    assert all(GROUND.is_ours(shape.middle) for shape in shapes[::50])


def write(folder: Path, name: str, features: Sequence[Any]) -> None:
    path = folder / f"{name}.geojson"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}))


def feature(kind: str, coordinates: Any, **facts: str) -> dict[str, Any]:
    return {"type": "Feature", "properties": facts, "geometry": {"type": kind, "coordinates": coordinates}}


RING = [[[0, 51], [1, 51], [1, 52], [0, 51]]]


def test_every_fault_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "boundary", [feature("Polygon", RING)])
    write(
        tmp_path, "streets", [feature("LineString", [[0, 51], [0, 95]], name="A", usrn="1"), feature("Polygon", RING)]
    )
    write(tmp_path, "wards", [feature("Polygon", RING, code="one")])
    (tmp_path / "parks.geojson").write_text("nonsense")
    with pytest.raises(FaultyShapes) as told:
        read_ground(tmp_path)
    said = str(told.value)
    assert "streets.geojson, feature 1: its coordinates cannot be read" in said
    assert "streets.geojson, feature 2: its geometry must be one of" in said
    assert "wards.geojson, feature 1: it has no name" in said
    assert "parks.geojson is not JSON" in said


@pytest.mark.parametrize(
    "bad",
    [
        None,
        7,
        [],
        {"type": "Feature"},
        feature("Point", [0]),
        feature("Polygon", [[[0, 51], [1, 52]]]),
        {"geometry": 1},
    ],
    ids=["null", "number", "list", "no geometry", "half a point", "two corners", "no object"],
)
def test_what_is_no_feature_is_a_sentence(tmp_path: Path, bad: Any) -> None:
    write(tmp_path, "any", [bad])
    with pytest.raises(FaultyShapes, match="feature 1"):
        read_shapes(tmp_path / "any.geojson", named=(), kinds=("area", "point", "line"))


def test_an_example_beyond_the_councils_boundary_stops_the_start(tmp_path: Path) -> None:
    write(tmp_path, "boundary", [feature("Polygon", RING)])
    write(tmp_path, "streets", [])
    with pytest.raises(ValueError, match="no place within the boundary"):
        ReportingSettings.model_validate({"map_folder": tmp_path})


def test_no_street_at_all_is_no_fault(tmp_path: Path) -> None:
    write(tmp_path, "boundary", [feature("Polygon", RING)])
    write(tmp_path, "streets", [])
    found = read_ground(tmp_path)
    assert found.street_near(Point(51.1, 0.5)) is None
    assert found.streets_like("Mill Road") == []
    assert Layer.of(()).nearest(Point(0, 0), metres=10) is None
