"""No cell of a file of ours is a formula to any spreadsheet."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.web.spreadsheets import csv_answer, harmless

FORMULAS = [
    "=1+1",
    "+1",
    "-1+1",
    "@x",
    "\tx",
    "\rx",
    "\nx",
    "  =1",
    "\u00a0=1",
    "\u200b=1",
    "＝1",
    "－1-1",
    "|calc",
    "%0A=1",
]


@pytest.mark.parametrize("cell", FORMULAS, ids=range(len(FORMULAS)))
def test_no_cell_is_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["northfields", "-0.2339", "12", "-4", "a=b", "", "2026-11-23"])
def test_words_and_numbers_stay_as_they_are(cell: str) -> None:
    assert harmless(cell) == cell


@given(st.text(max_size=20))
def test_a_cell_loses_nothing_and_begins_with_no_sign(cell: str) -> None:
    made = harmless(cell)
    assert made.removeprefix("'") == cell.removeprefix("'") or made == f"'{cell}"
    assert made[:1] not in "=+@|%" or not made


def test_a_file_reads_back_as_it_was() -> None:
    rows = [["Street", "Longitude"], ['=HYPERLINK("http://x")', -0.2339], ["A, B\nC", None]]
    answer = csv_answer(rows, filename="streets.csv")
    text = answer.get_data(as_text=True)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="streets.csv"'
    assert text.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(text[1:]))) == [
        rows[0],
        ['\'=HYPERLINK("http://x")', "-0.2339"],
        ["A, B\nC", ""],
    ]
