"""Tables of charges: what was published is charged, and a misprint is found."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.council_tax.rules.charges import BANDS, NINTHS, BadTable, Charges, Part, checked, share
from services.council_tax.rules.published import DATA, Table, load, read
from services.council_tax.tests.rule_cases import tables

FILES = ("published_bands.csv", "demo_bands.csv")
TABLES = [table for name in FILES for table in load(DATA / name)]
HEAD = "authority,year,component,A,B,C,D,E,F,G,H,source"
GOOD = "Some,2025-26,total,6.00,7.00,8.00,9.00,11.00,13.00,15.00,18.00,page"
EXAMPLES = json.loads((Path(__file__).parent / "worked_examples.json").read_text())


def _named(table: Table) -> str:
    return f"{table.authority} {table.charges.year}"


@pytest.mark.parametrize("table", TABLES, ids=_named)
def test_every_table_that_is_kept_rises_from_a_to_h_near_the_laws_proportions(table: Table) -> None:
    charges = checked(table.charges)
    amounts = [charges.of(band) for band in BANDS if band in charges.by_band]
    assert len(amounts) >= 7
    assert amounts == sorted(set(amounts))
    for band in charges.by_band:
        assert abs(charges.of(band) * 9 - charges.of("D") * NINTHS[band]) <= 9 * (2 + len(charges.parts))
    assert table.source


def test_bands_are_charged_as_published_and_not_by_proportion() -> None:
    fulham = next(table.charges for table in TABLES if _named(table) == "LB Hammersmith & Fulham 2024")
    assert (fulham.of("B"), fulham.of("D"), fulham.of("F")) == (107_859, 138_677, 200_310)
    assert (round(138_677 * 7 / 9), round(138_677 * 13 / 9)) == (107_860, 200_311)


def test_the_parts_of_a_band_add_up_to_it() -> None:
    fulham = next(table for table in TABLES if _named(table) == "LB Hammersmith & Fulham 2024")
    parts = [amounts["A"] for name, amounts in fulham.components.items() if name != "total"]
    assert sorted(parts) == [5_842, 31_427, 55_182]
    assert sum(parts) == fulham.charges.of("A")


@pytest.mark.parametrize("year", range(2023, 2028))
def test_the_demo_council_has_parts_for_each_of_its_years(year: int) -> None:
    charges = next(table.charges for table in TABLES if _named(table) == f"Demo council {year}")
    for band in BANDS:
        assert sum(pence for _, pence in charges.parts_of(band)) == charges.of(band)
    care = ["adult_care"] if year < 2025 else []  # SI 2025/8
    assert [code for code, _ in charges.parts_of("D")] == ["borough", *care, "precept"]


@given(tables())
def test_any_table_whose_parts_were_rounded_one_by_one_is_accepted(charges: Charges) -> None:
    assert checked(charges) is charges


BAD = {
    "no band D": "Some,2025-26,total,6.00,7.00,8.00,,11.00,13.00,15.00,18.00,page",
    "falls": "Some,2025-26,total,6.00,7.00,6.50,9.00,11.00,13.00,15.00,18.00,page",
    "misprint": "Some,2025-26,total,6.00,7.00,8.00,9.00,11.00,13.00,15.00,18.90,page",
    "no money": "Some,2025-26,total,6.00,seven,8.00,9.00,11.00,13.00,15.00,18.00,page",
    "below nothing": "Some,2025-26,total,-6.00,7.00,8.00,9.00,11.00,13.00,15.00,18.00,page",
    "endless": "Some,2025-26,total,NaN,7.00,8.00,9.00,11.00,13.00,15.00,18.00,page",
    "part of a penny": "Some,2025-26,total,6.005,7.00,8.00,9.00,11.00,13.00,15.00,18.00,page",
    "no total": "Some,2025-26,borough,6.00,7.00,8.00,9.00,11.00,13.00,15.00,18.00,page",
    "no year": "Some,soon,total,6.00,7.00,8.00,9.00,11.00,13.00,15.00,18.00,page",
    "too short": "Some,2025-26,total,6.00",
    "twice": f"{GOOD}\n{GOOD}",
    "parts that miss": f"{GOOD}\nSome,2025-26,borough,5.00,6.00,7.00,8.00,10.00,12.00,14.00,17.00,page",
}  # fmt: skip


@pytest.mark.parametrize("lines", BAD.values(), ids=BAD.keys())
def test_a_table_that_cannot_be_right_is_refused(lines: str) -> None:
    with pytest.raises(BadTable):
        read([HEAD, *lines.split("\n")])


def test_the_good_line_that_the_bad_ones_come_from_is_read() -> None:
    (table,) = read(["# a remark", HEAD, GOOD])
    assert table.charges == Charges(2025, dict(zip(BANDS, (600, 700, 800, 900, 1100, 1300, 1500, 1800), strict=True)))


def test_a_table_with_parts_needs_them_to_add_up() -> None:
    by_band = dict(zip(BANDS, (600, 700, 800, 900, 1100, 1300, 1500, 1800), strict=True))
    with pytest.raises(BadTable, match="add up"):
        checked(Charges(2025, by_band, (Part("borough", by_band | {"C": 801}),)))


@given(st.integers(0, 10_000_00), st.lists(st.integers(0, 500_000), max_size=6))
def test_shares_add_up_and_lie_within_a_penny_of_their_weight(pence: int, weights: list[int]) -> None:
    shares = share(pence, weights)
    if sum(weights):
        assert sum(shares) == pence
        assert all(
            abs(one * sum(weights) - pence * weight) < sum(weights) for one, weight in zip(shares, weights, strict=True)
        )
    else:
        assert not any(shares)
