"""Which titles make a service, and under which slug."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import SetupError
from portal.kit.checks import LONGEST_SLUG, SLUG
from portal.scaffold.naming import check_title, slug_for, tidy


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("Garden waste", "garden_waste"),
        ("School meals & milk", "school_meals_milk"),
        ("Residents’ allotments (plots)", "residents_allotments_plots"),
        ("Caffè licences", "caffe_licences"),
        ("Zone 30 signs", "zone_30_signs"),
    ],
    ids=["words", "and", "apostrophe", "accent", "number"],
)
def test_a_title_gives_a_slug(title: str, slug: str) -> None:
    assert slug_for(title, []) == slug


@pytest.mark.parametrize(
    ("title", "sentence"),
    [
        ("", "cannot be a title"),
        ("Bins {{ 7 }}", "cannot be a title"),
        ('Bins "now"', "cannot be a title"),
        ("100% free", "cannot be a title"),
        ("垃圾", "gives no slug"),
        ("2nd bins", "gives no slug"),
        ("Portal", "another meaning"),
        ("Views", "another meaning"),
        ("Class", "another meaning"),
        ("Garden waste", "already"),
        ("A" * 61, "60 characters at most"),
        (f"{'Bins ' * 9}now", "40 is the most"),
    ],
    ids=[
        "empty", "braces", "quotes", "percent", "no_letters", "digit_first", "schema", "file", "keyword", "taken",
        "long_title", "long_slug",
    ],
)  # fmt: skip
def test_a_title_that_cannot_be_used_is_refused(title: str, sentence: str) -> None:
    with pytest.raises(SetupError, match=sentence):
        slug_for(title, ["garden_waste"])


@given(st.text(max_size=80))
def test_whatever_is_typed_gives_a_good_slug_or_a_sentence(title: str) -> None:
    try:
        slug = slug_for(title, [])
    except SetupError:
        return
    assert SLUG.fullmatch(slug)
    assert len(slug) <= LONGEST_SLUG


def test_a_title_is_tidied_before_it_is_shown() -> None:
    assert tidy("  Residents'  gardens ") == "Residents’ gardens"


def test_welsh_may_have_its_letters() -> None:
    check_title("Gwastraff gardd a thŷ gwydr")
