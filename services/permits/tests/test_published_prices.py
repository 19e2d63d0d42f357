"""Each figure that councils have published is what the tariff in `data/published` charges.

Figures: the project's `parking_permit_prices.json`, with the sources that stand in each file of `data/published`.
"""

from datetime import date
from pathlib import Path
from typing import Any, Final

import pytest

from services.permits.rules.lengths import Length, read_length
from services.permits.rules.price_models import Question
from services.permits.rules.price_steps import NotPriced
from services.permits.rules.tariff import Tariff, price_of, tariff_on
from services.permits.rules.tariff_data import DATA_FOLDER, load_tariff, tariff_data, tariff_from
from services.permits.rules.vehicles import Fuel, Vehicle

YEAR: Final = Length(months=12)
Given = dict[str, Any]
"""Parts of a question by name."""
FILES: Final = sorted(DATA_FOLDER.rglob("*.json"))


def published(name: str) -> Tariff:
    """A tariff of `data/published`."""
    return load_tariff(DATA_FOLDER / "published" / f"{name}.json")


def asked(length: Length = YEAR, *, kind: str = "resident", **more: Any) -> Question:
    """A question; what is no part of the question is of the vehicle."""
    of_vehicle = {"co2", "engine_cc", "fuel", "first_registered", "type_approval"}
    vehicle = Vehicle(**{name: value for name, value in more.items() if name in of_vehicle})
    others = {name: value for name, value in more.items() if name not in of_vehicle}
    return Question(kind, length, vehicle, **others)


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_every_table_is_read_and_kept_without_loss(path: Path) -> None:
    tariff = load_tariff(path)
    assert tariff_from(tariff_data(tariff)) == tariff
    assert tariff.sources


KENSINGTON: Final = {
    "2022 3 months": ("rbkc_2022", "3m", {"co2": 118}, 51_50),
    "2022 6 months": ("rbkc_2022", "6m", {"co2": 118}, 81_00),
    "2022 12 months": ("rbkc_2022", "12m", {"co2": 118}, 140_00),
    "2021 3 months": ("rbkc_2021", "3m", {"co2": 100}, 21_00 + 24_00),
    "2021 6 months": ("rbkc_2021", "6m", {"co2": 100}, 21_00 + 48_00),
    "2021 12 months": ("rbkc_2021", "12m", {"co2": 100}, 21_00 + 96_00),
    "2022 electric": ("rbkc_2022", "12m", {"fuel": Fuel.ELECTRIC}, 22_00),
    "2021 motorcycle 3 months": ("rbkc_2021", "3m", {"type_approval": "L3e"}, 27_00),
    "2021 motorcycle 6 months": ("rbkc_2021", "6m", {"type_approval": "L3e"}, 33_00),
    "2021 motorcycle 12 months": ("rbkc_2021", "12m", {"type_approval": "L3e"}, 45_00),
    "2022 motorcycle 3 months": ("rbkc_2022", "3m", {"type_approval": "L3e", "co2": 90}, 28_25),
    "2022 motorcycle 6 months": ("rbkc_2022", "6m", {"type_approval": "L3e"}, 34_50),
    "2022 motorcycle 12 months": ("rbkc_2022", "12m", {"type_approval": "L3e"}, 47_00),
}


@pytest.mark.parametrize(("name", "length", "of", "pence"), KENSINGTON.values(), ids=KENSINGTON.keys())
def test_kensington_and_chelsea_charges_for_each_gram(name: str, length: str, of: Given, pence: int) -> None:
    assert price_of(published(name), asked(read_length(length), **of)).pence == pence


def test_who_charges_by_the_gram_does_not_guess() -> None:
    with pytest.raises(NotPriced, match="CO2"):
        price_of(published("rbkc_2022"), asked())


def test_a_price_is_that_of_the_day() -> None:
    versions = (published("rbkc_2021"), published("rbkc_2022"))
    last = tariff_on(versions, date(2022, 3, 31))
    first = tariff_on(versions, date(2022, 4, 1))
    assert last is not None
    assert first is not None
    assert price_of(last, asked(co2=118)).pence == 21_00 + 113_28
    assert price_of(first, asked(co2=118)).pence == 140_00
    assert tariff_on(versions, date(2021, 3, 31)) is None


def test_a_table_of_unknown_age_counts_until_the_next() -> None:
    versions = (published("hf_2025"), published("hf_before_2025"))
    assert tariff_on(versions, date(2025, 1, 31)) == versions[1]
    assert tariff_on(versions, date(2025, 2, 1)) == versions[0]


