import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import Refused
from portal.gazetteer.postcode import normalise_postcode, normalise_uprn
from portal.web.postcodes import find_postcode


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("W6 9JU", "W6 9JU"),
        ("w69ju", "W6 9JU"),
        ("  sw6\t1aa ", "SW6 1AA"),
        ("W6\u00a09JU", "W6 9JU"),
        ("W-6-9-J-U", "W6 9JU"),
        ("ｗ６９ｊｕ", "W6 9JU"),
        ("ec1a1bb", "EC1A 1BB"),
        ("W6 OAA", "W6 0AA"),
        ("gir 0aa", "GIR 0AA"),
    ],
)
def test_postcode_is_read_whatever_the_case_and_the_spaces(typed: str, printed: str) -> None:
    assert normalise_postcode(typed) == printed


@pytest.mark.parametrize("typed", ["", "W6", "W6 9J", "9W6 9JU", "W6 9CU", "W6 9JU W6 9JU", "W" * 5000, "\x00W69JU"])
def test_text_that_is_no_postcode_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(Refused, match="like W6 9JU"):
        normalise_postcode(typed)


@given(st.text(max_size=30))
def test_any_text_is_either_read_or_not(typed: str) -> None:
    found = find_postcode(typed)
    assert found is None or find_postcode(found) == found


@pytest.mark.parametrize(("typed", "uprn"), [("000034", "34"), (" 12 ", "12"), ("", None), ("x", None), ("٣", None)])
def test_uprn_is_read_without_leading_zeros(typed: str, uprn: str | None) -> None:
    assert normalise_uprn(typed) == uprn
    assert normalise_uprn("1" * 13) is None
