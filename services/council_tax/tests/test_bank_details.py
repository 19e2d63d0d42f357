"""Digits of bank accounts are read as people type them, and sealed where they are kept."""

import uuid
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from portal.kit import seal, unseal
from services.council_tax.rules.bank_details import NotDigits, ending, is_name, read_account_number, read_sort_code

ADA, BEN = uuid.uuid4(), uuid.uuid4()
SOON = timedelta(hours=1)


@pytest.mark.parametrize(
    "typed",
    ["309430", "30-94-30", " 30 94 30 ", "30–94–30", "30.94.30"],
    ids=["bare", "hyphens", "spaces", "dashes", "stops"],
)
def test_a_sort_code_may_be_typed_in_many_ways(typed: str) -> None:
    assert read_sort_code(typed) == "309430"


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("30943", "length"),
        ("3094301", "length"),
        ("30-94-3O", "letters"),
        ("٣٠٩٤٣٠", "letters"),
        ("", "letters"),
        ("00-00-00", "nobodys"),
    ],
    ids=["short", "long", "letter", "other digits", "nothing", "noughts"],
)
def test_what_is_no_sort_code_is_told_why(typed: str, fault: str) -> None:
    assert read_sort_code(typed) == NotDigits(fault)  # type: ignore[arg-type]  # one of the faults


@pytest.mark.parametrize(
    ("typed", "digits"),
    [("12345678", "12345678"), ("1234 5678", "12345678"), ("1234567", "01234567"), ("123456", "00123456")],
    ids=["eight", "spaces", "seven", "six"],
)
def test_an_account_number_is_filled_up_to_eight_digits(typed: str, digits: str) -> None:
    assert read_account_number(typed) == digits


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("12345", "length"),
        ("123456789", "roll_number"),
        ("A/123456-7", "roll_number"),
        ("1234567X", "roll_number"),
        ("my account", "letters"),
        ("00000000", "nobodys"),
        ("000000", "nobodys"),
    ],
    ids=["short", "nine digits", "roll number", "a letter behind", "words", "noughts", "six noughts"],
)
def test_a_roll_number_is_known_for_one(typed: str, fault: str) -> None:
    assert read_account_number(typed) == NotDigits(fault)  # type: ignore[arg-type]  # one of the faults


@pytest.mark.parametrize("text", ["A Lark", "Siân O’Neil-Jones", "MR & MRS J. LARK", "3M Ltd (Leeds)", "Ŵyn"])
def test_a_name_may_be_written_in_many_ways(text: str) -> None:
    assert is_name(text)


@pytest.mark.parametrize("text", ["1234", "<b>x</b>", "x", "-- --", "a\nb", "A Lark; drop"])
def test_what_no_bank_prints_as_a_name_is_none(text: str) -> None:
    assert not is_name(text)


def test_two_figures_are_all_that_is_shown() -> None:
    assert ending("12345678") == "78"


@pytest.fixture
def context(app: Flask) -> Iterator[Flask]:
    """The portal with its context open."""
    with app.app_context():
        yield app


@pytest.mark.usefixtures("context")
def test_what_is_sealed_opens_for_its_owner_and_purpose_only() -> None:
    sealed = seal("12345678", account_id=ADA, purpose="bank")
    assert "12345678" not in sealed
    assert unseal(sealed, account_id=ADA, purpose="bank", within=SOON) == "12345678"
    assert unseal(sealed, account_id=BEN, purpose="bank", within=SOON) is None
    assert unseal(sealed, account_id=ADA, purpose="other", within=SOON) is None
    assert unseal("nonsense", account_id=ADA, purpose="bank", within=SOON) is None
    assert unseal(sealed, account_id=ADA, purpose="bank", within=timedelta(seconds=-1)) is None
