"""Council tax reduction by the demo council's scheme, behind the protocol that any council's scheme keeps."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.kit import in_language
from services.council_tax.rules.demo_scheme import DemoPensionAge, DemoScheme, DemoWorkingAge
from services.council_tax.rules.liability import Change, State, charge_for
from services.council_tax.rules.reduction import Calculator, Circumstances, weekly_tax
from services.council_tax.tests.test_liability import FULHAM

WORKING = Circumstances(pension_age=False, couple=False, children=0, weekly_income=100_00, savings=0)
PENSION = replace(WORKING, pension_age=True, weekly_income=227_10)
WEEK = Fraction(20_00)
HOUSEHOLDS = st.builds(
    Circumstances,
    pension_age=st.booleans(),
    couple=st.booleans(),
    children=st.integers(0, 6),
    weekly_income=st.integers(0, 100_000),
    savings=st.integers(0, 3_000_000),
    guarantee_credit=st.booleans(),
    reached_before_2021=st.booleans(),
    other_adults=st.integers(0, 4),
)
WORKING_AGE = {
    "nothing": (WORKING, 20_00),
    "up to the top of a band": (replace(WORKING, weekly_income=110_00), 20_00),
    "a penny above": (replace(WORKING, weekly_income=110_01), 15_00),
    "third": (replace(WORKING, weekly_income=200_00), 10_00),
    "last": (replace(WORKING, weekly_income=260_00), 5_00),
    "too much": (replace(WORKING, weekly_income=260_01), 0),
    "couple": (replace(WORKING, couple=True, weekly_income=160_00), 20_00),
    "one child": (replace(WORKING, children=1, weekly_income=230_00), 20_00),
    "couple with children": (replace(WORKING, couple=True, children=4, weekly_income=290_00), 20_00),
    "another adult": (replace(WORKING, other_adults=1), 15_00),
    "many adults": (replace(WORKING, other_adults=4), 0),
    "savings": (replace(WORKING, savings=10_000_00), 20_00),
    "too much saved": (replace(WORKING, savings=10_000_01), 0),
}
PENSION_AGE = {
    "at the allowance": (PENSION, 20_00),
    "£10 above": (replace(PENSION, weekly_income=237_10), 18_00),
    "£100 above": (replace(PENSION, weekly_income=327_10), 0),
    "older": (replace(PENSION, weekly_income=254_40, reached_before_2021=True), 18_00),
    "couple": (replace(PENSION, weekly_income=356_60, couple=True), 18_00),
    "a child": (replace(PENSION, weekly_income=311_76, children=1), 20_00),
    "£10,500 saved": (replace(PENSION, savings=10_500_00), Fraction(19_80)),
    "£10,500.01 saved": (replace(PENSION, savings=10_500_01), Fraction(19_60)),
    "all that may be saved": (replace(PENSION, weekly_income=215_10, savings=16_000_00), 20_00),
    "too much saved": (replace(PENSION, weekly_income=0, savings=16_000_01), 0),
    "guarantee credit": (replace(PENSION, weekly_income=900_00, savings=50_000_00, guarantee_credit=True), 20_00),
}


@pytest.mark.parametrize(("circumstances", "award"), WORKING_AGE.values(), ids=WORKING_AGE.keys())
def test_working_age_awards_follow_the_bands(circumstances: Circumstances, award: int) -> None:
    assert DemoWorkingAge().award(circumstances, WEEK).weekly_pence == award


TOPS = {
    "single": ((False, 0), (110, 160, 210, 260)),
    "couple": ((True, 0), (160, 210, 260, 310)),
    "one child": ((False, 1), (230, 280, 330, 380)),
    "more children": ((True, 2), (290, 340, 390, 440)),
}


@pytest.mark.parametrize(("household", "tops"), TOPS.values(), ids=TOPS.keys())
def test_each_band_ends_with_its_own_pound(household: tuple[bool, int], tops: tuple[int, ...]) -> None:
    couple, children = household
    for top, at, above in zip(tops, (20_00, 15_00, 10_00, 5_00), (15_00, 10_00, 5_00, 0), strict=True):
        home = replace(WORKING, couple=couple, children=children, weekly_income=top * 100)
        assert DemoWorkingAge().award(home, WEEK).weekly_pence == at
        richer = replace(home, weekly_income=top * 100 + 1)
        assert DemoWorkingAge().award(richer, WEEK).weekly_pence == above


@pytest.mark.parametrize(("circumstances", "award"), PENSION_AGE.values(), ids=PENSION_AGE.keys())
def test_pension_age_awards_fall_by_20p_for_each_pound(circumstances: Circumstances, award: int) -> None:
    assert DemoPensionAge().award(circumstances, WEEK).weekly_pence == award


def test_who_gets_nothing_is_told_why() -> None:
    assert DemoScheme().award(replace(WORKING, savings=10_000_01), WEEK).outcome == "too_much_saved"
    assert DemoScheme().award(replace(PENSION, savings=16_000_01), WEEK).outcome == "too_much_saved"
    assert DemoScheme().award(replace(WORKING, weekly_income=999_00), WEEK).outcome == "income_too_high"
    assert DemoScheme().award(PENSION, WEEK).outcome == "awarded"


@given(HOUSEHOLDS, st.fractions(0, 10_000, max_denominator=365))
def test_an_award_is_never_below_nothing_nor_above_the_tax(circumstances: Circumstances, tax: Fraction) -> None:
    award = DemoScheme().award(circumstances, tax)
    assert 0 <= award.weekly_pence <= tax
    assert (award.outcome == "awarded") == (award.weekly_pence > 0) or tax == 0


@given(HOUSEHOLDS, st.integers(0, 50_000))
def test_more_income_never_gives_more(circumstances: Circumstances, more: int) -> None:
    richer = replace(circumstances, weekly_income=circumstances.weekly_income + more)
    assert DemoScheme().award(richer, WEEK).weekly_pence <= DemoScheme().award(circumstances, WEEK).weekly_pence


def test_the_whole_tax_met_leaves_nothing_to_pay() -> None:
    state = State(date(2024, 4, 1), "D", adults_counted=1)
    scheme: Calculator = DemoScheme()
    award = scheme.award(WORKING, weekly_tax(FULHAM, state))
    charge = charge_for(FULHAM, [replace(state, changes=(award.change(),))])
    assert charge.pence == 0
    assert [reason.pence for reason in charge.periods[0].reasons] == [-34_669, -104_008]


def test_the_scheme_is_named_in_the_language_of_whoever_reads(app: Flask) -> None:
    with app.app_context(), in_language("cy"):
        assert str(DemoScheme().name) == "Cynllun cyngor y demo"


def test_the_tax_of_a_week_is_that_before_any_reduction() -> None:
    state = State(date(2024, 4, 1), "D", changes=(Change("reduction", "reduction", weekly_pence=Fraction(5_00)),))
    assert weekly_tax(FULHAM, state) == Fraction(138_677 * 7, 365)
