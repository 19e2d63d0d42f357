"""The charge of a year: to the penny, by the day."""

from datetime import date, timedelta
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.council_tax.rules.band_reduction import lower_band, reduced_charge, saving
from services.council_tax.rules.charges import BANDS, Band, Charges
from services.council_tax.rules.liability import (
    ORDER,
    Change,
    State,
    changes_of,
    charge_for,
    checked_order,
    daily,
    spans,
    without,
    yearly,
)  # fmt: skip
from services.council_tax.rules.published import DATA, load
from services.council_tax.rules.years import days_between, days_in_year, first_day, last_day, months_after, year_of
from services.council_tax.tests.rule_cases import YEARS, stories, tables
from services.council_tax.tests.test_charges import EXAMPLES

FULHAM = next(
    table.charges
    for table in load(DATA / "published_bands.csv")
    if (table.authority, table.charges.year) == ("LB Hammersmith & Fulham", 2024)
)
LONG_AGO = date(2020, 1, 1)


def _home(band: Band = "D", **how: object) -> State:
    return State(LONG_AGO, band, **how)  # type: ignore[arg-type]  # names of its fields, as each test gives them


@pytest.mark.parametrize(
    ("case", "state"),
    [
        ("full_10", _home()),
        ("single_person_25", _home(adults_counted=1)),
        (
            "empty_1_to_5y_100pc",
            _home(occupied=False, changes=(Change("premium", "long_term_empty", rate=Fraction(1)),)),
        ),
    ],
    ids=["full", "single person", "empty"],
)
def test_the_worked_examples_hold(case: str, state: State) -> None:
    charge = next(one["charge"] for one in EXAMPLES["cases"] if one["id"] == case)
    assert f"{charge_for(FULHAM, [state]).pence / 100:.2f}" == charge


def test_a_day_costs_a_366th_in_a_leap_year() -> None:
    assert (days_in_year(2022), days_in_year(2023), days_in_year(2024), days_in_year(2027)) == (365, 366, 365, 366)
    leap = Charges(2023, FULHAM.by_band)
    assert daily(leap, _home()) == Fraction(138_677, 366)
    assert daily(FULHAM, _home()) == Fraction(138_677, 365)
    assert yearly(leap, _home()) == yearly(FULHAM, _home()) == 138_677


def test_the_day_of_moving_in_is_charged_and_the_day_of_moving_out_is_not() -> None:
    came, went = date(2024, 5, 10), date(2024, 5, 20)
    (period,) = charge_for(FULHAM, [State(came, "D"), State(went, "D", liable=False)]).periods
    assert (period.since_on, period.until_on, period.days) == (came, went - timedelta(days=1), 10)
    assert period.pence == 3_799  # 1386.77 / 365 x 10 = 37.99


def test_who_leaves_and_who_comes_pay_each_day_once() -> None:
    day = date(2024, 9, 17)
    leaver = charge_for(FULHAM, [_home(), State(day, "D", liable=False)])
    comer = charge_for(FULHAM, [State(day, "D")])
    assert leaver.days + comer.days == 365
    assert abs(leaver.pence + comer.pence - 138_677) <= 1


def test_the_first_and_the_last_day_of_the_year_are_charged() -> None:
    assert charge_for(FULHAM, [State(date(2025, 3, 31), "D")]).days == 1
    assert charge_for(FULHAM, [_home(), State(date(2024, 4, 2), "D", liable=False)]).days == 1


def test_the_last_word_about_a_day_counts() -> None:
    day = date(2024, 9, 17)
    assert charge_for(FULHAM, [State(day, "A"), State(day, "H")]) == charge_for(FULHAM, [State(day, "H")])


def test_nobody_owes_anything_before_they_came_or_in_a_year_after_they_left() -> None:
    assert charge_for(FULHAM, []).periods == ()
    assert charge_for(FULHAM, [State(date(2025, 4, 1), "D")]).pence == 0
    assert charge_for(FULHAM, [_home(), State(date(2024, 4, 1), "D", liable=False)]).pence == 0


