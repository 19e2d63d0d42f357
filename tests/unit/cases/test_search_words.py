"""Texts and what is typed are cut into the same words, and nothing that is typed is an operator."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.cases.search_words import LONGEST_WORD, MOST_TYPED, Typed, marks, read_typed, words_of

SOMEWHERE = {"service": "reporting", "type": "pothole", "team": "highways", "area": "North Field"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Tŷ Gŵyn, 12-14 High St.", ["ty", "gwyn", "12", "14", "high", "st"]),
        ("O’Neill and O'Neill", ["oneill", "and"]),
        ("at W6 9JU", ["at", "w6", "9ju", "w69ju"]),
        ("7KQ4-X2M9", ["7kq4", "x2m9", "7kq4x2m9"]),
        ("Łódź Ærø Straße", ["lodz", "ærø".replace("ø", "o"), "strasse"]),
        ("Владимир ΑΘΗΝΑ", ["владимир", "αθηνα"]),
        ("a_b c", ["a", "b", "c"]),
        ("", []),
    ],
)
def test_words_are_small_and_without_accents(text: str, words: list[str]) -> None:
    assert words_of([text]) == words


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("bicycle", Typed((), "bicycle")),
        ("bicycle ", Typed(("bicycle",))),
        ("my bi", Typed(("my",), "bi")),
        ("bi", Typed(("bi",))),
        ("hole hole hole ", Typed(("hole",))),
        ("'; drop table -- &|!():*<->", Typed(("drop", "table"))),
        ("  ", Typed(())),
        ("&", Typed(())),
    ],
)
def test_what_is_typed_is_words_and_perhaps_the_beginning_of_one(typed: str, expected: Typed) -> None:
    assert read_typed(typed) == expected


@given(st.text(max_size=300))
def test_whatever_is_typed_becomes_few_quoted_words(typed: str) -> None:
    found = read_typed(typed)
    every = [*found.words, *([found.beginning] if found.beginning else [])]
    assert len(every) <= MOST_TYPED
    assert all(word.isalnum() and len(word) <= LONGEST_WORD for word in every)
    assert found.query == " & ".join(
        [f"'{word}'" for word in found.words] + [f"'{found.beginning}':*"] * bool(found.beginning)
    )


@given(st.text(st.characters(max_codepoint=0x24F), max_size=13))
def test_a_text_is_found_by_its_own_words(text: str) -> None:
    assert set(read_typed(f"{text} ").words) <= set(words_of([text]))


def test_marks_are_no_words() -> None:
    found = marks(**SOMEWHERE, opened_at=datetime(2026, 11, 22, tzinfo=UTC))
    assert found == ["#d20779", "#w2968", "#q228", "#sreporting", "#kreporting.pothole", "#thighways", "#aNorth Field"]
    assert not set(found) & set(words_of(found))
