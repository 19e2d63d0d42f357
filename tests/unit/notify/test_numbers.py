"""Which numbers a text can be sent to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.notify.contact_problems import digest
from portal.notify.numbers import find_mobile


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("07700 900123", "+447700900123"),
        ("+44 7700 900 123", "+447700900123"),
        ("0044 7700 900123", "+447700900123"),
        ("(07700) 900-002", "+447700900002"),
        ("07911 123456", "+447911123456"),
        ("020 7946 0100", None),
        ("0800 123456", None),
        ("07700 900123 ext 4", None),
        ("+1 212 555 0100", None),
        ("07700", None),
        ("999", None),
        ("ann@example.org", None),
        ("", None),
    ],
)
def test_only_british_mobiles_take_texts(typed: str, number: str | None) -> None:
    assert find_mobile(typed) == number


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_number_or_none(typed: str) -> None:
    found = find_mobile(typed)
    assert found is None or found.startswith("+44")


def test_one_address_has_one_digest_however_it_is_written() -> None:
    assert digest("Ann@Example.ORG") == digest("ann@example.org")
    assert digest("07700 900123") == digest("+447700900123")
    assert digest("ann@example.org") != digest("bob@example.org")
    assert "ann" not in digest("ann@example.org")
