"""The pure parts of the stand-in for GOV.UK Pay: its cards, and what it makes of any request."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.payments.standin.asked import (
    LEAST,
    MOST,
    key_asked,
    no_longer_than,
    payment_asked,
    refund_asked,
    search_asked,
)
from portal.payments.standin.cards import OUTCOMES, SUCCESSFUL, card_from, digits, faults_in, outcome_of
from portal.payments.standin.faults import Fault

TODAY = date(2026, 11, 23)
TYPED = {
    "card_number": "4242 4242 4242 4242",
    "expiry_month": "3",
    "expiry_year": "28",
    "cardholder_name": " A Payer ",
    "cvc": "123",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
FIELDS = (
    "amount",
    "reference",
    "description",
    "return_url",
    "language",
    "email",
    "metadata",
    "prefilled_cardholder_details",
    "delayed_capture",
    "moto",
)


def refusal(act: Callable[[], Any]) -> tuple[int, str] | None:
    """Status and code of the refusal, if it is one. Any other error is a failure of the test."""
    try:
        act()
    except Fault as fault:
        return fault.status, fault.body["code"]
    return None


def passes_luhn(number: str) -> bool:
    """The check digit of a card number (ISO/IEC 7812-1, annex B)."""
    doubled = [int(each) * (2 if place % 2 else 1) for place, each in enumerate(reversed(number))]
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


def test_every_test_card_could_be_a_card() -> None:
    assert [number for number in [*SUCCESSFUL, *OUTCOMES] if not passes_luhn(number)] == []
    assert SUCCESSFUL.isdisjoint(OUTCOMES)


def test_a_card_is_kept_without_what_must_not_be_kept() -> None:
    assert faults_in(TYPED, TODAY) == {}
    assert card_from(TYPED).details() == {
        "first_digits_card_number": "424242",
        "last_digits_card_number": "4242",
        "card_brand": "Visa",
        "card_type": "credit",
        "expiry_date": "03/28",
        "cardholder_name": "A Payer",
    }


@pytest.mark.parametrize(
    ("number", "brand", "kind"),
    [
        ("371449635398431", "American Express", "credit"),
        ("5105105105105100", "Mastercard", "debit"),
        ("4000058260000005", "Visa", "debit"),
    ],
    ids=["amex", "mastercard", "debit"],
)
def test_the_brand_shows_in_the_number(number: str, brand: str, kind: str) -> None:
    card = card_from(TYPED | {"card_number": number})
    assert (card.brand, card.card_type, outcome_of(number)) == (brand, kind, "success")


@pytest.mark.parametrize(
    ("month", "year", "fault"),
    [("11", "26", None), ("10", "26", "past"), ("11", "2025", "past"), ("0", "28", "expiry"), ("3", "128", "expiry")],
    ids=["this month", "last month", "last year", "no month", "no year"],
)
def test_a_card_is_good_until_the_end_of_its_month(month: str, year: str, fault: str | None) -> None:
    assert faults_in(TYPED | {"expiry_month": month, "expiry_year": year}, TODAY).get("expiry_month") == fault


@given(st.dictionaries(st.sampled_from(sorted(TYPED)), st.text()))
def test_whatever_is_typed_is_a_test_card_or_has_a_fault(typed: dict[str, str]) -> None:
    if not faults_in(typed, TODAY):
        assert digits(typed["card_number"]) in SUCCESSFUL | set(OUTCOMES)
        assert card_from(typed)


@given(st.one_of(JSON, st.dictionaries(st.sampled_from(FIELDS), JSON)))
def test_any_json_is_a_payment_or_refused(sent: Any) -> None:
    said = refusal(lambda: payment_asked(sent))
    known = {(400, "P0197"), (400, "P0101"), (422, "P0102"), (422, "P0196")}
    assert said in known or LEAST <= payment_asked(sent)["amount"] <= MOST


@given(st.one_of(JSON, st.dictionaries(st.sampled_from(("amount", "refund_amount_available")), JSON)))
def test_any_json_is_a_refund_or_refused(sent: Any) -> None:
    said = refusal(lambda: refund_asked(sent))
    known = {(400, "P0697"), (400, "P0601"), (400, "P0602"), (422, "P0602")}
    assert said in known or refund_asked(sent) >= (1, 0)


@given(st.dictionaries(st.sampled_from(("page", "display_size", "from_date", "to_date", "reference")), st.text()))
def test_any_query_is_a_search_or_refused(args: dict[str, str]) -> None:
    rules = {"reference": no_longer_than(255)}
    said = refusal(lambda: search_asked(args, "P0401", rules))
    assert said == (422, "P0401") or 1 <= search_asked(args, "P0401", rules).size <= 500


@pytest.mark.parametrize("key", ["77b115e0-f765-4bbe-8891-eec2239e633e", "x" * 255, "A"], ids=["uuid", "long", "short"])
def test_a_key_may_be_of_letters_digits_and_hyphens(key: str) -> None:
    assert key_asked(key) == key
    assert key_asked(None) == ""