FULHAM: Final = {
    "cheapest": ("1", {}, 125_00),
    "fourth": ("4", {}, 230_00),
    "dearest": ("7", {}, 340_00),
    "fourth, diesel": ("4", {"fuel": Fuel.DIESEL}, 345_00),
    "dearest, diesel": ("7", {"fuel": Fuel.DIESEL}, 510_00),
    "dearest, diesel, second": ("7", {"fuel": Fuel.DIESEL, "number": 2}, 1530_00),
    "second": ("4", {"number": 2}, 690_00),
    "nobody knows the tier": ("", {}, 340_00),
}


@pytest.mark.parametrize(("tier", "of", "pence"), FULHAM.values(), ids=FULHAM.keys())
def test_hammersmith_and_fulham_charges_by_tier(tier: str, of: Given, pence: int) -> None:
    assert price_of(published("hf_2025"), asked(tier=tier, **of)).pence == pence


@pytest.mark.parametrize(("tier", "pence"), [("1", 10_42), ("7", 28_33)])
def test_a_month_in_hammersmith_and_fulham_is_a_twelfth(tier: str, pence: int) -> None:
    assert price_of(published("hf_2025"), asked(Length(months=1), tier=tier)).pence == pence


@pytest.mark.parametrize("tier", ["2", "8"])
def test_what_was_not_published_has_no_price(tier: str) -> None:
    with pytest.raises(NotPriced):
        price_of(published("hf_2025"), asked(tier=tier))


FULHAM_BEFORE: Final = {
    "a year": ("12m", {}, 119_00),
    "half a year": ("6m", {}, 71_00),
    "low emission": ("12m", {"marks": frozenset({"low_emission"})}, 60_00),
    "electric": ("12m", {"fuel": Fuel.ELECTRIC}, 0),
    "second for a year": ("12m", {"number": 2}, 497_00),
    "second for half a year": ("6m", {"number": 2}, 260_00),
}


@pytest.mark.parametrize(("length", "of", "pence"), FULHAM_BEFORE.values(), ids=FULHAM_BEFORE.keys())
def test_hammersmith_and_fulham_before_2025(length: str, of: Given, pence: int) -> None:
    assert price_of(published("hf_before_2025"), asked(read_length(length), **of)).pence == pence


OLD: Final = date(2001, 2, 1)
EALING: Final = {
    "0": ({"fuel": Fuel.ELECTRIC}, 53_00),
    "100": ({"co2": 100}, 53_00),
    "101": ({"co2": 101}, 85_00),
    "140": ({"co2": 140}, 85_00),
    "141": ({"co2": 141}, 117_00),
    "185": ({"co2": 185}, 117_00),
    "186": ({"co2": 186}, 150_00),
    "nobody knows": ({}, 150_00),
    "a gap in the record": ({"co2": 0, "fuel": Fuel.PETROL}, 150_00),
    "old, 1100 cc": ({"engine_cc": 1100, "first_registered": OLD, "co2": 300}, 53_00),
    "old, 1101 cc": ({"engine_cc": 1101, "first_registered": OLD}, 85_00),
    "old, 1600 cc": ({"engine_cc": 1600, "first_registered": OLD}, 85_00),
    "old, 1601 cc": ({"engine_cc": 1601, "first_registered": OLD}, 117_00),
    "old, 1849 cc": ({"engine_cc": 1849, "first_registered": OLD}, 117_00),
    "old, 1850 cc": ({"engine_cc": 1850, "first_registered": OLD}, 150_00),
    "old, nobody knows": ({"first_registered": OLD}, 150_00),
    "not old": ({"engine_cc": 1100, "first_registered": date(2001, 3, 1), "co2": 150}, 117_00),
}


@pytest.mark.parametrize(("of", "pence"), EALING.values(), ids=EALING.keys())
def test_ealing_charges_by_co2_and_old_cars_by_engine(of: Given, pence: int) -> None:
    assert price_of(published("ealing"), asked(**of)).pence == pence


EALING_2022: Final = {
    "101 to 140": ({"co2": 120}, 76_00),
    "141 to 185": ({"co2": 185}, 102_00),
    "186 and over": ({"co2": 186}, 130_00),
    "third vehicle": ({"co2": 120, "number": 3}, 76_00 + 2 * 55_00),
    "short hours": ({"co2": 120, "marks": frozenset({"short_hours"})}, 71_00),
    "carer": ({"kind": "carer"}, 48_00),
    "allotment": ({"kind": "allotment"}, 35_00),
    "disabled bay": ({"kind": "disabled_bay"}, 32_00),
}


