"""Money that nobody asked for so, a second time or of another amount, is in the books and with staff, and goes back."""

from dataclasses import replace

import pytest

from portal.accounts.values import Account
from portal.db.session import session
from portal.errors import Refused
from portal.payments import receipts
from portal.payments.balancing import faults_in_the_books
from portal.payments.baskets import basket_of
from portal.payments.gateway import GatewayState, Order
from portal.payments.refunds import refund
from portal.payments.suspense import offer_again
from portal.payments.values import Payment
from tests.integration.payments.conftest import Pay, books, outcomes, press, settled
from tests.integration.payments.test_reconciling import compared, named
from tests.support.fixtures import Clock
from tests.support.payments import PlayedGateway, Toll
from tests.support.worker import work

STAFF = "staff:lea"


def sound() -> bool:
    session().rollback()
    found = faults_in_the_books()
    session().rollback()
    return found == []


def charged(gate: PlayedGateway, payment: Payment, pence: int, state: GatewayState = "success") -> None:
    """The gateway comes to an end with a payment, at another amount than it was asked for."""
    named = str(payment.gateway_id)
    gate.payments[named] = replace(gate.payments[named], amount=pence)
    gate.becomes(named, state)


def paid_again(gate: PlayedGateway, payment: Payment, pence: int, at: Clock) -> str:
    made = gate.create(Order("k", pence, payment.reference, "A thing", "https://x.example/"))
    at.advance(minutes=1)
    assert compared().differences == []  # open: nobody's business
    gate.becomes(made.id, "success")
    return made.id


def loose() -> Payment:
    (found,), _more = receipts.in_suspense()
    return found


def given_back(gate: PlayedGateway, payment: Payment) -> None:
    """By staff, who see it among what nobody has taken."""
    gate.refund_state = "success"
    for line in payment.lines:
        refund(STAFF, line_id=line.id, amount=None, reason="Not asked for.", key="desk")
    session().commit()
    work()


def test_what_was_paid_twice_under_one_reference_is_with_staff_and_goes_back(
    paid: Pay, gate: PlayedGateway, toll: Toll, payer: Account, at: Clock
) -> None:
    payment = paid("a", "b")
    second = paid_again(gate, payment, 1550, at)
    assert named(compared()) == [("twice", True)]
    found = loose()
    assert (found.account_id, found.amount, found.gateway_id) == (payer.id, 1550, second)
    assert [(line.thing, line.amount, line.outcome) for line in found.lines] == [
        (line.thing, line.amount, "twice") for line in payment.lines
    ]
    assert books() == {"gateway": 3100, "toll": -1550, "suspense": -1550}
    assert len(toll.paid) == 2
    assert compared().differences == []
    given_back(gate, found)
    assert books() == {"gateway": 1550, "toll": -1550}
    assert gate.payments[second].refunded == 1550
    assert receipts.in_suspense() == ([], None)
    assert sound()


def test_what_was_paid_twice_may_be_taken_by_its_service_after_all(paid: Pay, gate: PlayedGateway, at: Clock) -> None:
    paid_again(gate, paid(), 1200, at)
    compared()
    (line,) = loose().lines
    assert offer_again(STAFF, line.id)
    assert books() == {"gateway": 2400, "toll": -2400}
    assert sound()


def test_second_payment_of_another_amount_is_with_staff(paid: Pay, gate: PlayedGateway, at: Clock) -> None:
    paid_again(gate, paid("a", "b"), 7, at)
    assert named(compared()) == [("twice", True)]
    assert [(line.amount, line.outcome) for line in loose().lines] == [(7, "other_amount")]
    assert compared().differences == []
    assert sound()


@pytest.mark.parametrize("by_night", [False, True], ids=["asked", "reconciled"])
def test_payment_of_another_amount_is_with_staff_and_its_payer_pays_anew(
    begun: Pay, gate: PlayedGateway, toll: Toll, payer: Account, at: Clock, by_night: bool
) -> None:
    payment = begun("a", "b")
    charged(gate, payment, 9)
    at.advance(minutes=1)
    if by_night:
        assert named(compared()) == [("other_amount", True)]
    else:
        settled(payment)
    ours = receipts.get_payment(payer, payment.reference)
    assert (ours.state, ours.code, ours.amount) == ("error", "other_amount", 1550)
    found = loose()
    assert (found.amount, found.gateway_id, outcomes(found)) == (9, payment.gateway_id, ["other_amount"])
    assert (toll.paid, books()) == ([], {"gateway": 9, "suspense": -9})
    assert basket_of(payer).total == 1550
    assert settled(found).amount == 9
    assert compared().differences == []
    with pytest.raises(Refused):
        offer_again(STAFF, found.lines[0].id)
    session().rollback()
    given_back(gate, found)
    assert books() == {}
    assert press(payer).state == "started"
    assert sound()


def test_payment_of_another_amount_that_came_to_nothing_ends(begun: Pay, gate: PlayedGateway, payer: Account) -> None:
    payment = begun()
    charged(gate, payment, 9, "failed")
    assert settled(payment).state == "failed"
    assert press(payer).state == "started"


def test_other_amount_after_a_failure_is_with_staff(begun: Pay, gate: PlayedGateway) -> None:
    payment = begun()
    gate.becomes(str(payment.gateway_id), "failed", "P0010")
    settled(payment)
    charged(gate, payment, 9)
    for _time in range(2):
        ours = settled(payment)
        assert (ours.state, ours.code) == ("error", "other_amount")
    assert outcomes(loose()) == ["other_amount"]
    assert sound()
