"""Answers to a category's own questions: the same checks for pages and programs, and nothing lost silently."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.reporting.rules.answers import check_answers, in_words
from services.reporting.settings.categories import Category

CATEGORY = Category.model_validate(
    {
        "code": "thing",
        "group": "things",
        "title": {"en": "Thing", "cy": "Peth"},
        "hint": {"en": "A thing", "cy": "Peth"},
        "family": "roads",
        "working_days": 3,
        "questions": [
            {"code": "note", "variable": False, "order": 1, "description": {"en": "Note", "cy": "Nodyn"}},
            {
                "code": "size",
                "order": 3,
                "required": True,
                "datatype": "singlevaluelist",
                "description": {"en": "How large?", "cy": "Pa mor fawr?"},
                "values": [
                    {"key": "small", "name": {"en": "Small", "cy": "Bach"}},
                    {"key": "large", "name": {"en": "Large", "cy": "Mawr"}},
                ],
            },
            {
                "code": "parts",
                "order": 2,
                "datatype": "multivaluelist",
                "description": {"en": "Which parts?", "cy": "Pa rannau?"},
                "values": [
                    {"key": "a", "name": {"en": "A", "cy": "A"}},
                    {"key": "b", "name": {"en": "B", "cy": "B"}},
                ],
            },
            {
                "code": "deep",
                "order": 4,
                "datatype": "number",
                "description": {"en": "How deep?", "cy": "Pa mor ddwfn?"},
            },
            {"code": "since", "order": 5, "datatype": "datetime", "description": {"en": "When?", "cy": "Pryd?"}},
            {"code": "said", "order": 6, "datatype": "string", "description": {"en": "What?", "cy": "Beth?"}},
        ],
    }
)


def faults(**given: Any) -> list[str]:
    return [fault.code for fault in check_answers(CATEGORY, {"size": "small"} | given)[1]]


def test_answers_are_kept_as_they_fit_their_question() -> None:
    given = {"size": ["large"], "parts": "a", "deep": " 2.5 ", "since": "2026-03-27", "said": "", "note": None}
    kept, wrong = check_answers(CATEGORY, {code: value for code, value in given.items() if value is not None})
    assert kept == {"size": "large", "parts": ["a"], "deep": "2.5", "since": "2026-03-27"}
    assert wrong == []


def test_a_required_question_has_an_answer() -> None:
    assert [fault.code for fault in check_answers(CATEGORY, {})[1]] == ["size"]
    assert [fault.code for fault in check_answers(CATEGORY, {"size": "  "})[1]] == ["size"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"size": "huge"}, "size"),
        ({"size": ["small", "large"]}, "size"),
        ({"parts": ["a", "c"]}, "parts"),
        ({"deep": "very"}, "deep"),
        ({"deep": "nan"}, "deep"),
        ({"deep": "inf"}, "deep"),
        ({"deep": "9" * 400}, "deep"),
        ({"since": "yesterday"}, "since"),
        ({"since": "2026-02-30"}, "since"),
        ({"said": "x" * 256}, "said"),
        ({"said": "a\x00b"}, "said"),
        ({"note": "an answer to what is no question"}, "note"),
        ({"unknown": "x"}, "unknown"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_an_answer_that_does_not_fit_is_told(given: dict[str, Any], code: str) -> None:
    assert faults(**given) == [code]


@pytest.mark.parametrize("since", ["2026-03-27", "2026-03-27T09:30:00Z", "2026-03-27T09:30:00+01:00"])
def test_a_moment_is_a_day_or_a_time_with_its_zone(since: str) -> None:
    assert faults(since=since) == []


def test_they_are_said_in_the_order_of_the_questions() -> None:
    said = in_words(CATEGORY, {"size": "large", "parts": ["b", "a"], "gone": "x"})
    assert said == [("Which parts?", ["B", "A"]), ("How large?", ["Large"])]


@settings(deadline=None)  # other work on the machine is no fault of ours
@given(st.dictionaries(st.text(max_size=8), st.one_of(st.text(max_size=50), st.lists(st.text(max_size=9), max_size=3))))
def test_whatever_is_given_is_kept_or_told(given: dict[str, Any]) -> None:
    kept, wrong = check_answers(CATEGORY, given)
    told = {fault.code for fault in wrong}
    assert set(kept).isdisjoint(told)
    for code, value in given.items():
        empty = not any(each.strip() for each in ([value] if isinstance(value, str) else value))
        assert code[:60] in told or code in kept or empty