@pytest.mark.parametrize(("of", "pence"), EALING_2022.values(), ids=EALING_2022.keys())
def test_ealing_in_2022(of: Given, pence: int) -> None:
    assert price_of(published("ealing_2022"), asked(**of)).pence == pence


def test_a_dispensation_in_ealing_in_2022() -> None:
    assert price_of(published("ealing_2022"), asked(Length(days=14), kind="temporary")).pence == 10_00


GREENWICH: Final = [
    (0, 55_00),
    (50, 137_50),
    (75, 192_50),
    (90, 220_00),
    (100, 247_50),
    (110, 275_00),
    (130, 343_75),
    (150, 412_50),
    (170, 481_25),
    (190, 550_00),
    (225, 618_75),
    (255, 687_50),
    (256, 825_00),
]


@pytest.mark.parametrize(("co2", "pence"), GREENWICH)
def test_greenwich_multiplies_a_basic_price(co2: int, pence: int) -> None:
    fuel = Fuel.PETROL if co2 else Fuel.ELECTRIC
    price = price_of(published("greenwich"), asked(kind="business", co2=co2, fuel=fuel))
    assert price.pence == pence
    assert price.steps[0].pence == 275_00


@pytest.mark.parametrize(("before", "co2"), [(at, co2) for at, (co2, _pence) in enumerate(GREENWICH[:-1])])
def test_greenwich_charges_more_from_the_next_gram(before: int, co2: int) -> None:
    price = price_of(published("greenwich"), asked(kind="business", co2=co2 + 1))
    assert price.pence == GREENWICH[before + 1][1]


GREENWICH_MORE: Final = {
    "not known": ({}, 825_00),
    "van": ({"co2": 200, "type_approval": "N1"}, 275_00),
    "van without figures": ({"type_approval": "N1"}, 825_00),
    "electric van": ({"fuel": Fuel.ELECTRIC, "type_approval": "N1"}, 55_00),
    "clean van": ({"co2": 60, "type_approval": "N1"}, 192_50),
    "up to ten": ({"marks": frozenset({"up_to_10_vehicles"})}, 825_00),
    "all zones": ({"marks": frozenset({"all_zones"})}, 1500_00),
    "all zones, up to ten": ({"marks": frozenset({"all_zones", "up_to_10_vehicles"})}, 1800_00),
}


@pytest.mark.parametrize(("of", "pence"), GREENWICH_MORE.values(), ids=GREENWICH_MORE.keys())
def test_greenwich_has_other_prices_for_some(of: Given, pence: int) -> None:
    assert price_of(published("greenwich"), asked(kind="business", **of)).pence == pence


def test_two_weeks_in_greenwich() -> None:
    assert price_of(published("greenwich"), asked(Length(days=14), kind="temporary")).pence == 20_00


NOUGHT: Final = {
    "greenwich": ("business", 55_00),
    "ealing": ("resident", 53_00),
    "rbkc_2022": ("resident", 22_00),
}


@pytest.mark.parametrize("name", NOUGHT)
@pytest.mark.parametrize("fuel", [None, Fuel.OTHER, Fuel.ELECTRIC])
def test_a_nought_is_that_of_the_table_unless_something_is_burnt(name: str, fuel: Fuel | None) -> None:
    kind, pence = NOUGHT[name]
    assert price_of(published(name), asked(kind=kind, co2=0, fuel=fuel)).pence == pence


MERTON: Final = {
    "elsewhere": ("M1", Fuel.PETROL, 331_00),
    "W1": ("W1", Fuel.PETROL, 376_00),
    "W5": ("W5", None, 376_00),
    "diesel": ("M1", Fuel.DIESEL, 331_00 + 75_00),
    "diesel in W3": ("W3", Fuel.DIESEL, 376_00 + 75_00),
}


@pytest.mark.parametrize(("zone", "fuel", "pence"), MERTON.values(), ids=MERTON.keys())
def test_merton_charges_by_zone(zone: str, fuel: Fuel | None, pence: int) -> None:
    price = price_of(published("merton"), asked(Length(months=6), kind="business", zone=zone, fuel=fuel))
    assert price.pence == pence
