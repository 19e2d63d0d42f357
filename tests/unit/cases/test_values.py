from typing import Any

import pytest

from portal.cases.values import CaseType, Move, Status, kind_of
from tests.support.cases import REPORT


def test_case_type_knows_its_first_status_and_no_more_than_it_declares() -> None:
    assert REPORT.first.code == "received"
    assert REPORT.find_status("lost") is None
    assert REPORT.find_move("fixed", "withdrawn") is None


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
    ],
)
def test_parts_that_do_not_fit_are_refused_by_name(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        made(**changes)


def test_actor_is_of_a_known_kind() -> None:
    assert [kind_of(actor) for actor in ("account:1", "staff:1", "system:files")] == ["resident", "staff", "system"]
    for wrong in ("", "account", "account:", "robot:1"):
        with pytest.raises(ValueError, match="an actor is"):
            kind_of(wrong)