@pytest.mark.parametrize(
    ("counted", "code", "pence"),
    [(0, "all_disregarded", 69_339), (1, "single_person", 104_008), (2, "", 138_677), (5, "", 138_677)],
)
def test_one_counted_adult_has_a_quarter_off_and_none_a_half(counted: int, code: str, pence: int) -> None:
    charge = charge_for(FULHAM, [_home(adults_counted=counted)])
    assert charge.pence == pence
    assert [reason.code for reason in charge.periods[0].reasons] == ([code] if code else [])


@pytest.mark.parametrize(
    ("codes", "pence"),
    [(("student",), 104_008), (("student", "carer"), 69_339), (("student", "carer", "apprentice"), 69_339)],
    ids=["one", "two", "three"],
)
def test_disregards_given_one_by_one_add_up_to_a_half_at_most(codes: tuple[str, ...], pence: int) -> None:
    given = tuple(Change("discount", code, rate=Fraction(1, 4)) for code in codes)
    assert yearly(FULHAM, _home(changes=given)) == pence


def test_an_annexe_has_half_off_what_the_residents_leave() -> None:
    annexe = Change("discount", "annexe", rate=Fraction(1, 2))
    assert yearly(FULHAM, _home(adults_counted=1, changes=(annexe,))) == 52_004


def test_an_empty_home_has_no_single_persons_discount() -> None:
    assert yearly(FULHAM, _home(occupied=False, adults_counted=0)) == 138_677


def test_an_exempt_home_pays_nothing_whatever_else_is_true_of_it() -> None:
    state = _home(
        exemption="N", adults_counted=0, band_reduction=True, changes=(Change("premium", "x", rate=Fraction(3)),)
    )
    (period,) = charge_for(FULHAM, [state]).periods
    assert (period.pence, period.full_pence, period.days) == (0, 138_677, 365)
    assert [(reason.kind, reason.code, reason.pence) for reason in period.reasons] == [("exemption", "N", -138_677)]


@pytest.mark.parametrize("band", BANDS)
def test_a_disabled_band_reduction_charges_the_published_band_below(band: Band) -> None:
    lower = lower_band(band)
    expected = FULHAM.of(lower) if lower else round(138_677 * 5 / 9)
    assert yearly(FULHAM, _home(band, band_reduction=True)) == reduced_charge(FULHAM, band) == expected
    assert saving(FULHAM, band) == FULHAM.of(band) - expected > 0


def test_a_band_a_home_pays_five_ninths_of_d_when_reduced() -> None:
    assert reduced_charge(FULHAM, "A") == 77_043  # 1386.77 x 5 / 9 = 770.427…


def test_reasons_and_the_full_charge_add_up_in_the_order_of_the_council() -> None:
    half_off = Change("local", "care_leaver", rate=Fraction(1, 2))
    award = Change("reduction", "reduction", weekly_pence=Fraction(1_000))
    state = _home(adults_counted=1, band_reduction=True, changes=(half_off, award))
    (period,) = charge_for(FULHAM, [state]).periods
    assert [reason.kind for reason in period.reasons] == ["band_reduction", "discount", "reduction", "local"]
    # C 1232.68, less a quarter 924.51, less 365 / 7 weeks of £10 403.08, less a half 201.54
    assert [reason.pence for reason in period.reasons] == [-15_409, -30_817, -52_143, -20_154]
    assert period.pence == 20_154


def test_a_council_can_set_another_order() -> None:
    state = _home(
        changes=(Change("local", "l", rate=Fraction(1, 2)), Change("reduction", "r", weekly_pence=Fraction(700)))
    )
    usual, other = (
        yearly(FULHAM, state),
        yearly(FULHAM, state, order=("exemption", "band_reduction", "local", "discount", "premium", "reduction")),
    )
    assert (usual, other) == (51_089, 32_839)


@pytest.mark.parametrize(
    "order",
    [(), ORDER[1:], (*ORDER, "local"), ORDER[::-1], (*ORDER[:-1], "gift")],
    ids=["none", "few", "twice", "turned", "unknown"],
)
def test_an_order_that_the_law_or_sense_forbids_is_refused(order: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="once"):
        checked_order(order)


def test_an_order_that_is_allowed_is_taken() -> None:
    assert checked_order(list(ORDER)) == ORDER


