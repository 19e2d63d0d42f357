import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal.cases.declared import CaseType, Move, ServiceLevel, Status
from portal.cases.task_forms import TaskField, TaskForm
from portal.cases.values import Case, Fact, kind_of
from tests.support.cases import REPORT


def test_case_type_knows_its_first_status_and_no_more_than_it_declares() -> None:
    assert REPORT.first.code == "received"
    assert REPORT.find_status("lost") is None
    assert REPORT.find_move("fixed", "withdrawn") is None


FORM = TaskForm(title="Form", fields=(TaskField(name="why", label="Why?"),))


def made(**changes: Any) -> CaseType:
    parts: dict[str, Any] = {
        "service": "reporting",
        "slug": "report",
        "title": "Report",
        "statuses": (Status(code="new", title="New", meaning="…"), Status(code="done", title="Done", meaning="…")),
        "moves": (Move(source="new", target="done", by=frozenset({"staff"})),),
    }
    return CaseType(**parts | changes)


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"statuses": ()}, "no status"),
        ({"statuses": (Status(code="new", title="", meaning=""),) * 2}, "two statuses"),
        ({"slug": "Not a slug"}, "lower-case"),
        ({"moves": (Move(source="new", target="gone", by=frozenset()),)}, "not both statuses"),
        ({"moves": (Move(source="new", target="done", by=frozenset()),) * 2}, "two moves"),
        ({"moves": ()}, "no move of case type report leads to done"),
        ({"merged": "new"}, "`merged` of case type report must be one of its closed"),
        ({"merged": "gone"}, "`merged` of case type report must be"),
        ({"reopened": "closed"}, "`reopened` of case type report must be"),
        ({"reopen_days": -1}, "below zero"),
        ({"forms": {"Not a code": FORM}}, "lower-case"),
    ],
)
def test_parts_that_do_not_fit_are_refused_by_name(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        made(**changes)


def test_a_kind_within_a_type_has_its_own_title_and_promise_and_else_those_of_the_type() -> None:
    titles, levels = {"hole": "Pothole"}, {"hole": ServiceLevel(days=2)}
    several = made(
        service_level=ServiceLevel(days=9),
        title_by_summary=lambda summary: titles.get(summary, ""),
        level_by_summary=levels.get,
    )
    assert (several.title_of("hole"), several.title_of("gone")) == ("Pothole", "Report")
    assert [several.promise_of(summary) for summary in ("hole", "gone")] == [
        ServiceLevel(days=2),
        ServiceLevel(days=9),
    ]
    assert (made().title_of("hole"), made().promise_of("hole")) == ("Report", None)


def test_actor_is_of_a_known_kind() -> None:
    assert [kind_of(actor) for actor in ("account:1", "staff:1", "system:files")] == ["resident", "staff", "system"]
    for wrong in ("", "account", "account:", "robot:1"):
        with pytest.raises(ValueError, match="an actor is"):
            kind_of(wrong)


@pytest.mark.parametrize(("days", "warn"), [(0, 0), (401, 1), (3, 4), (3, -1)])
def test_a_promise_that_cannot_be_is_refused(days: int, warn: int) -> None:
    with pytest.raises(ValueError, match="service level"):
        ServiceLevel(days=days, warn=warn)


def test_a_promise_may_come_from_settings() -> None:
    assert made(service_level=lambda: ServiceLevel(days=3)).promise == ServiceLevel(days=3)
    assert made(service_level=ServiceLevel(days=4)).promise == ServiceLevel(days=4)
    assert made().promise is None


def test_moves_are_offered_by_who_may_go_them_in_their_order() -> None:
    assert [move.target for move in REPORT.moves_from("received", "staff")] == ["in_progress", "fixed"]
    assert [move.target for move in REPORT.moves_from("received", "resident")] == ["withdrawn"]
    assert REPORT.moves_from("withdrawn", "staff") == []


def test_a_status_says_whose_turn_it_is_and_nobodys_when_closed() -> None:
    asks = Status(code="asks", title="", meaning="", waits_for="resident")
    over = Status(code="over", title="", meaning="", open=False)
    assert [asks.turn, REPORT.first.turn, over.turn] == ["resident", "council", "nobody"]


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ((), "at least one field"),
        ((TaskField(name="a", label="A"),) * 2, "no two of one name"),
    ],
)
def test_a_form_without_sense_is_refused(fields: tuple[TaskField, ...], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        TaskForm(title="Form", fields=fields)


def test_a_field_has_choices_if_it_is_one() -> None:
    for wrong in ({"kind": "choice"}, {"choices": (("a", "A"),)}, {"name": "Not a name"}):
        with pytest.raises(ValueError, match="must"):
            TaskField(**{"name": "a", "label": "A"} | wrong)  # type: ignore[arg-type]  # on purpose


def test_a_fact_is_read_line_by_line() -> None:
    assert Fact("Where", "Mill Lane\nby the pump").lines == ["Mill Lane", "by the pump"]
    assert Fact("Where", ["Mill Lane", "Town"]).lines == ["Mill Lane", "Town"]
    assert Fact("Photo", "").lines == []


def test_a_case_is_overdue_after_its_promise_unless_it_is_on_hold() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    parts: dict[str, Any] = {
        "id": uuid.uuid4(),
        "service": "reporting",
        "type": "report",
        "reference": "7KQ4-X2M9",
        "account_id": None,
        "status": "received",
        "summary": "",
        "opened_at": now,
        "updated_at": now,
        "closed_at": None,
        "version": 1,
    }
    assert not Case(**parts).is_overdue(now)
    assert Case(**parts, due_at=now).is_overdue(now + timedelta(seconds=1))
    assert not Case(**parts, due_at=now).is_overdue(now)
    assert not Case(**parts, due_at=now, held_at=now).is_overdue(now + timedelta(days=9))
    in_time = Case(**parts | {"closed_at": now}, due_at=now)
    assert not in_time.is_overdue(now + timedelta(days=9))
    assert in_time.may_be_reopened(1, now + timedelta(days=1))
    assert not in_time.may_be_reopened(1, now + timedelta(days=1, seconds=1))
