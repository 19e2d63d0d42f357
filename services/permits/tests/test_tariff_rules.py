"""Prices by any tariff: parts that add up, one rounding, conditions that nobody can guess at."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kit import in_language
from services.permits.rules.lengths import Length
from services.permits.rules.price_models import Question, When
from services.permits.rules.price_steps import NotPriced
from services.permits.rules.prices import Price, price_data, steps_from
from services.permits.rules.tariff import Tariff, offered, price_of
from services.permits.rules.tariff_data import DATA_FOLDER, load_tariff
from services.permits.rules.vehicles import Fuel, Sort, Vehicle
from services.permits.tests.pricing import VEHICLES, simple

YEAR: Final = Length(months=12)
TARIFFS: Final = {path.stem: load_tariff(path) for path in sorted(DATA_FOLDER.rglob("*.json"))}
PRICED: Final = {name: tariff for name, tariff in TARIFFS.items() if tariff.kinds}
DEMO: Final = TARIFFS["2026"]


def adjusted(*adjustments: dict[str, Any], **kind: Any) -> Tariff:
    """The same with adjustments, which need no words here."""
    words = {"en": "For a reason", "cy": "Am reswm"}
    return simple(adjustments=[{"words": words} | each for each in adjustments], **kind)


def priced(tariff: Tariff, length: Length = YEAR, vehicle: Vehicle | None = None, **more: Any) -> int:
    """Pence for a resident."""
    return price_of(tariff, Question("resident", length, vehicle or Vehicle(), **more)).pence


@pytest.mark.parametrize("name", PRICED)
@given(data=st.data(), vehicle=VEHICLES, number=st.integers(1, 5))
def test_every_price_is_whole_and_its_parts_add_up(
    name: str, data: st.DataObject, vehicle: Vehicle, number: int
) -> None:
    tariff = PRICED[name]
    kind = data.draw(st.sampled_from(sorted(tariff.kinds)))
    marks = data.draw(st.frozensets(st.sampled_from([*sorted({**tariff.marks, **tariff.zone_marks}), "none"])))
    question = Question(kind, tariff.kinds[kind].lengths[0], vehicle, number=number, marks=marks)
    for length, price in offered(tariff, question).items():
        assert length in tariff.kinds[kind].lengths
        assert price.pence >= 0
        assert price.pence % tariff.kinds[kind].round_to == 0
        assert sum(step.pence for step in price.steps) == price.pence
        assert all(str(step.words) for step in price.steps)


@given(VEHICLES, st.integers(1, 400), st.integers(1, 100))
def test_more_co2_never_costs_less(vehicle: Vehicle, grams: int, more: int) -> None:
    cleaner, dirtier = replace(vehicle, co2=grams), replace(vehicle, co2=grams + more)
    for name in ("rbkc_2022", "ealing", "2026"):
        assert priced(TARIFFS[name], YEAR, dirtier) >= priced(TARIFFS[name], YEAR, cleaner)


@given(VEHICLES)
def test_knowing_less_never_costs_less_in_the_demo(vehicle: Vehicle) -> None:
    known = replace(vehicle, type_approval="M1")
    assert priced(DEMO, YEAR, replace(known, co2=None, fuel=None)) >= priced(DEMO, YEAR, known) or (
        known.first_registered is not None and known.first_registered < date(2001, 3, 1)
    )


ADJUSTED: Final = {
    "add": ([{"act": "add", "pence": 5_00}], {}, 105_00),
    "add by length": ([{"act": "add", "pence": {"12m": 7_00}}], {}, 107_00),
    "a length without an amount": ([{"act": "add", "pence": {"1m": 7_00}}], {}, 100_00),
    "discount": ([{"act": "add", "pence": -5_00}], {}, 95_00),
    "never below nothing": ([{"act": "add", "pence": -500_00}], {}, 0),
    "first vehicle": ([{"act": "add_for_each_other", "pence": 55_00}], {}, 100_00),
    "third vehicle": ([{"act": "add_for_each_other", "pence": 55_00}], {"number": 3}, 210_00),
    "percent": ([{"act": "percent", "by": "50"}], {}, 150_00),
    "percent off": ([{"act": "percent", "by": "-25"}], {}, 75_00),
    "times": ([{"act": "times", "by": "3"}], {}, 300_00),
    "at most": ([{"act": "at_most", "pence": 80_00}], {}, 80_00),
    "at most, below": ([{"act": "at_most", "pence": 180_00}], {}, 100_00),
    "at least": ([{"act": "at_least", "pence": 120_00}], {}, 120_00),
    "at least, above": ([{"act": "at_least", "pence": 20_00}], {}, 100_00),
    "in their order": ([{"act": "add", "pence": 10_00}, {"act": "times", "by": "2"}], {}, 220_00),
    "in the other order": ([{"act": "times", "by": "2"}, {"act": "add", "pence": 10_00}], {}, 210_00),
    "not for others": ([{"act": "times", "by": "0", "when": {"marks": ["disabled"]}}], {}, 100_00),
    "for whom it is": (
        [{"act": "times", "by": "0", "when": {"marks": ["disabled"]}}],
        {"marks": frozenset({"disabled"})},
        0,
    ),
    "but not for whom": (
        [{"act": "times", "by": "2", "when": {"without": ["disabled"]}}],
        {"marks": frozenset({"disabled"})},
        100_00,
    ),
}


@pytest.mark.parametrize(("adjustments", "of", "pence"), ADJUSTED.values(), ids=ADJUSTED.keys())
def test_adjustments_change_the_price(adjustments: list[dict[str, Any]], of: dict[str, Any], pence: int) -> None:
    assert priced(adjusted(*adjustments), **of) == pence


ROUNDED: Final = {
    "half a penny up": ("1/2", 1, 5_03),
    "below half a penny down": ("499/1000", 1, 5_01),
    "to ten pence": ("1", 10, 10_10),
    "to a pound": ("1", 100, 10_00),
    "once, not twice": ("9499/10050", 100, 9_00),
}


@pytest.mark.parametrize(("times", "to", "pence"), ROUNDED.values(), ids=ROUNDED.keys())
def test_a_price_is_rounded_once_and_half_upwards(times: str, to: int, pence: int) -> None:
    tariff = adjusted({"act": "times", "by": times}, round_to=to)
    assert priced(tariff, Length(months=1)) == pence


def test_a_part_says_what_was_rounded() -> None:
    steps = price_of(simple(round_to=10), Question("resident", Length(months=1))).steps
    assert [(str(step.words), step.pence) for step in steps] == [("1 month", 1005), ("Rounded to the nearest £0.10", 5)]


@given(st.fractions(0, 50, max_denominator=997), st.fractions(-100, 300, max_denominator=89))
def test_parts_add_up_whatever_the_factors_are(times: Fraction, percent: Fraction) -> None:
    tariff = adjusted({"act": "times", "by": str(times)}, {"act": "percent", "by": str(percent)})
    price = price_of(tariff, Question("resident", YEAR))
    assert sum(step.pence for step in price.steps) == price.pence
    assert abs(price.pence - 100_00 * times * (1 + percent / 100)) <= Fraction(1, 2)


CONDITIONS: Final = {
    "nothing asked": (When(), Vehicle(), True),
    "fuel": (When(fuels=(Fuel.DIESEL,)), Vehicle(fuel=Fuel.DIESEL), True),
    "other fuel": (When(fuels=(Fuel.DIESEL,)), Vehicle(fuel=Fuel.PETROL), False),
    "fuel not known": (When(fuels=(Fuel.DIESEL,)), Vehicle(), False),
    "fuel not known, to be disproved": (When(fuels=(Fuel.DIESEL,), if_unknown=True), Vehicle(), True),
    "a fact beats a doubt": (
        When(fuels=(Fuel.DIESEL,), euro_below=6, if_unknown=True),
        Vehicle(fuel=Fuel.PETROL),
        False,
    ),
    "old diesel of no known standard": (
        When(fuels=(Fuel.DIESEL,), euro_below=6, if_unknown=True),
        Vehicle(fuel=Fuel.DIESEL),
        True,
    ),
    "the day itself is not before": (
        When(registered_before=date(2001, 3, 1)),
        Vehicle(first_registered=date(2001, 3, 1)),
        False,
    ),
    "from the day itself": (
        When(registered_from=date(2001, 3, 1)),
        Vehicle(first_registered=date(2001, 3, 1)),
        True,
    ),
    "co2 within": (When(co2_from=1, co2_upto=50), Vehicle(co2=50), True),
    "co2 above": (When(co2_from=1, co2_upto=50), Vehicle(co2=51), False),
    "electric is none": (When(co2_upto=0), Vehicle(fuel=Fuel.ELECTRIC), True),
    "van": (When(sorts=(Sort.GOODS,)), Vehicle(type_approval="N1"), True),
    "no van": (When(sorts=(Sort.GOODS,)), Vehicle(type_approval="M1"), False),
    "motorcycle by its wheels": (When(sorts=(Sort.MOTORCYCLE,)), Vehicle(wheelplan="2-WHEEL"), True),
    "another zone": (When(zones=("W1",)), Vehicle(), False),
    "second vehicle": (When(number_from=2), Vehicle(), False),
}


@pytest.mark.parametrize(("when", "vehicle", "fits"), CONDITIONS.values(), ids=CONDITIONS.keys())
def test_conditions_hold_by_what_is_known(when: When, vehicle: Vehicle, fits: bool) -> None:
    assert when.fits(Question("resident", YEAR, vehicle)) is fits


REFUSED: Final = {
    "kind": Question("houseboat", YEAR),
    "length": Question("resident", Length(months=5)),
}


@pytest.mark.parametrize("question", REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_sold_has_no_price(question: Question) -> None:
    with pytest.raises(NotPriced) as refused:
        price_of(DEMO, question)
    assert refused.value.sentence


def test_a_price_is_kept_in_both_languages() -> None:
    price = price_of(DEMO, Question("resident", YEAR, Vehicle(co2=118, fuel=Fuel.PETROL), number=2))
    kept = price_data(price)
    steps = steps_from(kept)
    assert kept["pence"] == 250_00
    assert [step.pence for step in steps] == [125_00, 125_00]
    assert "in the band 111 to 140" in str(steps[0].words)
    with in_language("cy"):
        assert str(steps[1].words) == "Ail gerbyd: dwywaith y pris"
    assert steps_from({}) == ()


def test_nothing_costs_nothing() -> None:
    assert price_of(DEMO, Question("carer", YEAR)) == Price(0, price_of(DEMO, Question("carer", YEAR)).steps)
    assert price_of(DEMO, Question("carer", YEAR)).steps[0].pence == 0
