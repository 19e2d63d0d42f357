"""What residents type as a place, and what it means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.rules.places import Fault, Outside, Point, cell_of, is_inside, read_coordinates
from services.reporting.settings.area import Area

AREA = Area()
HERE = Point(51.4927, -0.2339)


@pytest.mark.parametrize(
    ("lat", "lon"),
    [
        ("51.4927", "-0.2339"),
        (" 51.4927 ", "−0.2339"),
        ("51,4927", "-0,2339"),
        ("51.4927°", "-0.2339°"),
        ("51.4927° N", "0.2339° W"),
        ("51.4927n", "0.2339w"),
        ("+51.4927", "-0.2339"),
        ("51.4927, -0.2339", ""),
        ("51.4927,-0.2339", ""),
        ("51,4927; -0,2339", ""),
        ("51.4927° N 0.2339° W", ""),
    ],
)
def test_numbers_are_understood_however_they_are_written(lat: str, lon: str) -> None:
    assert read_coordinates(lat, lon, AREA) == HERE


@pytest.mark.parametrize(
    ("lat", "lon", "field", "words"),
    [
        ("north", "-0.2339", "lat", "Enter the latitude as a decimal number"),
        ("51° 29' 33\"", "-0.2339", "lat", "Enter the latitude as a decimal number"),
        ("51.4927", "", "lon", "Enter the longitude as a decimal number"),
        ("51,4927", "", "lon", "Enter the longitude as a decimal number"),
        ("51.4927", "1e3", "lon", "Enter the longitude as a decimal number"),
        ("51.4927", "nan", "lon", "Enter the longitude as a decimal number"),
        ("-0.2339", "51.4927", "lat", "in the wrong order"),
        ("0.2339 W", "51.4927 N", "lat", "in the wrong order"),
        ("51.4927", "0.2339", "lon", "with a minus sign in front"),
        ("91", "0", "lat", "Latitude must be between"),
        ("51.5", "181", "lon", "Longitude must be between"),
    ],
)
def test_a_slip_is_told_beside_its_field(lat: str, lon: str, field: str, words: str) -> None:
    found = read_coordinates(lat, lon, AREA)
    assert isinstance(found, Fault)
    assert found.field == field
    assert words in found.sentence


@pytest.mark.parametrize(("lat", "lon"), [("90", "0"), ("0", "0"), ("48.8584", "2.2945"), ("-33.85", "151.21")])
def test_a_place_on_earth_that_is_not_ours_is_outside(lat: str, lon: str) -> None:
    assert read_coordinates(lat, lon, AREA) == Outside()


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_is_typed_gets_an_answer(lat: str, lon: str) -> None:
    found = read_coordinates(lat, lon, AREA)
    assert isinstance(found, Fault | Outside) or is_inside(found, AREA)


@given(st.floats(AREA.south, AREA.north), st.floats(AREA.west, AREA.east))
def test_every_place_in_the_area_is_taken_to_ten_centimetres(lat: float, lon: float) -> None:
    found = read_coordinates(f"{lat:.6f}", f"{lon:.6f}", AREA)
    assert found == Point(round(lat, 6), round(lon, 6)) or not is_inside(Point(round(lat, 6), round(lon, 6)), AREA)


@given(st.floats(-90, 90), st.floats(-180, 180))
def test_every_place_on_earth_has_a_square(lat: float, lon: float) -> None:
    assert 0 <= cell_of(Point(lat, lon)) < 2**63


def test_near_places_share_a_square_and_far_ones_do_not() -> None:
    assert cell_of(Point(51.49275, -0.23395)) == cell_of(Point(51.49280, -0.23390))
    assert cell_of(HERE) != cell_of(Point(HERE.lat + 0.001, HERE.lon))
    assert cell_of(HERE) != cell_of(Point(HERE.lat, HERE.lon + 0.0016))
