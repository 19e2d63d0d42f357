"""What a move costs, before it is sent."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.council_tax.rules.charges import BANDS, Band, Charges
from services.council_tax.rules.liability import State, charge_for
from services.council_tax.rules.moves import after, arrive, leave, move, moved_out
from services.council_tax.rules.years import days_in_year, first_day
from services.council_tax.tests.rule_cases import tables
from services.council_tax.tests.test_liability import FULHAM

HOME = State(date(2022, 7, 1), "D", adults_counted=1)
LEFT = date(2024, 9, 17)
TODAY = date(2024, 9, 10)


def test_who_leaves_pays_up_to_the_day_before() -> None:
    leaving = leave(FULHAM, [HOME], LEFT, paid=52_008, today=TODAY)
    assert (leaving.charge.days, leaving.charge.pence) == (169, 48_157)
    assert leaving.settled.dues == ()
    assert leaving.settled.credit == 3_851


def test_what_is_left_is_due_14_days_after_the_bill() -> None:
    leaving = leave(FULHAM, [HOME], LEFT, paid=40_000, today=TODAY)
    assert [(due.on, due.pence) for due in leaving.settled.dues] == [(TODAY + timedelta(days=14), 8_157)]


def test_who_arrives_pays_from_that_day_by_instalments() -> None:
    arriving = arrive(FULHAM, State(LEFT, "B"), today=TODAY)
    assert (arriving.charge.days, arriving.charge.pence) == (196, 57_919)
    months = [(2024, 10), (2024, 11), (2024, 12), (2025, 1), (2025, 2)]
    assert [due.on for due in arriving.dues] == [date(year, month, 1) for year, month in months]
    assert sum(due.pence for due in arriving.dues) == 57_919


def test_a_credit_of_the_old_home_pays_the_new_one() -> None:
    moving = move(leave(FULHAM, [HOME], LEFT, paid=52_008, today=TODAY), arrive(FULHAM, State(LEFT, "B"), today=TODAY))
    assert (moving.to_pay, moving.credit) == (57_919 - 3_851, 0)


def test_what_the_new_home_does_not_need_is_given_back() -> None:
    last = date(2025, 3, 20)
    moving = move(leave(FULHAM, [HOME], last, paid=138_677, today=last), arrive(FULHAM, State(last, "A"), today=last))
    assert moving.to_pay == 0
    assert moving.credit == 138_677 - moving.leaving.charge.pence - moving.arriving.charge.pence > 0


def test_moving_out_undoes_what_was_to_follow() -> None:
    planned = [HOME, State(date(2024, 12, 1), "D", adults_counted=2)]
    assert moved_out(planned, LEFT) == (HOME, State(LEFT, "D", liable=False))
    assert after(planned, State(HOME.since_on, "E")) == (State(HOME.since_on, "E"),)


def test_nobody_moves_out_of_a_home_without_people() -> None:
    with pytest.raises(ValueError, match="nobody"):
        moved_out([], LEFT)


@given(tables(), st.integers(0, 370), st.sampled_from(BANDS), st.sampled_from(BANDS), st.integers(0, 300_000))
def test_a_move_charges_each_day_of_the_year_once_and_adds_up(
    charges: Charges, at: int, old: Band, new: Band, paid: int
) -> None:
    day = first_day(charges.year) + timedelta(days=at)
    leaving = leave(charges, [State(date(2010, 1, 1), old)], day, paid=paid, today=day)
    arriving = arrive(charges, State(day, new), today=day)
    assert leaving.charge.days + arriving.charge.days == days_in_year(charges.year)
    both = move(leaving, arriving)
    assert both.to_pay - both.credit == leaving.charge.pence + arriving.charge.pence - paid
    assert min(both.to_pay, both.credit) == 0
    assert sum(due.pence for due in arriving.dues) == arriving.charge.pence


@given(tables(), st.integers(0, 364), st.sampled_from(BANDS))
def test_moving_to_a_home_of_the_same_band_costs_what_staying_does(charges: Charges, at: int, band: Band) -> None:
    day = first_day(charges.year) + timedelta(days=at)
    stay = [State(date(2010, 1, 1), band)]
    moved = charge_for(charges, moved_out(stay, day)).pence + charge_for(charges, [State(day, band)]).pence
    assert abs(moved - charges.of(band)) <= 1
