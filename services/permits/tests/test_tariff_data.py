"""Data that are no tariff are refused with the place; lengths are read as they are written and no other way."""

from datetime import date
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.permits.rules.lengths import last_of_months, read_length
from services.permits.rules.tariff_data import BadTariff
from services.permits.tests.pricing import simple

FLAT: Final = {"model": "flat", "pence": {"1m": 1, "12m": 1}}
ROWS: Final = {"model": "table", "by": "co2"}
BAD: Final = {
    "no kind of price": ({"pricings": [{"price": {"model": "guess"}}]}, "pricings.0.price"),
    "no way to price": ({"pricings": []}, "pricings"),
    "length that there is not": ({"lengths": ["12"]}, "written as 12m or 14d"),
    "a length twice": ({"lengths": ["12m", "12m"]}, "offered twice"),
    "pounds with a point": ({"pricings": [{"price": {"model": "flat", "pence": {"12m": 10.5}}}]}, "valid integer"),
    "less than nothing": ({"pricings": [{"price": {"model": "flat", "pence": {"12m": -1}}}]}, "greater than or equal"),
    "a slip of the pen": ({"pricings": [{"price": {"model": "flat", "pence": {"12m": 10**9}}}]}, "less than or equal"),
    "rows out of order": (
        {"pricings": [{"price": ROWS | {"rows": [{"upto": 9}, {"upto": 9}, {"upto": None}]}}]},
        "do not rise",
    ),
    "rows with an end": ({"pricings": [{"price": ROWS | {"rows": [{"upto": 9}]}}]}, "has no limit"),
    "a word that is not known": ({"pricings": [{"price": FLAT, "unless": {}}]}, "unless"),
    "a mark without words": ({"pricings": [{"price": FLAT, "when": {"marks": ["tall"]}}]}, "no words for the marks"),
    "a number with a point": (
        {"adjustments": [{"words": {"en": "x", "cy": "y"}, "act": "times", "by": 1.5}]},
        "quotation marks",
    ),
    "divided by nothing": (
        {"adjustments": [{"words": {"en": "x", "cy": "y"}, "act": "times", "by": "1/0"}]},
        "divides",
    ),
    "one language": ({"adjustments": [{"words": {"en": "x"}, "act": "add", "pence": 1}]}, "words.cy"),
    "by without an act": ({"adjustments": [{"words": {"en": "x", "cy": "y"}, "act": "add", "by": "2"}]}, "needs pence"),
    "times below nothing": (
        {"adjustments": [{"words": {"en": "x", "cy": "y"}, "act": "times", "by": "-2"}]},
        "never below nothing",
    ),
    "a length without a price": ({"lengths": ["6m", "12m"]}, "no price for 6m"),
    "a share of what has no price": (
        {"lengths": ["3m"], "shares": {"3m": {"of": "6m", "part": "1/2"}}},
        "no price for 6m",
    ),
    "a share of a share": (
        {"shares": {"1m": {"of": "6m", "part": "1/6"}, "6m": {"of": "12m", "part": "1/2"}}},
        "share of a share",
    ),
}


@pytest.mark.parametrize(("kind", "says"), BAD.values(), ids=BAD.keys())
def test_data_that_cannot_be_right_are_refused_with_the_place(kind: dict[str, Any], says: str) -> None:
    with pytest.raises(BadTariff, match=says):
        simple(**kind)


@pytest.mark.parametrize("written", ["", "m", "0m", "12", "12y", "-1m", "1.5m", "999m", "１m", "1m ", "1000d"])
def test_no_other_lengths_are_read(written: str) -> None:
    with pytest.raises(ValueError, match="a length is"):
        read_length(written)


LAST_DAYS: Final = {
    "a year": (date(2026, 4, 1), "12m", date(2027, 3, 31)),
    "a year with 29 February": (date(2027, 3, 1), "12m", date(2028, 2, 29)),
    "from 29 February": (date(2028, 2, 29), "12m", date(2029, 2, 28)),
    "a month from 31 January": (date(2026, 1, 31), "1m", date(2026, 2, 28)),
    "two weeks": (date(2026, 4, 1), "14d", date(2026, 4, 14)),
    "a day": (date(2026, 4, 1), "1d", date(2026, 4, 1)),
}


@pytest.mark.parametrize(("first", "length", "last"), LAST_DAYS.values(), ids=LAST_DAYS.keys())
def test_a_permit_ends_with_the_day_before(first: date, length: str, last: date) -> None:
    assert read_length(length).last_day(first) == last


@given(st.dates(date(2020, 1, 1), date(2040, 1, 1)), st.integers(1, 59))
def test_more_months_never_end_earlier(first: date, months: int) -> None:
    assert last_of_months(first, months) < last_of_months(first, months + 1)
