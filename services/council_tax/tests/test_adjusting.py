"""Payments after the charge changed, and which debt a payment pays."""

from datetime import date, timedelta
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.council_tax.rules.adjusting import adjust, replan, settle
from services.council_tax.rules.allocation import Debt, appropriate, next_due, overdue, paid_of, state_of
from services.council_tax.rules.instalments import Due, instalments

YEAR = instalments(138_677, date(2026, 3, 10), 2026)
AUGUST = date(2026, 8, 20)


def test_a_discount_from_august_lowers_the_payments_that_remain() -> None:
    adjusted = adjust(YEAR, 117_000, AUGUST, paid=69_177)
    assert adjusted.dues[:6] == YEAR[:6]  # 1 September is within 14 days: it stands
    assert [due.pence for due in adjusted.dues[6:]] == [8_423, 8_500, 8_500, 8_500]
    assert [due.on for due in adjusted.dues] == [due.on for due in YEAR]
    assert adjusted.credit == 0


def test_a_discount_that_ends_raises_them() -> None:
    adjusted = adjust(instalments(104_008, date(2026, 3, 10), 2026), 120_000, AUGUST, paid=52_008)
    assert [due.pence for due in adjusted.dues[6:]] == [14_392, 14_400, 14_400, 14_400]


def test_what_was_paid_ahead_lowers_all_that_remain() -> None:
    adjusted = adjust(YEAR, 120_000, AUGUST, paid=100_000)
    assert Due(6, AUGUST, 100_000 - 83_077) in adjusted.dues
    assert [due.pence for due in adjusted.dues[-4:]] == [5_000, 5_000, 5_000, 5_000]
    assert paid_of(adjusted.dues, 100_000)[:7] == tuple(due.pence for due in adjusted.dues[:7])


def test_what_was_paid_too_much_is_a_credit() -> None:
    adjusted = adjust(YEAR, 50_000, AUGUST, paid=69_177)
    assert (sum(due.pence for due in adjusted.dues), adjusted.credit) == (50_000, 19_177)
    assert adjust(YEAR, 0, AUGUST, paid=69_177).dues == ()


def test_a_charge_that_grows_after_the_last_payment_is_due_14_days_on() -> None:
    adjusted = adjust(YEAR, 140_000, date(2027, 2, 10), paid=138_677)
    assert adjusted.dues[-1] == Due(11, date(2027, 2, 24), 1_323)


def test_who_leaves_pays_what_is_left_at_once_or_has_it_back() -> None:
    assert settle(50_000, 40_000, AUGUST).dues == (Due(1, AUGUST + timedelta(days=14), 10_000),)
    assert settle(50_000, 60_000, AUGUST) == settle(0, 10_000, AUGUST)
    assert settle(50_000, 50_000, AUGUST).credit == 0


@pytest.mark.parametrize(("pence", "paid"), [(-1, 0), (0, -1)], ids=["charge", "paid"])
def test_sums_below_nothing_are_refused(pence: int, paid: int) -> None:
    with pytest.raises(ValueError, match="below nothing"):
        adjust(YEAR, pence, AUGUST, paid=paid)


@given(
    st.integers(0, 400_000),
    st.integers(0, 400_000),
    st.integers(0, 400_000),
    st.dates(date(2026, 3, 1), date(2027, 6, 1)),
    st.sampled_from((10, 12)),
)
def test_after_any_change_the_payments_add_up_to_the_new_charge(
    first: int, pence: int, paid: int, noticed_on: date, many: int
) -> None:
    dues = instalments(first, date(2026, 3, 10), 2026, many=12 if many == 12 else 10)
    adjusted = adjust(dues, pence, noticed_on, paid=paid)
    assert sum(due.pence for due in adjusted.dues) == pence
    assert adjusted.credit == max(0, paid - pence)
    assert all(due.pence > 0 for due in adjusted.dues)
    assert [due.number for due in adjusted.dues] == list(range(1, len(adjusted.dues) + 1))
    assert [due.on for due in adjusted.dues] == sorted(due.on for due in adjusted.dues)


@given(st.integers(0, 400_000), st.dates(date(2026, 3, 1), date(2027, 3, 1)), st.data())
def test_a_notice_that_changes_nothing_leaves_what_stands(pence: int, noticed_on: date, data: st.DataObject) -> None:
    dues = instalments(pence, date(2026, 3, 10), 2026)
    standing = [due for due in dues if due.on < noticed_on + timedelta(days=14)]
    paid = data.draw(st.integers(0, sum(due.pence for due in standing)))
    assert list(adjust(dues, pence, noticed_on, paid=paid).dues[: len(standing)]) == standing


