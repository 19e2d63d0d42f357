"""What is promised, what a hold does to it, and what happens when it is broken."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from portal.accounts.values import Account
from portal.cases import holding, service_levels
from portal.cases.holding import hold_case, resume_case, resume_due
from portal.cases.moving import move_case
from portal.cases.opening import open_case
from portal.cases.queries import get_case, timeline, whole_timeline
from portal.cases.service_levels import escalate, standing
from portal.cases.taking import take_case
from portal.cases.values import Case
from portal.db.session import session
from portal.errors import Refused
from tests.support.cases import REPORT, RIGHTS, STAFF
from tests.support.fixtures import Clock


@pytest.fixture
def promised(ada: Account, at: Clock) -> Case:
    """A case opened a week before Christmas: five working days are the 24th."""
    at.move_to("2026-12-17T10:00")
    made = open_case(ada, case_type=REPORT, key="christmas")
    session().commit()
    return made


def stands(case: Case, at: Clock) -> str:
    assert case.account_id is not None
    session().rollback()
    return standing(get_case(case.account_id, case.id), at.moment)


def test_promise_counts_working_days_over_christmas(ledger: Flask, ada: Account, at: Clock) -> None:
    at.move_to("2026-12-21T10:00")
    made = open_case(ada, case_type=REPORT, key="1")
    assert made.due_at == datetime(2026, 12, 30, 23, 59, 59, tzinfo=UTC)
    service_levels.install(ledger, [date(2026, 12, 29), date(2026, 12, 30)])
    again = open_case(ada, case_type=REPORT, key="2")
    assert again.due_at == datetime(2027, 1, 4, 23, 59, 59, tzinfo=UTC)


def test_standing_goes_from_in_time_over_nearly_due_to_overdue_and_stays_missed(promised: Case, at: Clock) -> None:
    said = []
    for day in ("18", "23", "24", "25"):
        at.move_to(f"2026-12-{day}T23:59")
        said.append(stands(promised, at))
    assert said == ["in_time", "nearly_due", "nearly_due", "overdue"]
    move_case(promised.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS)
    session().commit()
    assert stands(promised, at) == "missed"


def test_hold_stops_the_clock_and_the_case_comes_back_by_itself(promised: Case, at: Clock) -> None:
    at.move_to("2026-12-18T09:00")
    held = hold_case(promised.id, actor=STAFF, until_on=date(2027, 1, 4), reason="We wait for a part.")
    session().commit()
    assert (held.is_held, timeline(promised.id)[0].reason) == (True, "We wait for a part.")
    at.move_to("2027-01-03T23:00")
    resume_due()
    escalate()
    assert stands(promised, at) == "on_hold"
    at.move_to("2027-01-04T00:05")
    resume_due()
    resume_due()
    assert [event.kind for event in timeline(promised.id)] == ["resumed", "held", "opened"]
    session().rollback()
    assert promised.account_id is not None
    back = get_case(promised.account_id, promised.id)
    # On hold for eight working days: 21 to 24 and 29 to 31 December, 4 January. After the 18th four were left.
    assert (back.is_held, back.held_until_at) == (False, None)
    assert back.due_at == datetime(2027, 1, 8, 23, 59, 59, tzinfo=UTC)


def test_held_and_taken_up_on_one_day_changes_no_promise(promised: Case) -> None:
    hold_case(promised.id, actor=STAFF, until_on=date(2027, 1, 4), reason="Oh.")
    back = resume_case(promised.id, actor=STAFF)
    assert back.due_at == promised.due_at
    assert resume_case(promised.id, actor=STAFF).version == back.version


def test_a_second_hold_moves_the_day_and_the_same_page_again_changes_nothing(promised: Case) -> None:
    first = hold_case(promised.id, actor=STAFF, until_on=date(2027, 1, 4), reason="A part.", expected_version=1)
    assert hold_case(promised.id, actor=STAFF, until_on=date(2027, 1, 4), reason="A part.", expected_version=1) == first
    later = hold_case(promised.id, actor=STAFF, until_on=date(2027, 1, 8), reason="It is late.", expected_version=2)
    assert (later.held_at, later.version) == (first.held_at, 3)


@pytest.mark.parametrize(
    ("until_on", "reason", "complaint"),
    [
        ("2026-12-17", "A part.", "after today"),
        ("2026-12-01", "A part.", "after today"),
        ("2028-01-01", "A part.", "within a year"),
        ("2026-12-20", "  ", "Say why"),
    ],
)
def test_hold_without_reason_or_day_is_refused(promised: Case, until_on: str, reason: str, complaint: str) -> None:
    with pytest.raises(Refused, match=complaint):
        hold_case(promised.id, actor=STAFF, until_on=date.fromisoformat(until_on), reason=reason)


def test_closing_ends_a_hold_and_a_closed_case_is_not_held(promised: Case, at: Clock) -> None:
    hold_case(promised.id, actor=STAFF, until_on=date(2027, 1, 4), reason="A part.")
    at.move_to("2026-12-24T09:00")
    closed = move_case(promised.id, to="fixed", actor=STAFF, channel="desk", rights=RIGHTS)
    assert (closed.is_held, closed.is_open) == (False, False)
    assert closed.due_at is not None
    assert promised.due_at is not None
    assert closed.due_at > promised.due_at
    with pytest.raises(Refused, match="closed"):
        hold_case(promised.id, actor=STAFF, until_on=date(2027, 1, 4), reason="A part.")


def test_broken_promise_is_escalated_once_in_portions_and_stands_in_nobodys_way(
    ada: Account, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service_levels, "AT_ONCE", 2)
    at.move_to("2026-12-01T09:00")
    late = [open_case(ada, case_type=REPORT, key=str(n)) for n in range(5)]
    session().commit()
    at.move_to("2026-12-09T09:00")
    in_time = open_case(ada, case_type=REPORT, key="in time")
    escalate()
    escalate()
    for case in late:
        newest, opened = whole_timeline(case.id)
        assert (newest.kind, newest.actor, opened.kind) == ("escalated", "system:cases", "opened")
        assert [event.kind for event in timeline(case.id)] == ["opened"]
    assert len(whole_timeline(in_time.id)) == 1
    # Somebody had the page open all the while: that the promise broke changes nothing that they decide upon.
    assert take_case(late[0].id, actor=STAFF, expected_version=1).version == 3


def test_a_portion_skips_what_somebody_is_changing(ledger: Flask, promised: Case, at: Clock) -> None:
    hold_case(promised.id, actor=STAFF, until_on=date(2026, 12, 18), reason="A day.")
    session().commit()
    at.move_to("2026-12-18T09:00")
    with ledger.app_context():
        take_case(promised.id, actor=STAFF)
        with ledger.app_context():
            resume_due()
        session().commit()
    assert stands(promised, at) == "on_hold"
    holding.resume_due()
    assert stands(promised, at) != "on_hold"
