"""Sums as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.joining.forms import MOST_PENCE, pence_of
from portal.web.money import money


@given(st.integers(min_value=0, max_value=MOST_PENCE))
def test_what_a_bill_prints_is_read_back(pence: int) -> None:
    assert pence_of(money(pence)) == pence
    assert pence_of(f" {pence // 100}.{pence % 100:02} ") == pence


@given(st.text(max_size=20))
def test_anything_typed_is_a_sum_or_none(typed: str) -> None:
    found = pence_of(typed)
    assert found is None or 0 <= found <= MOST_PENCE


@pytest.mark.parametrize("typed", ["", "-1", "1.5", "1.234", "1e3", "٣", "1,38.60p", "100000.01", "£", "1 .2", "10,50"])
def test_what_is_no_sum_is_none(typed: str) -> None:
    assert pence_of(typed) is None
