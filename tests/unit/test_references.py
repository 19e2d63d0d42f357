import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.references import ALPHABET, LENGTH, new_reference, printed, read_reference

bodies = st.text(ALPHABET, min_size=LENGTH - 1, max_size=LENGTH - 1)
places = st.integers(0, LENGTH - 1)


def plain(reference: str) -> list[str]:
    return list(reference.replace("-", ""))


def test_alphabet_has_no_vowel_no_look_alike_and_a_prime_size() -> None:
    assert not set(ALPHABET) & set("AEIOU01LBSZG")
    assert len(set(ALPHABET)) == len(ALPHABET) == 23


@given(bodies)
def test_reference_is_read_as_it_was_printed(body: str) -> None:
    assert read_reference(printed(body)) == printed(body)


@given(bodies, places, st.sampled_from(ALPHABET))
def test_any_one_wrong_character_is_noticed(body: str, place: int, wrong: str) -> None:
    letters = plain(printed(body))
    right, letters[place] = letters[place], wrong
    assert (read_reference("".join(letters)) is None) == (right != wrong)


@given(bodies, places, places)
def test_any_two_characters_that_changed_places_are_noticed(body: str, one: int, other: int) -> None:
    letters = plain(printed(body))
    same = letters[one] == letters[other]
    letters[one], letters[other] = letters[other], letters[one]
    assert (read_reference("".join(letters)) is None) == (not same)


@given(bodies, places)
def test_missing_or_doubled_character_is_noticed(body: str, place: int) -> None:
    letters = plain(printed(body))
    assert read_reference("".join(letters[:place] + letters[place + 1 :])) is None
    assert read_reference("".join([*letters, letters[place]])) is None


@given(bodies)
def test_reading_forgives_case_spaces_hyphens_and_look_alikes(body: str) -> None:
    reference = printed(body)
    careless = reference.translate(str.maketrans("258MV6", "ZSBNUG")).lower().replace("-", " - ")
    assert read_reference(f"  {careless}\n") == reference
    assert read_reference(reference.replace("-", "")) == reference


@given(st.text(max_size=60))
def test_any_text_is_a_reference_or_none(typed: str) -> None:
    found = read_reference(typed)
    assert found is None or read_reference(found) == found


@pytest.mark.parametrize("typed", ["", "-", "7KQ4", "7KQ4-X2M!", "7" * 10_000, "\x00" * 8])
def test_other_text_is_no_reference(typed: str) -> None:
    assert read_reference(typed) is None


def test_new_references_differ() -> None:
    made = {new_reference() for _ in range(2000)}
    assert len(made) == 2000
    assert all(read_reference(reference) == reference for reference in made)
