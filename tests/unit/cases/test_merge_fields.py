"""What a template may name, and the words that changed between two versions of one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.cases.merge_fields import FIELDS, holes_in, unknown_in
from portal.desk.text_changes import changes


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Dear {{name}}, about {{ reference }}", []),
        ("Dear {{nam}} and {{name}}", ["nam"]),
        ("{{}}", ["{{}}"]),
        ("{{name}", ["{{"]),
        ("name}}", ["}}"]),
        ("{{a}} {{b}} {{a}}", ["a", "b"]),
        ("{{ Name }}", ["Name"]),
        ("{name} {% if %}", []),
    ],
    ids=["known", "typo", "empty", "open", "closing", "twice", "case", "single"],
)
def test_an_unknown_field_is_named(text: str, unknown: list[str]) -> None:
    assert unknown_in(text) == unknown


@given(st.text(alphabet="{}ab name\n", max_size=60))
def test_no_text_that_is_let_through_holds_a_hole_that_nobody_sees(text: str) -> None:
    if not unknown_in(text):
        left = text
        for name in FIELDS:
            for hole in (f"{{{{{name}}}}}", f"{{{{ {name} }}}}"):
                left = left.replace(hole, "")
        assert "{{" not in left or holes_in(text)


@given(st.text(max_size=80), st.text(max_size=80))
def test_both_texts_can_be_read_out_of_what_changed(former: str, newer: str) -> None:
    pieces = changes(former, newer)
    assert "".join(piece.text for piece in pieces if piece.kind != "now") == former
    assert "".join(piece.text for piece in pieces if piece.kind != "was") == newer


def test_what_changed_is_a_few_words() -> None:
    found = [(piece.kind, piece.text) for piece in changes("We come on Monday.", "We come on Tuesday.")]
    assert found == [("same", "We come on "), ("was", "Monday."), ("now", "Tuesday.")]
