"""What follows when council tax is not paid, and by when to pay so that it does not."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.council_tax.rules.instalments import instalments
from services.council_tax.rules.recovery import (
    Paid,
    Standing,
    Step,
    Taken,
    Timetable,
    earliest_hearing,
    reminder_ends,
    standing,
    whole_year_due,
)

DUES = instalments(138_677, date(2026, 3, 10), 2026)
REMINDED = date(2026, 5, 12)
FIRST_OF_MAY = Paid(date(2026, 4, 1), 13_577)


def test_the_days_of_a_reminder_begin_with_its_own() -> None:
    assert reminder_ends(REMINDED) == date(2026, 5, 18)
    assert whole_year_due(REMINDED) == date(2026, 5, 24)
    assert earliest_hearing(date(2026, 7, 1)) == date(2026, 7, 15)


def test_nothing_follows_while_all_is_paid() -> None:
    assert standing(DUES, [FIRST_OF_MAY], [], date(2026, 4, 30)) == Standing()
    assert standing(DUES, [FIRST_OF_MAY], [], date(2026, 5, 1)) == Standing()
    assert standing((), [], [], REMINDED) == Standing()


def test_a_missed_payment_brings_a_reminder() -> None:
    now = standing(DUES, [FIRST_OF_MAY], [], date(2026, 5, 2))
    assert now == Standing(13_900, date(2026, 5, 11), "reminder", date(2026, 5, 11))


def test_a_reminder_asks_for_what_is_due_by_its_last_day() -> None:
    issued = date(2026, 5, 27)
    now = standing(DUES, [FIRST_OF_MAY], [Taken("reminder", issued)], date(2026, 5, 28))
    assert (now.pay_pence, now.pay_by_on) == (2 * 13_900, date(2026, 6, 2))
    assert not now.whole_year


def test_what_falls_due_on_the_last_day_of_a_reminder_is_in_it() -> None:
    issued = date(2026, 5, 26)  # its last day is 1 June
    now = standing(DUES, [FIRST_OF_MAY], [Taken("reminder", issued)], date(2026, 6, 1))
    assert now == Standing(2 * 13_900, date(2026, 6, 1), "summons", date(2026, 6, 14))


def test_a_penny_that_is_left_is_owed() -> None:
    all_but_a_penny = [Paid(date(2026, 4, 1), 138_676)]
    assert standing(DUES, all_but_a_penny, [], date(2027, 1, 2)).pay_pence == 1


def test_a_reminder_that_is_not_followed_makes_the_whole_year_due() -> None:
    now = standing(DUES, [FIRST_OF_MAY], [Taken("reminder", REMINDED)], date(2026, 5, 19))
    assert now == Standing(138_677 - 13_577, date(2026, 5, 24), "summons", date(2026, 5, 31), whole_year=True)


def test_paying_too_late_does_not_bring_the_instalments_back() -> None:
    late = Paid(date(2026, 5, 19), 13_900)
    now = standing(DUES, [FIRST_OF_MAY, late], [Taken("reminder", REMINDED)], date(2026, 5, 20))
    assert now.whole_year
    assert now.pay_pence == 138_677 - 13_577 - 13_900


def test_a_reminder_that_is_followed_leads_back_to_instalments() -> None:
    kept = Paid(reminder_ends(REMINDED), 13_900)
    taken = [Taken("reminder", REMINDED)]
    assert standing(DUES, [FIRST_OF_MAY, kept], taken, date(2026, 5, 20)) == Standing()
    assert standing(DUES, [FIRST_OF_MAY, kept], taken, date(2026, 6, 2)).next_step == "second_reminder"


def test_the_third_missed_payment_brings_a_final_notice_for_the_whole_year() -> None:
    payments = [FIRST_OF_MAY, Paid(date(2026, 5, 15), 13_900), Paid(date(2026, 6, 15), 13_900)]
    taken = [Taken("reminder", REMINDED), Taken("second_reminder", date(2026, 6, 11))]
    now = standing(DUES, payments, taken, date(2026, 7, 2))
    assert now == Standing(138_677 - 41_377, date(2026, 7, 11), "final_notice", date(2026, 7, 11), whole_year=True)


def test_when_all_payments_have_fallen_due_a_final_notice_comes_and_no_reminder() -> None:
    all_but_the_last = Paid(date(2026, 12, 1), 138_677 - 13_900)
    now = standing(DUES, [all_but_the_last], [], date(2027, 1, 2))
    assert (now.next_step, now.pay_pence) == ("final_notice", 13_900)


COURT: dict[str, tuple[Step, Step | None, date | None, date]] = {
    "final notice": ("final_notice", "summons", date(2026, 7, 14), date(2026, 7, 7)),
    "summons": ("summons", "liability_order", date(2026, 7, 22), date(2026, 7, 21)),
    "liability order": ("liability_order", "enforcement", date(2026, 7, 15), date(2026, 7, 14)),
    "enforcement": ("enforcement", None, None, date(2026, 7, 2)),
}


@pytest.mark.parametrize(("step", "next_step", "next_on", "pay_by"), COURT.values(), ids=COURT.keys())
def test_each_step_names_the_next_and_the_last_safe_day(
    step: Step, next_step: Step | None, next_on: date | None, pay_by: date
) -> None:
    now = standing(DUES, [], [Taken(step, date(2026, 7, 1))], date(2026, 7, 2), costs=8_000)
    assert now == Standing(146_677, pay_by, next_step, next_on, whole_year=True)


def test_a_hearing_is_never_sooner_than_14_days_whatever_the_timetable() -> None:
    now = standing(DUES, [], [Taken("summons", date(2026, 7, 1))], date(2026, 7, 2), timetable=Timetable(hear=3))
    assert now.next_on == date(2026, 7, 15)


@pytest.mark.parametrize("step", [one[0] for one in COURT.values()])
def test_paying_everything_ends_recovery(step: Step) -> None:
    everything = [Paid(date(2026, 7, 2), 146_677)]
    assert standing(DUES, everything, [Taken(step, date(2026, 7, 1))], date(2026, 7, 3), costs=8_000) == Standing()


STEPS: tuple[Step, ...] = ("reminder", "second_reminder", "final_notice", "summons", "liability_order", "enforcement")


@given(
    st.lists(st.tuples(st.dates(date(2026, 3, 1), date(2027, 3, 31)), st.integers(1, 40_000)), max_size=6),
    st.integers(0, 6),
    st.dates(date(2026, 4, 1), date(2027, 3, 1)),
    st.integers(0, 60),
    st.integers(0, 20_000),
)
def test_what_to_pay_is_owed_and_what_comes_lies_ahead_of_its_cause(
    paid: list[tuple[date, int]], many: int, begun: date, later: int, costs: int
) -> None:
    payments = [Paid(on, pence) for on, pence in paid]
    taken = [Taken(step, begun + timedelta(days=20 * at)) for at, step in enumerate(STEPS[:many])]
    today = (taken[-1].on if taken else begun) + timedelta(days=later)
    owed = sum(due.pence for due in DUES) + costs - sum(payment.pence for payment in payments if payment.on <= today)
    now = standing(DUES, payments, taken, today, costs=costs)
    assert 0 <= now.pay_pence <= max(0, owed)
    assert (now.pay_by_on is None) == (now.pay_pence == 0)
    if now.whole_year:
        assert now.pay_pence == owed
    if now.next_on is not None and taken:
        assert now.next_on > taken[-1].on