def test_a_state_can_be_seen_without_one_kind_of_change() -> None:
    reduced = Change("reduction", "reduction", weekly_pence=Fraction(100))
    kept = Change("local", "care_leaver", rate=Fraction(1))
    assert without(_home(changes=(reduced, kept)), "reduction").changes == (kept,)


@given(stories())
def test_periods_never_overlap_and_their_days_add_up_to_the_year(story: tuple[Charges, list[State]]) -> None:
    charges, states = story
    runs = spans(charges.year, states)
    assert sum(days_between(since_on, until_on) for since_on, until_on, _ in runs) == days_in_year(charges.year)
    assert (runs[0][0], runs[-1][1]) == (first_day(charges.year), last_day(charges.year))
    assert all(before[1] + timedelta(days=1) == after[0] for before, after in pairwise(runs))
    unpaid = sum(days_between(since, until) for since, until, state in runs if state is None or not state.liable)
    assert charge_for(charges, states).days + unpaid == days_in_year(charges.year)


@given(stories())
def test_a_charge_adds_up_and_is_never_below_nothing(story: tuple[Charges, list[State]]) -> None:
    charges, states = story
    charge = charge_for(charges, states)
    assert charge.pence == sum(period.pence for period in charge.periods)
    for period in charge.periods:
        assert period.pence >= 0
        assert period.full_pence + sum(reason.pence for reason in period.reasons) == period.pence


@given(stories())
def test_the_year_is_what_its_days_cost_rounded_once(story: tuple[Charges, list[State]]) -> None:
    charges, states = story
    exact = Fraction(0)
    for since_on, until_on, state in spans(charges.year, states):
        if state is not None and state.liable:
            exact += days_between(since_on, until_on) * daily(charges, state)
    assert abs(charge_for(charges, states).pence - exact) <= Fraction(1, 2)


@given(stories(), st.integers(0, 365))
def test_cutting_a_period_in_two_changes_no_charge(story: tuple[Charges, list[State]], at: int) -> None:
    charges, states = story
    whole = charge_for(charges, states)
    day = min(first_day(charges.year) + timedelta(days=at), last_day(charges.year))
    state = next(state for since_on, until_on, state in spans(charges.year, states) if since_on <= day <= until_on)
    if state is None:
        return
    # A change of nothing, so that the two halves are not seen as alike.
    marked = State(
        **{name: getattr(state, name) for name in State.__slots__}
        | {"since_on": day, "changes": (*state.changes, Change("local", "nothing"))}
    )
    later = [one for one in states if one.since_on > day]
    cut = charge_for(charges, [*(one for one in states if one.since_on <= day), marked, *later])
    assert cut.pence == whole.pence


@given(stories())
def test_alike_states_in_a_row_are_one_period(story: tuple[Charges, list[State]]) -> None:
    charges, states = story
    again = [State(**{name: getattr(one, name) for name in State.__slots__}) for one in states for _ in range(2)]
    assert charge_for(charges, again) == charge_for(charges, states)


@given(tables(), st.sampled_from(BANDS), st.integers(0, 3))
def test_no_discount_or_reduction_costs_more_than_none(charges: Charges, band: Band, counted: int) -> None:
    full = State(first_day(charges.year), band)
    less = State(first_day(charges.year), band, adults_counted=counted, band_reduction=True)
    assert yearly(charges, less) <= yearly(charges, full) == charges.of(band)


@given(YEARS, st.integers(0, 3000), st.integers(0, 48))
def test_years_and_months_agree_with_the_calendar(year: int, days: int, months: int) -> None:
    day = first_day(year) + timedelta(days=days)
    assert first_day(year_of(day)) <= day <= last_day(year_of(day))
    later = months_after(day, months)
    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day <= day.day


def test_the_corresponding_date_of_a_longer_month_is_the_last_day() -> None:
    assert months_after(date(2025, 8, 31), 6) == date(2026, 2, 28)
    assert months_after(date(2024, 2, 29), 12) == date(2025, 2, 28)


def test_changes_are_listed_in_the_order_in_which_they_are_worked_out() -> None:
    state = _home(adults_counted=1, changes=(Change("reduction", "r"), Change("premium", "p")))
    assert [change.kind for change in changes_of(state)] == ["discount", "premium", "reduction"]
