"""What texts cost, and how they are kept short. GOV.UK Notify counts the same way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.notify.short import GSM, parts, plainly


@pytest.mark.parametrize(
    ("text", "cost"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("a" * 459, 3),
        ("a" * 918, 6),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("à é ì ò ù".ljust(160), 1),
        ("ŵ" + "a" * 69, 1),
        ("ŵ" + "a" * 70, 2),
        ("ŷ" * 134, 2),
        ("ŷ" * 135, 3),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
    ],
    ids=lambda value: f"{len(value)}{value[:1]}" if isinstance(value, str) else str(value),
)
def test_a_text_is_paid_by_its_parts(text: str, cost: int) -> None:
    assert parts(text) == cost


def test_printers_marks_become_typewriters_marks() -> None:
    assert plainly("“It’s” – a…\u00a0b\u202fc—d•e\u200b") == '"It\'s" - a... b c-d-e'


def test_welsh_letters_stay() -> None:
    assert plainly("Mae’ch tŷ ŵyn âêîôû") == "Mae'ch tŷ ŵyn âêîôû"


@given(st.text(alphabet=sorted(GSM) + list("“”‘’–—…•"), max_size=200))
def test_what_is_made_plain_is_in_the_cheap_alphabet(text: str) -> None:
    assert set(plainly(text)) <= GSM


@given(st.text(max_size=400))
def test_to_make_it_plain_twice_changes_nothing_more(text: str) -> None:
    assert plainly(plainly(text)) == plainly(text)