def test_asking_for_twelve_spreads_what_is_left_over_all_months_of_the_year() -> None:
    asked = replan(YEAR, date(2026, 11, 3), 2026, day=1, many=12)  # Slough: asked in November, December to March
    assert [(due.on.month, due.pence) for due in asked[8:]] == [(12, 6_800), (1, 7_000), (2, 7_000), (3, 7_000)]
    assert asked[:8] == YEAR[:8]


def test_asking_for_ten_again_spreads_it_over_fewer() -> None:
    twelve = instalments(138_677, date(2026, 3, 10), 2026, many=12)
    asked = replan(twelve, date(2026, 10, 3), 2026, day=1, many=10)
    assert [(due.on.month, due.pence) for due in asked[7:]] == [(11, 14_500), (12, 14_500), (1, 14_500), (2, 14_500)]


def test_a_payment_due_in_just_14_days_is_planned_anew_with_the_others() -> None:
    asked = replan(YEAR, date(2026, 11, 17), 2026, day=1, many=12)
    assert [due.on.month for due in asked[8:]] == [12, 1, 2, 3]
    assert sum(due.pence for due in asked) == 138_677


def test_the_last_payment_stays_when_the_year_has_no_such_day_left() -> None:
    twelve = instalments(138_677, date(2026, 3, 10), 2026, many=12, day=25)
    asked = replan(twelve, date(2027, 3, 8), 2026, day=1)
    assert asked == twelve


def test_another_day_moves_the_payments_that_remain_and_no_month_has_two() -> None:
    asked = replan(YEAR, date(2026, 6, 20), 2026, day=15)
    assert asked[:4] == YEAR[:4]
    assert [due.on for due in asked[4:]] == [date(2026, month, 15) for month in range(8, 13)] + [date(2027, 1, 15)]
    assert [due.pence for due in asked[4:]] == [13_900] * 6


@given(
    st.integers(0, 400_000),
    st.dates(date(2026, 3, 1), date(2027, 4, 30)),
    st.integers(1, 28),
    st.sampled_from((None, 10, 12)),
)
def test_payments_planned_anew_add_up_and_come_once_a_month(
    pence: int, asked_on: date, day: int, many: Literal[10, 12] | None
) -> None:
    dues = instalments(pence, date(2026, 3, 10), 2026)
    asked = replan(dues, asked_on, 2026, day=day, many=many)
    assert sum(due.pence for due in asked) == pence
    assert [due.number for due in asked] == list(range(1, len(asked) + 1))
    months = [(due.on.year, due.on.month) for due in asked]
    assert months == sorted(set(months))


STATES = {
    "paid": (13_900, date(2026, 5, 1), "paid"),
    "paid ahead": (13_900, date(2026, 4, 1), "paid"),
    "part": (5_000, date(2026, 5, 1), "part_paid"),
    "part and late": (5_000, date(2026, 5, 2), "late"),
    "on the day": (0, date(2026, 5, 1), "due"),
    "soon": (0, date(2026, 4, 17), "due"),
    "not yet": (0, date(2026, 4, 16), "future"),
    "late": (0, date(2026, 5, 2), "late"),
}


@pytest.mark.parametrize(("paid", "today", "state"), STATES.values(), ids=STATES.keys())
def test_a_payment_is_paid_due_late_or_to_come(paid: int, today: date, state: str) -> None:
    assert state_of(Due(2, date(2026, 5, 1), 13_900), paid, today) == state


def test_payments_pay_the_first_instalments_first() -> None:
    assert paid_of(YEAR[:4], 20_000) == (13_577, 6_423, 0, 0)
    assert next_due(YEAR, 20_000) == Due(2, date(2026, 5, 1), 7_477)
    assert next_due(YEAR, 138_677) is None


def test_what_is_due_today_is_not_late() -> None:
    assert overdue(YEAR, 0, date(2026, 4, 1)) == 0
    assert overdue(YEAR, 0, date(2026, 4, 2)) == 13_577
    assert overdue(YEAR, 20_000, date(2026, 4, 2)) == 0


DEBTS = (Debt(2026, 10_000), Debt(2024, 5_000), Debt(2025, 3_000))


def test_a_payment_pays_the_oldest_debt_first() -> None:
    assert appropriate(6_000, DEBTS) == ((Debt(2024, 5_000), Debt(2025, 1_000)), 0)


def test_a_payment_that_names_a_year_pays_that_year_first() -> None:
    assert appropriate(12_000, DEBTS, named=2026) == ((Debt(2026, 10_000), Debt(2024, 2_000)), 0)


@given(st.integers(0, 50_000), st.none() | st.integers(2023, 2027))
def test_no_penny_of_a_payment_is_lost(pence: int, named: int | None) -> None:
    parts, left = appropriate(pence, DEBTS, named=named)
    assert sum(part.pence for part in parts) + left == pence
    assert left == max(0, pence - 18_000)


def test_a_payment_below_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="below nothing"):
        appropriate(-1, DEBTS)
