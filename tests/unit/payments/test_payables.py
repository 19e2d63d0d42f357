"""What a service may declare that residents pay for, and what may be paid of it."""

import dataclasses

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.errors import SetupError
from portal.payments.payables import add, all_payables, find_payable
from portal.payments.references import new_payment_reference, read_payment_reference
from portal.payments.values import LEAST, Due, Payable

DUE = Due(amount=1000, description="A permit", url="/permits/1")
GOOD = Payable(code="permit", title="Permit", account="permits.resident", price=lambda _a, _k: DUE, on_paid=bool)


def test_declared_payable_is_found_by_its_service_and_code() -> None:
    app = Flask("tests")
    add(app, "permits", "Permits", (GOOD,))
    with app.app_context():
        assert find_payable("permits", "permit") is GOOD
        assert find_payable("permits", "other") is None
        assert [(each.service, each.payable.code) for each in all_payables()] == [("permits", "permit")]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"code": "Permit"}, "small letters"),
        ({"code": ""}, "small letters"),
        ({"code": "p" * 41}, "at most 40"),
        ({"account": "Permits"}, "ledger account"),
        ({"account": "gateway"}, "keeps itself"),
        ({"account": "suspense"}, "keeps itself"),
        ({"account": "refunds"}, "keeps itself"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_payable_that_cannot_be_right_stops_the_start(changes: dict[str, str], complaint: str) -> None:
    with pytest.raises(SetupError, match=complaint):
        add(Flask("tests"), "permits", "Permits", (dataclasses.replace(GOOD, **changes),))  # type: ignore[arg-type]  # text


def test_two_payables_of_one_code_stop_the_start() -> None:
    with pytest.raises(SetupError, match="is there twice"):
        add(Flask("tests"), "permits", "Permits", (GOOD, GOOD))


@given(st.integers(-5, 3000), st.integers(1, 1000), st.integers(0, 1000))
def test_chosen_amount_is_allowed_within_its_bounds_alone(amount: int, least: int, more: int) -> None:
    most = least + more
    due = dataclasses.replace(DUE, least=least, most=most)
    assert due.allows(amount) == (min(max(least, LEAST), most) <= amount <= most)
    assert DUE.allows(amount) == (amount == 1000)


@pytest.mark.parametrize(("most", "limits"), [(91600, (30, 91600)), (30, (30, 30)), (20, (20, 20))])
def test_nobody_chooses_less_than_a_card_can_pay(most: int, limits: tuple[int, int]) -> None:
    assert dataclasses.replace(DUE, most=most).limits == limits


@pytest.mark.parametrize("typed", ["{}", " {} ", "{lower}", "{bare}", "{spaced}"])
def test_reference_is_read_as_people_type_it(typed: str) -> None:
    reference = new_payment_reference()
    bare = reference.removeprefix("PAY-")
    spaced = f"pay {bare.replace('-', ' ')}"
    assert (
        read_payment_reference(typed.format(reference, lower=reference.lower(), bare=bare, spaced=spaced)) == reference
    )


@pytest.mark.parametrize("typed", ["", "PAY", "PAY-", "PAY-2222-2223", "x" * 1000, "\0"])
def test_other_text_is_no_reference_of_a_payment(typed: str) -> None:
    assert read_payment_reference(typed) is None
