"""Registration marks: one spelling for each, and which of them there can be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.permits.rules.registrations import (
    LONGEST,
    find_meant,
    is_possible,
    is_possible_abroad,
    normalise,
    shown,
)

POSSIBLE = {
    "current": ("AB12CDE", "AB12 CDE"),
    "current with z among the last letters": ("LK73VZZ", "LK73 VZZ"),
    "prefix": ("A123BCD", "A123 BCD"),
    "prefix, one figure": ("L2WPS", "L2 WPS"),
    "unknown age": ("Q123ABC", "Q123 ABC"),
    "suffix": ("ABC123D", "ABC 123D"),
    "suffix, one figure": ("ABC1D", "ABC 1D"),
    "dateless, letters first": ("A1", "A 1"),
    "dateless, figures first": ("1234AB", "1234 AB"),
    "dateless, three letters last": ("123ABC", "123 ABC"),
    "Northern Ireland": ("ABZ1234", "ABZ 1234"),
    "Northern Ireland with i": ("IJI9", "IJI 9"),
    "embassy": ("101D234", "101D 234"),
}
TESTS_OF_DVLA = (
    *("AA19AAA", "AA19EEE", "AA19PPP", "L2WPS", "AA19SRN", "AA19DSL", "AA19MOT", "AA19AMP"),
    *("ER19BAD", "ER19NFD", "ER19THR", "ER19ERR", "ER19MNT"),
)
IMPOSSIBLE = (
    *("", "A", "1", "12", "ABC", "ABCDEFG", "1234567", "12345", "AB12CD", "AB12CDEF", "AB12CIE", "AB12CQE", "IB12CDE"),
    *(
        "ZA12CDE",
        "A0BCD",
        "A1234BCD",
        "I123BCD",
        "O123BCD",
        "ABC0D",
        "AB012",
        "0AB",
        "1234ABC",
        "АВ12СDE",
        "AB12CDÉ",
        "AB00CDE",
        "AB01CDE",
    ),
    *("AB1２CDE", "<script", "AB12CDE\n", "🚗"),
)


@pytest.mark.parametrize(("mark", "on_the_plate"), POSSIBLE.values(), ids=POSSIBLE)
def test_shape_that_is_given_out_is_possible_and_shown_as_on_its_plate(mark: str, on_the_plate: str) -> None:
    assert is_possible(mark)
    assert shown(mark) == on_the_plate
    assert normalise(on_the_plate.lower()) == mark


@pytest.mark.parametrize("mark", TESTS_OF_DVLA)
def test_what_dvla_tests_with_is_possible(mark: str) -> None:
    assert is_possible(mark)


@pytest.mark.parametrize("mark", IMPOSSIBLE, ids=repr)
def test_shape_that_was_never_given_out_is_impossible(mark: str) -> None:
    assert not is_possible(mark)
    assert shown(mark) == mark


@pytest.mark.parametrize(
    "typed",
    ["AB12CDE", " ab12 cde ", "AB-12-CDE", "ab12.cde", "ＡＢ１２ ＣＤＥ", "AB12\u00a0CDE", "ab12–cde", "A B 1 2 C D E"],
)
def test_one_vehicle_has_one_spelling(typed: str) -> None:
    assert normalise(typed) == "AB12CDE"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("ABI2CDE", "AB12CDE"),
        ("AB12CD0", "AB12CDO"),
        ("LO2OABC", "LO20ABC"),
        ("AB12CDE", None),
        ("CAKE", None),
        ("0000000", None),
    ],
)
def test_letter_mistaken_for_a_figure_is_asked_about(typed: str, meant: str | None) -> None:
    assert find_meant(typed) == meant


@pytest.mark.parametrize(("mark", "possible"), [("BMW1234E", True), ("1ABC234", True), ("A", False), ("ABCDEF", False)])
def test_vehicle_from_abroad_has_letters_or_figures_and_few_of_them(mark: str, possible: bool) -> None:
    assert is_possible_abroad(mark) is possible


@given(st.text(max_size=20))
def test_spelling_does_not_change_any_more(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(alphabet="ABIOQZ019", max_size=9))
def test_what_is_possible_is_short_and_comes_back_from_its_plate(mark: str) -> None:
    if is_possible(mark):
        assert len(mark) <= LONGEST
        assert normalise(shown(mark)) == mark
        assert is_possible_abroad(mark)


@given(st.text(alphabet="ABIO019", max_size=8))
def test_what_is_asked_about_is_possible_and_looks_the_same(mark: str) -> None:
    meant = find_meant(mark)
    if meant is not None:
        alike = str.maketrans("OI", "01")
        assert is_possible(meant)
        assert meant.translate(alike) == mark.translate(alike)
        assert meant != mark
