"""Money on pages: one way to write it."""

import pytest
from flask import Flask, render_template_string
from hypothesis import given
from hypothesis import strategies as st

from portal.web.money import MINUS, money, read_pence

SHOWN = {
    0: "£0",
    1: "£0.01",
    99: "£0.99",
    4_800: "£48",
    13_577: "£135.77",
    100_000: "£1,000",
    138_677: "£1,386.77",
    123_456_789_05: "£123,456,789.05",
    -1_200: "−£12",
    -1_250: "−£12.50",
    -5: "−£0.05",
}


@pytest.mark.parametrize("pence", SHOWN, ids=str)
def test_pence_are_shown_as_pounds(pence: int) -> None:
    assert money(pence) == SHOWN[pence]


@given(st.integers(-(10**12), 10**12))
def test_what_is_shown_can_be_read_back(pence: int) -> None:
    shown = money(pence)
    sign = -1 if shown.startswith(MINUS) else 1
    pounds, _, rest = shown.removeprefix(MINUS).removeprefix("£").replace(",", "").partition(".")
    assert sign * (int(pounds) * 100 + int(rest or "0")) == pence


@pytest.mark.parametrize(
    ("typed", "pence"),
    [
        ("48", 4800),
        ("£1,386.77", 138677),
        (" 48.50 ", 4850),
        ("£ 1 000", 100000),
        ("0", 0),
        ("48.5", None),
        ("-48", None),
        ("1e5", None),
        ("1,0", None),
        ("10,5", None),
        ("10,50", None),
        ("1,0.00", None),
        ("1000,000", None),
        ("", None),
        ("9" * 30, None),
        ("٤٨", None),
    ],
    ids=str,
)
def test_sums_are_read_as_people_type_them(typed: str, pence: int | None) -> None:
    assert read_pence(typed) == pence


@given(st.integers(0, 10**10 - 1))
def test_what_is_shown_can_be_typed(pence: int) -> None:
    assert read_pence(money(pence)) == pence


@pytest.mark.parametrize("wrong", [13.86, "1386", True, None], ids=["pounds", "text", "truth", "nothing"])
def test_what_is_not_whole_pence_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError, match="whole pence"):
        money(wrong)  # type: ignore[arg-type]  # what a careless caller would do


def test_templates_write_money_by_the_same_rule(app: Flask) -> None:
    with app.test_request_context():
        assert render_template_string("{{ 138677 | money }}") == "£1,386.77"
